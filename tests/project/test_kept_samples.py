"""Projects of every released version open, and hold what they held."""

import importlib.util
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from segmetry.project import Project
from segmetry.project.database import VERSION

HERE = Path(__file__).parent
SAMPLES = sorted(HERE.glob("format*.zip"))


@pytest.fixture(params=SAMPLES, ids=lambda path: path.stem)
def sample(request, tmp_path):
    with zipfile.ZipFile(request.param) as file:
        file.extractall(tmp_path / "sample")
    return tmp_path / "sample"


def sample_number(request):
    return int(request.node.callspec.id.removeprefix("format"))


def making():
    spec = importlib.util.spec_from_file_location("make_sample", HERE / "make_sample.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_is_a_sample_of_every_version():
    assert [path.stem for path in SAMPLES] == [f"format{n + 1}" for n in range(VERSION)]


def test_a_sample_is_of_its_version(sample, request):
    number = sample_number(request)
    with closing(sqlite3.connect(sample / ".segmetry" / "project.db")) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (number,)


def test_a_project_of_an_older_version_opens_with_all_it_held(sample, request):
    expected = json.loads((sample / "expected.json").read_text(encoding="utf-8"))
    with Project.open(sample) as project:
        assert project.name == "Sample"
        first, second = project.pictures.records()
        assert (first.name, first.status, second.is_upload) == ("a.png", "ready", True)
        assert project.pictures.file(second.id).is_file()
        assert [one.name for one in project.strokes.classes()] == ["background", "objects"]
        teaching = [("a", 2)] if sample_number(request) > 1 else []
        strokes = project.strokes.of(first.id)
        assert [(one.op_id, one.class_id) for one in strokes] == teaching
        labels = project.labels.open(project.labels.records(first.id)[0].id)
        assert making().expected_of(labels) == expected
        labels.undo(op_id="f", base=labels.rev)
        labels.undo(op_id="g", base=labels.rev)
        labels.undo(op_id="h", base=labels.rev)
        assert making().digest(labels.labels.data) == expected["found"]


def test_the_newest_sample_is_what_this_version_makes(tmp_path):
    """Else a change of the format was overlooked: it needs a version of its own."""
    home = tmp_path / "sample"
    home.mkdir()
    made = making().make(home)
    with zipfile.ZipFile(SAMPLES[-1]) as file:
        assert json.loads(file.read("expected.json")) == made
        file.extractall(tmp_path / "kept")
    tables = [
        schema(place / ".segmetry" / "project.db") for place in (home, tmp_path / "kept")
    ]
    assert tables[0] == tables[1]


def schema(path):
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    return [row[0] for row in rows]
