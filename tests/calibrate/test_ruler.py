"""Dotted rulers of eleven ticks are found, other rows of dots are not."""

import numpy as np
import pytest

from segmetry.calibrate.ruler import find_rulers


def dotted(*, ticks=11, step=20, x=60, y=180, tall=7, ground=20.0):
    grey = np.full((200, 420), ground, np.float32)
    for tick in range(ticks):
        grey[y : y + tall, x + tick * step : x + tick * step + 2] = 255
    return grey


@pytest.mark.parametrize("step", [5, 12, 20, 30])
@pytest.mark.parametrize("ground", [0.0, 20.0, 120.0])
def test_the_middles_of_the_first_and_last_tick_are_its_ends(step, ground):
    (ruler,) = find_rulers(dotted(step=step, ground=ground))
    assert (ruler.x_start, ruler.x_stop) == (61, 61 + 10 * step)
    assert (ruler.y_top, ruler.y_bottom, ruler.kind) == (180, 187, "ruler")


@pytest.mark.parametrize("hidden", [1, 4, 5])
def test_an_object_may_hide_a_tick(hidden):
    grey = dotted()
    grey[180:187, 60 + hidden * 20 : 62 + hidden * 20] = 20
    (ruler,) = find_rulers(grey)
    assert ruler.length_px == 200


def test_ten_ticks_are_not_taken_for_eleven():
    # Ten ticks could be nine parts, or ten parts with an end hidden: nobody can tell.
    assert find_rulers(dotted(ticks=10)) == []
    assert find_rulers(dotted(ticks=9)) == []


@pytest.mark.parametrize("ticks", [3, 8, 12, 15])
def test_other_numbers_of_ticks_are_no_ruler(ticks):
    assert find_rulers(dotted(ticks=ticks)) == []


def test_unequal_steps_are_no_ruler():
    grey = dotted()
    grey[180:187, 160:162] = 20
    grey[180:187, 167:169] = 255
    assert find_rulers(grey) == []


def test_ticks_of_unequal_height_are_no_ruler():
    grey = dotted()
    grey[180:195, 100:102] = 255
    assert find_rulers(grey) == []


def test_a_ruler_in_the_middle_of_the_picture_is_left_alone():
    assert find_rulers(dotted(y=80)) == []


@pytest.mark.parametrize("seed", range(20))
def test_noise_and_dots_are_no_ruler(seed):
    rng = np.random.default_rng(seed)
    grey = rng.normal(100, 20, (200, 300)).astype(np.float32)
    grey[rng.integers(0, 200, 200), rng.integers(0, 300, 200)] = 255
    assert find_rulers(grey) == []


def test_a_bright_picture_has_no_ruler():
    grey = np.zeros((200, 420), np.float32)
    grey[:, ::3] = 255
    assert find_rulers(grey) == []
