"""From drawn discs through the real segmenter, measurement and statistics to the report."""

import re

import numpy as np
import pandas as pd
import pytest

from segmetry.image import Image, PixelSize
from segmetry.measure import measure, summarize
from segmetry.report import (
    ReportContent,
    draw_overlay,
    report_html,
    summary_lines,
)
from segmetry.segment import segmenter

RADIUS = 12
SIZE = PixelSize(y=10.0, x=10.0, unit="nm", source="typed", uncertainty=0.01).in_um


def picture():
    """A grid of 35 equal discs, the last row cut by the lower edge, and a banner."""
    y, x = np.indices((260, 300))
    dark = np.hypot((y + 20) % 40 - 20, (x + 20) % 40 - 20) > RADIUS
    dark |= (y < 25) | (x < 25) | (x > 295)
    pixels = np.where(dark, 40, 200).astype(np.uint8)
    pixels[215:] = 0
    excluded = np.zeros(pixels.shape, bool)
    excluded[215:] = True
    return Image(pixels, pixel_size=SIZE, excluded=excluded, name="discs.png")


def row_of(labels, objects):
    return {
        "image": "discs",
        "path": "discs.png",
        "status": "done",
        "n_objects": len(objects),
        "frame_x_min_px": 0,
        "frame_y_min_px": 0,
        "frame_x_max_px": 300,
        "frame_y_max_px": 215,
        "included_area_px": int(labels.image.included.sum()),
        "pixel_size": SIZE.x,
        "pixel_size_y": SIZE.y,
        "unit": "um",
        "calibration_source": SIZE.source,
        "calibration_uncertainty": SIZE.uncertainty,
        "segmenter": "threshold",
        "banner_rows": "215:260",
    }


@pytest.fixture(scope="module")
def journey():
    labels = segmenter("threshold")(picture())
    objects = measure(labels)
    objects.insert(0, "image", "discs")
    images = pd.DataFrame([row_of(labels, objects)])
    return ReportContent(
        title="discs.png",
        objects=objects,
        images=images,
        summary=summarize(objects, images),
        recipe_toml='[segmentation]\nname = "threshold"\n',
        command="segmetry run discs.png --out DIR",
        version="0.0.0",
        overlays={"discs": draw_overlay(labels)},
    )


def test_the_terminal_tells_the_diameter_that_was_drawn(journey):
    lines = summary_lines(journey.summary)
    row = next(line for line in lines if line.startswith("median"))
    assert float(row.split()[1]) == pytest.approx(2 * RADIUS * 10, rel=0.02)
    assert row.split()[2] == "nm"


def test_equal_discs_make_one_bar(journey):
    (bar,) = [line for line in summary_lines(journey.summary) if "█" in line]
    assert int(bar.split()[-1]) == (~journey.objects["touches_edge"]).sum()


@pytest.mark.slow
def test_the_report_of_equal_discs_tells_the_same(journey):
    html = report_html(journey)
    text = re.sub(r"<[^>]+>", " ", html)
    assert f"{len(journey.objects)} objects found" in text
    assert "value typed by the user" in text
    assert "rows 215:260" in text
    assert "relative standard uncertainty was 1 %" in text


def test_the_overlay_outlines_discs_and_tints_the_banner(journey):
    overlay = journey.overlays["discs"].astype(int)
    colored = np.ptp(overlay, axis=2) > 60
    assert colored[215:].all()
    y, x = np.indices((215, 300))
    far = np.hypot((y + 20) % 40 - 20, (x + 20) % 40 - 20)
    assert not colored[:215][far > RADIUS + 2].any()
    assert not colored[:215][far < RADIUS - 4].any()
    assert colored[:215].sum() > 30 * RADIUS
