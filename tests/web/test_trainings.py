"""A model is trained on what was corrected, and kept only where it is better."""

import threading
import time
import uuid

import pytest

from segmetry import io
from segmetry.io import write_png
from segmetry.models import find_model
from segmetry.project import annotated
from segmetry.web import training


@pytest.fixture
def address(client, store, project, home, look, discs, simple):
    """Of the trainings of a project with one picture that was checked of two."""
    write_png(home / "b.png", discs([12] * 6, seed=1))
    found = [project.labels.run(look(home / name), simple) for name in ("a.png", "b.png")]
    check(client, project, 0)
    accept(client, found[1])
    (identifier,) = [one.id for one in store.listed()]
    return f"/api/v1/projects/{identifier}/trainings"


def accept(client, label):
    body = {"op_id": str(uuid.uuid4()), "base": 0, "kind": "accept", "ids": [1]}
    assert client.post(f"/api/v1/labels/{label}/ops", json=body).status_code == 200


def check(client, project, at):
    picture = project.pictures.records()[at].id
    body = {"labels": project.labels.records(picture)[-1].id}
    answer = client.put(f"/api/v1/images/{picture}/checked", json=body)
    assert answer.status_code == 200


@pytest.fixture
def both(client, project, address):
    """The second picture was checked, too."""
    check(client, project, 1)
    return address


def ended(client, job):
    while True:
        jobs = {one["id"]: one for one in client.get("/api/v1/jobs").json()}
        if jobs[job]["status"] not in {"waiting", "running"}:
            return jobs[job]
        time.sleep(0.1)


def test_it_is_told_from_which_pictures_a_model_would_learn(client, address):
    told = client.get(address).json()
    assert (told["available"], told["n_needed"]) == (False, 2)
    assert "so far there are 1" in told["message"]
    first, second = told["pictures"]
    assert (first["name"], first["n_objects"], first["is_checked"]) == ("a.png", 12, True)
    assert (second["name"], second["is_checked"]) == ("b.png", False)  # only begun
    answer = client.post(address, json={"name": "mine"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "project")
    assert client.get("/api/v1/jobs").json() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "My Model"}, 422),
        ({"name": "../mine"}, 422),
        ({"name": "mine", "start": "../mine.segmodel"}, 422),
        ({"name": "mine", "minutes": 5, "steps": 5}, 422),
        ({"name": "mine", "minutes": 0}, 422),
        ({"name": "nuclei"}, 409),
    ],
)
def test_wishes_that_make_no_sense_are_refused_before_a_job_is_made(
    client, both, body, status
):
    answer = client.post(both, json=body)
    assert answer.status_code == status, answer.text
    assert len(answer.json()["error"]["message"]) > 20
    assert client.get("/api/v1/jobs").json() == []


def test_without_torch_it_is_said_what_to_install(client, both, monkeypatch):
    find = training.importlib.util.find_spec
    monkeypatch.setattr(
        training.importlib.util,
        "find_spec",
        lambda name, *more: None if name == "torch" else find(name, *more),
    )
    answer = client.post(both, json={"name": "mine"})
    assert answer.status_code == 501
    assert "pip install 'segmetry[train]'" in answer.json()["error"]["message"]
    assert "pip install" in client.get(both).json()["message"]


def test_the_server_itself_never_loads_torch(loaded_by):
    assert "torch" not in loaded_by("import segmetry.web")


@pytest.mark.slow
def test_a_model_is_trained_added_and_the_next_must_be_better(client, both, application):
    pytest.importorskip("torch")
    told = client.get(both).json()
    assert (told["available"], told["message"]) == (True, None)
    names = [one["name"] for one in told["pictures"]]
    sheet = "\n".join(["image,animal", *(f"{name},m{n}" for n, name in enumerate(names))])
    octets = {"Content-Type": "application/octet-stream"}
    place = both.replace("trainings", "sheet")
    client.put(place, content=sheet.encode(), headers=octets).raise_for_status()
    body = {"name": "mine", "start": "none", "steps": 1}
    answer = client.post(both, json=body)
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert (job["kind"], job["picture"], job["title"]) == ("training", None, "mine")
    done = ended(client, job["id"])
    assert (done["status"], done["message"]) == ("done", None), done
    outcome = done["training"]["outcome"]
    assert outcome["accepted"]
    assert outcome["path"] == str(find_model("mine"))
    assert outcome["verdict"] is None
    assert done["training"]["sentences"][0].startswith("No animal is both learned from")
    steps = {(point["step"], point["steps"]) for point in done["training"]["curve"]}
    assert (1, 1) in steps
    told = [event.content for event in application.state.events.after(0)]
    assert any(one["job"]["training"]["curve"] for one in told if "job" in one)

    again = client.post(both, json=body)
    assert again.status_code == 409
    worse = {"name": "worse", "start": "mine", "steps": 1}
    done = ended(client, client.post(both, json=worse).json()["id"])
    assert done["status"] == "done", done
    outcome = done["training"]["outcome"]
    assert not outcome["accepted"]
    assert outcome["path"] is None
    assert "mine" in outcome["verdict"]


def test_a_training_is_cancelled_while_it_writes_the_pictures(client, both, monkeypatch):
    written, go_on = threading.Event(), threading.Event()
    names = []

    def write_slowly(path, labels):
        names.append(path.name)
        io.write_labels(path, labels)
        written.set()
        assert go_on.wait(60)

    monkeypatch.setattr(annotated, "write_labels", write_slowly)
    body = {"name": "long", "start": "none", "steps": 100_000}
    job = client.post(both, json=body).json()["id"]
    assert written.wait(60)
    client.delete(f"/api/v1/jobs/{job}")
    go_on.set()
    assert ended(client, job)["status"] == "cancelled"
    assert names == ["a.tif"]


@pytest.mark.slow
def test_a_training_can_be_cancelled_and_runs_of_methods_do_not_wait_for_it(
    client, both, project
):
    pytest.importorskip("torch")
    project.set_recipe(project.labels.records(project.pictures.records()[0].id)[0].recipe)
    body = {"name": "long", "start": "none", "steps": 100_000}
    job = client.post(both, json=body).json()["id"]
    picture = project.pictures.records()[0].id
    run = {"segmenter": "threshold", "params": {}}
    first = client.post(f"/api/v1/images/{picture}/runs", json=run).json()["id"]
    assert ended(client, first)["status"] == "done"
    jobs = {one["id"]: one for one in client.get("/api/v1/jobs").json()}
    assert jobs[job]["status"] == "running"
    client.delete(f"/api/v1/jobs/{job}")
    assert ended(client, job)["status"] == "cancelled"
