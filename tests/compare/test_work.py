import importlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.compare.methods import parse_method
from segmetry.compare.pictures import Entry
from segmetry.compare.work import _each, folds_of, jobs_of
from segmetry.errors import DatasetError


def entries(units, groups=None):
    groups = groups or [""] * len(units)
    return [
        Entry(f"p{k}", Path(f"p{k}.png"), Path(f"m{k}.png"), unit=unit, group=group)
        for k, (unit, group) in enumerate(zip(units, groups, strict=True))
    ]


@given(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=20), st.integers(2, 7))
def test_folds_keep_units_whole_and_hold_every_picture_once(units, n_folds):
    own = entries(units)
    if len(set(units)) < 2:
        with pytest.raises(DatasetError, match="hang together"):
            folds_of(own, n_folds)
        return
    folds = folds_of(own, n_folds)
    assert sorted(one.name for fold in folds for one in fold) == sorted(
        one.name for one in own
    )
    for unit in set(units):
        assert sum(any(one.unit == unit for one in fold) for fold in folds) == 1
    assert len(folds) == min(n_folds, len(set(units)))


def test_groups_are_spread_over_folds():
    own = entries([f"u{k}" for k in range(8)], ["dark", "light"] * 4)
    for fold in folds_of(own, 2):
        assert sorted(one.group for one in fold) == ["dark"] * 2 + ["light"] * 2


def test_one_that_learns_is_never_judged_by_what_it_learned(spies):
    del spies
    own = entries(list("aabbccdd"))
    jobs = list(jobs_of([parse_method("memory")], own, n_folds=3))
    for job in jobs:
        taught = {one.unit for one in job.teachers}
        assert taught
        assert not taught & {one.unit for one in job.entries}
    assert sum(len(job.entries) for job in jobs) == len(own)


def test_one_that_knows_has_a_job_for_each_picture():
    jobs = list(jobs_of([parse_method("threshold")], entries("ab")))
    assert [(len(job.entries), job.teachers) for job in jobs] == [(1, ()), (1, ())]


def test_given_teachers_replace_the_folds(spies):
    del spies
    own, others = entries("ab"), entries("xyz")
    (job,) = jobs_of([parse_method("memory")], own, teachers=others)
    assert (job.entries, job.teachers) == (tuple(own), tuple(others))


def test_pictures_whose_process_ends_have_no_score_but_a_reason(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "workers")
    die = importlib.import_module("deeds").die
    (job,) = jobs_of([parse_method("threshold")], entries("a"))
    ((at, outcomes),) = _each(die, [(7, job, job.entries)], 2)
    assert at == 7
    assert [outcome.picture for outcome in outcomes] == ["p0"]
    assert "memory" in outcomes[0].reason
