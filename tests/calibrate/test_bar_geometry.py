"""Bars are found by their shape, and their ends to a fraction of a pixel."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from segmetry.calibrate.bar_geometry import find_bars


def canvas(level=90.0, shape=(120, 300)):
    return np.full(shape, level, np.float32)


@pytest.mark.parametrize("level", [0, 90, 255])
@pytest.mark.parametrize("ink", [0, 60, 200, 255])
def test_a_bar_of_any_grey_is_found(level, ink):
    grey = canvas(level)
    grey[80:84, 100:180] = ink
    bars = find_bars(grey)
    if abs(level - ink) < 36:
        assert bars == []
        return
    assert [(b.x_start, b.x_stop, b.y_top, b.y_bottom) for b in bars] == [
        (100, 180, 80, 84)
    ]
    assert bars[0].level == ink
    assert bars[0].left_tick is None
    assert bars[0].right_tick is None


@pytest.mark.parametrize("seed", range(40))
def test_ends_are_found_within_half_a_pixel_after_blur_and_noise(seed):
    rng = np.random.default_rng(seed)
    level, ink = (float(rng.uniform(60, 150)), 255.0) if seed % 2 else (180.0, 0.0)
    grey = canvas(level, (160, 400))
    x, length = int(rng.integers(30, 150)), int(rng.integers(20, 220))
    y, thick = int(rng.integers(30, 120)), int(rng.integers(2, 12))
    grey[y : y + thick, x : x + length] = ink
    grey = gaussian_filter(grey, rng.uniform(0, 0.8)) + rng.normal(0, 2, grey.shape)
    bars = find_bars(grey.astype(np.float32))
    assert len(bars) == 1
    assert bars[0].x_start == pytest.approx(x, abs=0.5)
    assert bars[0].x_stop == pytest.approx(x + length, abs=0.5)
    assert bars[0].length_px == pytest.approx(length, abs=0.7)


def test_a_half_covered_pixel_counts_half():
    grey = canvas()
    grey[80:84, 100:180] = 250
    grey[80:84, 99] = grey[80:84, 180] = 170
    (bar,) = find_bars(grey)
    assert bar.x_start == pytest.approx(99.5)
    assert bar.x_stop == pytest.approx(180.5)


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("ink", [0, 255])
def test_end_ticks_are_found_with_their_middles(width, ink):
    grey = canvas()
    grey[80:82, 100:180] = ink
    grey[72:90, 100 : 100 + width] = ink
    grey[72:90, 180 - width : 180] = ink
    (bar,) = find_bars(grey)
    assert bar.left_tick == pytest.approx(100 + width / 2)
    assert bar.right_tick == pytest.approx(180 - width / 2)


def test_a_tick_at_one_end_is_told():
    grey = canvas()
    grey[80:82, 100:180] = 255
    grey[72:90, 100:102] = 255
    (bar,) = find_bars(grey)
    assert bar.left_tick == pytest.approx(101)
    assert bar.right_tick is None


def test_a_bar_with_a_shadow_or_a_frame_is_one_bar():
    framed = canvas()
    framed[78:86, 100:180] = 250
    framed[81:83, 104:176] = 200
    assert [(b.x_start, b.x_stop) for b in find_bars(framed)] == [(100, 180)]
    shaded = canvas()
    shaded[80:82, 100:180] = 255
    shaded[82:84, 100:180] = 160
    (bar,) = find_bars(shaded)
    assert (bar.x_start, bar.x_stop) == (100, 180)


def test_bars_on_noise_are_found():
    rng = np.random.default_rng(0)
    grey = rng.normal(130, 45, (150, 400)).clip(0, 255).astype(np.float32)
    grey[100:108, 60:200] = 255
    (bar,) = find_bars(grey)
    assert bar.length_px == pytest.approx(140, abs=2)


@pytest.mark.parametrize("seed", range(20))
def test_discs_and_texture_are_no_bars(seed):
    rng = np.random.default_rng(seed)
    grey = np.full((200, 300), 80, np.uint8)
    for _ in range(20):
        centre = int(rng.integers(0, 300)), int(rng.integers(0, 200))
        cv2.circle(grey, centre, int(rng.integers(10, 30)), int(rng.integers(120, 255)), -1)
    smooth = gaussian_filter(grey.astype(np.float32), 1)
    assert find_bars(smooth + rng.normal(0, 12, grey.shape).astype(np.float32)) == []


def test_a_box_as_high_as_wide_is_no_bar():
    grey = canvas()
    grey[40:80, 100:150] = 255
    assert find_bars(grey) == []


def test_a_bar_cut_off_by_the_edge_is_no_bar():
    grey = canvas()
    grey[80:84, 0:80] = 255
    grey[60:64, 250:] = 255
    grey[116:120, 100:180] = 255
    assert [b.y_top for b in find_bars(grey)] == []


def test_a_line_across_the_picture_is_no_bar():
    grey = canvas()
    grey[80:83] = 255
    assert find_bars(grey) == []


@pytest.mark.parametrize("shape", [(15, 100), (100, 31), (1, 1)])
def test_tiny_pictures_have_no_bars(shape):
    assert find_bars(np.zeros(shape, np.float32)) == []


def test_a_short_bar_is_found_only_where_it_is_a_share_of_the_width():
    grey = canvas(shape=(100, 1000))
    grey[50:53, 100:120] = 255
    grey[70:73, 100:140] = 255
    assert [b.y_top for b in find_bars(grey)] == [70]


def test_bars_come_from_top_to_bottom():
    grey = canvas()
    for y in (90, 30, 60):
        grey[y : y + 3, 100:200] = 255
    assert [b.y_top for b in find_bars(grey)] == [30, 60, 90]


def test_a_stripe_whose_grey_changes_along_it_is_no_bar():
    grey = canvas()
    grey[80:84, 100:180] = np.linspace(190, 250, 80)
    assert find_bars(grey) == []


def test_bars_are_found_in_pictures_read_a_part_at_a_time():
    grey = canvas(shape=(1300, 300))
    for y in (100, 510, 1024, 1200):
        grey[y : y + 5, 100:180] = 255
    assert [(b.y_top, b.y_bottom) for b in find_bars(grey)] == [
        (y, y + 5) for y in (100, 510, 1024, 1200)
    ]
