"""`run` and `demo` open no socket, start no foreign process, write only their output."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import segmetry

GUARD = """
import json, os, sys
seen = []

def watch(event, given):
    if event in {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"}:
        seen.append([event, str(given[1:])])
    elif event in {"subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.exec"}:
        seen.append([event, str(given[0])])
    elif event == "open" and isinstance(given[0], (str, bytes)):
        written = given[1] and set(str(given[1])) & set("wax+")
        if written or given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen.append([event, os.path.abspath(os.fsdecode(given[0]))])

sys.addaudithook(watch)
from segmetry.cli import app
try:
    app(sys.argv[2:])
except SystemExit:
    pass
modules = sorted(name for name in sys.modules if name.startswith("openvino"))
with open(sys.argv[1], "w") as file:
    json.dump({"seen": seen, "modules": modules}, file)
"""


def watched(tmp_path, words, home):
    record = tmp_path / "record.json"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "MPL", "NUMBA"))
    }
    environment |= {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", GUARD, str(record), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert record.exists(), done.stderr
    return json.loads(record.read_text())


@pytest.fixture
def picture_with_bar(tmp_path, discs):
    """Particles above a banner with a scale bar, so that the bar is read."""
    import cv2
    import numpy as np

    picture = np.zeros((460, 600), np.uint8)
    picture[:400] = discs([14] * 40, shape=(400, 600))
    picture[430:434, 60:260] = 255
    cv2.putText(picture, "200 nm", (280, 440), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    path = tmp_path / "bar.png"
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    return path


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "demo"])
def test_nothing_leaves_the_machine_or_the_folder(tmp_path, picture_with_bar, command):
    home = tmp_path / "home"
    home.mkdir()
    words = ["run", str(picture_with_bar)] if command == "run" else ["demo"]
    watched(tmp_path, [*words, "--out", str(tmp_path / "first")], home)  # compiles once
    record = watched(tmp_path, [*words, "--out", str(tmp_path / "out")], home)
    allowed = (str(tmp_path / "out"), str(tmp_path / "record.json"), os.devnull)
    offences = [
        (event, what)
        for event, what in record["seen"]
        if event != "open" or not what.startswith(allowed)
    ]
    assert offences == []
    assert list(home.rglob("*")) == []
    assert "openvino_telemetry.main" not in record["modules"]
    if command == "run":
        assert "openvino" in record["modules"], "the bar was not read, so nothing was shown"


def test_the_package_has_no_line_that_opens_a_connection():
    source = Path(segmetry.__file__).parent
    words = ("urllib.request", "http.client", "requests", "socket.")
    for path in source.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not any(f"import {word}" in text for word in words), path
