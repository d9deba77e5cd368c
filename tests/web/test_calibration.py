"""A person sets the pixel size; labels that are there follow."""

import numpy as np
import pytest
import tifffile

from segmetry.edit import Edit
from segmetry.io import read, write_png
from segmetry.recipe import changed


def put(client, picture, **choice):
    return client.put(f"/api/v1/images/{picture}/calibration", json=choice)


def test_a_typed_size_is_used_and_told(client, squares):
    answer = put(client, squares, source="typed", pixel_size=4.5, unit="nm")
    assert answer.status_code == 200
    shown = answer.json()["calibration"]
    assert (shown["pixel_size"], shown["unit"], shown["source"]) == (4.5, "nm", "typed")
    assert answer.json() == client.get(f"/api/v1/images/{squares}").json()
    assert answer.json()["status"] == "ready"


def test_a_drawn_line_of_known_length_gives_the_size(client, project, squares, simple):
    line = {"from": [10, 20], "to": [40, 60], "length": 2.5, "unit": "µm"}
    shown = put(client, squares, source="drawn", **line).json()["calibration"]
    assert (shown["pixel_size"], shown["unit"]) == (50, "nm")
    assert shown["source"] == "drawn"
    assert shown["found"][0]["line"] == [[10, 20], [40, 60]]
    recipe = project.pictures.recipe(squares, simple)
    assert recipe.calibration.pixel_size == "2.5 um / 50 px"
    row = project.labels.record(project.labels.run(squares, recipe)).run["row"]
    words = "a line of 50 px drawn by a person, said to be 2.5 µm"
    assert (row["calibration_source"], row["pixel_size"]) == (words, 0.05)
    assert row["calibration_note"] == f"{words} (50 nm)"
    assert row["calibration_uncertainty"] == pytest.approx(np.sqrt(2 / 3) / 50)
    put(client, squares, source="typed", pixel_size=4.5, unit="nm")
    assert "drawn" not in project.pictures.record(squares).choices


def test_the_file_can_be_believed_again(client, look, home):
    path = home / "a.tif"
    data = {"unit": "um", "spacing": 1.0}
    pixels = np.arange(1200, dtype=np.uint16).reshape(30, 40)
    tifffile.imwrite(path, pixels, imagej=True, resolution=(4, 4), metadata=data)
    assert read(path).pixel_size.in_um.x == 0.25
    picture = look(path)
    put(client, picture, source="typed", pixel_size=300, unit="nm")
    shown = put(client, picture, source="metadata").json()["calibration"]
    assert (shown["pixel_size"], shown["unit"], shown["source"]) == (250, "nm", "metadata")
    assert [found["source"] for found in shown["found"]] == ["metadata"]


@pytest.mark.parametrize("way", ["typed", "drawn"])
def test_what_was_typed_or_drawn_is_taken_back_also_for_labels(
    application, client, project, squares, simple, way
):
    line = {"from": [10, 20], "to": [40, 60], "length": 2.5}
    size = {"pixel_size": 4.5} if way == "typed" else line
    assert put(client, squares, source=way, unit="nm", **size).status_code == 200
    found = project.labels.run(squares, project.pictures.recipe(squares, simple))
    assert "area_um2" in project.labels.open(found).table
    heard = application.state.events.last
    answer = put(client, squares, source="auto")
    assert answer.status_code == 200
    assert answer.json()["calibration"] == {
        "pixel_size": None,
        "unit": None,
        "source": None,
        "agrees": None,
        "found": [],
    }
    assert len(application.state.events.after(heard)) == 1
    assert "area_um2" not in project.labels.open(found).table
    record = project.labels.record(found)
    assert record.recipe.calibration.pixel_size is None
    assert record.run["row"]["calibration_source"] == "unknown"
    assert "drawn" not in project.pictures.record(squares).choices


def test_after_taking_back_the_file_is_believed_and_no_size_of_the_project(
    client, project, look, home, simple
):
    path = home / "a.tif"
    pixels = np.arange(1200, dtype=np.uint16).reshape(30, 40)
    unit = {"unit": "um", "spacing": 1.0}
    tifffile.imwrite(path, pixels, imagej=True, resolution=(4, 4), metadata=unit)
    picture = look(path)
    project.set_recipe(changed(simple, {"calibration": {"pixel_size": "250 nm"}}))
    put(client, picture, source="typed", pixel_size=300, unit="nm")
    shown = put(client, picture, source="auto").json()["calibration"]
    assert (shown["pixel_size"], shown["unit"], shown["source"]) == (250, "nm", "metadata")
    assert [one["source"] for one in shown["found"]] == ["metadata"]


