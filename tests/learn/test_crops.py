import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from segmetry import Image
from segmetry.learn.crops import Geometry, draw_crop, turned
from segmetry.learn.examples import Example, Prepared, prepare
from segmetry.models.outputs import decoded_flows
from segmetry.segment.flows import towards_middles

STILL = Geometry.none()
WILD = Geometry(rotation=180, octaves=0.4, shear=0.2, stretch=0.2, elastic=2.0)
ALONE = {
    "rotation": replace(STILL, rotation=180),
    "flips": replace(STILL, flips=True),
    "quarters": replace(STILL, quarters=True),
    "octaves": replace(STILL, octaves=0.4),
    "shear": replace(STILL, shear=0.3),
    "stretch": replace(STILL, stretch=0.3),
    "elastic": replace(STILL, elastic=2.0),
    "all": WILD,
}


def source(values, *, targets=None, weight=None, zoom=1.0, middles=()):
    """Something to draw crops from; values and targets from 0 to 1, shape (Y, X)."""
    values = np.asarray(values, float)
    targets = values if targets is None else targets
    counted = np.ones(values.shape) if weight is None else weight
    return Prepared(
        pixels=np.rint((values[..., None] + 0.5) / 2 * 65535).astype(np.uint16),
        targets=np.rint(targets[..., None] * 255).astype(np.uint8),
        weight=counted.astype(np.uint8),
        middles=np.asarray(middles, np.float32).reshape(-1, 2),
        zoom=zoom,
        example=Example(Image(np.zeros(values.shape)), np.zeros(values.shape, np.uint32)),
    )


def smooth(seed, shape=(90, 110)):
    """Smooth hills from 0 to 1."""
    rng = np.random.default_rng(seed)
    hills = ndimage.gaussian_filter(rng.random(shape), 6)
    return (hills - hills.min()) / np.ptp(hills)


def crop(made, *, side=48, geometry=STILL, seed=0):
    return draw_crop(made, side=side, geometry=geometry, random=np.random.default_rng(seed))


@pytest.mark.parametrize("side", [16, 33])
def test_a_crop_of_the_pictures_size_without_changes_is_the_picture(side):
    picture = np.random.default_rng(0).random((side, side))
    values, targets, weight = crop(source(picture), side=side)
    assert np.abs(values[..., 0] - picture).max() < 2 / 65535
    assert np.abs(targets[..., 0] - picture).max() <= 0.5 / 255 + 1e-6
    assert weight.all()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("side", [32, 47])
@pytest.mark.parametrize("geometry", [STILL, replace(STILL, flips=True)])
def test_without_changes_a_crop_is_a_part_of_the_picture_to_the_pixel(seed, side, geometry):
    noise = np.random.default_rng(seed).random((70, 91))
    values = crop(source(noise), side=side, geometry=geometry, seed=seed)[0][..., 0]
    parts = np.lib.stride_tricks.sliding_window_view(noise, (side, side))
    mirrored = [values, values[:, ::-1]] if geometry.flips else [values]
    away = min(np.abs(parts - one).max(axis=(2, 3)).min() for one in mirrored)
    assert away < 2 / 65535


@pytest.mark.parametrize("side", [32, 47])
def test_quarters_turn_crops_to_the_pixel_each_as_often(side):
    noise = np.random.default_rng(0).random((70, 91))
    parts = np.lib.stride_tricks.sliding_window_view(noise, (side, side))
    geometry = replace(STILL, quarters=True)
    turned = []
    for seed in range(24):
        values = crop(source(noise), side=side, geometry=geometry, seed=seed)[0][..., 0]
        away = [
            np.abs(parts - np.rot90(values, k)).max(axis=(2, 3)).min() for k in range(4)
        ]
        assert min(away) < 2 / 65535
        turned.append(int(np.argmin(away)))
    assert min(turned.count(k) for k in range(4)) >= 2


@pytest.mark.parametrize("geometry", ALONE.values(), ids=ALONE)
@pytest.mark.parametrize("zoom", [1.0, 2.5])
@pytest.mark.parametrize("seed", range(3))
def test_values_and_targets_move_together(geometry, zoom, seed):
    made = source(smooth(seed), zoom=zoom)
    values, targets, _ = crop(made, geometry=geometry, seed=seed)
    assert np.abs(values - targets).max() < 1.5 / 255
    assert np.ptp(values) > 0.05


