"""Classes and strokes over HTTP, and the map of what they teach."""

import numpy as np
import pytest
import tifffile
from scipy import ndimage

from segmetry.recipe import changed

WINDOW = {"x": 0, "y": 0, "width": 120, "height": 80}


@pytest.fixture
def ask(client):
    """Ask the server, and return its answer, which must have a status."""

    def ask(method, path, body=None, *, status=200):
        answer = client.request(method, f"/api/v1/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer

    return ask


@pytest.fixture
def of_project(store, project):
    return f"projects/{store.identifier_of(project)}/classes"


STROKES = (("stroke-a", 1), ("stroke-b", 2), ("stroke-b", 2), ("stroke-c", None))


def stroke(op_id="stroke-a", class_id=1, at=((3, 3), (9, 3)), width=3):
    return {"op_id": op_id, "class_id": class_id, "width": width, "points": at}


def test_classes_are_listed_added_renamed_and_removed(ask, of_project):
    first = ask("GET", of_project).json()
    assert [(one["name"], one["n_strokes"]) for one in first] == [
        ("background", 0),
        ("objects", 0),
    ]
    *_, third = ask("POST", of_project, {"name": "edges"}, status=201).json()
    place = f"{of_project}/{third['id']}"
    assert ask("PATCH", place, {"name": "rims"}).json()[2]["name"] == "rims"
    assert ask("DELETE", place).json() == first


def test_strokes_are_drawn_once_listed_and_taken_back(ask, squares):
    place = f"images/{squares}/strokes"
    for op_id, class_id in STROKES:
        told = ask("POST", place, stroke(op_id, class_id), status=201).json()
    assert [one["n_strokes"] for one in told] == [1, 1]
    listed = ask("GET", place).json()
    assert [one["op_id"] for one in listed] == ["stroke-a", "stroke-b", "stroke-c"]
    assert listed[0] == stroke("stroke-a", 1, at=[[3, 3], [9, 3]])
    told = ask("DELETE", f"{place}/stroke-b").json()
    assert [one["n_strokes"] for one in told] == [1, 0]
    ask("DELETE", f"{place}/stroke-b")


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (stroke(class_id=99), 404, "no such class"),
        (stroke(width=0), 422, "width"),
        (stroke(at=[]), 422, "points"),
        (stroke(at=[[2**21, 0]]), 422, "points"),
        (stroke() | {"more": 1}, 422, "more"),
    ],
)
def test_a_stroke_that_is_none_is_refused_in_a_sentence(ask, squares, body, status, word):
    answer = ask("POST", f"images/{squares}/strokes", body, status=status)
    assert word in answer.json()["error"]["message"]
    assert ask("GET", f"images/{squares}/strokes").json() == []


def test_a_map_needs_two_classes_and_a_window_in_the_picture(ask, squares):
    place = f"images/{squares}/classes"
    answer = ask("POST", place, {"window": WINDOW}, status=422)
    assert "two classes" in answer.json()["error"]["message"]
    outside = {"window": WINDOW | {"x": 9}}
    answer = ask("POST", place, outside, status=422)
    assert "inside the picture" in answer.json()["error"]["message"]


def test_a_picture_that_is_not_read_yet_has_to_wait(ask, picture):
    for path in ("classes", "classes/ready"):
        ask("POST", f"images/{picture}/{path}", {"window": WINDOW}, status=409)


@pytest.fixture
def taught(ask, squares, project, simple):
    """The picture of three squares, with dots of both classes; what is true in it."""
    project.set_recipe(simple)
    truth = np.zeros((80, 120), bool)
    for left in (10, 50, 90):
        truth[20:40, left : left + 20] = True
    rng = np.random.default_rng(0)
    for class_id in (1, 2):
        inside = ndimage.binary_erosion(truth == (class_id == 2), iterations=2)
        for number, (y, x) in enumerate(rng.choice(np.argwhere(inside), 10)):
            body = stroke(f"stroke-{class_id}-{number}", class_id, [[int(x), int(y)]])
            ask("POST", f"images/{squares}/strokes", body, status=201)
    return truth


@pytest.mark.slow
def test_a_map_tells_the_class_of_each_pixel(ask, squares, taught):
    place = f"images/{squares}/classes"
    assert ask("POST", f"{place}/ready", {"window": WINDOW}, status=202).json() is None
    answer = ask("POST", place, {"window": WINDOW})
    classes = np.frombuffer(answer.content, np.uint8).reshape(80, 120)
    assert (classes == taught).mean() > 0.97
    assert float(answer.headers["x-seconds"]) > 0
    assert answer.headers["content-encoding"] in {"gzip", "zstd"}


@pytest.fixture
def models(tmp_path, monkeypatch):
    """The folder of the models that were added."""
    monkeypatch.setenv("SEGMETRY_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.mark.slow
def test_what_was_taught_is_a_method_that_can_be_run_and_fetched(
    ask, client, of_project, squares, taught, models
):
    place = of_project.replace("classes", "classifiers")
    kept = ask("POST", place, {"name": "Squares"}, status=201).json()
    assert kept["name"] == "squares"
    *_, listed = ask("GET", "segmenters").json()
    assert (listed["name"], listed["title"]) == (kept["segmenter"], "squares")
    options = set(listed["options"]["properties"])
    assert {"min_area", "cutoff"} <= options
    assert not options & {"model", "points", "finest"}
    body = {"segmenter": kept["segmenter"], "params": {"min_area": 30}, "window": WINDOW}
    found = ask("POST", f"images/{squares}/preview", body)
    assert found.headers["x-objects"] == "3"
    data = np.frombuffer(found.content, "<u4").reshape(80, 120)
    assert ((data > 0) == taught).mean() > 0.97
    file = client.get("/api/v1/models/squares")
    assert file.content == (models / "squares.segmodel").read_bytes()
    assert "squares.segmodel" in file.headers["content-disposition"]


@pytest.fixture
def stack(home, look):
    values = np.arange(1200, dtype=np.uint16).reshape(3, 20, 20)
    tifffile.imwrite(home / "stack.tif", values, imagej=True, metadata={"axes": "ZYX"})
    return look(home / "stack.tif")


@pytest.mark.usefixtures("taught", "models")
def test_a_model_is_told_by_its_name_and_leaves_volumes_out(
    ask, of_project, project, squares, stack
):
    place = of_project.replace("classes", "classifiers")
    kept = ask("POST", place, {"name": "Squares"}, status=201).json()
    recipe = changed(project.recipe, {"segmentation": {"name": kept["segmenter"]}})
    project.labels.run(squares, recipe)
    (told,) = ask("GET", f"images/{squares}/labels").json()
    assert told["segmenter"] == "squares"
    body = {"segmenter": kept["segmenter"]}
    refused = ask("POST", f"images/{stack}/runs", body, status=409).text
    assert "the method squares is for single pictures" in refused
    body = {"window": {"x": 0, "y": 0, "width": 20, "height": 20}}
    painted = ask("POST", f"images/{stack}/classes", body, status=409).text
    assert "classes are painted on single pictures only" in painted
    assert "--" not in refused + painted


def test_strokes_of_one_class_make_no_model(ask, of_project, squares):
    ask("POST", f"images/{squares}/strokes", stroke(), status=201)
    place = of_project.replace("classes", "classifiers")
    ask("POST", place, {"name": "a"}, status=422)


@pytest.mark.parametrize("name", ["nuclei", "absent", "..%2Fsecret"])
def test_only_models_that_were_added_are_given_out(ask, name):
    ask("GET", f"models/{name}", status=404)
