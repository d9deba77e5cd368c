"""The report's section on regions: counts and densities, with intervals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from segmetry.report.canvas import to_svg
from segmetry.report.region_figure import region_dots
from segmetry.report.region_lines import density_and_interval, section_sentence
from segmetry.report.sections import Drawing

__all__ = ["RegionSection", "region_section"]

_MOST_ROWS = 300  # a table longer than this is read in animals.csv


@dataclass(frozen=True)
class RegionSection:
    """What the template shows of regions.

    Parameters
    ----------
    lead : str
        What the numbers are of.
    columns : tuple of str
    rows : tuple of tuple of str
        A row of text per group and region.
    unit : str
        "animal" or "picture".
    animals : tuple of tuple of str
        Likewise per animal and region, or picture and region.
    drawing : Drawing
    """

    lead: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    unit: str
    animals: tuple[tuple[str, ...], ...]
    drawing: Drawing


def region_section(summary: Mapping[str, Any]) -> RegionSection | None:
    """Return the section on regions; `None` where nothing was counted in any.

    Parameters
    ----------
    summary : mapping
        Of a run; its "regions" is what
        `segmetry.measure.region_summary.summarize_regions` returns.
    """
    told = summary.get("regions")
    if not told:
        return None
    unit = told["unit"]
    columns = ("group", "region", f"{unit}s", "pictures", "objects", "density", "interval")
    rows = [
        (*_place(row), str(row["n_units"]), str(row["n_pictures"]), *_numbers(row, told))
        for row in told["rows"]
    ]
    animals = [
        (row["name"], *_place(row), str(row["n_pictures"]), *_numbers(row, told)[:-1])
        for row in told["animals"][:_MOST_ROWS]
    ]
    return RegionSection(
        lead=" ".join(_sentences(told)),
        columns=columns,
        rows=tuple(rows),
        unit=unit,
        animals=tuple(animals),
        drawing=Drawing(to_svg(region_dots(told), name="regions"), _caption(told)),
    )


def _place(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["group"], row["region"]


def _numbers(row: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return objects, density with its unit, and interval."""
    density, between = density_and_interval(row)
    objects = str(row["n_objects"])
    if told["section"] is not None:
        objects += f" ({row['n_objects'] * told['section']['factor']:.1f} corrected)"
    return objects, density, between


def _sentences(told: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "Objects by area, all of a group together. Intervals at "
        f"{100 * told['level']:g} % from resampling {told['unit']}s."
    )
    if told["section"] is not None:
        yield section_sentence(told["section"])


def _caption(told: Mapping[str, Any]) -> str:
    return f"A dot: one {told['unit']}. Lines: all of a group together, with its interval."