@pytest.mark.parametrize("geometry", ALONE.values(), ids=ALONE)
def test_weights_move_with_the_pixels_they_weigh(geometry):
    picture = np.zeros((240, 240))  # so large that no crop shows it mirrored
    picture[105:135, 110:130] = 1
    made = source(picture, weight=picture, middles=[(120, 120)])
    for seed in range(5):
        values, _, weight = crop(made, geometry=geometry, seed=seed)
        differs = (weight > 0) != (values[..., 0] > 0.5)
        assert differs.mean() < 0.005
        assert abs(values[..., 0][differs] - 0.5).max(initial=0) < 0.1


def test_half_of_the_crops_are_mirrored_left_to_right():
    geometry = replace(STILL, flips=True)
    matrices = [slopes(geometry, seed) for seed in range(40)]
    for matrix in matrices:
        assert np.allclose(np.abs(matrix), np.eye(2), atol=0.02)
        assert matrix[1, 1] > 0
    assert 10 <= sum(matrix[0, 0] < 0 for matrix in matrices) <= 30


def slopes(geometry, seed, zoom=1.0):
    """The matrix from steps in the crop to steps in the picture (x, then y)."""
    y, x = np.mgrid[:120, :120] / 120
    rows = [
        crop(source(ramp, zoom=zoom), side=16, geometry=geometry, seed=seed)[0][..., 0]
        for ramp in (x, y)
    ]
    inside = (slice(4, 12), slice(4, 12))
    steps = [
        [np.gradient(row, axis=axis)[inside].mean() for axis in (1, 0)] for row in rows
    ]
    return 120 * np.array(steps)


@pytest.mark.parametrize("seed", range(8))
def test_rotation_alone_keeps_lengths_and_angles(seed):
    matrix = slopes(replace(STILL, rotation=180), seed)
    assert np.allclose(matrix @ matrix.T, np.eye(2), atol=0.02)
    assert np.linalg.det(matrix) == pytest.approx(1, abs=0.02)


def test_angles_reach_the_limit_and_not_beyond():
    found = []
    for seed in range(40):
        matrix = slopes(replace(STILL, rotation=30), seed)
        found.append(math.degrees(math.atan2(matrix[1, 0], matrix[0, 0])))
    assert max(np.abs(found)) < 31
    assert max(found) > 15
    assert min(found) < -15


@pytest.mark.parametrize("name", ["shear", "stretch"])
@pytest.mark.parametrize("seed", range(6))
def test_shear_and_stretch_keep_areas(name, seed):
    matrix = slopes(ALONE[name], seed)
    assert np.linalg.det(matrix) == pytest.approx(1, abs=0.02)
    if name == "shear":
        assert np.diag(matrix) == pytest.approx([1, 1], abs=0.02)
        assert abs(matrix[0, 1]) < 0.32
        assert matrix[1, 0] == pytest.approx(0, abs=0.01)
    else:
        assert 0.7 < matrix[0, 0] < 1.31
        assert matrix[0, 1] == pytest.approx(0, abs=0.01)


def test_scales_are_spread_in_octaves_as_asked():
    octaves = np.array(
        [-math.log2(slopes(replace(STILL, octaves=0.3), seed)[0, 0]) for seed in range(150)]
    )
    assert abs(octaves.mean()) < 4 * 0.3 / math.sqrt(150)
    assert octaves.std() == pytest.approx(0.3, rel=0.25)
    assert np.abs(octaves).max() < 2.5 * 0.3 + 0.03


@pytest.mark.parametrize("zoom", [1.5, 4.0])
def test_a_zoomed_crop_is_enlarged(zoom):
    assert slopes(STILL, seed=0, zoom=zoom) == pytest.approx(np.eye(2) / zoom, abs=0.02)


