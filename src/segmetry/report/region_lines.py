"""What a terminal says of regions, and the texts that it shares with the report."""

from collections.abc import Iterator, Mapping
from typing import Any

from segmetry.measure.wording import count_of
from segmetry.report.reading import density_text

__all__ = [
    "density_and_interval",
    "region_lines",
    "region_methods",
    "section_sentence",
]

_MOST_LINES = 20  # about as many as a screen has room for


def region_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a terminal says of regions; nothing where there are none.

    Parameters
    ----------
    summary : mapping
        Of a run; its "regions" is what
        `segmetry.measure.region_summary.summarize_regions` returns.
    """
    told = summary.get("regions")
    if not told:
        return
    yield "By region"
    for row in told["rows"][:_MOST_LINES]:
        density, between = density_and_interval(row)
        name = ", ".join(filter(None, (row["group"], row["region"])))
        objects = count_of(row["n_objects"], "object")
        counted = f"{objects} in {count_of(row['n_units'], told['unit'])}"
        told_interval = f" ({between})" if between else ""
        yield f"  {name}: {counted}, {density}{told_interval}"
    rest = len(told["rows"]) - _MOST_LINES
    if rest > 0:
        yield f"  and {rest} more in the report"
    if told["section"] is not None:
        yield f"  {section_sentence(told['section'])}"


def region_methods(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the methods paragraph says of regions; nothing where there are none.

    Parameters
    ----------
    summary : mapping
        As for `region_lines`.
    """
    told = summary.get("regions")
    if not told:
        return
    if "centroid" in told["rules"]:
        yield (
            "Objects were counted in the regions that hold their centroids (an associated "
            "point rule: Miles 1978, doi:10.1111/j.1365-2818.1978.tb00104.x)."
        )
    if "counting frame" in told["rules"]:
        yield (
            "Rectangular regions were counting frames with forbidden lines (Gundersen "
            "1977, doi:10.1111/j.1365-2818.1977.tb00062.x)."
        )
    yield (
        f"Densities by region have {100 * told['level']:g} % intervals from resampling "
        f"{told['unit']}s."
    )
    if told["section"] is not None:
        yield f"{section_sentence(told['section'])[:-1]} (1946, doi:10.1002/ar.1090940210)."


def density_and_interval(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the density of a row with its unit, and its interval.

    Examples
    --------
    >>> density = {"value": 2e-5, "low": 1e-5, "high": 3e-5, "unit": "per um2"}
    >>> density_and_interval({"density": density})
    ('20 per mm²', '10 to 30')
    """
    value, between, unit = density_text(row["density"])
    return (f"{value} {unit}" if unit else value), between


def section_sentence(section: Mapping[str, Any]) -> str:
    """Return what is to be known of counts corrected for the thickness of sections.

    Parameters
    ----------
    section : mapping
        Of "regions" of a summary.
    """
    thickness, height = section["thickness_um"], section["object_height_um"]
    source = "their mean diameter" if section["measured"] else "as typed"
    return (
        f"Counts are profiles; after Abercrombie, {section['factor']:.3g} of them are "
        f"objects of sections of {thickness:.4g} µm, with a height of {height:.4g} µm "
        f"({source})."
    )
