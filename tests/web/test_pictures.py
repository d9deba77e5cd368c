"""Pictures come in as files or paths, are read elsewhere, and go again."""

import pickle
import time
import uuid
from io import BytesIO

import numpy as np
import pytest

from segmetry.io import write_png

OCTETS = {"Content-Type": "application/octet-stream"}
SHAPE = (600, 700)


@pytest.fixture
def drawn(tmp_path):
    """A picture of a bright square, as a file."""
    pixels = np.full(SHAPE, 40, np.uint8)
    pixels[100:200, 50:250] = 200
    path = tmp_path / "square.png"
    write_png(path, pixels)
    return path


@pytest.fixture
def project(client):
    return client.post("/api/v1/projects", json={"name": "Powder"}).json()["id"]


def read(client, picture):
    """Wait until the server has read a picture."""
    end = time.monotonic() + 120
    while True:
        shown = client.get(f"/api/v1/images/{picture}").json()
        if shown["status"] != "reading":
            return shown
        assert time.monotonic() < end
        time.sleep(0.05)


def upload(client, project, name, content):
    address = f"/api/v1/projects/{project}/images"
    return client.post(address, params={"name": name}, content=content, headers=OCTETS)


def pictures_told(application):
    events = application.state.events.after(0)
    return [event.content["picture"] for event in events if event.kind == "picture"]


@pytest.mark.slow
def test_an_upload_is_kept_read_and_shown(client, application, project, drawn):
    answer = upload(client, project, "square.png", drawn.read_bytes())
    assert answer.status_code == 201
    before = answer.json()
    assert (before["status"], before["name"]) == ("reading", "square.png")
    shown = read(client, before["id"])
    assert shown == {
        "project": project,
        "id": before["id"],
        "name": "square.png",
        "width": 700,
        "height": 600,
        "n_slices": 1,
        "status": "ready",
        "message": None,
        "channels": [],
        "channel": None,
        "calibration": {
            "pixel_size": None,
            "unit": None,
            "source": None,
            "agrees": None,
            "found": [],
        },
        "excluded": {"banner": None, "rectangles": [], "regions": [], "only": False},
        "labels": None,
        "is_sampled": False,
        "is_checked": False,
        "n_objects": None,
        "warnings": [],
    }
    while not (told := pictures_told(application)):
        time.sleep(0.01)  # its tiles are made first
    assert told[-1] == shown
    assert client.get(f"/api/v1/projects/{project}").json()["pictures"] == [shown]

    thumbnail = client.get(f"/api/v1/images/{before['id']}/thumbnail")
    assert thumbnail.headers["Content-Type"] == "image/png"
    tile = client.get(f"/api/v1/images/{before['id']}/tiles/0/0/1")
    assert tile.headers["Content-Type"] == "image/png"


@pytest.mark.slow
def test_news_of_a_picture_say_of_which_project_it_is(client, application, project, drawn):
    other = client.post("/api/v1/projects", json={"name": "Fibres"}).json()["id"]
    for home in (project, other):
        upload(client, home, "a.png", drawn.read_bytes())
    while len(told := pictures_told(application)) < 2:
        time.sleep(0.01)
    assert [picture["project"] for picture in told] == [project, other]


@pytest.mark.parametrize("is_chunked", [False, True])
def test_an_upload_is_counted_while_it_is_read(
    application, client, store, project, is_chunked
):
    application.state.most_bytes = 1000
    content = iter([b"x" * 600] * 2) if is_chunked else b"x" * 1001
    answer = upload(client, project, "a.png", content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too-large")
    assert list((store.project(project).folder / "uploads").iterdir()) == []


def test_an_empty_file_is_refused(client, project):
    answer = upload(client, project, "a.png", b"")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "read")


