"""A sheet of animals keeps pictures of one animal together in a training."""

import pandas as pd
import pytest

from segmetry.dataset.sheet import read_column
from segmetry.project.animals import write_animals
from segmetry.project.annotated import mark_checked
from segmetry.project.tables import in_order, named_pictures


@pytest.fixture
def checked(project, draw, home, discs, simple):
    """Three checked pictures and one that is not."""
    from segmetry.io import write_png

    for name in "abcd":
        write_png(home / f"{name}.png", discs([10] * 3, shape=(60, 120)))
        picture = project.pictures.add(home / f"{name}.png")
        label = project.labels.run(picture, simple)
        if name != "d":
            mark_checked(project, picture, label)
    assert draw
    return project


def test_pictures_of_one_animal_are_one_group(checked, tmp_path):
    pictures = named_pictures(in_order(checked.pictures.records()))
    sheet = b"image,animal\na.png,7\nb.png,7\nc.png,\nd.png,8\n"
    checked.sheet.keep(sheet, pictures)
    path = tmp_path / "animals.csv"
    assert write_animals(checked, path) == ["animal 7", "picture c"]
    assert read_column(path, ["a", "b", "c"], "group") == {
        "a": "animal 7",
        "b": "animal 7",
        "c": "picture c",
    }
    assert pd.read_csv(path)["image"].tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("sheet", [None, b"image,group\na.png,x\n"])
def test_without_animals_nothing_is_written(checked, tmp_path, sheet):
    if sheet is not None:
        pictures = named_pictures(in_order(checked.pictures.records()))
        checked.sheet.keep(sheet, pictures)
    assert write_animals(checked, tmp_path / "animals.csv") == []
    assert not (tmp_path / "animals.csv").exists()
