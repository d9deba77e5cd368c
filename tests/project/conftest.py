"""Projects in folders of their own, and drawn pictures for them."""

import uuid
from types import SimpleNamespace

import numpy as np
import pytest

from segmetry.edit import Edit
from segmetry.io import write_png

KINDS = ("draw", "draw", "draw", "erase", "split", "merge", "fill", "remove", "accept")


@pytest.fixture(autouse=True)
def _no_projects_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMETRY_PROJECTS", str(tmp_path / "projects"))


@pytest.fixture
def home(tmp_path):
    """A folder of pictures."""
    folder = tmp_path / "powders"
    folder.mkdir()
    return folder


@pytest.fixture
def project(home):
    """An open project about the folder `home`."""
    from segmetry.project import Project

    with Project.create(home, "Powder batch 7") as project:
        yield project


@pytest.fixture
def picture(home, discs):
    """A drawn picture of twelve bright discs in `home`, and its path."""
    path = home / "a.png"
    write_png(path, discs([10] * 12))
    return path


@pytest.fixture
def draw(home):
    """Write a picture of one grey value, and return its path."""

    def write(name, value=50, shape=(20, 30)):
        path = home / name
        write_png(path, np.full(shape, value, np.uint8))
        return path

    return write


@pytest.fixture
def simple():
    """A recipe that is quick: one threshold, no reading of a scale bar."""
    from segmetry.recipe import Recipe

    parts = {"segmentation": {"name": "threshold"}, "calibration": {"scale_bar": False}}
    return Recipe.model_validate(parts)


@pytest.fixture
def labels(project, picture, simple):
    """Open labels of the twelve discs of `picture`."""
    found = project.labels.run(project.pictures.add(picture), simple)
    return project.labels.open(found)


def random_edit(rng, shape=(200, 300)):
    """A stroke of a few points anywhere, also a little outside."""
    kind = str(rng.choice(KINDS))
    points = rng.integers(-5, [shape[1] + 5, shape[0] + 5], (rng.integers(1, 4), 2))
    points = tuple((int(x), int(y)) for x, y in points)
    overwrite = bool(kind == "draw" and rng.random() < 0.3)
    return Edit(kind, points=points, width=int(rng.integers(1, 20)), overwrite=overwrite)


def make(labels, edit, stroke=""):
    return labels.edit(edit, op_id=str(uuid.uuid4()), base=labels.rev, stroke=stroke)


def undo(labels):
    return labels.undo(op_id=str(uuid.uuid4()), base=labels.rev)


def redo(labels):
    return labels.redo(op_id=str(uuid.uuid4()), base=labels.rev)


def settle(labels):
    return labels.settle(op_id=str(uuid.uuid4()))


def restore(labels, version):
    return labels.restore(version, op_id=str(uuid.uuid4()), base=labels.rev)


def dot(x, y, width=5, **more):
    return Edit("draw", points=((x, y),), width=width, **more)


def state(labels):
    return labels.labels.data.copy(), labels.table, labels.origins


def assert_same(labels, expected):
    data, table, origins = expected
    assert np.array_equal(labels.labels.data, data)
    assert labels.table.equals(table)
    assert labels.origins == origins


def paint(data, patches):
    """Paint patches as a browser does."""
    data = data.copy()
    for patch in patches:
        x, y, width, height = (patch[name] for name in ("x", "y", "width", "height"))
        ids = np.repeat(*np.array(patch["runs"]).T).reshape(height, width)
        window = data[y : y + height, x : x + width]
        window[ids >= 0] = ids[ids >= 0]
    return data


@pytest.fixture(scope="session")
def hand():
    """What tests do with labels: edits, steps, and comparing how they stand.

    `empty` is a place far from all discs.
    """
    does = (random_edit, make, undo, redo, settle, restore, dot, state, assert_same, paint)
    return SimpleNamespace(empty=(3, 3), **{one.__name__: one for one in does})
