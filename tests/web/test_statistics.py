import uuid

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import distance_transform_edt

from segmetry.batch.results import statistics_options
from segmetry.io import write_png
from segmetry.measure import summarize
from segmetry.project.tables import image_row, project_tables


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


def test_mean_and_deviation_follow_a_correction_and_come_back_with_undo(
    ask, client, label, opened
):
    """One disc of another diameter among twelve of 20 px: both numbers by hand."""
    before = ask(measure="equivalent_diameter_px")["values"]
    free = distance_transform_edt(np.pad(opened.labels.data == 0, 1))[1:-1, 1:-1]
    y, x = (int(place) for place in np.unravel_index(free.argmax(), free.shape))
    drawn = 41
    assert free.max() > drawn / 2 + 2
    stroke = {"kind": "draw", "points": [[x, y]], "width": drawn}
    asked = {"op_id": str(uuid.uuid4()), "base": 0, **stroke}
    assert client.post(f"/api/v1/labels/{label}/ops", json=asked).status_code == 200
    told = ask(measure="equivalent_diameter_px")
    sizes = [20.0] * 12 + [drawn]
    assert (told["rev"], told["n"]) == (1, 13)
    assert told["values"]["mean"]["value"] == pytest.approx(np.mean(sizes), rel=0.05)
    assert told["values"]["sd"]["value"] == pytest.approx(np.std(sizes, ddof=1), rel=0.12)
    assert before["sd"]["value"] < 1
    asked = {"op_id": str(uuid.uuid4()), "base": 1}
    assert client.post(f"/api/v1/labels/{label}/undo", json=asked).status_code == 200
    assert ask(measure="equivalent_diameter_px")["values"] == before


def test_it_is_told_that_intervals_of_one_picture_are_too_narrow(ask):
    told = ask(measure="equivalent_diameter_px")["note"]
    assert "optimistic (too narrow)" in told
    assert told == ask(measure="area_px")["note"]


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


@pytest.fixture
def whole(client, store, project, home, look, discs, simple):
    """Ask for numbers of a project of two pictures."""
    write_png(home / "b.png", discs([12] * 6))
    for name in ("a.png", "b.png"):
        project.labels.run(look(home / name), simple)
    (home / "conditions.csv").write_text("image,time_h\na.png,2\nb.png,1\n")
    project.set_recipe(simple)
    (identifier,) = [one.id for one in store.listed()]

    def get(status=200, **asked):
        address = f"/api/v1/projects/{identifier}/statistics"
        answer = client.get(address, params=asked)
        assert answer.status_code == status, answer.text
        return answer.json()

    return get


def test_numbers_of_a_project_are_those_of_a_run_pooled_and_by_condition(whole, project):
    told = whole(by="time_h")
    tables = project_tables(project)
    options = statistics_options(project.recipe)
    expected = summarize(
        tables.objects, tables.images, options=options, conditions=["time_h"]
    )
    for shown, group in zip(
        [told["pooled"], *told["groups"]],
        [expected["pooled"], *expected["groups"]],
        strict=True,
    ):
        number = group["number"]
        assert shown["values"] == {key: number[key] for key in shown["values"]}
        assert (shown["n"], shown["name"]) == (group["n_used"], group["name"])
        assert len(shown["counts"]) == len(told["edges"]) - 1
    assert [group["conditions"] for group in told["groups"]] == [
        {"time_h": 1},
        {"time_h": 2},
    ]
    assert (told["quantity"], told["unit"]) == ("equivalent_diameter_px", "px")
    assert (told["conditions"], told["by"], told["remarks"]) == (["time_h"], ["time_h"], [])
    assert (told["n_pictures"], told["n_without_labels"]) == (2, 0)
    newest = [project.labels.records(one.id)[-1] for one in project.pictures.records()]
    found = sum(project.labels.n_objects(one.id) for one in newest)
    assert told["n_objects"] == found >= told["pooled"]["n"]


def test_another_quantity_and_bin_width_of_a_project_can_be_chosen(whole):
    told = whole(quantity="area_px", bin_width=25, weight="volume")
    assert np.allclose(np.diff(told["edges"]), 25)
    assert (told["pooled"]["n"], told["groups"], told["weight"]) == (18, [], "volume")
    assert "area_px" in told["quantities"]
    assert not {"label", "bbox_x_min_px", "touches_edge"} & set(told["quantities"])


@pytest.mark.parametrize("asked", [{"quantity": "colour"}, {"by": "ph"}, {"weight": "x"}])
def test_what_a_project_does_not_know_is_refused_in_a_sentence(whole, asked):
    assert len(whole(422, **asked)["error"]["message"]) > 20
