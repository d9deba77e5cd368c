"""Maps carry the names that the card gives them."""

import json
from datetime import date

import numpy as np
import pytest

from segmetry.models.card import Card
from segmetry.models.outputs import (
    Cutoffs,
    class_names,
    coded_flows,
    cutoffs_of,
    decoded_flows,
    named_maps,
)
from segmetry.models.scale import resampled


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
    names = np.roll(["foreground", "flow_y", "flow_x"], turn).tolist()
    maps = named_maps(names, VALUES, cutoff=0.4)
    places = [names.index(name) for name in ("foreground", "flow_y", "flow_x")]
    np.testing.assert_array_equal(maps.foreground, VALUES[..., places[0]])
    np.testing.assert_array_equal(maps.flows, decoded_flows(VALUES[..., places[1:]]))
    assert maps.foreground.flags.c_contiguous
    assert (maps.cutoff, maps.classes) == (0.4, None)


def test_a_model_may_know_the_foreground_alone():
    maps = named_maps(["foreground"], VALUES[..., :1])
    assert maps.flows is None


@pytest.mark.parametrize(
    ("names", "background"),
    [(("rods", "background", "discs"), 1), (("ground", "rods", "discs"), 0)],
)
def test_objects_are_all_that_is_not_the_background_which_is_the_first(names, background):
    maps = named_maps([f"class:{name}" for name in names], VALUES)
    order = [background, *(k for k in range(3) if k != background)]
    np.testing.assert_array_equal(maps.classes, VALUES[..., order])
    np.testing.assert_allclose(maps.foreground, 1 - VALUES[..., background])
    assert maps.class_names == tuple(names[k] for k in order)
    told = class_names(card(*(f"class:{name}" for name in names), task="classes"))
    assert told == [*maps.class_names]


def test_cutoffs_that_the_card_does_not_name_are_the_usual_ones():
    chosen = cutoffs_of(card("foreground", least=30, min_area=7))
    assert chosen == Cutoffs(least=30)


def test_cutoffs_are_stored_as_json_by_name():
    cutoffs = Cutoffs(foreground=0.4, least=25)
    assert Cutoffs(**json.loads(json.dumps(cutoffs.as_json()))) == cutoffs


def test_flows_are_coded_within_0_and_1_and_come_back():
    vectors = np.random.default_rng(1).uniform(-1, 1, (7, 8, 2)).astype(np.float32)
    coded = coded_flows(vectors)
    assert 0 < coded.min() < coded.max() < 1
    assert np.abs(decoded_flows(coded) - vectors).max() < 1e-6


@pytest.mark.parametrize("shape", [(9, 13), (3, 3), (5, 6)])
def test_maps_come_to_the_size_of_the_picture_but_flows_stay(shape):
    names = ["flow_x", "foreground", "flow_y"]
    maps = named_maps(names, VALUES, shape=shape)
    assert maps.foreground.shape == shape
    assert np.array_equal(maps.foreground, resampled(VALUES, shape)[..., 1])
    assert np.array_equal(maps.flows, decoded_flows(VALUES[..., [2, 0]]))
