import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.segment.pixel_features import (
    PER_SCALE,
    SCALES,
    channels_of,
    feature_levels,
    feature_names,
    feature_reach,
    feature_strips,
    pixel_features,
)

SMALL = (1.0, 2.0)


def noise(seed, shape=(90, 110), channels=None):
    size = shape if channels is None else (*shape, channels)
    return np.random.default_rng(seed).normal(100, 20, size).astype(np.float32)


def of(features, name, scales=SMALL, channels=1):
    return features[..., feature_names(scales, channels=channels).index(name)]


def test_the_names_tell_the_number_of_features():
    assert pixel_features(Image(noise(0))).shape == (90, 110, len(SCALES) * len(PER_SCALE))
    coloured = pixel_features(Image(noise(0, channels=3), axes="YXC"), scales=SMALL)
    assert coloured.shape[-1] == len(feature_names(SMALL, channels=3)) == 18 + 6
    assert coloured.dtype == np.float32
    assert len(set(feature_names(SCALES, channels=3))) == 36 + 12


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(40, 90),
    st.sampled_from([(1.0,), (0.7, 3.0), SMALL]),
)
def test_a_tile_has_the_features_of_the_whole_picture(top, left, side, scales):
    whole = Image(noise(1, (150, 150)))
    levels = feature_levels(whole)
    tile = Image(whole.pixels[top : top + side, left : left + side])
    found = pixel_features(tile, scales=scales, levels=levels)
    wanted = pixel_features(whole, scales=scales)[top : top + side, left : left + side]
    reach = feature_reach(scales)
    height, width = tile.spatial_shape
    rows = slice(reach if top else 0, height - reach if top + side < 150 else height)
    columns = slice(reach if left else 0, width - reach if left + side < 150 else width)
    assert np.allclose(found[rows, columns], wanted[rows, columns], atol=2e-6)


def test_what_is_beyond_the_reach_changes_nothing_and_what_is_within_does():
    picture = noise(2)
    reach = feature_reach(SMALL)
    levels = feature_levels(Image(picture))
    before = pixel_features(Image(picture), scales=SMALL, levels=levels)[45, 55]
    changed = picture.copy()
    changed[45, 55 + reach + 1 :] = 0
    after = pixel_features(Image(changed), scales=SMALL, levels=levels)[45, 55]
    assert np.array_equal(before, after)
    changed[45, 55 + reach - 4 :] = 0
    assert not np.array_equal(
        before, pixel_features(Image(changed), scales=SMALL, levels=levels)[45, 55]
    )


def test_strips_are_the_whole_picture(monkeypatch):
    monkeypatch.setattr("segmetry.segment.pixel_features._STRIP", 110 * 20)
    pixels = noise(3, channels=3)
    excluded = np.zeros((90, 110), bool)
    excluded[30:50, 20:70] = True
    image = Image(pixels, axes="YXC", excluded=excluded)
    strips = list(feature_strips(image, scales=SMALL))
    assert [rows.start for rows, _ in strips] == [0, 20, 40, 60, 80]
    whole = np.concatenate([features for _, features in strips])
    assert np.allclose(whole, pixel_features(image, scales=SMALL), atol=2e-6)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.01, 500), st.floats(-1000, 1000), st.integers(0, 50))
def test_exposure_changes_nothing(times, more, seed):
    pixels = noise(seed, (40, 50)).astype(np.float64)
    before = pixel_features(Image(pixels), scales=SMALL)
    after = pixel_features(Image(times * pixels + more), scales=SMALL)
    # Float32 has seven digits: of a small range far from 0 few are left.
    rounding = np.abs(times * pixels + more).max() * 1e-6 / (times * np.ptp(pixels))
    assert np.allclose(before, after, atol=1e-4 + 40 * rounding)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_has_the_turned_features(turns):
    pixels = noise(4)
    before = pixel_features(Image(pixels), scales=SMALL)
    after = pixel_features(Image(np.rot90(pixels, turns).copy()), scales=SMALL)
    assert np.allclose(np.rot90(before, turns), after, atol=1e-5)


def test_a_thing_twice_as_large_gives_the_same_at_twice_the_scale():
    y, x = np.mgrid[-60:61, -60:61].astype(np.float32)
    spots = [Image(np.exp(-(x**2 + y**2) / (2 * s**2))) for s in (5.0, 10.0)]
    levels = np.array([[0.0, 1.0]])
    small, large = (
        pixel_features(spot, scales=(4.0, 8.0), levels=levels)[60, 60] for spot in spots
    )
    fine, coarse = small[: len(PER_SCALE)], large[len(PER_SCALE) :]
    for name in ("laplacian", "hessian large", "hessian small"):
        place = PER_SCALE.index(name)
        assert coarse[place] == pytest.approx(fine[place], rel=0.05)


