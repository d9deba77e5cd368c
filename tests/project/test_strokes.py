"""Strokes that teach: kept at once, drawn once, taken back, and gone with their class."""

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.edit import stroke_spans
from segmetry.errors import EditError, EditTooLargeError, MissingError, ProjectError
from segmetry.project import PixelClass, Project, Stroke, open_archive, write_archive
from segmetry.project.strokes import MOST_CLASSES, painted

KILLED = """
import sys, uuid
from segmetry.project import Project, Stroke
with Project.open(sys.argv[1]) as project:
    (picture,) = project.pictures.records()
    print("ready", flush=True)
    while True:
        stroke = Stroke(str(uuid.uuid4()), 2, 9, ((3, 4), (9, 4)))
        project.strokes.draw(picture.id, stroke)
        print(stroke.op_id, flush=True)
"""


@pytest.fixture
def strokes(project):
    return project.strokes


@pytest.fixture
def place(project, picture):
    """Identifier of a picture of the project."""
    return project.pictures.add(picture)


def dot(op_id, class_id=1, at=(3, 4), width=3):
    return Stroke(op_id, class_id, width, (at,))


def test_a_project_begins_with_the_ground_and_one_class(strokes):
    assert strokes.classes() == [PixelClass(1, "background"), PixelClass(2, "objects")]
    assert strokes.pictures() == []


def test_strokes_are_kept_in_their_order_and_each_once(strokes, place):
    sent = [dot("a"), dot("b", 2), dot("c", None), dot("a")]
    for stroke in sent:
        strokes.draw(place, stroke)
    assert strokes.of(place) == tuple(sent[:3])
    assert strokes.pictures() == [place]


def test_what_is_taken_back_is_gone_and_can_be_drawn_again(strokes, place):
    for op_id in "ab":
        strokes.draw(place, dot(op_id))
    strokes.take_back(place, "a")
    strokes.take_back(place, "a")
    strokes.draw(place, dot("a"))
    assert [one.op_id for one in strokes.of(place)] == ["b", "a"]


def test_classes_are_added_renamed_and_removed_with_their_strokes(strokes, place):
    third = strokes.add_class("  grain   edges ")
    assert strokes.classes()[2] == PixelClass(third, "grain edges")
    strokes.rename_class(2, "grains")
    strokes.draw(place, dot("a", 2))
    strokes.draw(place, dot("b", third))
    strokes.remove_class(2)
    assert [one.name for one in strokes.classes()] == ["background", "grain edges"]
    assert [one.op_id for one in strokes.of(place)] == ["b"]
    assert strokes.add_class("grains") > third  # no identifier comes back


def test_names_that_are_none_or_taken_are_refused(strokes):
    for name in ("", "  ", "x" * 61, "a\0b"):
        with pytest.raises(ProjectError, match="needs a name"):
            strokes.add_class(name)
    with pytest.raises(ProjectError, match="already"):
        strokes.rename_class(2, "background")
    strokes.rename_class(2, "objects")


def test_the_ground_and_the_last_class_stay(strokes):
    for class_id in (1, 2):
        with pytest.raises(ProjectError, match="must stay"):
            strokes.remove_class(class_id)
    strokes.add_class("more")
    strokes.remove_class(2)
    with pytest.raises(ProjectError, match="must stay"):
        strokes.remove_class(3)


def test_there_are_only_so_many_classes(strokes):
    for number in range(2, MOST_CLASSES):
        strokes.add_class(f"class {number}")
    with pytest.raises(ProjectError, match="remove one"):
        strokes.add_class("one more")


def test_what_is_not_there_is_told(strokes, place):
    for act in (
        lambda: strokes.draw("nothing", dot("a")),
        lambda: strokes.draw(place, dot("a", 99)),
        lambda: strokes.rename_class(99, "a"),
        lambda: strokes.remove_class(99),
    ):
        with pytest.raises(MissingError):
            act()


def test_a_stroke_that_is_none_is_refused(strokes, place):
    with pytest.raises(EditError):
        strokes.draw(place, dot("a", width=0))
    with pytest.raises(EditTooLargeError):
        strokes.draw(place, Stroke("a", 1, 3, ((1, 1),) * 5000))
    assert strokes.of(place) == ()


def test_strokes_go_with_their_picture(project, strokes, place):
    strokes.draw(place, dot("a"))
    project.pictures.remove(place)
    assert strokes.pictures() == []


def test_strokes_and_classes_are_part_of_the_whole_project(project, place, tmp_path):
    project.strokes.rename_class(2, "grains")
    project.strokes.draw(place, dot("a", 2))
    write_archive(project, tmp_path / "all.zip")
    with open_archive(tmp_path / "all.zip") as other:
        (picture,) = other.pictures.records()
        assert other.strokes.of(picture.id) == project.strokes.of(place)
        assert other.strokes.classes() == project.strokes.classes()


def test_a_program_that_is_killed_loses_no_stroke_that_it_answered(project, place, home):
    project.close()
    said = []
    for moment in (0.05, 0.2):
        command = [sys.executable, "-c", KILLED, str(home)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "ready\n"
            time.sleep(moment)
            process.kill()
            lines = process.stdout.read()
        said += lines[: lines.rfind("\n") + 1].split()
    with Project.open(home) as again:
        kept = [one.op_id for one in again.strokes.of(place)]
    assert said
    assert set(said) <= set(kept)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 5, 9]),
            st.integers(1, 9),
            st.lists(
                st.tuples(st.integers(-4, 24), st.integers(-4, 20)), min_size=1, max_size=4
            ),
        ),
        max_size=6,
    )
)
def test_the_last_stroke_lies_on_top_and_no_pixel_is_lost(drawn):
    shape = (16, 20)
    strokes = [Stroke(f"{n}", k, w, tuple(p)) for n, (k, w, p) in enumerate(drawn)]
    expected = np.zeros(shape, int)
    for stroke in strokes:
        number = {None: 0, 5: 1, 9: 2}[stroke.class_id]
        for row, start, stop in stroke_spans(stroke.points, stroke.width, shape):
            expected[row, start:stop] = number
    found = painted(strokes, [5, 9], shape)
    assert found.dtype == np.uint8
    assert np.array_equal(found, expected)
    erased = painted([*strokes, Stroke("e", None, 99, ((9, 9),))], [5, 9], shape)
    assert not erased.any()
