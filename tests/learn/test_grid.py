"""Crops of a grid: where they lie, what they share, and how often they are drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.image import Image
from segmetry.learn.augment import Appearance
from segmetry.learn.batches import batches_of, sampling_shares
from segmetry.learn.crops import Geometry, draw_crop, grid_of, grid_places
from segmetry.learn.crowding import Crowding
from segmetry.learn.examples import Example, prepare
from segmetry.learn.plan import Plan

CROWDING = Crowding(width=5, reach=21, min_area=4, min_hole=3, divisor=1.0)


def example(seed=0, *, shape=(80, 112), name="a", draws=(1.0,)):
    random = np.random.default_rng(seed)
    labels = np.zeros(shape, np.uint32)
    y, x = np.mgrid[: shape[0], : shape[1]]
    for number, (row, column) in enumerate(random.uniform(0, shape, (9, 2)), start=1):
        labels[np.hypot(y - row, x - column) <= 6] = number
    pixels = random.integers(0, 255, shape).astype(np.uint8)
    return Example(Image(pixels), labels, name=name, draws=draws)


def prepared(**options):
    return prepare([example(**options)], channels=1, diameter=None)[0]


@given(
    st.tuples(st.integers(1, 300), st.integers(1, 300)),
    st.integers(1, 120),
    st.integers(1, 120),
)
def test_crops_lie_within_the_picture_and_cover_it_where_they_overlap(shape, side, stride):
    places = grid_places(shape, side=side, stride=stride)
    covered = np.zeros(shape, bool)
    for row, column in places:
        assert 0 <= row <= max(shape[0] - side, 0)
        assert 0 <= column <= max(shape[1] - side, 0)
        covered[row : row + side, column : column + side] = True
    assert len(set(places)) == len(places)
    assert stride > side or covered.all()


def test_the_published_grid_goes_down_the_columns():
    places = grid_places((1200, 1600), side=512, stride=400)
    rows, columns = (0, 288, 688), (0, 288, 688, 1088)
    assert places == [(row, column) for column in columns for row in rows]


def test_a_crop_shares_the_memory_of_its_picture():
    source = prepared()
    crops = grid_of(source, side=32, stride=24)
    assert all(np.shares_memory(crop.pixels, source.pixels) for crop in crops)
    for crop, (row, column) in zip(
        crops, grid_places((80, 112), side=32, stride=24), strict=True
    ):
        window = slice(row, row + 32), slice(column, column + 32)
        assert np.array_equal(crop.pixels, source.pixels[window])
        assert np.array_equal(crop.targets, source.targets[window])
        assert np.array_equal(crop.weight, source.weight[window])
        inside = source.middles - (row, column)
        kept = inside[((inside >= 0) & (inside < 32)).all(axis=1)]
        assert np.array_equal(crop.middles, kept)


def test_vectors_of_a_crop_are_those_of_its_picture():
    source = prepare([example()], channels=1, diameter=None, has_flows=True)[0]
    crop = grid_of(source, side=32, stride=32)[3]
    row, column = grid_places((80, 112), side=32, stride=32)[3]
    expected = source.vectors[row : row + 32, column : column + 32]
    assert np.array_equal(crop.vectors, expected)


def test_a_crop_is_drawn_as_it_lies_without_changes():
    crop = grid_of(prepared(), side=32, stride=24)[4]
    values, targets, weight = draw_crop(
        crop, side=32, geometry=Geometry.none(), random=np.random.default_rng(0)
    )
    assert np.allclose(values, crop.pixels * (2 / 65535) - 0.5, atol=1e-6)
    assert np.allclose(targets, crop.targets / 255)
    assert (weight == 1).all()


def test_crops_are_drawn_as_often_as_their_picture_says_of_each():
    often = (5.0, 1.0, 1.0, 1.0)
    source = prepare([example(shape=(60, 60), draws=often)], channels=1, diameter=None)[0]
    crops = grid_of(source, side=40, stride=40)
    assert [crop.draws for crop in crops] == list(often)
    assert sampling_shares(crops).tolist() == pytest.approx([5 / 8, 1 / 8, 1 / 8, 1 / 8])
    alike = grid_of(prepared(draws=(3.0,)), side=40, stride=40)
    assert {crop.draws for crop in alike} == {3.0}


def test_pictures_are_drawn_as_often_as_they_say():
    sources = prepare(
        [example(1, name="a"), example(2, name="b", draws=(3.0,))],
        channels=1,
        diameter=None,
    )
    assert sampling_shares(sources).tolist() == pytest.approx([1 / 4, 3 / 4])


def plan(**options):
    architecture = {
        "kind": "c_resunet",
        "channels": 1,
        "outputs": ["foreground"],
        "base": 2,
    }
    usual = {"architecture": architecture, "diameter": None, "side": 32, "batch": 4}
    return Plan(**(usual | options))


def test_a_plan_with_a_stride_draws_from_its_grid():
    batches = batches_of([example()], plan(stride=24))
    assert len(batches.sources) == len(grid_places((80, 112), side=32, stride=24))
    pictures, targets, weight = batches.batch(0)
    assert pictures.shape == targets.shape == weight.shape == (4, 1, 32, 32)
    assert len(batches_of([example()], plan()).sources) == 1


def test_pixels_between_cells_count_more_in_a_batch_where_the_plan_says_so():
    still = {"geometry": Geometry.none(), "appearance": Appearance.none(), "stride": 24}
    _, targets, weight = batches_of([example()], plan(crowding=CROWDING, **still)).batch(0)
    assert weight[targets > 0.5].numpy() == pytest.approx(1.5)
    assert weight.min() >= 1 - 1e-5
    assert weight[targets == 0].max() > 1.2
    alike = batches_of([example()], plan(**still)).batch(0)[2]
    assert (alike == 1).all()


def test_specks_are_no_cells_where_crowding_leaves_them_out():
    labels = np.zeros((40, 40), np.uint32)
    labels[5, 5], labels[20:30, 20:30] = 1, 2
    one = Example(Image(np.zeros((40, 40))), labels)
    made = prepare([one], channels=1, diameter=None, crowding=CROWDING)[0]
    assert made.targets[5, 5] == 0
    assert made.targets[25, 25] == 255
    assert len(made.middles) == 1


def test_what_is_excluded_does_not_count_however_crowded_it_is():
    excluded = np.zeros((80, 112), bool)
    excluded[:, :50] = True
    one = example()
    hidden = Example(Image(one.image.pixels, excluded=excluded), one.labels)
    made = prepare([hidden], channels=1, diameter=None, crowding=CROWDING)[0]
    assert not made.weight[excluded].any()
    assert (made.weight[~excluded] > 0).all()
