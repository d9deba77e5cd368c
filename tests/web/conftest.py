"""A real server over a store of its own, and a client that may use it."""

import socket
import threading
import time
from contextlib import closing

import httpx
import numpy as np
import pytest
import tifffile
import uvicorn

from segmetry.io import write_png
from segmetry.project import look_at
from segmetry.recipe import Recipe
from segmetry.web import Store, create_application

TOKEN = "a-token-for-tests"


@pytest.fixture(autouse=True)
def _no_projects_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMETRY_PROJECTS", str(tmp_path / "projects"))


@pytest.fixture
def store():
    """The store of the server."""
    with closing(Store()) as store:
        yield store


@pytest.fixture
def listener():
    """A free port of this computer, bound already."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def host(listener):
    """By which name browsers call the server."""
    return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def application(store, host):
    return create_application(store, token=TOKEN, allowed_hosts=[host])


@pytest.fixture
def server(application, listener):
    """The server, answering."""
    server = uvicorn.Server(uvicorn.Config(application, log_level="critical"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    yield server
    server.should_exit = True
    thread.join()


@pytest.fixture
def stranger(server, host):  # noqa: ARG001 - it must answer
    """A program that knows the address and nothing else."""
    with httpx.Client(base_url=f"http://{host}", timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def client(stranger, host):
    """A browser that was started with the token, with a page that the server gave it."""
    stranger.get("/", params={"token": TOKEN})
    stranger.headers.update({"Sec-Fetch-Site": "same-origin", "Origin": f"http://{host}"})
    return stranger


@pytest.fixture
def home(tmp_path, discs):
    """A folder with a drawn picture of twelve bright discs, `a.png`."""
    folder = tmp_path / "powders"
    folder.mkdir()
    write_png(folder / "a.png", discs([10] * 12))
    return folder


@pytest.fixture
def project(store, home):
    """The open project about `home`."""
    return store.project(store.open_folder(home))


@pytest.fixture
def simple():
    """A recipe that is quick: one threshold, no reading of a scale bar."""
    parts = {"segmentation": {"name": "threshold"}, "calibration": {"scale_bar": False}}
    return Recipe.model_validate(parts)


@pytest.fixture
def picture(project, home):
    """Identifier of the picture of discs."""
    return project.pictures.add(home / "a.png")


@pytest.fixture
def label(project, picture, simple):
    """Identifier of labels of the twelve discs."""
    return project.labels.run(picture, simple)


@pytest.fixture
def opened(project, label):
    """The labels themselves."""
    return project.labels.open(label)


@pytest.fixture
def lines(project, home, simple):
    """Identifier of labels of a bar of 160 x 5 px, measured as thin structures."""
    pixels = np.full((100, 200), 40, np.uint8)
    pixels[30:35, 20:180] = 200
    write_png(home / "bar.png", pixels)
    thin = {"thin": {"enabled": True}, "statistics": {"resamples": 200}}
    recipe = Recipe.model_validate(simple.model_dump() | thin)
    return project.labels.run(project.pictures.add(home / "bar.png"), recipe)


@pytest.fixture
def look(project, simple):
    """Add a picture to the project as one that was looked at, and return its identifier."""

    def add(path):
        picture = project.pictures.add(path)
        project.pictures.keep_look(picture, look_at(path, simple))
        return picture

    return add


@pytest.fixture
def squares(home, look):
    """Identifier of a picture of three squares, 120 x 80, that was looked at."""
    pixels = np.full((80, 120), 40, np.uint8)
    for left in (10, 50, 90):
        pixels[20:40, left : left + 20] = 200
    write_png(home / "squares.png", pixels)
    return look(home / "squares.png")


@pytest.fixture
def two_channels(home, look):
    """Identifier of a picture of 16 bits: squares under DAPI, a bar in the other."""
    pixels = np.zeros((2, 80, 120), np.uint16)
    for left in (10, 50, 90):
        pixels[0, 20:40, left : left + 20] = 3000
    pixels[1, 60:70] = 40
    named = {"axes": "CYX", "Channel": {"Name": ["DAPI", "walls"]}}
    tifffile.imwrite(home / "cells.ome.tif", pixels, metadata=named)
    return look(home / "cells.ome.tif")
