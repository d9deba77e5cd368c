"""Versions of labels that a person gave a name, and how they come back."""

import numpy as np
import pytest

from segmetry.errors import ProjectError


def test_a_named_version_stays_as_it_was(labels, hand):
    hand.make(labels, hand.dot(*hand.empty))
    version = labels.keep_version(" before lunch ")
    assert (version.name, version.rev) == ("before lunch", 1)
    kept = labels.labels.data.copy()
    hand.make(labels, hand.dot(290, 190))
    labels.save()
    assert labels.versions() == [version]
    assert np.array_equal(labels.data_of("before lunch"), kept)
    assert labels.data_of(None).max() == 12
    with pytest.raises(ProjectError, match="no version 'after lunch'"):
        labels.data_of("after lunch")


@pytest.mark.parametrize("name", ["", "  ", "one"])
def test_a_version_needs_a_name_of_its_own(labels, name):
    labels.keep_version("one")
    with pytest.raises(ProjectError, match="needs a name"):
        labels.keep_version(name)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_version_and_what_was_found_come_back_and_that_can_be_undone(
    project, labels, seed, hand
):
    rng = np.random.default_rng(seed)
    found = hand.state(labels)
    for _ in range(8):
        hand.make(labels, hand.random_edit(rng))
    labels.keep_version("first look")
    kept = hand.state(labels)
    hand.make(labels, hand.dot(*hand.empty))
    hand.make(labels, hand.random_edit(rng))
    last = hand.state(labels)
    hand.restore(labels, "first look")
    hand.assert_same(labels, kept)
    hand.restore(labels, None)
    hand.assert_same(labels, found)
    (record,) = project.labels.records(project.pictures.records()[0].id)
    project.labels.close()
    labels = project.labels.open(record.id)
    hand.assert_same(labels, found)
    hand.undo(labels)
    hand.assert_same(labels, kept)
    hand.undo(labels)
    hand.assert_same(labels, last)
    assert [entry["edit"] for entry in labels.history()[-4:-2]] == [
        {"kind": "restore", "version": "first look"},
        {"kind": "restore", "version": None},
    ]


def test_a_version_that_is_there_already_changes_nothing(labels, hand):
    hand.make(labels, hand.dot(*hand.empty))
    labels.keep_version("mine")
    rev = labels.rev
    assert hand.restore(labels, "mine").rev == rev
    with pytest.raises(ProjectError, match="no version 'yours'"):
        hand.restore(labels, "yours")


def test_a_version_is_brought_back_once_however_often_it_is_asked_for(labels, hand):
    hand.make(labels, hand.dot(*hand.empty))
    first = labels.restore(None, op_id="same-name", base=1)
    again = labels.restore(None, op_id="same-name", base=1)
    assert (first.rev, again.rev, labels.rev) == (2, 2, 2)
    assert again.gone == first.gone
