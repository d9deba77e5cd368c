"""A real server over a store of its own, and a client that may use it."""

import socket
import threading
import time

import httpx
import pytest
import uvicorn

from segmetry.web import Store, create_application

TOKEN = "a-token-for-tests"


@pytest.fixture(autouse=True)
def _no_projects_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMETRY_PROJECTS", str(tmp_path / "projects"))


@pytest.fixture
def store():
    """The store of the server."""
    store = Store()
    yield store
    store.close()


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
    stranger.cookies.set("segmetry", TOKEN)
    stranger.headers.update({"Sec-Fetch-Site": "same-origin", "Origin": f"http://{host}"})
    return stranger