def test_a_bent_crop_strays_as_far_as_asked_and_is_never_folded():
    made = source(np.tile(np.arange(192) / 192, (192, 1)))
    strays = []
    for seed in range(15):
        geometry = replace(STILL, elastic=1.5)
        ramp = (
            192 * crop(made, side=192, geometry=geometry, seed=seed)[0][20:-20, 20:-20, 0]
        )
        stray = ramp - np.arange(20, 172)
        strays.append(stray)
        assert np.diff(ramp, axis=1).min() > 0.2
    assert 0.8 < np.std(strays) < 2.2
    assert np.abs(strays).max() < 1.5 * 6


@pytest.mark.parametrize("geometry", [STILL, WILD], ids=["still", "wild"])
def test_outside_the_picture_nothing_counts(geometry):
    made = source(np.ones((20, 30)))
    for seed in range(5):
        _, _, weight = crop(made, side=64, geometry=geometry, seed=seed)
        assert 0 < weight.sum() < 64 * 64
    _, _, weight = crop(made, side=64)
    rows, columns = np.nonzero(weight)
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 == 30
    assert weight.sum() == 600


def test_what_lies_outside_is_the_picture_mirrored():
    picture = smooth(1, (24, 24))
    values, targets, weight = crop(source(picture), side=48)
    assert np.array_equal(values[12:36, 12:36, 0] > 0.5, picture > 0.5)
    assert np.abs(values[:12, 12:36, 0] - values[24:12:-1, 12:36, 0]).max() < 1e-4
    assert np.abs(values - targets).max() < 1.5 / 255
    assert weight[12:36, 12:36].all()


def test_excluded_pixels_do_not_count():
    counted = np.ones((60, 60), bool)
    counted[:, 30:] = False
    _, _, weight = crop(source(smooth(0, (60, 60)), weight=counted), side=60)
    assert np.array_equal(weight > 0, counted)


def test_weights_are_one_or_nothing():
    made = source(smooth(0, (30, 30)))
    _, _, weight = crop(made, geometry=WILD, seed=2)
    assert set(np.unique(weight)) == {0, 1}


def test_half_of_the_crops_are_drawn_beside_objects():
    middle = (500.0, 700.0)
    y, x = np.mgrid[:1000, :1400]
    made = [source(ramp / 1400, middles=[middle]) for ramp in (y, x)]
    n_near = 0
    for seed in range(200):
        row, column = (
            1400 * crop(one, side=40, seed=seed)[0][19:21, 19:21].mean() for one in made
        )
        n_near += abs(row - middle[0]) <= 11 and abs(column - middle[1]) <= 11
    assert 75 < n_near < 125


@pytest.mark.parametrize("near", [True, False])
def test_crops_lie_within_the_picture_as_far_as_they_fit(near):
    middles = [(0, 0), (89, 0), (0, 109), (89, 109)] if near else []
    made = source(smooth(0), middles=middles)
    for seed in range(30):
        assert crop(made, seed=seed)[2][1:-1, 1:-1].all()


def test_crops_reach_all_of_the_picture():
    y, x = np.mgrid[:100, :120]
    seen = np.zeros((100, 120), bool)
    for seed in range(200):
        row, column = (
            round(120 * float(crop(source(ramp / 120), side=32, seed=seed)[0][0, 0, 0]))
            for ramp in (y, x)
        )
        seen[row : row + 32, column : column + 32] = True
    assert seen.mean() > 0.99


