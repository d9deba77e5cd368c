"""The command that opens the app: what it prints, and whom it lets in."""

import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.web.serving import STATIC

TOKEN = "a-token-that-a-lab-has-chosen-for-itself"

has_client = pytest.mark.skipif(
    not (STATIC / "index.html").is_file(), reason="the client was not built here"
)


def run(*words):
    return CliRunner().invoke(app, ["app", *(str(word) for word in words)])


def test_the_app_is_among_the_commands():
    told = CliRunner().invoke(app, ["--help"]).stdout
    assert "Open the app in a browser" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["FILE"], "is a file; give the folder that holds the pictures"),
        (["FOLDER/none"], "is not there; give the folder"),
        (["--allow-host", "https://lab.example.org/"], "takes a name as lab.example.org"),
    ],
)
def test_a_wrong_command_line_ends_with_status_2_and_one_sentence(tmp_path, words, said):
    (tmp_path / "picture.png").touch()
    places = {"FILE": f"{tmp_path}/picture.png", "FOLDER": str(tmp_path)}
    words = [re.sub("FILE|FOLDER", lambda m: places[m[0]], word) for word in words]
    done = run("--no-browser", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("chosen", "expected"), [(None, "1"), ("2", "2")])
def test_numpy_leaves_the_other_cores_to_the_browser_unless_told_otherwise(
    tmp_path, monkeypatch, chosen, expected
):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "")  # so that it is put back afterwards
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    seen = []
    monkeypatch.setattr(
        "segmetry.web.serving.serve",
        lambda *_, **__: seen.append(os.environ["OPENBLAS_NUM_THREADS"]),
    )
    if chosen is not None:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", chosen)
    assert run("--no-browser", tmp_path).exit_code == 0
    assert seen == [expected]


@has_client
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no signal asks it to end there")
def test_a_terminal_that_is_gone_leaves_the_app_to_end_quietly(tmp_path):
    words = [sys.executable, "-m", "segmetry", "app", "--no-browser"]
    server = subprocess.Popen(
        words,
        env={**os.environ, "SEGMETRY_PROJECTS": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    address = server.stdout.readline().decode().split()[-1]
    server.stdout.close()
    assert httpx.get(address, trust_env=False).status_code < 400
    server.send_signal(signal.SIGINT)
    assert (server.wait(60), server.stderr.read()) == (0, b"")
    server.stderr.close()


@has_client
def test_a_taken_port_ends_with_status_1_and_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMETRY_PROJECTS", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--no-browser", "--port", port)
    assert (done.exit_code, done.stdout) == (1, "")
    told = f"Error: Port {port} is taken by another program; choose another with --port"
    assert done.stderr.startswith(told)
    assert done.stderr.count("\n") == 1


@pytest.fixture
def program(tmp_path):
    """The app of a lab, on a machine without a screen or a browser."""
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}
    environment = {name: v for name, v in os.environ.items() if name not in hidden}
    environment |= {"PATH": str(tmp_path), "SEGMETRY_PROJECTS": str(tmp_path)}
    words = ["app", "--host", "0.0.0.0", "--port", "0", "--allow-host", "lab.example.org"]
    with subprocess.Popen(
        [sys.executable, "-m", "segmetry", *words],
        stdout=subprocess.PIPE,
        text=True,
        env=environment | {"SEGMETRY_TOKEN": TOKEN},
    ) as program:
        yield program
        program.kill()


@has_client
def test_a_cluster_that_is_none_is_told_before_anything_is_served():
    pytest.importorskip("distributed", reason="needs the extra `cluster`")
    done = run("--no-browser", "--port", 0, "--cluster", "nowhere")
    assert done.exit_code == 2
    assert "Expected a Dask cluster as tcp://host:8786" in " ".join(done.stderr.split())


@has_client
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="others always have a browser")
def test_a_lab_is_told_every_address_and_let_in_by_its_proxys_name_only(program):
    lines = [program.stdout.readline().rstrip() for _ in range(6)]
    port = re.match(r"Segmetry is open at http://127\.0\.0\.1:(\d+)/", lines[0])[1]
    assert lines[0].endswith(f"/?token={TOKEN}")
    name = socket.gethostname()
    assert lines[1] == f"For other computers: http://{name}:{port}/?token={TOKEN}"
    assert lines[2] == f"Through your proxy: https://lab.example.org/?token={TOKEN}"
    assert lines[3].startswith("Whoever has the whole address may see and change all")
    assert lines[4].startswith("Everything is saved as you work.")
    assert lines[5] == "No browser opens here: copy the address into one."

    proxied = {"Host": "lab.example.org", "X-Forwarded-Proto": "https"}
    root = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=root, trust_env=False, headers=proxied) as browser:
        entered = browser.get("/", params={"token": TOKEN})
        cookie = entered.headers["Set-Cookie"].partition(";")[0]
        browser.headers["Cookie"] = cookie
        assert browser.get("/api/v1/projects").json() == []
        body, own = {"name": "Powder"}, {"Origin": "https://lab.example.org"}
        for origin, status in ((own, 201), ({"Origin": root}, 403), ({}, 403)):
            answer = browser.post("/api/v1/projects", json=body, headers=origin)
            assert answer.status_code == status
        other = {"Host": "other.example.org"}
        assert browser.get("/api/v1/projects", headers=other).status_code == 421
