import sys
import time

import numpy as np
import pytest

from segmetry.compare.cost import measured


def test_the_result_is_passed_on():
    assert measured(lambda: "found")[0] == "found"


def test_waiting_takes_the_clocks_time_and_not_the_processors():
    _, cost = measured(lambda: time.sleep(0.1))
    assert cost.wall_s >= 0.1
    assert cost.cpu_s < 0.08


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak")
def test_memory_that_was_given_back_counts():
    def hold():
        return float(np.ones(8_000_000).sum())

    _, small = measured(lambda: None)
    _, large = measured(hold)
    assert small.memory_mb < 20
    assert 40 < large.memory_mb < 200


def test_an_error_passes():
    with pytest.raises(ZeroDivisionError):
        measured(lambda: 1 / 0)
