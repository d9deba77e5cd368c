"""Projects in folders of their own, and drawn pictures for them."""

import numpy as np
import pytest

from segmetry.io import write_png


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
