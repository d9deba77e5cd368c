"""Pictures of a run in the order of time, and the tables that tracking makes of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.errors import RecipeError
from segmetry.tracking.growth import Growth, fit_growth
from segmetry.tracking.registration import Motion

__all__ = [
    "Clock",
    "area_column",
    "find_clock",
    "growth_table",
    "in_time",
    "times_table",
    "tracks_table",
]

_UNITS = ("d", "h", "min", "s")
_PICTURE = "picture"
_FEWEST = 3  # pictures of a track from which its growth is told
_TRACK = ("series", "image", "label", "track", "parents", "begins", "ends")
_MEASURED = (
    *("centroid_x_px", "centroid_y_px", "area_px", "area_um2"),
    *("equivalent_diameter_px", "equivalent_diameter_um", "touches_edge"),
)


@dataclass(frozen=True)
class Clock:
    """Where the time of a picture comes from.

    Parameters
    ----------
    column : str
        Of the sheet; empty where the order of names stands for time.
    unit : str
        "d", "h", "min", "s", "picture", or empty where the column does not tell.
    """

    column: str
    unit: str

    @property
    def name(self) -> str:
        """Column of the time in the tables."""
        return self.column or "picture"

    @property
    def rate(self) -> str:
        """Column of a growth rate."""
        return f"growth_rate_per_{self.unit or 'time'}"

    @property
    def doubling(self) -> str:
        """Column of a doubling time."""
        return f"doubling_time_{self.unit}".rstrip("_")


def find_clock(conditions: Sequence[str], *, asked: str | None = None) -> Clock:
    """Return which column of a sheet is the time.

    Parameters
    ----------
    conditions : sequence of str
        Columns of the sheet.
    asked : str or None
        The column to take. `None` takes the one whose name is "time" or begins with
        "time_", and without any the order of the pictures' names.

    Returns
    -------
    Clock

    Raises
    ------
    RecipeError
        If there is no such column, or several could be meant.

    Examples
    --------
    >>> find_clock(["ph", "time_h"])
    Clock(column='time_h', unit='h')
    >>> find_clock(["ph"]).unit
    'picture'
    """
    known = ", ".join(conditions) or "none"
    if asked is not None and asked not in conditions:
        msg = f"The sheet has no column {asked!r} for the time; it has {known}."
        raise RecipeError(msg)
    times = [name for name in conditions if name == "time" or name.startswith("time_")]
    if asked is None and len(times) > 1:
        msg = (
            f"Several columns could be the time: {', '.join(times)}; name one with --time."
        )
        raise RecipeError(msg)
    column = asked or (times[0] if times else "")
    if not column:
        return Clock("", _PICTURE)
    end = column.rpartition("_")[2]
    return Clock(column, end if end in _UNITS else "")


def in_time(images: pd.DataFrame, clock: Clock, *, series: str | None) -> pd.DataFrame:
    """Return the pictures of each series in the order of time.

    Parameters
    ----------
    images : DataFrame
        With `image`, and the columns that are named.
    clock : Clock
    series : str or None
        Column by which pictures belong to one place; `None` where all do.

    Returns
    -------
    DataFrame
        `series` (text), `image` and the time, sorted by series and time. Names are ordered
        as people count: "t2" before "t10".

    Raises
    ------
    RecipeError
        If a picture has no time or series, two of a series have the same time, or no
        series has two pictures.

    Examples
    --------
    >>> images = pd.DataFrame({"image": ["t10", "t2"]})
    >>> in_time(images, Clock("", "picture"), series=None)["image"].tolist()
    ['t2', 't10']
    """
    if series is not None and series not in images:
        msg = f"The sheet has no column {series!r} for the series."
        raise RecipeError(msg)
    table = pd.DataFrame({"image": images["image"].astype(str)})
    table.insert(0, "series", "" if series is None else images[series].map(_text))
    unplaced = table.loc[table["series"].isna(), "image"]
    if len(unplaced):
        msg = f"{unplaced.iloc[0]} has nothing in the column {series!r} of the sheet."
        raise RecipeError(msg)
    if clock.column:
        times = pd.to_numeric(images[clock.column], errors="coerce")
        table[clock.name] = times.where(np.isfinite(times))
        _refuse_gaps(table, clock)
        table = table.sort_values(["series", clock.name], ignore_index=True)
    else:
        key = table["image"].map(_counted)
        order = sorted(table.index, key=lambda row: (table["series"][row], key[row]))
        table = table.loc[order].reset_index(drop=True)
        table[clock.name] = table.groupby("series").cumcount().astype(float)
    if table.groupby("series").size().max() < 2:
        msg = (
            "Expected two pictures or more of one place at several times; got one of each."
        )
        raise RecipeError(msg)
    return table


def _refuse_gaps(table: pd.DataFrame, clock: Clock) -> None:
    missing = table.loc[table[clock.name].isna(), "image"]
    if len(missing):
        msg = (
            f"{missing.iloc[0]} has no number in the column {clock.column!r} of the sheet."
        )
        raise RecipeError(msg)
    twice = table[table.duplicated(["series", clock.name], keep=False)]
    if len(twice):
        one, other = twice["image"].iloc[:2]
        msg = (
            f"{one} and {other} have the same {clock.column}; name the column that tells "
            "which place a picture shows with --series."
        )
        raise RecipeError(msg)


def tracks_table(
    tracks: pd.DataFrame,
    pictures: pd.DataFrame,
    objects: pd.DataFrame,
    motions: Sequence[Motion],
    clock: Clock,
) -> pd.DataFrame:
    """Return the tracks of one series with the times and sizes of its objects.

    Parameters
    ----------
    tracks : DataFrame
        As `track_objects` gives it.
    pictures : DataFrame
        Rows of `in_time` of this series.
    objects : DataFrame
        Table of objects with `image` and `label`.
    motions : sequence of Motion
        Between the pictures.
    clock : Clock

    Returns
    -------
    DataFrame
        One row per object and picture: `series`, `image`, `label`, `track`, `parents`,
        `begins`, `ends`, the time, what was measured, and `registered_x_px` and
        `registered_y_px`: the centre as it would be in the first picture of the series,
        had the scene not drifted.
    """
    rows = pictures.iloc[tracks["frame"].to_numpy()].reset_index(drop=True)
    table = tracks.drop(columns="frame").assign(series=rows["series"], image=rows["image"])
    table = table[list(_TRACK)].assign(**{clock.name: rows[clock.name]})
    measured = [name for name in _MEASURED if name in objects]
    table = table.merge(
        objects[["image", "label", *measured]], on=["image", "label"], how="left"
    )
    drift = _drift(motions)[tracks["frame"].to_numpy()]
    return table.assign(
        registered_x_px=table["centroid_x_px"] - drift[:, 1],
        registered_y_px=table["centroid_y_px"] - drift[:, 0],
    )


def times_table(
    tracks: pd.DataFrame,
    pictures: pd.DataFrame,
    motions: Sequence[Motion],
    clock: Clock,
    *,
    area: str | None = None,
) -> pd.DataFrame:
    """Return number and areas of the objects of one series at each time.

    Parameters
    ----------
    tracks : DataFrame
        As `tracks_table` gives it.
    pictures, motions, clock
        As there.
    area : str or None
        As `area_column` gives it for all series, so that they have one unit; `None` where
        this is the only one.

    Returns
    -------
    DataFrame
        One row per picture: `series`, `image`, the time, `n_objects`, `total_area_um2` and
        `mean_area_um2` (or `_px`), `drift_x_px` and `drift_y_px` since the first picture.
    """
    area = area or area_column(tracks)
    found = tracks.groupby("image")[area].agg(["size", "sum", "mean"])
    found = found.reindex(pictures["image"])
    drift = _drift(motions)
    return pictures.reset_index(drop=True).assign(
        n_objects=found["size"].fillna(0).astype(int).to_numpy(),
        **{
            f"total_{area}": found["sum"].fillna(0).to_numpy(),
            f"mean_{area}": found["mean"].to_numpy(),
        },
        drift_x_px=drift[:, 1],
        drift_y_px=drift[:, 0],
    )[["series", "image", clock.name, "n_objects", f"total_{area}", f"mean_{area}",
       "drift_x_px", "drift_y_px"]]  # fmt: skip


def growth_table(
    tracks: pd.DataFrame, times: pd.DataFrame, clock: Clock, *, level: float
) -> pd.DataFrame:
    """Return growth rates of the total area, of the number and of each object.

    Parameters
    ----------
    tracks, times : DataFrame
        As `tracks_table` and `times_table` give them, of all series.
    clock : Clock
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        One row per curve of each series: `curve` is "total area", "number of objects" or
        "track N" for those with three pictures or more. See `Growth` for the numbers.
    """
    area = area_column(tracks)
    rows = []
    for series, part in times.groupby("series", sort=False):
        at = part[clock.name]
        curves = {"total area": (at, part[f"total_{area}"])}
        curves["number of objects"] = (at, part["n_objects"])
        own = tracks[tracks["series"] == series]
        for track, steps in own.groupby("track"):
            if len(steps) >= _FEWEST:
                curves[f"track {track}"] = (steps[clock.name], steps[area])
        for name, (t, sizes) in curves.items():
            growth = fit_growth(t, sizes, level=level)
            if growth is not None:
                rows.append({"series": series, "curve": name, **_told(growth, clock)})
    ends = ("", "_low", "_high")
    numbers = [f"{name}{end}" for name in (clock.rate, clock.doubling) for end in ends]
    columns = ["series", "curve", "n", *numbers, "size_at_time_0", "curvature_p"]
    return pd.DataFrame(rows, columns=columns)


def area_column(tracks: pd.DataFrame) -> str:
    """Return the column of areas that all measured objects have: in µm², or in pixels."""
    measured = tracks[tracks["area_px"].notna()]
    known = "area_um2" in tracks and measured["area_um2"].notna().all()
    return "area_um2" if known and len(measured) else "area_px"


def _told(growth: Growth, clock: Clock) -> Mapping[str, float | int | None]:
    return {
        "n": growth.n,
        clock.rate: growth.rate,
        f"{clock.rate}_low": growth.rate_low,
        f"{clock.rate}_high": growth.rate_high,
        clock.doubling: growth.doubling_time,
        f"{clock.doubling}_low": growth.doubling_time_low,
        f"{clock.doubling}_high": growth.doubling_time_high,
        "size_at_time_0": growth.size,
        "curvature_p": growth.curvature_p,
    }


def _drift(motions: Sequence[Motion]) -> NDArray[np.float64]:
    """Return the shift of each picture against the first, as y and x."""
    steps = np.array([(0.0, 0.0), *((one.y, one.x) for one in motions)])
    return np.asarray(np.cumsum(steps, axis=0))


def _text(value: str | float | None) -> str | None:
    """Return a cell of the sheet as text: 3.0 of a column of numbers is 3."""
    if value is None or value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _counted(name: str) -> list[tuple[int, str]]:
    """Return what sorts names as people count."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
