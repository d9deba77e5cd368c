"""Pictures of objects that touch, and a second way to count what an editor keeps."""

import json

import cv2
import numpy as np
import pytest

from segmetry.edit import Canvas, stroke_spans
from segmetry.image import Image, Labels


def draw_objects(seed, shape):
    """Discs that share borders, some in several pieces, on a small picture."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    n = rng.integers(2, 6)
    centre = rng.integers(0, min(shape), (n, 2))
    square = (y[..., None] - centre[:, 0]) ** 2 + (x[..., None] - centre[:, 1]) ** 2
    nearest = square.argmin(-1)
    radius = rng.integers(3, 12, n)
    numbers = rng.choice(np.arange(1, n + 2), n)
    inside = square.min(-1) <= radius[nearest] ** 2
    return np.where(inside, numbers[nearest], 0).astype(np.uint32)


@pytest.fixture(scope="session")
def objects():
    """Draw labels: see `draw_objects`."""
    return draw_objects


def open_canvas(data, *, banner=0, bookkeeping=None):
    data = np.asarray(data, np.uint32)
    excluded = None
    if banner:
        excluded = np.zeros(data.shape, bool)
        excluded[-banner:] = True
    picture = Image(np.zeros(data.shape, np.uint8), excluded=excluded)
    return Canvas.of(Labels(data, picture), bookkeeping=bookkeeping)


@pytest.fixture(scope="session")
def canvas_of():
    """Return a function that opens labels for editing."""
    return open_canvas


def pieces(mask):
    """Return the pieces of a mask, joined by sides and corners, as masks."""
    n, numbers = cv2.connectedComponents(np.asarray(mask, np.uint8), connectivity=8)
    return [numbers == k for k in range(1, n)]


@pytest.fixture(scope="session")
def pieces_of():
    """Return a function: see `pieces`."""
    return pieces


def stroke(points, width, shape):
    painted = np.zeros(shape, bool)
    for row, start, stop in stroke_spans(points, width, shape):
        painted[row, start:stop] = True
    return painted


@pytest.fixture(scope="session")
def stroke_mask():
    """Return a function that gives the pixels of a stroke."""
    return stroke


def check(canvas):
    """Count boxes and areas again, and compare them with those that the canvas keeps."""
    data, rows = canvas.labels().data, canvas.objects
    ids = np.unique(data[data > 0])
    assert np.array_equal(rows["label"], ids)
    for row in rows:
        y, x = np.nonzero(data == row["label"])
        assert row["area"] == len(y)
        assert row["box"].tolist() == [x.min(), y.min(), x.max() + 1, y.max() + 1]
    assert (ids < canvas.next_id).all()
    assert set(canvas.pending) <= set(ids.tolist())


@pytest.fixture(scope="session")
def recount():
    """Return a function: see `check`."""
    return check


def state_of(canvas):
    """Everything that undo brings back, as bytes."""
    book = canvas.bookkeeping()
    book.pop("next_id")
    return canvas.labels().data.tobytes(), canvas.objects.tobytes(), json.dumps(book)


@pytest.fixture(scope="session")
def state():
    """Return a function: see `state_of`."""
    return state_of
