import uuid

import numpy as np
import pytest

from segmetry.edit import Edit
from segmetry.evaluate.review import Errors
from segmetry.evaluate.review_queue import Advice
from segmetry.io import write_png
from segmetry.project.looks import look_at
from segmetry.project.review import NOTE, in_words, review_labels, review_project


@pytest.fixture
def two(project, home, discs, simple):
    """Labels of twelve discs in each of two pictures."""
    found = []
    for name in ("a.png", "b.png"):
        write_png(home / name, discs([10] * 12))
        found.append(project.labels.run(project.pictures.add(home / name), simple))
    return found


def judge(project, labels, kind, *ids):
    opened = project.labels.open(labels)
    edit = Edit(kind, ids=ids)
    opened.edit(edit, op_id=str(uuid.uuid4()), base=opened.rev)


def test_before_any_verdict_all_objects_are_in_the_queue(project, two):
    told = review_labels(project, two[0])
    assert sorted(told.queue["label"]) == list(range(1, 13))
    assert set(told.queue["labels"]) == {two[0]}
    assert (told.advice.n_seen, told.advice.n_left, told.n_verdicts) == (0, 12, 0)
    whole = review_project(project)
    assert len(whole.queue) == 24
    assert whole.pictures["labels"].tolist() == two


def test_what_was_judged_leaves_the_queue(project, two):
    judge(project, two[0], "accept", 3, 4)
    judge(project, two[0], "reject", 5)
    told = review_labels(project, two[0])
    assert sorted(told.queue["label"]) == [1, 2, 6, 7, 8, 9, 10, 11, 12]
    assert (told.advice.n_seen, told.advice.n_wrong) == (3, 1)
    row = review_project(project).pictures.iloc[0]
    assert (row["n_seen"], row["n_wrong"], row["n_left"]) == (3, 1, 9)
    assert row["errors_left"] == pytest.approx(told.advice.errors_left.value)


def test_verdicts_on_one_picture_tell_of_the_other(project, two):
    before = review_labels(project, two[1]).advice.errors_left.value
    judge(project, two[0], "accept", *range(1, 13))
    after = review_labels(project, two[1])
    assert after.advice.errors_left.value < before
    assert after.n_verdicts == 12
    assert after.advice.n_seen == 0


def test_where_all_were_judged_nothing_is_left_for_certain(project, two):
    judge(project, two[0], "accept", *range(1, 12))
    judge(project, two[0], "reject", 12)
    advice = review_labels(project, two[0]).advice
    assert advice.errors_left == Errors(0.0, 0, 0)
    assert advice.precision == 1
    words = in_words(advice, precision=0.98)
    assert words == f"All 12 objects were looked at; 1 was wrong. {NOTE}"


def test_only_the_newest_labels_of_a_picture_count(project, two, simple):
    judge(project, two[0], "accept", *range(1, 13))
    picture = project.labels.record(two[0]).picture
    newer = project.labels.run(picture, simple)
    told = review_project(project)
    assert set(told.queue["labels"]) == {newer, two[1]}
    assert told.n_verdicts == 0
    assert review_labels(project, two[0]).advice.n_left == 0  # what was asked for counts


def test_the_queue_is_the_same_whenever_it_is_asked_for(project, two):
    judge(project, two[1], "reject", 2)
    one, other = review_project(project).queue, review_project(project).queue
    assert one.equals(other)
    doubted = one["probability"][:8]  # the tenth place goes to one drawn at random
    assert (np.diff(doubted) <= 1e-12).all()


def sets_of(project, home, discs, simple, radii):
    """Labels of twelve discs in each of several pictures."""
    found = []
    for number, radius in enumerate(radii):
        write_png(home / f"{number}.png", discs([radius] * 12))
        found.append(
            project.labels.run(project.pictures.add(home / f"{number}.png"), simple)
        )
    return found


def test_objects_of_a_size_that_no_other_picture_has_come_first(
    project, home, discs, simple
):
    found = sets_of(project, home, discs, simple, [10, 10, 10, 3, 10, 10])
    queue = review_project(project).queue
    assert set(queue["labels"][:9]) == {found[3]}  # the tenth is one drawn at random
    assert queue["probability"][0] > 2 * queue["probability"].median()


def test_sizes_are_compared_in_micrometres_where_all_are_known(
    project, home, discs, simple
):
    radii, sizes = [10, 10, 10, 5, 10, 10], ["1 um"] * 6
    found = sets_of(project, home, discs, simple, radii)
    sizes[3] = "2 um"  # so these discs are as large as the others
    for labels, size in zip(found, sizes, strict=True):
        picture = project.labels.record(labels).picture
        project.pictures.keep_look(picture, look_at(project.pictures.file(picture), simple))
        project.calibrate(picture, choice="typed", pixel_size=size)
    doubt = review_project(project).queue.groupby("labels")["probability"].mean()
    assert doubt[found[3]] < 1.5 * doubt.drop(found[3]).mean()


def test_a_project_without_labels_has_an_empty_review(project):
    told = review_project(project)
    assert (told.advice.n_left, len(told.queue), len(told.pictures)) == (0, 0, 0)


def advice(**more):
    usual = {
        "n_seen": 60,
        "n_wrong": 12,
        "n_left": 352,
        "errors_left": Errors(7.2, 4, 11),
        "precision": 0.982,
        "precision_low": 0.972,
        "precision_high": 0.99,
        "n_next": 20,
        "errors_next": Errors(3.1, 1, 6),
        "n_to_stop": 35,
    }
    return Advice(**(usual | more))


def test_a_review_is_told_in_words():
    words = in_words(advice(), precision=0.98)
    assert "Expected errors left: 7 (4 to 11) among 352." in words
    assert "With the next 20 you would find about 3." in words
    assert "For a precision of 0.98 or better look at about 35 more." in words
    assert words.endswith(NOTE)


def test_the_words_say_when_to_stop():
    words = in_words(advice(n_to_stop=0, n_wrong=1), precision=0.95)
    assert "60 objects were looked at, 1 was wrong." in words
    assert "You can stop here for a precision of 0.95 or better." in words
