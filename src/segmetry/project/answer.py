"""What is told of labels after an edit."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

__all__ = ["Answer"]


@dataclass(frozen=True, eq=False)
class Answer:
    """What came of an edit, or of all edits since a revision.

    Parameters
    ----------
    rev : int
        The labels' revision now.
    patches : tuple of dict
        Changed pixels, to be painted in this order; see `segmetry.edit.Change.patches`.
    rows : DataFrame
        Rows of the table of objects that are new or differ.
    accepted : tuple of int
        Which objects of `rows` a person has accepted.
    gone : tuple of int
        Objects that are no more.
    pending : tuple of int
        Objects that may be in pieces; `settle` finds out.
    n_objects : int
    can_undo, can_redo : bool
    remark : str
        "apart" where objects were merged that do not touch, else empty.
    """

    rev: int
    patches: tuple[dict[str, Any], ...]
    rows: pd.DataFrame
    accepted: tuple[int, ...]
    gone: tuple[int, ...]
    pending: tuple[int, ...]
    n_objects: int
    can_undo: bool
    can_redo: bool
    remark: str = ""