def test_labels_follow_and_keep_their_corrections(client, project, squares, simple):
    found = project.labels.run(squares, simple)
    labels = project.labels.open(found)
    labels.edit(Edit("delete", ids=(2,)), op_id="one", base=0)
    put(client, squares, source="typed", pixel_size=0.5, unit="µm")
    shown = client.get(f"/api/v1/images/{squares}").json()
    assert (shown["status"], shown["n_objects"], shown["labels"]) == ("done", 2, found)
    table = project.labels.open(found).table
    assert table["area_um2"].tolist() == [100.0, 100.0]
    assert table["label"].tolist() == [1, 3]


def test_the_other_windows_hear_of_another_size(application, client, squares):
    events = application.state.events
    heard = events.last
    picture = put(client, squares, source="typed", pixel_size=4.5, unit="nm").json()
    told = [(event.kind, event.content) for event in events.after(heard)]
    assert told == [("picture", {"picture": picture})]
    assert picture["project"]


@pytest.mark.parametrize(
    ("choice", "status", "code"),
    [
        ({"source": "metadata"}, 422, "calibration"),
        ({"source": "bar"}, 422, "calibration"),
        ({"source": "guessed"}, 422, "invalid"),
        ({"source": "typed", "pixel_size": 0, "unit": "nm"}, 422, "invalid"),
        ({"source": "typed", "pixel_size": 5e-324, "unit": "nm"}, 422, "invalid"),
        ({"source": "typed", "pixel_size": "1e999", "unit": "nm"}, 422, "invalid"),
        ({"source": "typed", "pixel_size": 1, "unit": "inch"}, 422, "invalid"),
        ({"source": "typed", "pixel_size": 1, "unit": "nm", "x": 1}, 422, "invalid"),
        (
            {"source": "drawn", "from": [1, 1], "to": [2, 2], "length": 1, "unit": "nm"},
            422,
            "calibration",
        ),
        (
            {"source": "drawn", "from": [1, 1], "to": [9, 9], "length": 2e-6, "unit": "nm"},
            422,
            "calibration",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    client, project, squares, choice, status, code
):
    before = project.pictures.record(squares)
    answer = put(client, squares, **choice)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert project.pictures.record(squares) == before


def test_a_picture_that_is_not_read_yet_has_to_wait(client, project, tmp_path):
    write_png(tmp_path / "b.png", np.zeros((20, 30), np.uint8))
    picture = project.pictures.add(tmp_path / "b.png")
    answer = put(client, picture, source="typed", pixel_size=1, unit="nm")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "picture")


def test_a_size_is_shared_and_it_is_told_which_pictures_keep_their_own(
    application, client, squares, look, home
):
    write_png(home / "plain.png", np.full((20, 30), 50, np.uint8))
    plain = look(home / "plain.png")
    data = {"unit": "um", "spacing": 1.0}
    pixels = np.arange(1200, dtype=np.uint16).reshape(30, 40)
    for name, resolution in (("own.tif", (4, 4)), ("other.tif", (2, 2))):
        path = home / name
        tifffile.imwrite(path, pixels, imagej=True, resolution=resolution, metadata=data)
        look(path)
    put(client, squares, source="typed", pixel_size=250, unit="nm")
    heard = application.state.events.last
    answer = client.post(f"/api/v1/images/{squares}/calibration/shared")
    told = {"n_used": 1, "n_agreeing": 1, "differing": ["other.tif"], "unread": []}
    assert (answer.status_code, answer.json()) == (200, told)
    shown = client.get(f"/api/v1/images/{plain}").json()["calibration"]
    assert (shown["pixel_size"], shown["source"]) == (250, "typed")
    assert len(application.state.events.after(heard)) == 1
    refused = client.post(f"/api/v1/images/{look(home / 'other.tif')}/calibration/shared")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "calibration")
