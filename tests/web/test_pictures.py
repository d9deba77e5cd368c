"""Pictures come in as files or paths, are read elsewhere, and go again."""

import time

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


@pytest.mark.slow
def test_an_upload_is_kept_read_and_shown(client, application, project, drawn):
    answer = upload(client, project, "square.png", drawn.read_bytes())
    assert answer.status_code == 201
    before = answer.json()
    assert (before["status"], before["name"]) == ("reading", "square.png")
    shown = read(client, before["id"])
    assert shown == {
        "id": before["id"],
        "name": "square.png",
        "width": 700,
        "height": 600,
        "status": "ready",
        "message": None,
        "channels": ["grey"],
        "calibration": {
            "pixel_size": None,
            "unit": None,
            "source": None,
            "agrees": None,
            "found": [],
        },
        "excluded": {"banner": None, "rectangles": [], "regions": []},
        "labels": None,
        "n_objects": None,
    }
    told = [event for event in application.state.events.after(0) if event.kind == "picture"]
    assert told[-1].content["picture"] == shown
    assert client.get(f"/api/v1/projects/{project}").json()["pictures"] == [shown]

    thumbnail = client.get(f"/api/v1/images/{before['id']}/thumbnail")
    assert thumbnail.headers["Content-Type"] == "image/png"
    tile = client.get(f"/api/v1/images/{before['id']}/tiles/0/0/1")
    assert tile.headers["Content-Type"] == "image/png"
