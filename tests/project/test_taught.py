"""A few strokes teach the classes of all pixels, on every picture of a project."""

import imagecodecs
import numpy as np
import pytest
from scipy import ndimage

from segmetry.errors import RecipeError
from segmetry.io import write_png
from segmetry.project import Stroke
from segmetry.project.taught import (
    NOT_KNOWN,
    ClassMapOrder,
    class_map,
    lesson_of,
    look_ahead,
    order_to_teach,
    taught_classifier,
)

GROUND, OBJECTS = 1, 2


@pytest.fixture
def place(project, home, discs, simple):
    """Identifier of a picture of bright discs."""
    write_png(home / "discs.png", discs([10] * 12))
    project.set_recipe(simple)
    return project.pictures.add(home / "discs.png")


@pytest.fixture
def truth(discs):
    return discs([10] * 12) > 100


@pytest.fixture
def teach(project, truth):
    """Paint dots on a few pixels of each class, each wholly within it."""
    rng = np.random.default_rng(2)

    def teach(picture, *, ids=(GROUND, OBJECTS)):
        for class_id in ids:
            inside = ndimage.binary_erosion(truth == (class_id == OBJECTS), iterations=2)
            for y, x in rng.choice(np.argwhere(inside), 12):
                stroke = Stroke(f"{class_id}/{y}/{x}", class_id, 3, ((int(x), int(y)),))
                project.strokes.draw(picture, stroke)

    return teach


def shown(project, picture, window=(0, 0, 300, 200)):
    order = order_to_teach(project, picture)
    made = class_map(ClassMapOrder(order, window, lesson_of(project)))
    classes = np.frombuffer(imagecodecs.zstd_decode(made.packed), np.uint8)
    return classes.reshape(window[3], window[2])


def test_a_few_dots_find_the_discs(project, place, teach, truth):
    teach(place)
    found = shown(project, place)
    assert (found == truth).mean() > 0.97
    part = shown(project, place, (40, 30, 100, 90))
    assert np.array_equal(part, found[30:120, 40:140])


def test_what_is_painted_on_one_picture_counts_on_another(
    project, place, teach, home, discs
):
    other = discs([14] * 8, seed=1, shape=(200, 300))
    write_png(home / "other.png", other)
    second = project.pictures.add(home / "other.png")
    teach(place)
    assert (shown(project, second) == (other > 100)).mean() > 0.95
    assert lesson_of(project).pictures[0][0].picture == place


def test_classes_keep_their_numbers_where_one_has_no_strokes(project, place, teach):
    third = project.strokes.add_class("edges")
    project.strokes.draw(place, Stroke("e", third, 5, ((150, 4), (290, 4))))
    teach(place, ids=(GROUND,))
    assert set(np.unique(shown(project, place))) <= {0, 2}
    classifier = taught_classifier(lesson_of(project))
    assert classifier.class_names == ("background", "objects", "edges")


def test_what_is_no_part_of_the_sample_has_no_class(project, place, teach):
    area = {"exclude": [(0, 0, 40, 30)], "only": []}
    project.pictures.choose(place, {"area": area})
    teach(place, ids=(OBJECTS,))
    project.strokes.draw(place, Stroke("g", GROUND, 5, ((5, 5), (60, 5))))
    found = shown(project, place)
    assert (found[:30, :40] == NOT_KNOWN).all()
    assert (found[30:] != NOT_KNOWN).all()


def test_a_map_is_made_anew_for_each_stroke_and_the_same_for_the_same(
    project, place, teach
):
    teach(place)
    first = shown(project, place)
    project.strokes.draw(place, Stroke("more", OBJECTS, 40, ((250, 30),)))
    second = shown(project, place)
    assert (second[20:40, 240:260] == 1).mean() > (first[20:40, 240:260] == 1).mean()
    project.strokes.take_back(place, "more")
    assert np.array_equal(shown(project, place), first)


def test_fewer_than_two_classes_teach_nothing(project, place, teach):
    with pytest.raises(RecipeError, match="two classes, got none"):
        lesson_of(project)
    teach(place, ids=(OBJECTS,))
    with pytest.raises(RecipeError, match="two classes, got 1"):
        lesson_of(project)
    project.strokes.draw(place, Stroke("b", GROUND, 5, ((9, 190),)))
    project.strokes.draw(place, Stroke("e", None, 50, ((9, 190),)))
    with pytest.raises(RecipeError, match="after erasing"):
        shown(project, place)


def test_a_method_whose_model_is_gone_keeps_nobody_from_teaching(project, place, teach):
    teach(place)
    first = shown(project, place)
    gone = {"name": "/somewhere/else/gone.segmodel"}
    section = project.recipe.segmentation.model_copy(update=gone)
    project.set_recipe(project.recipe.model_copy(update={"segmentation": section}))
    assert np.array_equal(shown(project, place), first)


def test_windows_outside_of_the_picture_are_refused(project, place, teach):
    teach(place)
    with pytest.raises(RecipeError, match="inside the picture"):
        shown(project, place, (200, 0, 101, 20))
    order = order_to_teach(project, place)
    with pytest.raises(RecipeError, match="inside the picture"):
        look_ahead(order, (0, 0, 301, 20))


def test_looking_ahead_changes_nothing_that_is_seen(project, place, teach):
    teach(place)
    first = shown(project, place)
    look_ahead(order_to_teach(project, place), (0, 0, 300, 200))
    look_ahead(order_to_teach(project, place), (0, 0, 1, 1))
    assert np.array_equal(shown(project, place), first)


def test_pictures_in_colour_and_grey_ones_share_a_lesson(project, place, teach, home):
    colours = np.zeros((60, 80, 3), np.uint8)
    colours[20:40, 20:60] = (200, 150, 150)
    write_png(home / "colours.png", colours)
    second = project.pictures.add(home / "colours.png")
    teach(place)
    found = shown(project, second, (0, 0, 80, 60))
    assert found[30, 40] == 1
    assert found[3, 3] == 0
