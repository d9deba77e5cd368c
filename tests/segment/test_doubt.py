from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.image import Image, Labels
from segmetry.segment import segmenter
from segmetry.segment.doubt import TRAITS, best_overlaps, doubtful_traits, doubts
from segmetry.segment.threshold import Threshold

PLAIN = Threshold(method="manual", level=100, denoise=0, edges="cutoff")


def disc(shape, centre, radius):
    y, x = np.ogrid[: shape[0], : shape[1]]
    return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2


def traits(pixels, method=PLAIN):
    labels, maps = method.labels_and_maps(Image(pixels))
    rows = doubtful_traits(method, labels, maps)
    return [dict(zip(TRAITS, row, strict=True)) for row in rows.tolist()], labels, maps


def two_squares(first=200.0, second=200.0):
    pixels = np.full((60, 100), 30.0)
    pixels[20:40, 10:30], pixels[20:40, 60:80] = first, second
    return pixels


def test_objects_alike_are_doubted_alike():
    one, other = traits(two_squares())[0]
    assert one == other
    assert (one["steady_below"], one["steady_above"], one["contrast"]) == (1, 1, 0)
    assert one["raggedness"] == 1  # a square
    assert one["seam_share"] == 0


def test_a_dim_object_is_gone_with_a_higher_cutoff():
    clear, dim = traits(two_squares(second=115.0))[0]
    assert (clear["steady_above"], dim["steady_above"]) == (1, 0)
    assert dim["steady_below"] == 1
    assert dim["contrast"] < 0 < clear["contrast"]


def test_two_objects_on_a_bright_ground_are_one_with_a_lower_cutoff():
    pixels = two_squares()
    pixels[20:40, 30:60] = 90.0  # under the cutoff of 100, over the lower one
    for told in traits(pixels)[0]:
        assert told["steady_below"] < 0.5
        assert told["steady_above"] == 1


def test_a_ragged_object_is_told_from_a_smooth_one():
    pixels = np.full((60, 120), 30.0)
    pixels[20:40, 10:30] = 200
    pixels[20:40, 60:100:2] = 200  # a comb
    pixels[20:22, 60:100] = 200
    told = traits(pixels)[0]
    assert told[0]["raggedness"] == 1
    assert told[1]["raggedness"] == 6  # as ragged as it counts


def test_seams_are_the_sides_between_neighbours():
    pixels = np.full((60, 90), 30.0)
    pixels[disc(pixels.shape, (30, 30), 15) | disc(pixels.shape, (30, 57), 15)] = 200
    told, labels, _ = traits(pixels)
    assert labels.data.max() == 2
    beside = (labels.data[:, 1:] != labels.data[:, :-1]) & (labels.data[:, 1:] > 0)
    n_seam = (beside & (labels.data[:, :-1] > 0)).sum()
    n_seam += (
        (labels.data[1:] != labels.data[:-1])
        & (labels.data[1:] > 0)
        & (labels.data[:-1] > 0)
    ).sum()
    assert 0 < told[0]["seam_share"] < 0.3
    n_sides = np.sqrt(told[0]["raggedness"] * 16 * (labels.data == 1).sum())
    assert told[0]["seam_share"] * n_sides == pytest.approx(n_seam)


def test_what_a_model_tells_is_believed():
    labels, maps = PLAIN.labels_and_maps(Image(two_squares()))
    told = replace(maps, confidence=np.array([0.75, 0.25], np.float32))
    assert doubts(PLAIN, labels, told).tolist() == [0.25, 0.75]


def test_a_picture_without_objects_has_no_doubts():
    image = Image(np.full((20, 20), 30.0))
    empty = Labels(np.zeros((20, 20), np.uint32), image)
    maps = PLAIN.maps(Image(two_squares()))
    assert doubts(
        PLAIN, empty, replace(maps, foreground=np.zeros((20, 20), np.float32))
    ).shape == (0,)


def test_what_is_excluded_is_found_at_no_cutoff():
    excluded = np.zeros((60, 100), bool)
    excluded[:, 50:] = True
    image = Image(two_squares(), excluded=excluded)
    labels, maps = PLAIN.labels_and_maps(image)
    assert len(doubts(PLAIN, labels, maps)) == 1


@pytest.mark.parametrize("name", ["threshold", "local", "auto"])
def test_noise_is_doubted_more_than_what_stands_out(name):
    rng = np.random.default_rng(0)
    pixels = rng.normal(50, 6, (160, 200))
    truth = np.zeros((160, 200), bool)
    for row in (40, 120):
        for column in (40, 100, 160):
            truth |= disc(truth.shape, (row, column), 14)
    pixels[truth] += 60
    pixels[disc(truth.shape, (80, 70), 6)] += 22  # barely more than the noise
    method = segmenter(name)
    labels, maps = method.labels_and_maps(Image(pixels))
    told = doubts(method, labels, maps)
    ids = np.arange(1, labels.data.max() + 1)
    is_real = np.array([truth[labels.data == number].mean() > 0.5 for number in ids])
    assert is_real.sum() == 6
    if not is_real.all():
        assert told[is_real].max() < told[~is_real].min() + 0.3
        assert np.median(told[is_real]) < np.median(told[~is_real])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_overlaps_are_those_of_all_pairs_of_masks(seed):
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 5, (2, 9, 11)).astype(np.uint32)
    told = best_overlaps(one, other)
    for number in range(1, int(one.max()) + 1):
        mask = one == number
        each = [
            (mask & (other == k)).sum() / (mask | (other == k)).sum()
            for k in range(1, int(other.max()) + 1)
            if (other == k).any() or mask.any()
        ]
        assert told[number - 1] == pytest.approx(max(each, default=0))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_doubts_are_probabilities_and_turn_with_the_picture(seed):
    rng = np.random.default_rng(seed)
    pixels = rng.normal(50, 10, (40, 50))
    pixels[8:20, 8:20] += 100
    pixels[25:35, 25:45] += rng.uniform(30, 100)
    labels, maps = PLAIN.labels_and_maps(Image(pixels))
    told = doubts(PLAIN, labels, maps)
    assert len(told) == labels.data.max()
    assert ((told > 0) & (told < 1)).all()
    turned = replace(maps, foreground=maps.foreground[::-1].copy())
    flipped = replace(labels, data=labels.data[::-1].copy())
    assert doubts(PLAIN, flipped, turned) == pytest.approx(told, abs=0.2)
