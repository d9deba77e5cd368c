"""The page of a series: growth curves with their fits, and where objects went."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segmetry.measure.wording import count_of, few_digits
from segmetry.report.canvas import blank_figure, drawing_style, to_svg
from segmetry.report.palette import SERIES
from segmetry.report.rendering import rendered
from segmetry.report.sections import Drawing
from segmetry.tracking.series import Clock, area_column

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["GrowthContent", "growth_curves", "growth_html", "growth_rows", "track_map"]

_NONE = "–"
_DECADE = 10  # times, over which an axis needs fewer numbers
_FINE, _COARSE = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8), (1, 2, 5)


@dataclass(frozen=True, eq=False)
class GrowthContent:
    """All that the page shows.

    Parameters
    ----------
    title : str
    tracks, times, growth : DataFrame
        As `segmetry.tracking.series` makes them.
    clock : Clock
    level : float
        Of the intervals.
    notes : sequence of str
        What is to be read with care.
    version : str
    settings : sequence of str
        How it was done, such as the drift that was taken off.
    """

    title: str
    tracks: pd.DataFrame
    times: pd.DataFrame
    growth: pd.DataFrame
    clock: Clock
    level: float
    notes: Sequence[str]
    version: str
    settings: Sequence[str] = ()


def growth_html(content: GrowthContent) -> str:
    """Return the page as the text of an HTML file that needs nothing else.

    Parameters
    ----------
    content : GrowthContent
    """
    figures = [
        Drawing(
            to_svg(growth_curves(content), name="growth"),
            "Total area and number of objects against time, with the fitted exponential "
            "growth. The vertical axis is logarithmic: exponential growth is a straight "
            "line.",
        ),
        Drawing(
            to_svg(track_map(content), name="map"),
            "Where objects went, with the drift of the whole scene taken off. A circle is "
            "where a track begins.",
        ),
    ]
    return rendered(
        "growth.html",
        {
            "content": content,
            "figures_of_growth": figures,
            "rows": list(growth_rows(content)),
            "level": f"{100 * content.level:g} %",
            "n_tracks": content.tracks["track"].nunique(),
            "events": _events(content.tracks),
        },
    )


def growth_rows(content: GrowthContent) -> list[tuple[str, str, str, str, str]]:
    """Return series, curve, rate, doubling time and a remark of each curve of a series.

    Growth of single tracks is in the table alone, but for its median.

    Parameters
    ----------
    content : GrowthContent
    """
    rows = []
    for _, row in content.growth.iterrows():
        if not row["curve"].startswith("track "):
            rows.append(_row(row, content.clock))
    alone = content.growth[content.growth["curve"].str.startswith("track ")]
    for series, part in alone.groupby("series", sort=False):
        rows.append((str(series), "area of one object", *_alone(part, content.clock)))
    return rows


def _alone(part: pd.DataFrame, clock: Clock) -> tuple[str, str, str]:
    """Return median rate and doubling time of single objects, and whether they differ."""
    rates, low, high = (part[f"{clock.rate}{end}"] for end in ("", "_low", "_high"))
    middle = float(rates.median())
    per = f" per {clock.unit or 'unit of time'}"
    objects = f"median of {count_of(len(part), 'object')}"
    doubling = _NONE
    if middle > 0:
        unit = f" {clock.unit}" if clock.unit else ""
        doubling = f"{few_digits(float(np.log(2)) / middle)}{unit} (at that rate)"
    remark = ""
    # Intervals that have nothing in common, and rates apart by more than their median.
    if low.max() > high.min() and rates.max() - rates.min() > abs(middle):
        ends = [few_digits(float(end)) for end in (rates.min(), rates.max())]
        remark = f"objects differ widely: {ends[0]} to {ends[1]}{per}"
    return f"{few_digits(middle)}{per} ({objects})", doubling, remark


def growth_curves(content: GrowthContent) -> "Figure":
    """Return total area and number of objects against time, with fits.

    Parameters
    ----------
    content : GrowthContent
    """
    area = f"total_{area_column(content.tracks)}"
    with drawing_style():
        figure, _ = blank_figure(height=5.6)
        figure.clear()
        panels = figure.subplots(2, 1, sharex=True)
        _draw(panels[0], content, area, "total area")
        _draw(panels[1], content, "n_objects", "number of objects")
        panels[0].set_title("Growth")
        panels[1].set_xlabel(_time_axis(content.clock))
        if len(set(content.times["series"])) > 1:
            panels[0].legend(loc="best")
    return figure


def _draw(axes: "Axes", content: GrowthContent, column: str, curve: str) -> None:
    """Draw one curve of each series with its fit."""
    clock, growth = content.clock, content.growth
    parts = content.times.groupby("series", sort=False)
    for color, (name, part) in zip(SERIES, parts, strict=False):
        times = part[clock.name].to_numpy(float)
        axes.plot(times, part[column], "o", color=color, ms=5, label=name)
        for _, row in growth.iterrows():
            if (row["series"], row["curve"]) == (name, curve):
                line = np.linspace(times.min(), times.max(), 100)
                fitted = row["size_at_time_0"] * np.exp(row[clock.rate] * line)
                axes.plot(line, fitted, color=color, lw=1.4)
    if (content.times[column] > 0).any():
        _make_logarithmic(axes)
    axes.set_ylabel(_axis(column))


def _make_logarithmic(axes: "Axes") -> None:
    """Give the vertical axis plain numbers, close enough for growth by a few tenths."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    subs = _FINE if high < _DECADE * low else _COARSE
    axes.yaxis.set_major_locator(LogLocator(subs=subs, numticks=12))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def track_map(content: GrowthContent) -> "Figure":
    """Return the paths of all objects of the first series, without the drift.

    Parameters
    ----------
    content : GrowthContent
    """
    first = content.times["series"].iloc[0]
    tracks = content.tracks[content.tracks["series"] == first]
    with drawing_style():
        figure, axes = blank_figure(height=5.0)
        for track, part in tracks.groupby("track"):
            color = SERIES[int(track) % len(SERIES)]
            x, y = part["registered_x_px"], part["registered_y_px"]
            axes.plot(x, y, color=color, lw=1.2)
            axes.plot(x.iloc[:1], y.iloc[:1], "o", color=color, ms=3)
        axes.set_aspect("equal", adjustable="datalim")
        axes.invert_yaxis()
        axes.set_xlabel("x / px of the first picture")
        axes.set_ylabel("y / px")
        axes.set_title(f"Tracks of {first}" if first else "Tracks")
    return figure


