"""`run` and `demo` open no socket, start no foreign process, write only their output.

Compiled code is kept beside the package on the first run, as Python keeps its own; later
runs open nameless files there to see whether they could write, and leave nothing. The
system's folder for temporary files is used, and left empty.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import segmetry

PACKAGE = Path(segmetry.__file__).parent

GUARD = """
import json, os, sys
seen = []

def watch(event, given):
    if event in {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"}:
        seen.append([event, str(given[1:])])
    elif event in {"subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.exec"}:
        seen.append([event, str(given[0])])
    elif event in {"os.mkdir", "os.rename"}:
        seen.append(["open", os.path.abspath(os.fsdecode(given[0]))])
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
    environment |= {"HOME": str(home), "USERPROFILE": str(home)}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1"}
    temporary = tmp_path / "temporary"
    temporary.mkdir(exist_ok=True)
    environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    done = subprocess.run(
        [sys.executable, "-c", GUARD, str(record), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert record.exists(), done.stderr
    return json.loads(record.read_text())


def package_files():
    # Whoever else uses the package meanwhile may keep compiled code there.
    return {
        path: path.stat().st_mtime_ns
        for path in PACKAGE.rglob("*.*")
        if path.is_file() and not is_compiled_code(path)
    }


def is_compiled_code(name):
    return PACKAGE in Path(name).parents and "__pycache__" in Path(name).parts


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
    before = package_files()
    record = watched(tmp_path, [*words, "--out", str(tmp_path / "out")], home)
    assert package_files() == before
    allowed = {tmp_path / name for name in ("out", "record.json", "temporary")}
    offences = [
        (event, what)
        for event, what in record["seen"]
        if event != "open"
        or not (allowed & {Path(what), *Path(what).parents} or is_compiled_code(what))
    ]
    assert offences == []
    assert list((tmp_path / "temporary").iterdir()) == []
    assert list(home.rglob("*")) == []
    assert "openvino_telemetry.main" not in record["modules"]
    if command == "run":
        assert "openvino" in record["modules"], "the bar was not read, so nothing was shown"


def test_the_package_imports_nothing_that_opens_a_connection():
    calling = {"ssl", "urllib", "requests", "ftplib", "httpx"}
    for path in PACKAGE.rglob("*.py"):
        # The app's server is called, on this machine, and calls nobody.
        answers = path.parent == PACKAGE / "web"
        silent = calling if answers else calling | {"socket", "http", "asyncio"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_parsing = getattr(node, "module", "") == "urllib.parse"  # of texts only
            if isinstance(node, ast.Import | ast.ImportFrom) and not is_parsing:
                names = [alias.name for alias in node.names]
                names.append(str(getattr(node, "module", "")))
                assert not {name.partition(".")[0] for name in names} & silent, path
