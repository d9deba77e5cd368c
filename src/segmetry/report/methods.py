"""The methods paragraph: what was done, in sentences that a paper can take over."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from math import ceil, log10
from typing import Any

import pandas as pd

from segmetry.report.content import ReportContent
from segmetry.report.reading import (
    ReadingUnit,
    choose_unit,
    number_text,
    reading_unit,
    reason_text,
)
from segmetry.report.region_lines import region_methods
from segmetry.report.remarks import UNCORRECTED, bias_text, other_intervals

__all__ = ["choice_text", "count_text", "methods_text", "pixel_size_text", "source_text"]

_MOST_DIGITS = 5
_MOST_CHOICES = 4  # a paragraph is no table

_SOURCES = {
    "": "–",
    "aperio": "Aperio metadata",
    "dicom": "DICOM header",
    "fei": "FEI/Thermo metadata",
    "gatan": "Gatan metadata",
    "imagej": "ImageJ metadata",
    "jeol": "JEOL metadata",
    "leica": "Leica metadata",
    "nifti": "NIfTI header",
    "olympus": "Olympus SIS metadata",
    "ome": "OME metadata",
    "scale bar": "burned-in scale bar",
    "tvips": "TVIPS metadata",
    "typed": "value typed by the user",
    "zeiss": "Zeiss metadata",
}


def methods_text(content: ReportContent) -> str:
    """Return a paragraph that says how the numbers were made, and what they leave out.

    Parameters
    ----------
    content : ReportContent

    Returns
    -------
    str
        Plain text, in the past tense.
    """
    unit = reading_unit(content.summary["pooled"])
    sentences = [
        *_pictures(content),
        *_calibration(content.done),
        *_segmentation(content),
        *_corrections(content.objects),
        *_statistics(content.summary, unit),
        *_thin(content),
        *region_methods(content.summary),
    ]
    return " ".join(sentences)


def pixel_size_text(row: Mapping[str, Any]) -> str:
    """Return the pixel size of a picture for the eye.

    Parameters
    ----------
    row : mapping
        A row of images.csv.

    Examples
    --------
    >>> pixel_size_text({"pixel_size": 0.00452, "pixel_size_y": 0.00452, "unit": "um"})
    '4.52 nm'
    >>> pixel_size_text({"pixel_size": 0.86906e-3, "calibration_uncertainty": 0.043})
    '869 pm'
    """
    x, y = row.get("pixel_size"), row.get("pixel_size_y")
    if x is None or pd.isna(x):
        return "unknown"
    unit = choose_unit(x, "um")
    digits = _digits(row.get("calibration_uncertainty"))
    wide = f"{x * unit.factor:.{digits}g}"
    high = wide if y is None or pd.isna(y) else f"{y * unit.factor:.{digits}g}"
    return f"{wide} {unit.name}" if wide == high else f"{wide} × {high} {unit.name} (x × y)"


def _digits(uncertainty: float | None) -> int:
    """Return how many digits a pixel size bears: one more than is sure, five at most."""
    if uncertainty is None or pd.isna(uncertainty) or uncertainty <= 0:
        return _MOST_DIGITS
    return min(_MOST_DIGITS, max(3, 1 + ceil(-log10(uncertainty))))


def source_text(source: str) -> str:
    """Return the source of a pixel size in words.

    Parameters
    ----------
    source : str
        `PixelSize.source`; one without words of its own is returned as it is.

    Examples
    --------
    >>> source_text("fei")
    'FEI/Thermo metadata'
    """
    return _SOURCES.get(source, source)


def choice_text(reason: str) -> str:
    """Return what a segmenter chose, without the reason why.

    Parameters
    ----------
    reason : str
        "segmenter_reason" of images.csv.

    Examples
    --------
    >>> choice_text("Chosen: Li's cutoff, because its objects are regular.")
    "Li's cutoff"
    """
    return reason.partition(", because ")[0].removeprefix("Chosen: ").rstrip(".")


def count_text(n_pictures: int) -> str:
    """Return a number of pictures in words.

    Parameters
    ----------
    n_pictures : int

    Examples
    --------
    >>> count_text(1), count_text(3)
    ('1 picture', '3 pictures')
    """
    return "1 picture" if n_pictures == 1 else f"{n_pictures} pictures"


def _pictures(content: ReportContent) -> Iterator[str]:
    done, failed = len(content.done), len(content.failed)
    text = "one picture" if done == 1 else f"{done} pictures"
    yield f"Size distributions were measured with Segmetry {content.version} in {text}."
    if failed:
        text = "One further picture" if failed == 1 else f"{failed} further pictures"
        yield f"{text} could not be used (reasons in the report)."
    if _counts(content.done, "banner_rows"):
        rows = ", ".join(_counts(content.done, "banner_rows"))
        fill = _recipe(content.recipe_toml).get("banner", {}).get("fill", "none")
        filled = "" if fill == "none" else f"; the method “{fill}” removed them"
        yield (
            f"Banner rows were excluded from objects and areas (rows {rows}, counted "
            f"from 0{filled})."
        )
    yield from _left_out(content)


def _left_out(content: ReportContent) -> Iterator[str]:
    """Yield which share of the pictures is no sample, besides banner rows."""
    parts = {"width_px", "height_px", "included_area_px"}
    if not parts <= set(content.done):
        return
    shares = [share for row in _records(content.done) if (share := _share_left_out(row))]
    if not shares:
        return
    area = _recipe(content.recipe_toml).get("area", {})
    known = ["the scale bar with its label"] * bool(_counts(content.done, "scale_bar_text"))
    views = _counts(content.done, "field_of_view")
    known += ["everything outside the field of view"] * bool(views)
    known += ["what was marked by hand"] * bool(area.get("only") or area.get("exclude"))
    among = f", among them {' and '.join(known)}," if known else ""
    low, high = (f"{100 * share:.2g} %" for share in (min(shares), max(shares)))
    span = low if low == high else f"{low} to {high}"
    where = "the picture" if len(content.done) == 1 else count_text(len(shares))
    yield f"Areas that are no sample{among} were left out: {span} of {where}."


def _share_left_out(row: Mapping[str, Any]) -> float:
    """Return the share of a picture, without its banner, in which nothing counts."""
    first, _, stop = str(row.get("banner_rows") or "").partition(":")
    n_rows = row["height_px"] - (int(stop) - int(first) if stop else 0)
    share = 1 - row["included_area_px"] / (row["width_px"] * n_rows)
    return float(share) if share > 0 else 0.0


def _calibration(done: pd.DataFrame) -> Iterator[str]:
    known = done[done["pixel_size"].notna()]
    unknown = len(done) - len(known)
    if len(known):
        sizes = [pixel_size_text(row) for row in _records(known.sort_values("pixel_size"))]
        span = sizes[0] if sizes[0] == sizes[-1] else f"{sizes[0]} to {sizes[-1]}"
        counts = _counts(known, "calibration_source")
        sources = _listed({source_text(source): n for source, n in counts.items()})
        yield f"The pixel size ({span}) was taken from: {sources}."
        yield _uncertainty(known)
    if unknown == len(done):
        yield "The pixel size was not known, so all lengths are in pixels."
    elif unknown:
        yield f"The pixel size of {count_text(unknown)} was not known."


def _uncertainty(known: pd.DataFrame) -> str:
    stated = known["calibration_uncertainty"].dropna().astype(float)
    missing = len(known) - len(stated)
    if stated.empty:
        return "No uncertainty of the pixel size is stated by its source."
    low, high = (f"{100 * value:.2g} %" for value in (stated.min(), stated.max()))
    span = low if low == high else f"{low} to {high}"
    text = f"Its relative standard uncertainty was {span}"
    return f"{text} (not stated for {count_text(missing)})." if missing else f"{text}."


def _segmentation(content: ReportContent) -> Iterator[str]:
    recipe = _recipe(content.recipe_toml).get("segmentation", {})
    methods = _counts(content.done, "segmenter")
    asked = recipe.get("name")
    chosen = _listed(methods)
    if asked and list(methods) != [asked]:
        yield f"Objects were found by the segmenter “{asked}”, which used: {chosen}."
    elif methods:
        yield f"Objects were found by the segmenter “{next(iter(methods))}”."
    choices = _counts(content.done, "segmenter_reason", shorten=choice_text)
    if choices and set(choices) != {f"the model {name}" for name in methods}:
        few = dict(list(choices.items())[:_MOST_CHOICES])
        more = ", and others told in images.csv" if len(few) < len(choices) else ""
        yield f"It used: {_listed(few, separator='; ')}{more}."
    options = recipe.get("options") or {}
    if options:
        text = ", ".join(f"{name} = {value}" for name, value in sorted(options.items()))
        yield f"Options that differ from the defaults: {text}."
    elif methods:
        yield "All its options were at their defaults."
    if _recipe(content.recipe_toml).get("thin", {}).get("enabled"):
        yield from _kept_whole(options)


def _corrections(objects: pd.DataFrame) -> Iterator[str]:
    """Yield what a person changed of what was found, where that is known."""
    if "origin" not in objects:
        return
    n_edited = int((objects["origin"] == "edited").sum())
    n_drawn = int((objects["origin"] == "drawn").sum())
    yield (
        f"The objects were then checked by hand: of the {len(objects)} that are measured, "
        f"{n_edited} were edited and {n_drawn} drawn; those removed do not appear."
    )


def _kept_whole(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is not done to lines, but where the options say so."""
    if "separate" not in options:
        yield "Objects that touch were not cut, because they were measured as lines."
    if "fill_holes" not in options:
        yield "Background that they enclose was not filled."


