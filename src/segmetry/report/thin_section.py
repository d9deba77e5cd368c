"""The report's section on thin structures: numbers, histogram, pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from segmetry.measure.wording import count_of
from segmetry.report.canvas import to_svg
from segmetry.report.content import ReportContent
from segmetry.report.embedding import jpeg_uri
from segmetry.report.reading import area_text, choose_unit, number_text
from segmetry.report.sections import Card, Drawing
from segmetry.report.thin_figure import width_histogram
from segmetry.report.values import ValueRow

__all__ = ["ThinSection", "thin_section"]

_SIDE = 900  # px: longer side of a picture in the report
_BUDGET = 1_800_000  # bytes for all pictures together
_MOST_PICTURES = 60  # more would be too small to see within the budget
_MOST_ROWS = 300  # a table longer than this is read in images.csv
_SUM = 4  # significant digits of a sum, which has no interval
_PER = 1000  # densities are read per thousand pixels squared, or in mm per mm²

_COUNTS = {
    "n_segments": ("segments", "lines between two nodes"),
    "n_branch_points": ("branch points", "nodes where three or more lines meet"),
    "n_end_points": ("free ends", "inside the picture"),
    "n_cut_ends": ("cut ends", "cut by the edge of the picture or of the sample"),
    "n_specks": ("specks", "pieces that are no lines, and not measured"),
}
_WIDTHS = {
    "mean": ("mean width", "weighted by length, as are all widths"),
    "p5": ("P5", "5 % of the length is narrower"),
    "median": ("median width", "half of the length is narrower"),
    "p95": ("P95", "5 % of the length is wider"),
}
_SOURCES = (("", ""), ("_grey", " from grey values"))


@dataclass(frozen=True)
class ThinSection:
    """What the template shows of thin structures.

    Parameters
    ----------
    lead : str
        What the numbers are of.
    rows : tuple of ValueRow
        The numbers of all pictures together.
    pictures : tuple of tuple of str
        A row of text per picture, under `columns`.
    columns : tuple of str
    drawings : tuple of Drawing
    cards : tuple of Card
        Pictures with their lines coloured by width.
    """

    lead: str
    rows: tuple[ValueRow, ...]
    pictures: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    drawings: tuple[Drawing, ...]
    cards: tuple[Card, ...]


def thin_section(content: ReportContent) -> ThinSection | None:
    """Return the section on thin structures; `None` where none were measured.

    Parameters
    ----------
    content : ReportContent
        Its summary has "thin", as `segmetry.measure.thin_summary.summarize_thin` gives it.
    """
    thin = content.summary.get("thin")
    if not (thin and thin["pictures"]):
        return None
    names = {str(row["image"]): str(row["path"]) for row in _rows(content)}
    shown = dict(list(thin["pictures"].items())[:_MOST_ROWS])
    cells = {str(names.get(key) or key): _cells(one) for key, one in shown.items()}
    return ThinSection(
        lead=_lead(thin),
        rows=tuple(_all_rows(thin)),
        pictures=tuple((name, *one.values()) for name, one in cells.items()),
        columns=("picture", *next(iter(cells.values()), {})),
        drawings=tuple(_drawings(thin)),
        cards=tuple(_cards(content, names)),
    )


def _rows(content: ReportContent) -> list[dict[Any, Any]]:
    return list(content.done.to_dict("records"))


def _lead(thin: Mapping[str, Any]) -> str:
    intervals = thin["intervals"]
    return (
        f"{count_of(thin['n_pictures'], 'picture')} together. Lengths and counts are added "
        f"up; means and percentiles are weighted by length, with "
        f"{100 * intervals['level']:g} % intervals from resampling "
        f"{intervals['unit']}s."
    )


def _all_rows(thin: Mapping[str, Any]) -> Iterator[ValueRow]:
    unit, pooled = thin["unit"], thin["pooled"]
    yield ValueRow("total length", *_length(pooled, "total_length", unit, digits=_SUM))
    yield ValueRow(
        "length per area", *_density(pooled, unit), "total length by included area"
    )
    area = area_text(pooled[f"included_area_{unit}2"], unit=unit, digits=_SUM)
    yield ValueRow("included area", *area, "what was looked at")
    share = number_text(pooled["area_fraction"], factor=100)
    yield ValueRow("area of the lines", *share, "%", "of the included area")
    for name, (title, meaning) in _COUNTS.items():
        yield ValueRow(title, f"{pooled[name]['value']:.0f}", "", "", meaning)
    for source, said in _SOURCES:
        for key, (title, meaning) in _WIDTHS.items():
            if f"width{source}_{key}_{unit}" in pooled:
                texts = _length(pooled, f"width{source}_{key}", unit)
                yield ValueRow(f"{title}{said}", *texts, meaning)
    tortuosity = number_text(pooled["tortuosity_mean"])
    yield ValueRow(
        "tortuosity", *tortuosity, "", "length by straight distance; 1 is straight"
    )


def _length(
    numbers: Mapping[str, Any], name: str, unit: str, *, digits: int = 3
) -> tuple[str, str, str]:
    """Return value, interval and unit of a length."""
    number = numbers[f"{name}_{unit}"]
    read = choose_unit(number["value"], unit)
    return (*number_text(number, factor=read.factor, digits=digits), read.name)


def _density(numbers: Mapping[str, Any], unit: str) -> tuple[str, str, str]:
    texts = number_text(numbers[f"length_density_per_{unit}"], factor=_PER)
    return (*texts, "mm/mm²" if unit == "um" else "px per 1000 px²")


def _cells(numbers: Mapping[str, Any]) -> dict[str, str]:
    """Return what a picture's row tells after its name, by the title of the column."""
    unit = "um" if "total_length_um" in numbers else "px"
    total, _, name = _length(numbers, "total_length", unit, digits=_SUM)
    cells = {"total length": f"{total} {name}"}
    density, _, name_of_density = _density(numbers, unit)
    cells["length per area"] = _with_unit(density, name_of_density)
    for source, said in _SOURCES:
        if f"width{source}_mean_{unit}" in numbers:
            mean, between, name = _length(numbers, f"width{source}_mean", unit)
            text = _with_unit(mean, name)
            cells[f"mean width{said}"] = f"{text} ({between})" if between else text
    low, high = (numbers[f"width_{key}_{unit}"]["value"] for key in ("p5", "p95"))
    read = choose_unit(high, unit)
    ends = [number_text(end, factor=read.factor)[0] for end in (low, high)]
    cells["P5 to P95"] = "–" if high is None else f"{' to '.join(ends)} {read.name}"
    cells["branch points"] = f"{numbers['n_branch_points']['value']:.0f}"
    cells["tortuosity"] = number_text(numbers["tortuosity_mean"]["value"])[0]
    cells["fractal dimension"] = _dimension(numbers)
    return cells


