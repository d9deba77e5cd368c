"""Lines are measured in another process, which is ended where it takes too long."""

import os
from contextlib import closing

import pytest

from segmetry.project.thin import measure_again
from segmetry.recipe import Thin
from segmetry.web.measuring import Measuring
from segmetry.web.worker import WorkError

LINES = Thin(enabled=True)


@pytest.fixture
def labels(project, lines):
    return project.labels.open(lines).labels


@pytest.mark.slow
def test_another_process_measures_the_same(labels):
    with closing(Measuring()) as measuring:
        found = measuring.measure(LINES, labels)
        again = measuring.measure(LINES, labels)
        assert measuring._worker._process.pid != os.getpid()
    here = measure_again(LINES, labels)
    for name in ("segments", "nodes", "picture"):
        assert getattr(found, name).equals(getattr(here, name))
        assert getattr(again, name).equals(getattr(here, name))


@pytest.mark.slow
def test_what_cannot_be_measured_is_told_in_a_sentence(labels):
    with closing(Measuring()) as measuring, pytest.raises(WorkError, match="no red, green"):
        measuring.measure(Thin(enabled=True, grey="red"), labels)


@pytest.mark.slow
def test_what_takes_too_long_is_ended_and_the_next_is_measured(labels):
    with closing(Measuring(most_seconds=0.001)) as measuring:
        with pytest.raises(WorkError, match="over 0.001 seconds"):
            measuring.measure(LINES, labels)
        measuring._most_seconds = 120
        assert len(measuring.measure(LINES, labels).segments) == 1