def _thin(content: ReportContent) -> Iterator[str]:
    thin = content.summary.get("thin")
    if not (thin and thin["pictures"]):
        return
    choice = _recipe(content.recipe_toml).get("thin", {})
    prune = choice.get("prune", 1.0)
    yield (
        "Thin structures were measured along their centrelines: the masks were thinned "
        "(Lee, Kashyap and Chu 1994, doi:10.1006/cgip.1994.1042), "
        + (
            f"side branches shorter than {prune:g} × the width of the line that they leave "
            "were left out, "
            if prune
            else "all side branches were kept, "
        )
        + "and lines were smoothed by local parabolas (Savitzky and Golay 1964, "
        "doi:10.1021/ac60214a047)."
    )
    yield (
        "Widths are lengths of chords of the mask at right angles to the centreline, one "
        "per pixel of its length; means and percentiles are weighted by length."
    )
    if choice.get("grey", "none") != "none":
        yield (
            f"Widths were also fitted to grey values ({choice['grey']}) across the line, "
            "by a box on a sloping ground, blurred by a Gaussian."
        )
    drawn = thin["intervals"]
    yield (
        f"Their {100 * drawn['level']:g} % intervals come from resampling {drawn['unit']}s "
        f"({drawn['resamples']} resamples)."
    )
    yield "The fractal dimension is that of the centrelines, by box counting."


