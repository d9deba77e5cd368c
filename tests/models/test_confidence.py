"""Features of objects follow from geometry, and become probabilities."""

import numpy as np
import pytest

from segmetry.errors import ModelError
from segmetry.image import Image, Labels
from segmetry.models import confidence
from segmetry.models.card import Confidence
from segmetry.models.confidence import (
    FEATURES,
    confidence_of,
    flow_features,
    object_features,
)
from segmetry.segment.flows import towards_middles
from segmetry.segment.segmenter import Maps


def features(labels, foreground, *, flows=None, excluded=None):
    picture = Image(np.zeros(labels.shape, np.uint8), excluded=excluded)
    maps = Maps(foreground.astype(np.float32), flows=flows)
    values = object_features(Labels(labels, picture), maps)
    return {name: values[:, k] for k, name in enumerate(FEATURES)}


def test_two_touching_squares_have_the_features_that_were_drawn():
    labels = np.zeros((12, 30), np.uint32)
    labels[4:8, 4:8], labels[4:8, 8:12], labels[2:10, 20:28] = 1, 2, 3
    foreground = np.where(labels > 0, 0.9, 0.2)
    found = features(labels, foreground)
    assert found["foreground_mean"] == pytest.approx([0.9] * 3)
    assert found["foreground_doubt"] == pytest.approx([0.2] * 3)
    assert found["edge_doubt"] == pytest.approx([0.2] * 3)
    assert found["edge_contrast"] == pytest.approx([0.7] * 3)
    assert found["alone"].tolist() == [0, 0, 1]
    assert found["seam_share"] == pytest.approx([0.25, 0.25, 0])
    assert found["log_area"] == pytest.approx(np.log([16, 16, 64]))
    assert found["log_area_ratio"] == pytest.approx([0, 0, np.log(4)])
    assert found["compactness"] == pytest.approx([1, 1, 1])
    assert not found["cut_by_frame"].any()


@pytest.mark.parametrize("coarser", [1, 2, 4])
def test_objects_to_which_all_flows_lead_are_told_from_those_that_they_leave(coarser):
    labels = np.zeros((32, 48), np.uint32)
    labels[4:28, 4:20], labels[4:28, 28:44] = 1, 2
    own = labels[::coarser, ::coarser]
    flows = towards_middles(own)
    flows[own == 2] *= -0.5
    found = features(labels, labels > 0, flows=flows)
    assert found["flow_length"] == pytest.approx([1, 0.5], rel=0.02)
    assert found["flow_inward"][0] > 0.85
    assert found["flow_inward"][1] == pytest.approx(-found["flow_inward"][0] / 2)


@pytest.mark.parametrize("shape", [(18, 21), (9, 7), (40, 30)])
@pytest.mark.parametrize("seed", range(3))
def test_flows_are_followed_pixel_by_pixel(seed, shape):
    rng = np.random.default_rng(seed)
    labels = np.kron(rng.choice([0, 1, 2, 4], (6, 7)), np.ones((3, 3))).astype(np.uint32)
    labels[0, 0] = 4
    flows = rng.normal(size=(*shape, 2)).astype(np.float32)
    length, inward = flow_features(labels, flows)
    assert length.shape == inward.shape == (4,)
    assert length[2] == inward[2] == 0  # there is no object 3
    for number in (1, 2, 4):
        places = np.argwhere(labels == number)
        cells = ((places + 0.5) * np.array(shape) / labels.shape).astype(int)
        own = flows[cells[:, 0], cells[:, 1]]
        way = places.mean(axis=0) - places
        away = np.maximum(np.linalg.norm(way, axis=1), 0.5)
        assert length[number - 1] == pytest.approx(np.linalg.norm(own, axis=1).mean())
        expected = ((own * way).sum(axis=1) / away).mean()
        assert inward[number - 1] == pytest.approx(expected, abs=1e-5)


def test_a_model_without_flows_tells_nothing_of_them():
    found = features(np.ones((5, 6), np.uint32), np.ones((5, 6)))
    assert found["flow_length"] == found["flow_inward"] == 0


def test_a_ragged_object_is_less_compact_than_a_square():
    labels = np.zeros((20, 40), np.uint32)
    labels[5:13, 5:13] = 1
    labels[5:13, 20:36:2] = 2
    labels[13, 20:36] = 2
    compactness = features(labels, labels > 0)["compactness"]
    assert compactness[0] == 1
    assert compactness[1] > 3


def test_small_and_large_objects_both_depart_from_the_typical_area():
    labels = np.zeros((40, 40), np.uint32)
    labels[1:3, 1:3], labels[10:14, 10:14], labels[20:28, 20:28] = 1, 2, 3
    found = features(labels, labels > 0)
    assert found["log_area_ratio"] == pytest.approx(np.log([1 / 4, 1, 4]))
    assert found["area_departure"] == pytest.approx(np.log([4, 1, 4]))