def _with_unit(value: str, unit: str) -> str:
    return value if value == "–" else f"{value} {unit}"


def _dimension(numbers: Mapping[str, Any]) -> str:
    value = numbers["fractal_dimension"]["value"]
    error = numbers["fractal_dimension_standard_error"]["value"]
    if value is None or error is None:
        return "–"
    low, high = (numbers[f"fractal_dimension_box_{k}_px"]["value"] for k in ("min", "max"))
    return f"{value:.3f} ± {error:.3f} (boxes {low:.0f} to {high:.0f} px)"


def _drawings(thin: Mapping[str, Any]) -> Iterator[Drawing]:
    histogram = thin["histogram"]
    if not sum(histogram["length"]):
        return
    widest = thin["pooled"][f"width_p95_{thin['unit']}"]["value"]
    svg = to_svg(
        width_histogram(histogram, choose_unit(widest, thin["unit"])), name="widths"
    )
    grey = (
        " The line: from the picture's grey values." if "length_grey" in histogram else ""
    )
    yield Drawing(svg, f"Length of line of each width, from the masks.{grey}")


def _cards(content: ReportContent, names: Mapping[str, str]) -> Iterator[Card]:
    shown = list(content.width_pictures.items())[:_MOST_PICTURES]
    room = _BUDGET // max(1, len(shown))
    told = content.summary["thin"]["pictures"]
    for key, picture in shown:
        source = jpeg_uri(picture, side=_SIDE, max_bytes=room)
        cells = _cells(told[key]).items()
        facts = tuple(one for one in cells if one[0].startswith(("total", "mean")))
        name = names.get(key, key)
        yield Card(name, source, f"{name} with its lines coloured by width", facts)
