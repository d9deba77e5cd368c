"""What is kept of the thin structures of a picture: its tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:  # its compiled loops need not be loaded to read tables
    from segmetry.measure.thin import ThinStructures

__all__ = ["ThinTables", "quantities", "tables_of"]


@dataclass(frozen=True, eq=False)
class ThinTables:
    """Tables of the thin structures of a picture.

    Parameters
    ----------
    segments, nodes, picture : DataFrame
        As `segmetry.measure.measure_thin` gives them.
    widths : DataFrame
        One row for each point of the centrelines, about a pixel apart: `segment`, `x_px`,
        `y_px`, `distance_um` along the segment from its start, `width_um`, and
        `width_grey_um` where the picture's grey values were given; `_px` where the pixel
        size is unknown. Empty where the width was not measured.
    """

    segments: pd.DataFrame
    nodes: pd.DataFrame
    picture: pd.DataFrame
    widths: pd.DataFrame

    @property
    def unit(self) -> str:
        """Unit of lengths: "um", or "px" where the pixel size is unknown."""
        return "um" if "length_um" in self.segments else "px"


def tables_of(found: "ThinStructures") -> ThinTables:
    """Return the tables of thin structures.

    Parameters
    ----------
    found : ThinStructures

    Returns
    -------
    ThinTables

    Examples
    --------
    >>> from segmetry.measure import measure_thin
    >>> bar = np.zeros((20, 40), bool)
    >>> bar[9:12, 5:35] = True
    >>> tables_of(measure_thin(bar)).widths["width_px"].max().round(1)
    np.float64(3.0)
    """
    size, unit = 1.0, "px"
    if found.pixel_size is not None:
        size, unit = found.pixel_size.in_um.x, "um"
    lines = found.lines
    behind = np.cumsum(lines.steps) - lines.steps / 2
    start = np.concatenate([[0.0], np.cumsum(lines.lengths)])[:-1]
    columns: dict[str, Any] = {
        "segment": lines.line_of + 1,
        "x_px": lines.points[:, 1],
        "y_px": lines.points[:, 0],
        f"distance_{unit}": (behind - start[lines.line_of]) * size,
        f"width_{unit}": found.widths * size,
    }
    if found.grey_widths is not None:
        columns[f"width_grey_{unit}"] = found.grey_widths * size
    widths = pd.DataFrame(columns)
    return ThinTables(found.segments, found.nodes, found.picture, widths)


def quantities(picture: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the numbers of a picture as JSON values, by the name of each quantity.

    Parameters
    ----------
    picture : DataFrame
        As `segmetry.measure.measure_thin` gives it.

    Returns
    -------
    dict
        `value`, `low`, `high`, `unit` and `n`; `None` where there is no number.
    """
    return {str(row["quantity"]): _number(row) for row in _rows(picture)}


def _rows(table: pd.DataFrame) -> Iterable[Mapping[Any, Any]]:
    return table.to_dict("records")


def _number(row: Mapping[Any, Any]) -> dict[str, Any]:
    ends = {key: _finite(row[key]) for key in ("value", "low", "high")}
    return {**ends, "unit": str(row["unit"]), "n": int(row["n"])}


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