@pytest.mark.parametrize("radius", [3, 7, 12, 30])
def test_objects_of_any_picture_come_out_with_the_wished_diameter(radius):
    pitch = 2 * radius + 4
    y, x = np.mgrid[: 12 * pitch, : 12 * pitch]
    labels = (y // pitch * 12 + x // pitch + 1).astype(np.uint32)
    away = np.hypot(y % pitch - pitch / 2, x % pitch - pitch / 2)
    labels[away > radius] = 0
    image = Image(np.where(labels > 0, 200, 30).astype(np.uint8))
    made = prepare([Example(image, labels)], channels=1, diameter=16.0)[0]
    geometry = Geometry(octaves=0.0, elastic=0.0)
    shares = [
        crop(made, side=128, geometry=geometry, seed=seed)[1][..., 0].mean()
        for seed in range(20)
    ]
    assert np.mean(shares) == pytest.approx((labels > 0).mean(), rel=0.08)
    scale = made.zoom * made.weight.shape[0] / labels.shape[0]
    diameter = math.sqrt(np.mean(shares) * (pitch * scale) ** 2 * 4 / math.pi)
    assert diameter == pytest.approx(16, rel=0.06)


def test_the_same_random_numbers_draw_the_same_crop():
    made = source(smooth(0))
    first, second, other = (crop(made, geometry=WILD, seed=seed) for seed in (4, 4, 5))
    for one, same in zip(first, second, strict=True):
        assert np.array_equal(one, same)
    assert not np.array_equal(first[0], other[0])


def test_colours_are_moved_together():
    picture = smooth(3)
    made = source(picture)
    coloured = replace(made, pixels=np.repeat(made.pixels, 3, axis=-1))
    values, _, _ = crop(coloured, geometry=WILD)
    assert values.shape == (48, 48, 3)
    assert np.array_equal(values[..., 0], values[..., 2])
    assert np.array_equal(values[..., :1], crop(made, geometry=WILD)[0])


def ellipse(high=20, wide=14):
    y, x = np.ogrid[:72, :96]
    return (((y - 36) / high) ** 2 + ((x - 48) / wide) ** 2 <= 1).astype(np.uint32)


def share_inward(vectors, inside, middle):
    """Mean of how far vectors lead to a middle, where they are not too near to it."""
    pixels = np.argwhere(inside)
    ways = np.asarray(middle) - pixels
    far = np.linalg.norm(ways, axis=-1) > 3
    ways = ways[far] / np.linalg.norm(ways[far], axis=-1, keepdims=True)
    own = vectors[tuple(pixels[far].T)]
    assert np.linalg.norm(own, axis=-1) == pytest.approx(1, abs=1e-4)
    return (own * ways).sum(axis=-1).mean()


@pytest.mark.parametrize("degrees", [0, 30, 90, 200])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("scale", [0.6, 1.0, 1.7])
def test_vectors_turn_with_the_picture(degrees, mirrored, scale):
    labels = ellipse()
    angle = np.deg2rad(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = scale * matrix @ np.diag([1, -1 if mirrored else 1])
    offsets = np.stack(np.mgrid[-16:17, -16:17], axis=-1)
    at_y, at_x = np.moveaxis((offsets @ matrix.T + (36, 48)).astype(np.float32), -1, 0)
    row, column = np.rint(at_y).astype(int), np.rint(at_x).astype(int)
    inside = (row >= 0) & (row < 72) & (column >= 0) & (column < 96)
    nearest = row.clip(0, 71), column.clip(0, 95)
    own = turned(towards_middles(labels)[nearest], at_y, at_x)
    shown = inside & (labels[nearest] > 0)
    assert share_inward(own, shown, (16, 16)) > 0.9


@pytest.mark.parametrize("zoom", [1.0, 2.0])
@pytest.mark.parametrize("seed", range(6))
def test_a_crop_holds_flows_that_lead_to_the_middles_of_its_objects(seed, zoom):
    labels = ellipse(20 / zoom, 14 / zoom)
    made = source(labels / 1.0, zoom=zoom)
    made = replace(made, vectors=towards_middles(labels))
    # A crop larger than the picture lies about its middle, and holds the ellipse whole.
    values, targets, weight = crop(made, side=200, geometry=WILD, seed=seed)
    assert targets.shape == (200, 200, 3)
    assert targets.min() >= 0
    assert targets.max() <= 1
    flows = decoded_flows(targets[..., 1:])
    assert np.abs(flows[(values[..., 0] < 0.01) & (weight > 0)]).max() < 1e-5
    inside = (targets[..., 0] > 0.99) & (weight > 0)
    assert inside.sum() > 150
    assert share_inward(flows, inside, np.argwhere(inside).mean(axis=0)) > 0.85


def test_where_no_flows_are_wanted_there_are_none():
    assert source(ellipse() / 1.0).vectors is None
    assert crop(source(ellipse() / 1.0))[1].shape[-1] == 1
