"""A run on drawn discs: tables, summary and overlays whose truth is known."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmetry.image import Image, Labels
from segmetry.measure.summary import StatisticsOptions, summarize
from segmetry.report.content import ReportContent
from segmetry.report.overlay import draw_overlay

RECIPE = (
    'format = 1\n\n[segmentation]\nname = "auto"\n\n[segmentation.options]\nmin_area = 30\n'
)
QUICK = StatisticsOptions(resamples=200)


def draw_discs(shape: tuple[int, int], n: int, seed: int) -> np.ndarray:
    """Labels of up to `n` discs that do not overlap."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(shape, np.uint32)
    y, x = np.indices(shape)
    for number in range(1, n + 1):
        radius = np.exp(rng.normal(np.log(6), 0.3))
        disc = (
            np.hypot(y - rng.uniform(0, shape[0]), x - rng.uniform(0, shape[1])) <= radius
        )
        if not labels[disc].any():
            labels[disc] = number
    return labels


def table_of(labels: np.ndarray, name: str, pixel_size: float | None) -> pd.DataFrame:
    """The columns of objects.csv that a report needs, from geometry."""
    unit, square = ("px", "px") if pixel_size is None else ("um", "um2")
    scale = pixel_size or 1.0
    rows = []
    for number in np.unique(labels[labels > 0]):
        y, x = np.nonzero(labels == number)
        box = (x.min(), y.min(), x.max() + 1, y.max() + 1)
        rows.append(
            {
                "image": name,
                "label": number,
                f"area_{square}": y.size * scale**2,
                f"equivalent_diameter_{unit}": 2 * np.sqrt(y.size / np.pi) * scale,
                **dict(zip(BOX, box, strict=True)),
                "touches_edge": min(box[:2]) == 0 or box[2:] == labels.shape[::-1],
            }
        )
    return pd.DataFrame(rows)


BOX = ("bbox_x_min_px", "bbox_y_min_px", "bbox_x_max_px", "bbox_y_max_px")


def row_of(labels: np.ndarray, name: str, pixel_size: float | None) -> dict:
    height, width = labels.shape
    return {
        "image": name,
        "path": f"{name}.tif",
        "status": "done",
        "reason": "",
        "n_objects": np.unique(labels[labels > 0]).size,
        "width_px": width,
        "height_px": height,
        "frame_x_min_px": 0,
        "frame_y_min_px": 0,
        "frame_x_max_px": width,
        "frame_y_max_px": height,
        "included_area_px": labels.size,
        "pixel_size": pixel_size,
        "pixel_size_y": pixel_size,
        "unit": "" if pixel_size is None else "um",
        "calibration_source": "unknown" if pixel_size is None else "zeiss",
        "calibration_uncertainty": None if pixel_size is None else 0.01,
        "calibration_note": "",
        "scale_bar_text": "",
        "scale_bar_px": None,
        "banner_rows": "",
        "field_of_view": "",
        "segmenter": "threshold",
        "segmenter_reason": "",
        "threshold": 90.0,
        "mask_origin": "draft",
        "foreground_fraction": float((labels > 0).mean()),
    }


def make_content(
    *,
    n_images: int = 2,
    pixel_size: float | None = 0.005,
    hours: tuple[float, ...] = (),
    n_discs: int = 40,
    shape: tuple[int, int] = (120, 160),
) -> ReportContent:
    """A report's content from drawn discs; `hours` adds the condition time_h."""
    tables, rows, overlays = [], [], {}
    for index in range(n_images):
        labels = draw_discs(shape, n_discs, index)
        name = f"picture_{index}"
        tables.append(table_of(labels, name, pixel_size))
        rows.append(row_of(labels, name, pixel_size))
        if hours:
            rows[-1]["time_h"] = hours[index % len(hours)]
        grey = np.where(labels > 0, 180, 60).astype(np.uint8)
        overlays[name] = draw_overlay(Labels(labels, Image(grey)))
    return summarized(
        ReportContent(
            title="Sizes in drawn pictures",
            objects=pd.concat(tables, ignore_index=True),
            images=pd.DataFrame(rows),
            summary={},
            recipe_toml=RECIPE,
            command="segmetry run PICTURES --out DIR",
            version="1.2.3",
            overlays=overlays,
        ),
        conditions=["time_h"] if hours else [],
    )


def summarized(content: ReportContent, *, conditions: list[str]) -> ReportContent:
    summary = summarize(
        content.objects, content.images, options=QUICK, conditions=conditions
    )
    return replace(content, summary=summary)


@pytest.fixture(scope="session")
def content() -> ReportContent:
    return make_content()


@pytest.fixture(scope="session")
def make() -> Callable[..., ReportContent]:
    return make_content


@pytest.fixture(scope="session")
def discs() -> Callable[..., np.ndarray]:
    return draw_discs


@pytest.fixture(scope="session")
def with_failed() -> Callable[[ReportContent, str, str], ReportContent]:
    """Add a picture that failed, and make the summary anew."""

    def add(content: ReportContent, path: str, reason: str) -> ReportContent:
        row = {"image": path, "path": path, "status": "failed", "reason": reason}
        failed = pd.DataFrame([{**row, "n_objects": 0}]).reindex(
            columns=content.images.columns
        )
        images = pd.DataFrame(
            [*content.images.to_dict("records"), *failed.to_dict("records")]
        )
        return summarized(replace(content, images=images), conditions=[])

    return add