def test_a_form_is_no_picture(client, project):
    address = f"/api/v1/projects/{project}/images?name=a.png"
    answer = client.post(address, files={"file": b"x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "wrong-kind")


def test_names_are_text_and_never_places(client, store, project, drawn):
    names = ("<img src=x onerror=alert(1)>.png", "../../a.png", "..\\a.png", "/etc/passwd")
    content = drawn.read_bytes()
    shown = []
    for name in (*names, "a\u202egnp.exe", "a\0b.png", "\n", "é" * 1000):
        answer = upload(client, project, name, content)
        assert answer.status_code == 201
        assert answer.headers["Content-Type"] == "application/json"
        shown.append(answer.json())
    told = [picture["name"] for picture in shown]
    assert told[:4] == [names[0], "a.png", "a.png", "passwd"]
    assert told[4:7] == ["agnp.exe", "ab.png", "picture"]
    assert len(told[7]) == 255
    folder = store.project(project).folder / "uploads"
    assert {file.name for file in folder.iterdir()} == {picture["id"] for picture in shown}


@pytest.mark.slow
def test_a_file_that_would_run_a_program_runs_none(client, project, tmp_path):
    canary = tmp_path / "canary"

    class Hostile:
        def __reduce__(self):
            return (open, (str(canary), "w"))

    hostile = pickle.dumps(Hostile())
    array = BytesIO()
    np.save(array, np.array([Hostile()], dtype=object), allow_pickle=True)
    for name, content in (("a.pkl", hostile), ("a.npy", array.getvalue())):
        picture = upload(client, project, name, content).json()["id"]
        assert read(client, picture)["status"] == "failed"
    assert not canary.exists()


def test_local_pictures_stay_where_they_are(client, project, drawn):
    address = f"/api/v1/projects/{project}/local"
    told = client.post(address, json={"paths": [str(drawn)]}).json()
    assert told["passed_over"] == []
    [shown] = told["pictures"]
    assert shown["name"] == "square.png"
    [again] = client.post(address, json={"paths": [str(drawn.parent)]}).json()["pictures"]
    assert again["id"] == shown["id"]
    assert client.delete(f"/api/v1/images/{shown['id']}").status_code == 204
    assert client.get(f"/api/v1/images/{shown['id']}").status_code == 404
    assert drawn.exists()
    for paths in ([str(drawn.parent / "no-such.png")], ["a\0b"], []):
        assert client.post(address, json={"paths": paths}).status_code == 422


def test_a_picture_that_is_not_read_has_no_thumbnail(client, store, project, drawn):
    picture = store.project(project).pictures.add(drawn)
    assert client.get(f"/api/v1/images/{picture}/thumbnail").status_code == 404


def test_the_other_windows_hear_that_a_picture_is_gone(application, client, project, drawn):
    picture = upload(client, project, "square.png", drawn.read_bytes()).json()["id"]
    heard = application.state.events.last
    assert client.delete(f"/api/v1/images/{picture}").status_code == 204
    told = [e for e in application.state.events.after(heard) if e.kind == "removed"]
    assert [e.content for e in told] == [{"picture": picture, "project": project}]


def test_objects_are_marked_as_checked_until_a_newer_run(
    application, client, store, project, home, simple
):
    opened = store.project(project)
    picture = opened.pictures.add(home / "a.png")
    label = opened.labels.run(picture, simple)
    address = f"/api/v1/images/{picture}"
    heard = application.state.events.last
    answer = client.put(f"{address}/checked", json={"labels": label})
    assert (answer.status_code, answer.json()["is_checked"]) == (200, True)
    assert len(application.state.events.after(heard)) == 1
    assert client.get(address).json()["is_checked"]
    answer = client.put(f"{address}/checked", json={"labels": None})
    assert not answer.json()["is_checked"]

    client.put(f"{address}/checked", json={"labels": label})
    ops = {"kind": "delete", "ids": [3]}
    for rev, (way, more) in enumerate(
        [("ops", ops), ("restore", {"version": None}), ("undo", {}), ("redo", {})]
    ):
        heard = application.state.events.last
        body = {"op_id": str(uuid.uuid4()), "base": rev} | more
        client.post(f"/api/v1/labels/{label}/{way}", json=body).raise_for_status()
        told = [
            e.content["picture"]["is_checked"]
            for e in application.state.events.after(heard)
            if e.kind == "picture"
        ]
        assert told == ([] if way == "ops" else [False])
        assert client.get(address).json()["is_checked"] == (way == "ops")
        if way != "ops":
            client.put(f"{address}/checked", json={"labels": label})
    opened.labels.run(picture, simple)
    assert not client.get(address).json()["is_checked"]
    answer = client.put(f"{address}/checked", json={"labels": label})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "project")
