"""Images that share their conditions, such as time or temperature, as groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Conditions", "condition_groups", "value_text"]


@dataclass(frozen=True, eq=False)
class Conditions:
    """Images of the same conditions.

    Parameters
    ----------
    name : str
        For people: "time_h=2, ph=7".
    shared : dict
        JSON values by condition; `None` where the sheet says nothing.
    chosen : ndarray of bool, shape (images,)
        Which images they are.
    """

    name: str
    shared: dict[str, Any]
    chosen: NDArray[np.bool_]


def condition_groups(images: pd.DataFrame, names: Sequence[str]) -> Iterator[Conditions]:
    """Yield each combination of conditions that images have, in order; none without names.

    Parameters
    ----------
    images : DataFrame
        One row per image.
    names : sequence of str
        Columns of it.

    Examples
    --------
    >>> images = pd.DataFrame({"time_h": [2.0, 1.0, 2.0]})
    >>> for group in condition_groups(images, ["time_h"]):
    ...     print(group.name, group.chosen.tolist())
    time_h=1 [False, True, False]
    time_h=2 [True, False, True]
    """
    if not names:
        return
    parts = images.groupby(list(names), dropna=False, sort=True).indices
    for found, rows in parts.items():
        values = found if isinstance(found, tuple) else (found,)
        shared = {n: _json_value(v) for n, v in zip(names, values, strict=True)}
        title = ", ".join(f"{name}={value_text(value)}" for name, value in shared.items())
        yield Conditions(title, shared, np.isin(np.arange(len(images)), rows))


def value_text(value: Any) -> str:
    """Return the value of a condition for people.

    Examples
    --------
    >>> value_text(2.0), value_text("air"), value_text(None)
    ('2', 'air', 'not given')
    """
    if value is None:
        return "not given"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _json_value(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