def test_objects_at_the_frame_or_at_excluded_pixels_are_cut():
    labels = np.zeros((20, 20), np.uint32)
    labels[0:3, 5:8], labels[5:8, 17:20], labels[10:13, 3:6], labels[15:18, 3:6] = (
        1,
        2,
        3,
        4,
    )
    labels[10:13, 10:13] = 5
    excluded = np.zeros((20, 20), bool)
    excluded[18:] = True
    assert features(labels, labels > 0, excluded=excluded)["cut_by_frame"].tolist() == [
        *(1, 1, 0, 1, 0)
    ]


def test_an_object_that_fills_the_picture_has_no_outline():
    labels = np.ones((5, 6), np.uint32)
    found = features(labels, labels * 0.8)
    assert found["edge_contrast"] == found["compactness"] == found["seam_share"] == 0


def test_a_picture_without_objects_has_no_rows():
    labels = np.zeros((5, 6), np.uint32)
    assert object_features(
        Labels(labels, Image(labels)), Maps(np.zeros((5, 6), np.float32))
    ).shape == (0, len(FEATURES))


@pytest.mark.parametrize("seed", range(10))
def test_features_turn_with_the_picture(seed):
    rng = np.random.default_rng(seed)
    labels = np.kron(rng.integers(0, 5, (6, 7)), np.ones((3, 3))).astype(np.uint32)
    labels[0, :5] = range(5)  # no number is missing
    foreground = rng.random(labels.shape)
    flows = rng.normal(size=(9, 7, 2)).astype(np.float32)
    upright = features(labels, foreground, flows=flows)
    flows = np.rot90(flows)[..., ::-1] * np.float32([-1, 1])
    after = features(np.rot90(labels).copy(), np.rot90(foreground), flows=flows)
    for name in FEATURES:
        np.testing.assert_allclose(
            after[name], upright[name], rtol=1e-5, atol=1e-6, err_msg=name
        )
        assert np.isfinite(after[name]).all()


@pytest.mark.parametrize("pixels_at_once", [1, 40, 100, 10_000])
@pytest.mark.parametrize("seed", range(5))
def test_features_are_the_same_whichever_rows_are_looked_at_together(
    monkeypatch, pixels_at_once, seed
):
    rng = np.random.default_rng(seed)
    labels = np.kron(rng.integers(0, 6, (6, 7)), np.ones((3, 3))).astype(np.uint32)
    labels[0, :6] = range(6)  # no number is missing
    foreground = rng.random(labels.shape)
    flows = rng.normal(size=(40, 30, 2)).astype(np.float32)
    excluded = rng.random(labels.shape) < 0.1
    labels[excluded] = 0
    whole = features(labels, foreground, flows=flows, excluded=excluded)
    monkeypatch.setattr(confidence, "_PIXELS_AT_ONCE", pixels_at_once)
    in_bands = features(labels, foreground, flows=flows, excluded=excluded)
    for name in FEATURES:
        np.testing.assert_allclose(in_bands[name], whole[name], rtol=1e-12, err_msg=name)


def test_features_follow_their_object_when_numbers_change():
    rng = np.random.default_rng(0)
    labels = np.kron(rng.integers(0, 6, (6, 7)), np.ones((3, 3))).astype(np.uint32)
    order = np.array([0, *(rng.permutation(5) + 1)])
    foreground = rng.random(labels.shape)
    before = features(labels, foreground)
    after = features(order[labels].astype(np.uint32), foreground)
    for name in FEATURES:
        np.testing.assert_allclose(after[name][order[1:] - 1], before[name], rtol=1e-6)


def test_the_confidence_is_the_logistic_function_of_chosen_features():
    values = np.zeros((3, len(FEATURES)))
    values[:, FEATURES.index("edge_contrast")] = [0, 0.5, 1]
    values[:, FEATURES.index("log_area")] = [4, 4, 7]
    learnt = Confidence(
        features=("log_area", "edge_contrast"), coefficients=(0.5, 4.0), intercept=-4.0
    )
    expected = 1 / (1 + np.exp([2, 0, -3.5]))
    np.testing.assert_allclose(confidence_of(values, learnt), expected, rtol=1e-6)


def test_a_confidence_beyond_all_doubt_stays_a_number():
    learnt = Confidence(features=("log_area",), coefficients=(1e9,), intercept=0)
    values = np.array([[1.0], [-1.0]]) * np.ones(len(FEATURES))
    assert confidence_of(values, learnt) == pytest.approx([1, 0])


def test_a_feature_that_is_not_known_is_refused():
    learnt = Confidence(features=("colour",), coefficients=(1,), intercept=0)
    with pytest.raises(
        ModelError, match="confidence needs colour, which is not known here"
    ):
        confidence_of(np.zeros((1, len(FEATURES))), learnt)
