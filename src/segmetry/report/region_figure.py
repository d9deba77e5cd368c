"""Dots: the objects per area in each region, of every animal, groups in colours."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from segmetry.report.canvas import blank_figure, drawing_style
from segmetry.report.palette import SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["region_dots"]

_ROOM = 0.8  # of the distance between two regions is for their dots
_PER_MEGA = 1e6  # densities are kept per µm² or pixel
_STEPS = 5  # places side by side, so that dots of one height are told apart
_MOST_NAMES = 8  # more names of regions are written upright
_NAMES = {"per um2": "objects per mm²", "per px2": "objects per megapixel"}


def region_dots(summary: Mapping[str, Any]) -> "Figure":
    """Return the densities of all animals by region, with those of groups and intervals.

    Parameters
    ----------
    summary : mapping
        As `segmetry.measure.region_summary.summarize_regions` returns it.

    Returns
    -------
    matplotlib.figure.Figure
        To be saved by `to_png` or `to_svg` of `segmetry.report.canvas`.
    """
    regions = list(dict.fromkeys(row["region"] for row in summary["rows"]))
    groups = list(dict.fromkeys(row["group"] for row in summary["rows"]))
    width = _ROOM / len(groups)
    with drawing_style():
        figure, axes = blank_figure()
        for number, group in enumerate(groups):
            middle = (number + 0.5) * width - _ROOM / 2
            color = SERIES[number % len(SERIES)]
            for place, region in enumerate(regions):
                _draw_dots(axes, summary, (group, region), place + middle, width, color)
            _draw_means(axes, summary, group, regions, middle, color)
        axes.set_xticks(range(len(regions)), regions)
        if len(regions) > _MOST_NAMES:
            axes.tick_params(axis="x", labelrotation=90)
        axes.set_xlim(-0.5, len(regions) - 0.5)
        axes.set_ylim(bottom=0)
        axes.set_ylabel(_NAMES[summary["rows"][0]["density"]["unit"]])
        axes.grid(visible=False, axis="x")
        if len(groups) > 1:
            axes.legend(loc="best")
    return figure


def _draw_dots(
    axes: "Axes",
    summary: Mapping[str, Any],
    which: tuple[str, str],
    middle: float,
    width: float,
    color: str,
) -> None:
    found = [
        one["density"]["value"]
        for one in summary["animals"]
        if (one["group"], one["region"]) == which and one["density"]["value"] is not None
    ]
    places = max(min(len(found), _STEPS), 1)
    aside = (np.arange(len(found)) % places - (places - 1) / 2) * width / (2 * _STEPS)
    heights = np.array(found, dtype=float) * _PER_MEGA
    axes.plot(middle + aside, heights, "o", color=color, ms=4.5, alpha=0.75, mew=0)


def _draw_means(
    axes: "Axes",
    summary: Mapping[str, Any],
    group: str,
    regions: list[str],
    middle: float,
    color: str,
) -> None:
    rows = [
        (regions.index(row["region"]) + middle, row["density"])
        for row in summary["rows"]
        if row["group"] == group and row["density"]["value"] is not None
    ]
    heights = [density["value"] * _PER_MEGA for _, density in rows]
    errors = [
        [
            0.0
            if density[end] is None
            else abs(density[end] - density["value"]) * _PER_MEGA
            for _, density in rows
        ]
        for end in ("low", "high")
    ]
    name = f" {group}" if group.startswith("_") else group  # else it is left out
    axes.errorbar(
        [place for place, _ in rows], heights, yerr=errors, fmt="_", color=color, ms=16,
        mew=2.2, elinewidth=1.4, capsize=3, label=name, zorder=3,
    )  # fmt: skip
