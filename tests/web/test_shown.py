"""What the client is told of a picture follows from what is known of it."""

import json

import numpy as np
import pytest

from segmetry.calibrate import ScaleBar
from segmetry.image import PixelSize
from segmetry.io import write_png
from segmetry.project import Look, Project
from segmetry.project.looks import _facts_of_bar, pixel_size_facts
from segmetry.web.shown import shown_picture

SEEN = {"error": "", "conflict": False, "width_px": 30, "height_px": 20, "is_color": False}
BAR = ScaleBar(200.0, "nm", 10.0, 54.0, 5, 8, text="200 nm", method="bar")
ZEISS = PixelSize(y=4.5, x=4.5, unit="nm", source="zeiss")
OTHER = PixelSize(y=9.0, x=9.0, unit="nm", source="zeiss")


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path, "Powder") as project:
        yield project


@pytest.fixture
def show(project, tmp_path):
    """Show a picture of which this is known."""
    path = tmp_path / "a.png"
    write_png(path, np.zeros((20, 30), np.uint8))

    def show(*, is_busy=False, choices=None, **facts):
        picture = project.pictures.add(path)
        project.pictures.choose(picture, choices or {})
        if facts:
            project.pictures.keep_look(picture, Look({**SEEN, **facts}, None))
        shown = shown_picture(project, picture, is_busy=is_busy)
        assert json.loads(json.dumps(shown)) == shown
        return shown

    return show


def sizes(*known, chosen=None):
    return {
        "candidates": [pixel_size_facts(size) for size in known],
        "pixel_size": pixel_size_facts(chosen or (known[0] if known else None)),
    }


@pytest.mark.parametrize(
    ("facts", "is_busy", "expected"),
    [
        ({}, True, ("reading", None)),
        ({"error": ""}, False, ("ready", None)),
        ({"error": ""}, True, ("running", None)),
        ({"error": "No picture."}, True, ("failed", "No picture.")),
        ({"error": "Two sizes.", "conflict": True}, True, ("look", "Two sizes.")),
    ],
)
def test_the_status_says_what_a_person_can_do(show, facts, is_busy, expected):
    shown = show(is_busy=is_busy, **facts)
    assert (shown["status"], shown["message"]) == expected


def test_a_picture_that_is_not_read_has_no_size_yet(show):
    shown = show()
    assert (shown["width"], shown["height"], shown["calibration"]["found"]) == (0, 0, [])


def test_metadata_and_a_bar_that_agree_are_both_told(show):
    shown = show(**sizes(ZEISS, BAR.pixel_size), bar=_facts_of_bar(BAR))["calibration"]
    assert (shown["pixel_size"], shown["unit"], shown["source"]) == (4.5, "nm", "metadata")
    assert shown["agrees"]
    metadata, bar = shown["found"]
    assert (metadata["evidence"], metadata["line"]) == ("zeiss", None)
    assert bar["evidence"] == "200 nm = 44 px"
    assert bar["pixel_size"] == pytest.approx(200 / 44)
    assert bar["line"] == [[10.0, 6.0], [53.0, 6.0]]


def test_sources_that_differ_give_no_size_until_one_is_chosen(show):
    known = sizes(OTHER, BAR.pixel_size)
    shown = show(**known, error="Differ.", conflict=True)["calibration"]
    assert (shown["pixel_size"], shown["unit"], shown["source"]) == (None, None, None)
    assert shown["agrees"] is False
    shown = show(**known)["calibration"]
    assert (shown["source"], shown["agrees"]) == ("metadata", False)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (4.5, "nm", (4.5, "nm")),
        (450, "pm", (0.45, "nm")),
        (0.5, "angstrom", (0.05, "nm")),
        (0.1, "um", (100, "nm")),
        (1.5, "um", (1.5, "µm")),
        (2500, "nm", (2.5, "µm")),
        (0.7, "cm", (7, "mm")),
        (0.002, "m", (2, "mm")),
    ],
)
def test_sizes_come_in_units_that_the_client_knows(show, value, unit, expected):
    size = PixelSize(y=value, x=value, unit=unit, source="ome")
    shown = show(**sizes(size))["calibration"]
    assert shown["pixel_size"] == pytest.approx(expected[0])
    assert shown["unit"] == expected[1]
    assert shown["agrees"] is None


def test_a_drawn_line_is_told_as_such(show):
    size = PixelSize(y=2, x=2, unit="nm", source="typed")
    line = {"from": [1.0, 2.0], "to": [101.0, 2.0], "length": 200.0, "unit": "nm"}
    shown = show(**sizes(size), choices={"drawn": line})["calibration"]
    assert shown["source"] == "drawn"
    [found] = shown["found"]
    assert found["line"] == [[1.0, 2.0], [101.0, 2.0]]
    assert found["evidence"] == "200 nm"
    assert show(**sizes(size), choices={"drawn": None})["calibration"]["source"] == "typed"


def test_what_is_excluded_is_told_in_pixels(show):
    area = {"exclude": [[1, 2, 3, 4]], "only": [[0, 0, 30, 10]]}
    shown = show(banner_rows=[15, 20], choices={"area": area})["excluded"]
    assert shown == {
        "banner": [15, 20],
        "rectangles": [{"x": 1, "y": 2, "width": 3, "height": 4}],
        "regions": [
            {
                "name": "Region 1",
                "classification": "",
                "rings": [[[0, 0], [30, 0], [30, 10], [0, 10]]],
            }
        ],
        "only": True,
    }


def test_channels_are_told_by_name_and_which_one_is_used(show):
    assert show()["channels"] == []
    channels = [{"name": "DAPI", "low": 0, "high": 9}, {"name": "", "low": 0, "high": 9}]
    shown = show(channels=channels, choices={"reading": {"channel": 1}})
    assert shown["channels"] == ["DAPI", ""]
    assert shown["channel"] == 1
    assert show(choices={"reading": {"page": 2}})["channel"] is None
