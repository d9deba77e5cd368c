"""Maps carry the names that the card gives them."""

from datetime import date

import numpy as np
import pytest

from segmetry.models.card import Card
from segmetry.models.outputs import brought_back, cutoffs_of, named_maps, planes_of
from segmetry.segment.hills import Cutoffs


def card(*outputs, task="objects", **cutoffs):
    return Card(
        name="cells",
        created=date(2026, 1, 31),
        task=task,
        architecture={},
        channels=1,
        outputs=outputs,
        multiple=1,
        diameter_px=20,
        cutoffs=cutoffs,
    )


VALUES = np.random.default_rng(0).random((5, 6, 3)).astype(np.float32)


@pytest.mark.parametrize("turn", range(3))
def test_the_order_of_the_outputs_is_that_of_the_card(turn):
    names = np.roll(["foreground", "border", "distance"], turn).tolist()
    maps = named_maps(card(*names, foreground=0.4), VALUES)
    for k, name in enumerate(names):
        np.testing.assert_array_equal(getattr(maps, name), VALUES[..., k])
    assert maps.foreground.flags.c_contiguous
    assert (maps.cutoff, maps.classes) == (0.4, None)


def test_a_model_may_know_the_foreground_alone():
    maps = named_maps(card("foreground", task="pixels"), VALUES[..., :1])
    assert maps.distance is None
    assert maps.border is None


@pytest.mark.parametrize(
    ("names", "background"),
    [(("rods", "background", "discs"), 1), (("ground", "rods", "discs"), 0)],
)
def test_objects_are_all_that_is_not_the_background(names, background):
    maps = named_maps(card(*(f"class:{name}" for name in names), task="classes"), VALUES)
    np.testing.assert_array_equal(maps.classes, VALUES)
    np.testing.assert_allclose(maps.foreground, 1 - VALUES[..., background])


def test_cutoffs_that_the_card_does_not_name_are_the_usual_ones():
    chosen = cutoffs_of(card("foreground", waist=0.3, min_area=7))
    assert chosen == Cutoffs(waist=0.3)


def test_planes_are_the_maps_in_their_order():
    planes = planes_of(VALUES)
    np.testing.assert_array_equal(np.concatenate(planes, axis=-1), VALUES)


@pytest.mark.parametrize("factor", [1, 2, 4, 0.5])
@pytest.mark.parametrize("seed", range(5))
def test_objects_are_brought_back_to_where_they_were(seed, factor):
    rng = np.random.default_rng(seed)
    height, width = 4 * rng.integers(3, 9, 2)
    truth = np.zeros((height, width), np.uint32)
    truth[2:8, 2:6], truth[2:8, 8:10] = 1, 2
    places = [
        ((np.arange(round(side * factor)) + 0.5) / factor).astype(int)
        for side in truth.shape
    ]
    at_scale = 10 * truth[np.ix_(*places)]
    back = brought_back(at_scale, truth.shape, excluded=None, min_area=1)
    if factor >= 1:
        np.testing.assert_array_equal(back, truth)
    assert back.shape == truth.shape
    assert np.unique(back).tolist() == [0, 1, 2]


def test_objects_that_are_brought_back_keep_out_of_what_is_excluded():
    labels = np.zeros((20, 40), np.uint32)
    labels[4:16, 4:16], labels[4:16, 24:36] = 3, 5
    excluded = np.zeros((10, 20), bool)
    excluded[:, :7] = True
    back = brought_back(labels, (10, 20), excluded=excluded, min_area=4)
    assert not back[excluded].any()
    assert np.bincount(back.ravel())[1:].tolist() == [6, 36]
    back = brought_back(labels, (10, 20), excluded=excluded, min_area=7)
    assert np.bincount(back.ravel())[1:].tolist() == [36]
