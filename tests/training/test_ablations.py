from dataclasses import replace

import ablations
import numpy as np
import pytest
from ablations import SIDE, VARIANTS, page, plan, resized

from segmetry import Image
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example


def example(pixels, labels=None, *, axes="YX"):
    shape = pixels.shape[:2]
    return Example(
        Image(pixels, axes=axes),
        np.zeros(shape, np.uint32) if labels is None else labels,
        group="one",
    )


@pytest.mark.parametrize("axes", ["YX", "YXC"])
def test_every_picture_becomes_square_whatever_its_shape(axes):
    shape = (100, 400) if axes == "YX" else (100, 400, 3)
    pixels = np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)
    one = resized(example(pixels, axes=axes))
    assert one.image.pixels.shape[:2] == one.labels.shape == (SIDE, SIDE)
    assert one.image.pixels.dtype == np.uint8
    assert one.image.axes == axes
    assert one.group == "one"


def test_a_picture_of_that_size_already_stays_as_it_is():
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 255, (SIDE, SIDE), dtype=np.uint8)
    labels = rng.integers(0, 9, (SIDE, SIDE)).astype(np.uint32)
    one = resized(example(pixels, labels))
    assert np.array_equal(one.image.pixels, pixels)
    assert np.array_equal(one.labels, labels)


def test_pixels_are_interpolated_but_not_smoothed_before():
    pixels = np.random.default_rng(2).integers(0, 255, (4 * SIDE, 4 * SIDE), dtype=np.uint8)
    squeezed = resized(example(pixels)).image.pixels
    # The middle of each new pixel lies between the inner two of four, along both axes.
    inner = [pixels[row::4, column::4].astype(float) for row in (1, 2) for column in (1, 2)]
    assert np.abs(squeezed - np.mean(inner, axis=0)).max() <= 1


def test_labels_keep_their_numbers_and_places(crowd):
    labels = crowd(0)
    squeezed = resized(example(np.zeros(labels.shape, np.uint8), labels)).labels
    assert set(np.unique(squeezed)) == set(np.unique(labels))
    shares = [(one == 1).mean() for one in (labels, squeezed)]
    assert shares[0] == pytest.approx(shares[1], rel=0.05)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_differs_from_the_reference_in_what_it_says_alone(
    monkeypatch, annotated, variant
):
    asked = {}

    class EnoughError(Exception):
        pass

    def fit(pictures, _held, chosen, *, start=None):
        if pictures == ["source"]:  # of which the start is trained
            assert chosen == plan(8, 1)
            return Trained()
        asked.update(plan=chosen, side=pictures[0].labels.shape, start=start)
        raise EnoughError

    class Trained:
        averaged = ablations.torch.nn.Conv2d(1, 1, 1)

    monkeypatch.setattr(ablations, "fit", fit)
    monkeypatch.setattr(ablations, "source_pictures", lambda: ["source"])
    pixels, labels = annotated()
    with pytest.raises(EnoughError):
        ablations.judged(
            variant, [example(pixels, labels)], [example(pixels, labels)], plan(8, 1)
        )
    reference = plan(8, 1)
    same = {
        key: getattr(asked["plan"], key) for key in ("side", "batch", "schedule", "seed")
    }
    assert same == {key: getattr(reference, key) for key in same}
    is_plain = variant == "no augmentation"
    assert (asked["plan"].geometry == Geometry.none()) == is_plain
    scaled = variant not in {"fixed 256 x 256", "pixels as they are"}
    assert asked["plan"].diameter == (24.0 if scaled else None)
    assert asked["side"] == ((SIDE, SIDE) if variant == "fixed 256 x 256" else labels.shape)
    assert (asked["start"] is not None) == (variant == "start from particles")


def test_the_page_has_a_row_for_each_variant_and_its_starts(annotated):
    pixels, labels = annotated()
    held = [replace(example(pixels, labels), group=str(k)) for k in range(6)]
    scores = {variant: [[0.5, 0.7] * 3, [0.4, 0.6] * 3] for variant in VARIANTS}
    text = page(scores, held, "7 pictures, 70 objects", 350)
    assert "350 steps of 8 crops" in text
    assert "7 pictures, 70 objects" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(VARIANTS)
    assert all("| 0.600, 0.500 |" in row for row in rows[2:])