def _row(row: pd.Series, clock: Clock) -> tuple[str, str, str, str, str]:
    rate = _with_interval(row, clock.rate, f" per {clock.unit or 'unit of time'}")
    unit = f" {clock.unit}" if clock.unit else ""
    doubling = _with_interval(row, clock.doubling, unit)
    curved = row["curvature_p"] is not None and row["curvature_p"] < 0.05
    remark = "not exponential: it speeds up or slows down" if curved else ""
    return row["series"], row["curve"], rate, doubling, remark


def _with_interval(row: pd.Series, name: str, unit: str) -> str:
    value, low, high = (row[key] for key in (name, f"{name}_low", f"{name}_high"))
    if pd.isna(value):
        return _NONE
    text = f"{few_digits(float(value))}{unit}"
    if pd.isna(low):
        return text
    top = "no upper limit" if pd.isna(high) else few_digits(float(high))
    return f"{text} ({few_digits(float(low))} to {top})"


def _events(tracks: pd.DataFrame) -> str:
    """Return how many tracks began and ended in which way."""
    told = {
        "divide": (tracks["ends"] == "split").sum(),
        "merge": (tracks["ends"] == "merger").sum(),
        "appear": (tracks["begins"] == "appears").sum(),
        "disappear": (tracks["ends"] == "disappears").sum(),
    }
    return ", ".join(f"{number} {what}" for what, number in told.items())


def _axis(column: str) -> str:
    if column == "n_objects":
        return "objects"
    return "total area / " + ("µm²" if column.endswith("um2") else "px")


def _time_axis(clock: Clock) -> str:
    if clock.unit == "picture":
        return "number of the picture, in the order of names"
    return f"time / {clock.unit}" if clock.unit else clock.column