def _statistics(summary: Mapping[str, Any], unit: ReadingUnit) -> Iterator[str]:
    group = summary["pooled"]
    if not group["n_used"]:
        yield "No object was measured."
        return
    yield (
        "Size is the diameter of the circle of equal projected area, 2·√(area/π); "
        f"statistics are number-weighted unless marked otherwise and rest on "
        f"{group['n_used']} of {group['n_objects']} objects."
    )
    edge = group.get("edge_rule") or {}
    if edge:
        yield _sentence(edge["description"])
        if edge["name"] in UNCORRECTED:
            yield bias_text(edge)
    yield from _intervals(group.get("intervals") or {})
    for text, names in other_intervals(group, summary.get("groups") or []).items():
        yield f"For {'; '.join(names)}: {_sentence(text)}"
    if "refused" in (group.get("volume") or {"refused": ""}):
        reason = reason_text((group.get("volume") or {}).get("refused"))
        yield f"No volume-weighted values are given{reason}."
    else:
        yield "Volume-weighted values take each object for a sphere of its diameter."
    fit = group.get("fit")
    if fit:
        yield _fit(fit, unit)


def _intervals(intervals: Mapping[str, Any]) -> Iterator[str]:
    if not intervals:
        return
    resamples = intervals.get("resamples")
    text = f"Intervals are at the {100 * intervals['level']:g} % level by "
    text += intervals["method"]
    if intervals["method"] == "none":
        yield "No intervals are given."
    else:
        yield f"{text} ({resamples} resamples)." if resamples else f"{text}."
    if intervals.get("note"):
        yield _sentence(intervals["note"])


def _fit(fit: Mapping[str, Any], unit: ReadingUnit) -> str:
    verdict = reason_text(fit.get("reason"))
    if not fit.get("accepted"):
        return f"A {fit['family']} distribution was not accepted{verdict}."
    median = number_text(fit.get("median"), factor=unit.factor)[0]
    gsd = number_text(fit.get("gsd"))[0]
    values = f"median {median} {unit.name}, geometric standard deviation {gsd}"
    return f"A {fit['family']} distribution was accepted ({values}){verdict}."


def _recipe(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return list(table.to_dict("records"))


def _counts(
    table: pd.DataFrame, column: str, *, shorten: Callable[[str], str] = str
) -> dict[str, int]:
    """Return how often each text stands in a column, in order of appearance."""
    if column not in table:
        return {}
    texts = [shorten(str(value)) for value in table[column].dropna() if str(value)]
    return {text: texts.count(text) for text in dict.fromkeys(texts)}


def _listed(counts: Mapping[str, int], *, separator: str = ", ") -> str:
    if len(counts) == 1:
        return next(iter(counts))
    return separator.join(f"{text} ({count_text(count)})" for text, count in counts.items())


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
