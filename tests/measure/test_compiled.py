import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import segmetry
from segmetry.measure.compiled import can_keep_compiled_code, compiled

ROOM = Path(segmetry.__file__).parent / "measure"
MEASURE_ONE_OBJECT = """
import numpy as np
from segmetry.image import Image, Labels
from segmetry.measure import measure
data = np.ones((3, 4), np.uint8)
print(measure(Labels(data, Image(data))).area_px[0])
"""


@compiled
def add_up(values):
    total = 0
    for value in values:
        total += value
    return total


def test_compiled_code_gives_what_python_gives():
    values = np.arange(10)
    assert add_up(values) == add_up.py_func(values) == 45


def test_code_of_a_real_file_in_a_writable_folder_is_kept(tmp_path):
    source = tmp_path / "loops.py"
    source.write_text("")
    assert can_keep_compiled_code(source)


def test_code_typed_at_a_prompt_is_not_kept():
    assert not can_keep_compiled_code(Path("<stdin>"))


def test_code_is_not_kept_where_the_folder_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    source = tmp_path / "loops.py"
    source.write_text("")
    (tmp_path / "__pycache__").write_text("a file where a folder is needed")
    assert not can_keep_compiled_code(source)


def test_code_is_kept_where_the_user_says(tmp_path, monkeypatch):
    source = tmp_path / "loops.py"
    source.write_text("")
    (tmp_path / "__pycache__").write_text("a file where a folder is needed")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    assert can_keep_compiled_code(source)


def copy_of_the_package(folder):
    """A copy that holds no compiled code yet."""
    package = folder / "site" / "segmetry"
    left_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOM.parent, package, ignore=left_out)
    return package


def measure_in(package, home):
    """Measure with that copy in a fresh process and home; return what it printed."""
    home.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        **dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA"), str(home)),
        "PYTHONPATH": str(package.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-P", "-c", MEASURE_ONE_OBJECT],
        capture_output=True,
        check=True,
        cwd=home,
        env=environment,
        text=True,
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_code_is_kept_beside_its_source_and_nowhere_else(tmp_path):
    package, home = copy_of_the_package(tmp_path), tmp_path / "home"
    assert measure_in(package, home) == "12"
    assert list((package / "measure" / "__pycache__").glob("runs.*.nbc"))
    assert list(home.iterdir()) == []


@pytest.mark.slow
def test_a_package_that_cannot_be_written_measures_and_writes_nothing(tmp_path):
    package, home = copy_of_the_package(tmp_path), tmp_path / "home"
    # A file in the folder's place stops even the superuser, unlike permissions.
    (package / "measure" / "__pycache__").write_text("")
    before = sorted(tmp_path.rglob("*"))
    assert measure_in(package, home) == "12"
    assert sorted(tmp_path.rglob("*")) == sorted([*before, home])


def compiled_functions(tree):
    return {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(getattr(entry, "id", "") == "compiled" for entry in node.decorator_list)
    }


TREES = {path: ast.parse(path.read_text("utf-8")) for path in sorted(ROOM.glob("*.py"))}
COMPILED = {path: compiled_functions(tree) for path, tree in TREES.items()}


@pytest.mark.parametrize("path", [p for p in TREES if COMPILED[p]], ids=lambda p: p.name)
def test_loops_call_no_loops_of_other_files(path):
    elsewhere = {name for other in TREES if other != path for name in COMPILED[other]}
    elsewhere -= set(COMPILED[path])
    for function in COMPILED[path].values():
        called = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        assert not called & elsewhere, function.name
