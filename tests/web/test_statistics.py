import numpy as np
import pandas as pd
import pytest

from segmetry.batch.results import statistics_options
from segmetry.measure import summarize
from segmetry.project.exports import image_row


@pytest.fixture
def ask(client, label):
    def get(status=200, **asked):
        answer = client.get(f"/api/v1/labels/{label}/summary", params=asked)
        assert answer.status_code == status, answer.text
        return answer.json()

    return get


def test_the_numbers_of_the_diameter_are_those_of_the_report(ask, project, label, opened):
    told = ask(measure="equivalent_diameter_px")
    found = project.labels.record(label)
    table = opened.table.assign(image="a")
    images = pd.DataFrame([image_row(found, opened)])
    options = statistics_options(found.recipe)
    expected = summarize(table, images, options=options)["pooled"]["number"]
    assert told["values"] == {key: expected[key] for key in told["values"]}
    assert set(told["values"]) == {"mean", "median", "sd", "d10", "d50", "d90"}
    assert (told["rev"], told["n"], told["refused"]) == (0, 12, None)
    assert told["edge_rule"] == "miles-lantuejoul"


def test_the_numbers_of_another_column_are_those_of_numpy(ask, opened):
    told = ask(measure="area_px")
    areas = opened.table["area_px"]
    assert told["values"]["mean"]["value"] == pytest.approx(areas.mean(), rel=0.05)
    low, high = told["values"]["mean"]["low"], told["values"]["mean"]["high"]
    assert low <= told["values"]["mean"]["value"] <= high
    assert sum(told["histogram"]["counts"]) == told["n"] == 12


def test_bins_have_the_width_that_was_asked_for(ask):
    edges = ask(measure="area_px", bin_width=25)["histogram"]["edges"]
    assert np.allclose(np.diff(edges), 25)


def test_few_objects_are_refused_by_volume_in_a_sentence(ask):
    told = ask(measure="equivalent_diameter_px", weight="volume")
    assert told["values"] == {}
    assert told["refused"].startswith("Refused:")


@pytest.mark.parametrize(
    "asked",
    [
        {"measure": "label colour"},
        {"measure": "touches_edge"},
        {"measure": "area_px", "weight": "money"},
        {"measure": "area_px", "bin_width": -1},
        {},
    ],
)
def test_what_cannot_be_told_is_refused(ask, asked):
    assert len(ask(422, **asked)["error"]["message"]) > 20
