"""Maps carry the names that the card gives them."""

from datetime import date

import numpy as np
import pytest

from segmetry.models.card import Card
from segmetry.models.outputs import class_names, cutoffs_of, named_maps, planes_of
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
    assert class_names(card(*(f"class:{name}" for name in names), task="classes")) == [
        *names
    ]


def test_cutoffs_that_the_card_does_not_name_are_the_usual_ones():
    chosen = cutoffs_of(card("foreground", waist=0.3, min_area=7))
    assert chosen == Cutoffs(waist=0.3)


def test_planes_are_the_maps_in_their_order():
    planes = planes_of(VALUES)
    np.testing.assert_array_equal(np.concatenate(planes, axis=-1), VALUES)
