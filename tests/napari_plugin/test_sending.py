"""Round trips: open, paint with napari's own tools, send back, undo."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmetry.edit import Edit
from segmetry.errors import OutdatedError, ProjectError
from segmetry.io import read_labels
from segmetry.measure import measure
from segmetry.napari_plugin.sending import is_sent, redo, reload, send_back, undo
from segmetry.project import Project
from segmetry.project.run_folder import labels_in_run, open_run, write_back
from segmetry.recipe import Recipe

EMPTY = (3, 3)  # far from all discs


def paint_and_erase(layer):
    """Take object 5 away with the bucket, and paint a new one with the brush."""
    layer.selected_label = 0
    layer.fill(tuple(np.argwhere(layer.data == 5)[0]), 0)
    layer.selected_label = int(layer.data.max()) + 1
    layer.brush_size = 5
    layer.paint(EMPTY, layer.selected_label)


def of_a(run, table):
    return pd.read_csv(run / table).query("image == 'a'")


def test_what_was_painted_is_in_every_table_and_in_the_journal(opened, run):
    before = of_a(run, "objects.csv")
    paint_and_erase(opened)
    assert send_back(opened) == "a: 1 new, 1 gone; 12 objects now."
    now = of_a(run, "objects.csv")
    assert now["label"].tolist() == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13]
    assert now["origin"].tolist() == ["found"] * 11 + ["drawn"]
    kept = before[before["label"] != 5].drop(columns="region").reset_index(drop=True)
    assert now.iloc[:11][kept.columns].reset_index(drop=True).equals(kept)
    assert of_a(run, "images.csv")["mask_origin"].tolist() == ["corrected"]
    assert np.array_equal(read_labels(run / "a" / "labels.tif"), opened.data)
    with open_run(run) as project:
        [entry] = project.labels.open(labels_in_run(project, "a")).history()
    assert entry["edit"] == {"kind": "take over", "source": "napari"}


def test_tables_that_could_not_be_written_are_when_it_is_sent_again(
    opened, run, monkeypatch
):
    def killed(*_):
        raise KeyboardInterrupt

    paint_and_erase(opened)
    with monkeypatch.context() as patched:
        patched.setattr("segmetry.napari_plugin.sending.write_back", killed)
        with pytest.raises(KeyboardInterrupt):
            send_back(opened)
    assert "origin" not in of_a(run, "objects.csv")
    reload(opened)
    assert send_back(opened) == "a: nothing has changed."
    assert of_a(run, "objects.csv")["origin"].tolist() == ["found"] * 11 + ["drawn"]


def test_undo_brings_back_every_file_of_the_picture(opened, run):
    names = ("objects.csv", "images.csv", "summary.json", "regions.csv", "a/labels.tif")
    before = {name: (run / name).read_bytes() for name in names}
    found = opened.data.copy()
    paint_and_erase(opened)
    send_back(opened)
    painted = opened.data.copy()
    assert undo(opened) == "a: 1 new, 1 gone; 12 objects now."
    assert np.array_equal(opened.data, found)
    assert {name: (run / name).read_bytes() for name in names} == before
    redo(opened)
    assert np.array_equal(opened.data, painted)
    assert of_a(run, "objects.csv")["label"].max() == 13


def test_the_layer_shows_what_is_kept(opened):
    paint_and_erase(opened)
    opened.data[opened.data == 13] = 4000  # a number that a person typed
    opened.refresh()
    assert not is_sent(opened)
    send_back(opened)
    assert is_sent(opened)
    assert opened.data[EMPTY] == 13
    assert opened.features["index"].tolist()[-1] == 13
    assert opened.features["origin"].tolist()[-1] == "drawn"
    area = opened.features.set_index("index")["area_px"]
    assert area[13] == (opened.data == 13).sum()


@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10_000))
def test_whatever_is_painted_comes_back_measured_as_it_was_painted(opened, run, seed):
    rng = np.random.default_rng(seed)
    known = np.unique(opened.data)
    for _ in range(rng.integers(1, 5)):
        opened.brush_size = int(rng.integers(1, 30))
        place = rng.integers(0, opened.data.shape)
        opened.paint(tuple(place), int(rng.choice([0, 1, 2, 50, known.max() + 1])))
    painted = opened.data.copy()
    send_back(opened)
    pairs = np.unique(np.stack([painted.ravel(), opened.data.ravel()]), axis=1)
    assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]
    assert all(kept == came for came, kept in pairs.T if came in known)
    with open_run(run) as project:
        expected = measure(project.labels.open(labels_in_run(project, "a")).labels)
    assert of_a(run, "objects.csv")["area_px"].tolist() == expected["area_px"].tolist()


def test_nothing_painted_is_nothing_sent(opened, run):
    assert send_back(opened) == "a: nothing has changed."
    assert "origin" not in pd.read_csv(run / "objects.csv")


def test_who_opened_it_before_others_changed_it_is_refused(opened, run):
    paint_and_erase(opened)
    with open_run(run) as project:
        labels = project.labels.open(labels_in_run(project, "a"))
        labels.edit(Edit("delete", ids=(1,)), op_id="a", base=0)
        write_back(project, ["a"])
    with pytest.raises(OutdatedError, match="Duplicate the layer to keep"):
        send_back(opened)
    assert reload(opened) == "a: 11 objects."
    assert 1 not in opened.data
    paint_and_erase(opened)
    assert send_back(opened) == "a: 1 new, 1 gone; 11 objects now."


def test_undo_is_refused_where_something_was_not_sent(opened):
    paint_and_erase(opened)
    with pytest.raises(ProjectError, match="not sent back yet"):
        undo(opened)


def test_a_layer_of_no_run_is_refused(labels_layer):
    with pytest.raises(ProjectError, match="was not opened from a run or a project"):
        send_back(labels_layer)


def test_a_run_that_the_app_corrects_meanwhile_is_left_alone(opened, run):
    paint_and_erase(opened)
    with open_run(run), pytest.raises(ProjectError, match="already open"):
        send_back(opened)
    assert "origin" not in pd.read_csv(run / "objects.csv")


def test_a_project_of_the_app_takes_corrections_too(viewer, run):
    home = run.parent
    simple = Recipe.model_validate({"segmentation": {"name": "threshold"}})
    with Project.create(home, "Powder") as project:
        labels = project.labels.run(project.pictures.add(home / "a.png"), simple)
    viewer.open(str(home), plugin="segmetry")
    layer = viewer.layers["a objects"]
    paint_and_erase(layer)
    assert send_back(layer) == "a: 1 new, 1 gone; 12 objects now."
    with Project.open(home) as project:
        kept = project.labels.open(labels)
        assert np.array_equal(kept.labels.data, layer.data)
        assert [entry["kind"] for entry in kept.history()] == ["edit"]
    undo(layer)
    assert 5 in layer.data


def test_a_picture_that_left_the_project_is_named(viewer, run):
    home = run.parent
    simple = Recipe.model_validate({"segmentation": {"name": "threshold"}})
    with Project.create(home, "Powder") as project:
        project.labels.run(project.pictures.add(home / "a.png"), simple)
    viewer.open(str(home), plugin="segmetry")
    with Project.open(home) as project:
        project.pictures.remove(project.pictures.records()[0].id)
    with pytest.raises(ProjectError, match="no labels of a any more"):
        send_back(viewer.layers["a objects"])
