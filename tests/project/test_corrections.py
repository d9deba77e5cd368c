"""What was changed in labels is compared once for each of their states."""

import numpy as np


def test_corrections_are_those_of_now_and_kept_while_nothing_changes(project, labels, hand):
    (record,) = project.labels.records(project.pictures.records()[0].id)
    first = project.corrections.of(record, "a")
    assert (len(first.before), len(first.after), first.n_matched) == (12, 12, 12)
    assert project.corrections.of(record, "a") is first
    hand.make(labels, hand.dot(*hand.empty))
    now = project.corrections.of(record, "a")
    assert (len(now.before), len(now.after), now.n_matched) == (12, 13, 12)
    assert set(now.before["image"]) == {"a"}
    assert set(project.corrections.of(record, "b").after["image"]) == {"b"}


def test_what_was_compared_is_not_painted_over_by_later_edits(project, labels, hand):
    (record,) = project.labels.records(project.pictures.records()[0].id)
    hand.make(labels, hand.dot(*hand.empty))
    told = project.corrections.of(record, "a")
    areas = told.after["area_px"].to_numpy().copy()
    hand.make(labels, hand.dot(*hand.empty, width=9))
    assert np.array_equal(told.after["area_px"], areas)
