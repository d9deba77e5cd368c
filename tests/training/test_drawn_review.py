"""The review queue brings the wrong objects of drawn slices early; see docs/review.md."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from drawn_slices import EXAM, drawn_slice

from segmetry.errors import SegmetryWarning
from segmetry.evaluate import match_objects
from segmetry.evaluate.review_queue import review_order
from segmetry.evaluate.review_sizes import doubts_by_size
from segmetry.image import Image
from segmetry.segment import segmenter

# Crowded and dim, so that something is wrong in few slices; they are none of the exam's.
HARD = replace(
    EXAM,
    shape=(256, 256),
    empty=0.0,
    packed=0.0,
    cells=(12, 20),
    touching=(0.8, 0.95),
    dimmest=(0.1, 0.15),
)
SEEDS = range(90_000, 90_010)


@pytest.fixture(scope="module")
def found():
    """Doubts of the objects of some slices, and which of them are wrong."""
    # With what is hardly believed too: else hardly any object is wrong.
    method = segmenter("neurons", diameter=34, min_confidence=0.05)
    columns = ([], [], [], [])
    for number, seed in enumerate(SEEDS):
        pixels, truth = drawn_slice(seed, settings=HARD)[:2]
        image = Image(pixels, axes="YX" if pixels.ndim == 2 else "YXC")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SegmetryWarning)
            labels, maps = method.labels_and_maps(image)
        matches = match_objects(labels.data, truth)
        areas = np.bincount(labels.data.ravel())[1:]
        is_wrong = np.ones(len(areas), bool)
        is_wrong[matches.predicted[matches.iou > 0.5].astype(int) - 1] = False
        parts = 1 - maps.confidence, is_wrong, areas, np.full(len(areas), number)
        for column, part in zip(columns, parts, strict=True):
            column.append(part)
    return [np.concatenate(column) for column in columns]


@pytest.mark.slow
def test_the_first_third_holds_most_of_the_wrong_objects(found):
    doubt, wrong, area, picture = found
    doubt = doubts_by_size(doubt, area, picture=picture)
    queue = wrong[review_order(doubt, names=np.arange(len(doubt)))]
    share = np.cumsum(queue) / queue.sum()
    assert wrong.sum() >= 8
    assert share[int(0.3 * len(queue))] >= 0.6  # docs/review.md has the figure for 500
    assert share.mean() > 0.65  # random order has 0.5