def test_features_tell_edges_lines_spots_and_texture():
    lines = np.zeros((60, 80), np.float32)
    lines[:, 40:] = 1
    edge = pixel_features(Image(lines), scales=SMALL)
    assert of(edge, "gradient 1")[30].argmax() in {39, 40}
    assert of(edge, "structure large 1")[30, 40] > 5 * of(edge, "structure small 1")[30, 40]
    spots = np.zeros((60, 80), np.float32)
    spots[30, 20] = spots[:, 60] = 1
    found = pixel_features(Image(spots), scales=SMALL)
    large, small = of(found, "hessian large 1"), of(found, "hessian small 1")
    assert large[30, 20] < -0.01  # bright in all directions: both below 0
    assert abs(large[30, 60]) < 1e-5 < -small[30, 60]  # bright line: one of them
    rough = np.full((60, 80), 0.5, np.float32)
    rough[:, 40:] += np.random.default_rng(0).normal(0, 0.1, (60, 40))
    texture = of(pixel_features(Image(rough), scales=SMALL), "texture 1")
    assert texture[:, 50:].min() > 10 * texture[:, :30].max()


def test_differences_of_gaussians_add_up_to_the_picture():
    pixels = noise(5)
    features = pixel_features(Image(pixels), scales=SMALL)
    parts = [of(features, f"difference of gaussians {scale:g}") for scale in SMALL]
    low, high = feature_levels(Image(pixels))[0]
    scaled = np.clip((pixels - low) / (high - low), -1, 2)
    assert np.allclose(sum(parts) + of(features, "gauss 2"), scaled, atol=1e-5)


def test_excluded_pixels_hold_the_same_whatever_is_there():
    pixels, excluded = noise(6), np.zeros((90, 110), bool)
    excluded[70:] = True
    before = pixel_features(Image(pixels, excluded=excluded), scales=SMALL)
    changed = pixels.copy()
    changed[70:] = 60_000
    after = pixel_features(Image(changed, excluded=excluded), scales=SMALL)
    assert np.array_equal(before, after)


def test_a_hot_pixel_does_not_darken_the_picture():
    pixels = noise(7)
    hot = pixels.copy()
    hot[5, 5] = 1e9
    before = pixel_features(Image(pixels), scales=SMALL)[60:, 60:]
    assert np.allclose(
        pixel_features(Image(hot), scales=SMALL)[60:, 60:], before, atol=0.01
    )


def test_grey_and_coloured_pictures_can_stand_in_for_each_other():
    grey = noise(8)
    repeated = np.repeat(grey[..., None], 3, axis=-1)
    as_colour = pixel_features(Image(grey), scales=SMALL, channels=3)
    coloured = pixel_features(Image(repeated, axes="YXC"), scales=SMALL)
    assert np.allclose(as_colour, coloured, atol=1e-4)
    as_grey = pixel_features(Image(repeated, axes="YXC"), scales=SMALL, channels=1)
    assert np.allclose(as_grey, pixel_features(Image(grey), scales=SMALL), atol=1e-4)
    assert channels_of(Image(repeated, axes="YXC")) == 3


def test_flat_places_beside_rough_ones_have_no_texture_and_no_structure():
    pixels = noise(9)
    pixels[:, 40:] = 100
    features = pixel_features(Image(pixels))[:, 104:]
    assert np.isfinite(features).all()
    fine = [of(features, f"{name} 1", SCALES) for name in PER_SCALE if name != "gauss"]
    assert np.abs(fine).max() < 1e-3


def test_a_flat_or_wholly_excluded_picture_has_features_too():
    flat = Image(np.full((9, 9), 7, np.uint8))
    assert np.isfinite(pixel_features(flat)).all()
    nothing = Image(np.full((9, 9), 7, np.uint8), excluded=np.ones((9, 9), bool))
    assert np.isfinite(pixel_features(nothing)).all()


def test_what_cannot_be_is_refused():
    with pytest.raises(PictureError, match="a stack of 3"):
        pixel_features(Image(np.zeros((3, 9, 9)), axes="ZYX"))
    with pytest.raises(PictureError, match="of 3 channels or of one, got 2"):
        pixel_features(Image(np.zeros((9, 9, 2)), axes="YXC"), channels=3)
    for scales in ([], [2, 1], [0, 1], [1, 1], [1, np.inf], [np.nan]):
        with pytest.raises(ValueError, match="positive and rising"):
            pixel_features(Image(np.zeros((9, 9))), scales=scales)
