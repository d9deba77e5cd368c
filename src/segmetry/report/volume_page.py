"""The report of a run of volumes: one HTML file that needs nothing else."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from segmetry.measure.wording import count_of, few_digits
from segmetry.report.content import ReportContent
from segmetry.report.embedding import jpeg_uri
from segmetry.report.remarks import rule_text
from segmetry.report.rendering import rendered
from segmetry.report.volume_lines import size_rows, volume_text

__all__ = ["volume_html"]

_BUDGET = 6_000_000  # bytes of all pictures of a page
_SIDE = 1400  # px
_MOST = 12  # volumes with a picture
_MOST_OBJECTS = 60  # rows; more are in objects.csv
_CM2 = 1e8  # square micrometres
_MM = 1e3  # micrometres
_IN_HOUNSFIELD_UNITS = {"lungs"}  # methods that take nothing else


def volume_html(content: ReportContent) -> str:
    """Return the report of volumes as the text of an HTML page.

    Parameters
    ----------
    content : ReportContent
        Its summary has "volumes"; its objects and images are those of volumes alone.

    Returns
    -------
    str
        Self-contained. Equal content gives equal text.
    """
    told = content.summary["volumes"]
    warnings = dict.fromkeys([*content.summary.get("warnings", []), *told["warnings"]])
    objects = content.objects.head(_MOST_OBJECTS)
    return rendered(
        "volumes.html",
        {
            "content": content,
            "told": told,
            "warnings": list(warnings),
            "failed": content.failed.to_dict("records"),
            "volumes": list(_volumes(content, told)),
            "columns": _columns(content, told["unit"]),
            "rows": list(_rows(objects, told["unit"])),
            "n_hidden": len(content.objects) - len(objects),
            "sizes": list(size_rows(told)),
            "cards": list(_cards(content, told)),
            "methods": _methods(content, told),
        },
    )


def _volumes(content: ReportContent, told: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    rows = {row["image"]: row for row in content.done.to_dict("records")}
    for one in told["each"]:
        row = rows[one["image"]]
        share = "–" if one["fraction"] is None else f"{100 * one['fraction']:.2f} %"
        yield (
            str(row.get("path") or one["image"]),
            f"{row['depth_px']:.0f} × {row['height_px']:.0f} × {row['width_px']:.0f}",
            _voxel(row),
            str(one["n_objects"]),
            volume_text(one["total_volume"], told["unit"]),
            share,
        )


def _voxel(row: Mapping[Any, Any]) -> str:
    sides = [row.get(name) for name in ("pixel_size_z", "pixel_size_y", "pixel_size")]
    if any(side is None or pd.isna(side) for side in sides):
        return "unknown"
    numbers = [float(side) for side in sides if side is not None]
    factor, unit = (1 / _MM, "mm") if max(numbers) >= 0.1 * _MM else (1.0, "µm")
    text = " × ".join(f"{number * factor:.4g}" for number in numbers)
    return f"{text} {unit} ({row['calibration_source']})"


def _columns(content: ReportContent, unit: str) -> list[str]:
    named = ["volume", "object"] + (["what"] if "class" in content.objects else [])
    surface = "surface" if unit == "um" else "surface (voxel faces)"
    methods = set(content.done["segmenter"].dropna())
    # Of other scans nothing tells in what their values are.
    mean = "mean value (HU)" if methods == _IN_HOUNSFIELD_UNITS else "mean value"
    return [*named, "size", surface, "diameter", "sphericity", mean, "border"]


def _rows(objects: pd.DataFrame, unit: str) -> Iterator[tuple[str, ...]]:
    for row in objects.to_dict("records"):
        what = (str(row["class"]),) if "class" in objects else ()
        if unit == "um":
            surface, diameter = row["surface_area_um2"], row["equivalent_diameter_um"]
            in_mm = diameter >= 0.1 * _MM
            area = few_digits(surface / (_CM2 if in_mm else 1), 4)
            long = few_digits(diameter / (_MM if in_mm else 1), 4)
            texts = (
                volume_text(row["volume_um3"], unit),
                f"{area} {'cm²' if in_mm else 'µm²'}",
                f"{long} {'mm' if in_mm else 'µm'}",
            )
        else:
            texts = (
                volume_text(row["volume_px"], unit),
                few_digits(row["surface_area_px"], 4),
                few_digits(row["equivalent_diameter_px"], 4),
            )
        yield (
            str(row["image"]),
            str(row["label"]),
            *what,
            *texts,
            f"{row['sphericity']:.2f}",
            f"{row['intensity_mean']:.1f}",
            "touches" if row["touches_edge"] else "",
        )


def _cards(
    content: ReportContent, told: Mapping[str, Any]
) -> Iterator[tuple[str, str | None]]:
    shown = told["each"][:_MOST]
    room = _BUDGET // max(1, len(shown))
    for one in shown:
        overlay = content.overlays.get(one["image"])
        source = None
        if overlay is not None:
            source = jpeg_uri(overlay, side=_SIDE, max_bytes=room)
        yield one["image"], source


def _methods(content: ReportContent, told: Mapping[str, Any]) -> str:
    methods = ", ".join(sorted(set(content.done["segmenter"].dropna())))
    return (
        f"Objects were found in {count_of(told['n_volumes'], 'volume')} with Segmetry "
        f"{content.version} (method {methods}). Voxels touch over sides, edges and "
        "corners. Volumes are numbers of voxels times the volume of one; surfaces were "
        "estimated with Crofton's formula in thirteen directions, weighted for the shape "
        "of the voxels; diameters are those of balls of equal volume. Of objects that "
        "touch the border of a volume the part that is seen was measured; in sizes "
        f"{rule_text(told['edge_rule'])}."
    )
