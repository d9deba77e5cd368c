"""Counts by region follow every correction, by animal too."""

import numpy as np
import pytest

from segmetry.errors import ProjectError
from segmetry.io import write_png
from segmetry.project import look_at
from segmetry.project.region_counts import region_tables
from segmetry.project.regions import set_regions
from segmetry.project.tables import in_order, named_pictures
from segmetry.region import Region


def half(name, left, right):
    corners = [[left, 0], [right, 0], [right, 200], [left, 200]]
    return Region(name, (np.array(corners, float),))


@pytest.fixture
def looked(project, home, discs, simple):
    """Two pictures of twelve discs that were looked at."""

    def add(name):
        write_png(home / name, discs([10] * 12))
        picture = project.pictures.add(home / name)
        project.pictures.keep_look(picture, look_at(home / name, simple))
        return picture

    return [add("a.png"), add("b.png")]


def counts(project, picture):
    record = project.labels.records(picture)[-1]
    table = project.region_counts.of(project.pictures.record(picture), record)
    return dict(zip(table["region"], table["n_objects"], strict=True))


def test_an_object_that_is_drawn_or_taken_away_counts_at_once(
    project, looked, simple, hand
):
    picture = looked[0]
    set_regions(project, picture, [half("left", 0, 150), half("right", 150, 300)])
    labels = project.labels.open(project.labels.run(picture, simple))
    before = counts(project, picture)
    assert sum(before.values()) == 12
    hand.make(labels, hand.dot(280, 190))
    assert counts(project, picture) == before | {"right": before["right"] + 1}
    hand.undo(labels)
    assert counts(project, picture) == before
    set_regions(project, picture, [half("all", 0, 300)])
    assert counts(project, picture) == {"all": 12}


def test_tables_tell_pictures_animals_and_groups(project, looked, simple):
    for picture in looked:
        project.labels.run(picture, simple)
        set_regions(project, picture, [half("left", 0, 150), half("right", 150, 300)])
    pictures = named_pictures(in_order(project.pictures.records()))
    sheet = b"image,animal,group\na.png,m1,treated\nb.png,m2,control\n"
    project.sheet.keep(sheet, pictures)
    found = region_tables(project)
    assert found.regions[["image", "region"]].values.tolist() == [
        ["a", "left"],
        ["a", "right"],
        ["b", "left"],
        ["b", "right"],
    ]
    assert found.regions["n_objects"].sum() == 24
    assert found.animals["animal"].tolist() == ["m1", "m1", "m2", "m2"]
    assert {row["group"] for row in found.summary["rows"]} == {
        "group=treated",
        "group=control",
    }


def test_without_a_sheet_there_are_no_animals(project, looked, simple):
    project.labels.run(looked[0], simple)
    set_regions(project, looked[0], [half("left", 0, 150)])
    found = region_tables(project)
    assert found.animals is None
    assert found.regions["image"].tolist() == ["a"]


def test_without_regions_there_is_nothing_to_tell(project, looked, simple):
    project.labels.run(looked[0], simple)
    with pytest.raises(ProjectError, match="draw regions, then run"):
        region_tables(project)
