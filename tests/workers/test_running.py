"""One interface to workers, wherever they are."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.workers import Lost, open_workers, run_all
from segmetry.workers.lost import tried_again


def test_one_job_is_this_process_in_the_order_of_the_items(deeds):
    results = run_all(deeds.process_number, [0, 0])
    assert [answer for _, answer in results] == [os.getpid()] * 2


@pytest.mark.parametrize(("jobs", "told"), [(1, "in this process"), (3, "in 3 processes")])
def test_workers_tell_who_they_are(jobs, told):
    with open_workers(jobs=jobs) as workers:
        assert workers.told == told


def test_who_waits_can_end_the_only_process(deeds):
    def tick():
        raise KeyboardInterrupt

    with open_workers() as workers, pytest.raises(KeyboardInterrupt):
        list(workers.run_all(deeds.doubled, [1], tick=tick))


@given(
    deaths=st.lists(st.integers(0, 4), max_size=12),
    retries=st.integers(0, 3),
)
def test_an_item_is_tried_so_often_and_never_beside_others(deaths, retries):
    left = dict(enumerate(deaths))
    alone = []

    def each(items, most):
        for item in items:
            left[item] -= 1
            alone.append(most == 1)
            yield item, Lost() if left[item] >= 0 else "done"

    found = dict(tried_again(each, range(len(deaths)), retries))
    assert {item for item, answer in found.items() if answer == "done"} == {
        item for item, n in enumerate(deaths) if n <= retries
    }
    assert len(found) == len(deaths)
    assert alone == sorted(alone)
    assert sum(alone) == sum(min(n, retries) for n in deaths)
