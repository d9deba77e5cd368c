"""Figures to keep are drawn by the report."""

import re

import cv2
import numpy as np
import pandas as pd
import pytest

from segmetry.batch.results import statistics_options
from segmetry.measure import summarize
from segmetry.project.tables import image_row
from segmetry.report.bins import shown_histogram
from segmetry.report.canvas import to_svg
from segmetry.report.figures import size_histogram
from segmetry.report.reading import reading_unit
from segmetry.report.sample import group_sample


@pytest.fixture
def fetch(client, label):
    def get(status=200, **asked):
        address = f"/api/v1/labels/{label}/figure"
        answer = client.get(address, params={"format": "svg"} | asked)
        assert answer.status_code == status, answer.text
        return answer

    return get


def name_of(answer):
    return re.search('filename="(.*)"', answer.headers["content-disposition"])[1]


def test_the_histogram_is_that_of_the_report(fetch, project, label, opened):
    found = project.labels.record(label)
    objects = opened.table.assign(image="a")
    images = pd.DataFrame([image_row(found, opened)])
    options = statistics_options(found.recipe)
    group = summarize(objects, images, options=options)["pooled"]
    bars = shown_histogram(group, group_sample(objects, images, group))
    expected = size_histogram({**group, "histogram": bars}, reading_unit(group))
    answer = fetch()
    assert to_svg(expected, name="histogram") in answer.text
    assert answer.text.startswith("<?xml")
    assert name_of(answer) == "a-equivalent_diameter_px-histogram.svg"


def test_a_png_is_a_picture_of_the_same_size(fetch):
    pixels = cv2.imdecode(np.frombuffer(fetch(format="png").content, np.uint8), 1)
    assert pixels.shape == (700, 1160, 3)
    assert len(np.unique(pixels)) > 2


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"chart": "distribution"}, ["density per unit", "n = "]),
        ({"chart": "cumulative"}, ["share below this diameter"]),
        ({"quantity": "area_px", "bin_width": "25"}, ["area / px²", "bin width 25 px²"]),
        ({"quantity": "aspect_ratio"}, ["aspect ratio<", "mean "]),
        ({"bin_width": "0.5"}, ["bin width 0.5 px"]),
    ],
)
def test_other_charts_and_quantities_say_what_they_show(fetch, asked, words):
    text = fetch(**asked).text
    for word in words:
        assert word in text


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"quantity": "colour"}, 422),
        ({"quantity": "area_px", "chart": "cumulative"}, 422),
        ({"format": "pdf"}, 422),
        ({"bin_width": "0"}, 422),
        ({"chart": "pie"}, 422),
    ],
)
def test_what_nobody_draws_is_refused_in_a_sentence(fetch, asked, status):
    assert len(fetch(status, **asked).json()["error"]["message"]) > 20


def test_without_objects_there_is_nothing_to_draw(client, label, fetch):
    body = {"op_id": "a" * 8, "base": 0, "kind": "delete", "ids": list(range(1, 13))}
    client.post(f"/api/v1/labels/{label}/ops", json=body)
    for asked in ({}, {"chart": "distribution"}, {"quantity": "area_px"}):
        error = fetch(409, **asked).json()["error"]
        assert "too few objects to draw" in error["message"]
