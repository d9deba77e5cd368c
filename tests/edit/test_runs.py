import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.edit.runs import (
    LABEL,
    components,
    find,
    in_order,
    paint,
    place_in,
    read,
    touching,
)
from segmetry.edit.spans import join

PATIENT = settings(deadline=None, max_examples=60)
SHAPE = (8, 13)


@st.composite
def pictures(draw):
    seed, n = draw(st.integers(0, 10_000)), draw(st.integers(1, 4))
    rng = np.random.default_rng(seed)
    small = rng.integers(0, n + 1, (SHAPE[0] // 2, SHAPE[1] // 2 + 1))
    return np.repeat(np.repeat(small, 2, 0), 2, 1)[:, : SHAPE[1]].astype(np.uint32)


one_span = st.tuples(st.integers(0, 7), st.integers(0, 11), st.integers(1, 13)).map(
    lambda s: (s[0], s[1], min(s[1] + s[2], SHAPE[1]))
)
tables = st.lists(one_span, max_size=9).map(
    lambda rows: join(np.array(rows, np.int32).reshape(-1, 3))
)


def drawn(runs):
    data = np.full(SHAPE, -1, np.int64)
    for row, start, stop, label in runs:
        assert (data[row, start:stop] == -1).all()
        data[row, start:stop] = label
    return data


@PATIENT
@given(pictures(), tables)
def test_reading_returns_what_lies_under_spans(data, spans):
    under = drawn(np.pad(spans.astype(int), [(0, 0), (0, 1)])) == 0
    runs = read(data, spans)
    assert np.array_equal(drawn(runs), np.where(under, data.astype(int), -1))
    assert np.array_equal(in_order(runs), runs)


def test_long_and_short_spans_read_and_write_alike():
    rng = np.random.default_rng(0)
    data = np.repeat(rng.integers(0, 5, (60, 40)), 10, 1).astype(np.uint32)
    long = np.array([[row, row, 400 - row] for row in range(60)], np.int32)
    short = np.array([[r, c, c + 7] for r in range(60) for c in range(0, 390, 9)], np.int32)
    for spans in (long, short):
        runs = read(data, spans)
        copy = np.zeros_like(data)
        paint(copy, runs, runs[:, LABEL])
        held = np.zeros(data.shape, bool)
        for row, start, stop in spans:
            held[row, start:stop] = True
        assert np.array_equal(copy, np.where(held, data, 0))


@PATIENT
@given(pictures())
def test_the_runs_of_a_picture_are_the_picture(data):
    runs = find(data)
    assert (runs[:, LABEL] > 0).all()
    assert np.array_equal(drawn(runs).clip(min=0), data)
    shifted = find(data[2:, 3:], row=2, column=3, label=9)
    cut = np.zeros(SHAPE, bool)
    cut[2:, 3:] = data[2:, 3:] > 0
    assert np.array_equal(drawn(shifted) == 9, cut)


def test_a_picture_of_many_rows_is_read_in_parts():
    data = np.zeros((3, 2**22), np.uint8)
    data[:, 5] = [1, 2, 3]
    assert find(data).tolist() == [[0, 5, 6, 1], [1, 5, 6, 2], [2, 5, 6, 3]]


def test_no_rows_have_no_runs():
    assert find(np.zeros((0, 5), np.uint32)).shape == (0, 4)


@PATIENT
@given(pictures(), st.tuples(st.integers(-3, 9), st.integers(-3, 14)))
def test_painting_leaves_out_what_lies_outside_the_window(data, corner):
    row, column = corner
    runs = find(data)
    window = np.zeros((5, 6), np.uint32)
    paint(window, runs, runs[:, LABEL], row=row, column=column)
    wide = np.pad(data, 20)
    expected = wide[20 + row : 25 + row, 20 + column : 26 + column]
    assert np.array_equal(window, expected)


@PATIENT
@given(pictures())
def test_runs_that_touch_are_joined_as_pixels_are(data):
    runs = find(data)
    first, second = touching(runs)
    assert (first < second).all()
    assert len(set(zip(first.tolist(), second.tolist(), strict=True))) == len(first)
    groups = components(len(runs), first, second)
    joined = drawn(np.column_stack([runs[:, :LABEL], groups])) + 1
    n, expected = cv2.connectedComponents((data > 0).astype(np.uint8), connectivity=8)
    pairs = set(zip(joined.ravel().tolist(), expected.ravel().tolist(), strict=True))
    assert len(pairs) == len(np.unique(joined)) == len(np.unique(expected))
    assert n == len(np.unique(groups)) + 1


@pytest.mark.parametrize("gap", [0, 1])
def test_corners_touch_and_a_gap_parts(gap):
    runs = np.array([[0, 0, 3], [1, 3 + gap, 5]])
    assert len(touching(runs)[0]) == 1 - gap


@PATIENT
@given(pictures())
def test_the_place_of_a_pixel_is_the_run_that_holds_it(data):
    runs = find(data)
    rows, columns = np.divmod(np.arange(data.size), SHAPE[1])
    place = place_in(runs, rows, columns)
    labels = np.append(runs[:, LABEL], 0)[place]
    assert np.array_equal(labels.reshape(SHAPE), data)


def test_no_runs_hold_no_pixel():
    assert place_in(np.empty((0, 4), int), np.array([1]), np.array([1])).tolist() == [-1]
