"""A finished run, made once: its pictures lie in the folder of a person with a name."""

import shutil

import numpy as np
import pytest

from segmetry.archive import archive
from segmetry.batch import run_batch
from segmetry.io import write_png
from segmetry.recipe import Recipe
from segmetry.recipe.model import Input

SIMPLE = Recipe(
    segmentation={"name": "threshold"},
    calibration={"pixel_size": "50 nm", "scale_bar": False},
    statistics={"resamples": 200},
)


@pytest.fixture(scope="session")
def made(tmp_path_factory, discs):
    """Folder of a person: pictures, a sheet, and the run made of them."""
    person = tmp_path_factory.mktemp("work") / "home" / "anna.schmidt"
    (person / "pictures" / "day 1").mkdir(parents=True)
    for number, name in enumerate(("day 1/ä 1", "b")):
        path = person / "pictures" / f"{name}.png"
        write_png(path, discs([8] * 8, seed=number, shape=(120, 120)))
    (person / "pictures" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (person / "sheet.csv").write_text(
        "image,sample\nä 1,first\nb,second\n", encoding="utf-8"
    )
    recipe = SIMPLE.model_copy(update={"sheet": Input(path=str(person / "sheet.csv"))})
    pictures = [person / "pictures" / "day 1", person / "pictures"]
    run_batch(recipe, pictures, person / "out" / "results")
    return person


@pytest.fixture
def person(made, tmp_path):
    """A copy of that folder, to be changed."""
    return shutil.copytree(made, tmp_path / "home" / "anna.schmidt")


@pytest.fixture
def run(person):
    """The run in it."""
    return person / "out" / "results"


@pytest.fixture(scope="session")
def archived(made, tmp_path_factory):
    """An archive of the run with its pictures, not to be changed."""
    to = tmp_path_factory.mktemp("archive") / "results.zip"
    return archive(made / "out" / "results", to, crate=True, with_pictures=True).path


@pytest.fixture
def random():
    return np.random.default_rng(0)
