"""What is told of labels after an edit."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

__all__ = ["Act", "Answer"]


@dataclass(frozen=True)
class Act:
    """What a person did in one step, for the name of the button that takes it back.

    Parameters
    ----------
    kind : str
        As of `segmetry.edit.Edit`, "restore", or "take over" from another program.
    n_ids : int
        How many objects were named; 0 for a stroke.
    first_id : int or None
        The first of them.
    op_id : str
        As it was sent.
    """

    kind: str
    n_ids: int
    first_id: int | None
    op_id: str


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
        Large objects that may be in pieces or are not measured anew yet, until `settle`.
    n_objects : int
    undo, redo : Act or None
        What the next undo takes back and the next redo does again.
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
    undo: Act | None
    redo: Act | None
    remark: str = ""
