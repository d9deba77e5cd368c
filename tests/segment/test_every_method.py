"""What holds for each of the methods that go beyond one cutoff."""

from dataclasses import fields

import numpy as np
import pytest

from segmetry.errors import PictureError, RecipeError
from segmetry.image import Image
from segmetry.segment import segmenter

COLOURED = ("kmeans", "gmm", "hierarchical")
NAMES = (*COLOURED, "regions", "watershed", "chanvese", "canny", "template")
USUAL = {  # what a method must be told of pictures of discs
    "hierarchical": {"superpixels": 600},
    "regions": {},
    "watershed": {"ground": "dark"},
}
SPACES = ("grey", "rgb", "hsv", "lab", "features")
CLOSE = {"hierarchical": 0.97}  # pieces of several pixels, from a grid that does not turn

everywhere = pytest.mark.parametrize("name", NAMES)
in_colour = pytest.mark.parametrize("name", COLOURED)


@pytest.fixture(scope="module")
def drawn(discs):
    return discs([9, 11, 13, 15, 10], shape=(120, 170))


def method(name, **options):
    return segmenter(name, **(USUAL.get(name, {}) | options))


def alike(found, other):
    """Share of pixels on which two results agree about what is object."""
    return np.mean((found > 0) == (other > 0))


@everywhere
def test_discs_are_found_one_by_one_and_where_they_are(name, drawn):
    found = method(name)(Image(drawn)).data
    assert found.max() == 5
    assert alike(found, drawn > 120) > CLOSE.get(name, 0.985)


@everywhere
def test_a_turned_picture_has_the_turned_objects(name, drawn):
    found = method(name)(Image(drawn)).data
    turned = method(name)(Image(np.rot90(drawn).copy())).data
    assert alike(np.rot90(found), turned) > CLOSE.get(name, 0.99)
    assert turned.max() == found.max()


@everywhere
def test_grey_values_that_are_scaled_and_shifted_give_the_same_objects(name, drawn):
    found = method(name)(Image(drawn)).data
    for pixels in (drawn.astype(np.uint16) * 16 + 1000, drawn / 512 - 0.25):
        again = method(name)(Image(pixels)).data
        assert alike(found, again) > 0.998
        assert again.max() == found.max()


@everywhere
def test_excluded_pixels_never_matter_and_hold_no_objects(name, drawn):
    excluded = np.zeros(drawn.shape, bool)
    excluded[:, 100:] = True
    rng = np.random.default_rng(1)
    results = []
    for beyond in (0, 255, rng.integers(0, 256, drawn.shape)):
        pixels = np.where(excluded, beyond, drawn).astype(np.uint8)
        labels, maps = method(name).labels_and_maps(Image(pixels, excluded=excluded))
        results.append(labels.data)
        assert not labels.data[excluded].any()
        assert not maps.foreground[excluded].any()
    assert results[0].any()
    for other in results[1:]:
        assert np.array_equal(results[0], other)


@everywhere
def test_what_is_not_excluded_may_be_broken(name, drawn):
    excluded = np.zeros(drawn.shape, bool)
    excluded[:10] = True
    pixels = drawn.astype(np.float32)
    pixels[:10] = np.nan
    assert method(name)(Image(pixels, excluded=excluded)).data.any()


@everywhere
def test_a_map_is_float32_from_0_to_1_and_a_picture_is_labelled_in_its_own_shape(
    name, drawn
):
    labels, maps = method(name).labels_and_maps(Image(drawn))
    assert labels.data.shape == maps.foreground.shape == drawn.shape
    assert labels.data.dtype == np.uint32
    assert maps.foreground.dtype == np.float32
    assert maps.foreground.min() >= 0
    assert maps.foreground.max() <= 1


@everywhere
def test_the_same_gives_the_same(name, drawn):
    first, second = (method(name).labels_and_maps(Image(drawn)) for _ in range(2))
    assert np.array_equal(first[0].data, second[0].data)
    assert np.array_equal(first[1].foreground, second[1].foreground)


@everywhere
@pytest.mark.parametrize("seed", range(3))
def test_no_object_is_below_the_least_area_and_numbers_have_no_gaps(name, seed):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (40, 50), dtype=np.uint8)
    areas = np.bincount(method(name, min_area=7)(Image(pixels)).data.ravel())[1:]
    assert (areas >= 7).all()


@everywhere
def test_a_picture_of_two_values_is_taken_apart_or_left_empty(name):
    pixels = np.full((40, 44), 7, np.uint8)
    pixels[10:24, 12:30] = 9
    found = method(name)(Image(pixels)).data
    if name in COLOURED:
        assert alike(found, pixels == 9) > 0.97
    assert found.max() <= 1


@everywhere
@pytest.mark.parametrize("shape", [(3, 3), (3, 40), (40, 3)])
def test_tiny_and_thin_pictures_pass(name, shape):
    pixels = np.zeros(shape, np.uint8)
    pixels[1, 1] = 200
    assert method(name, min_area=1)(Image(pixels)).data.shape == shape


@everywhere
@pytest.mark.parametrize("n", [1, 3])
def test_pictures_of_which_a_pixel_or_three_count_pass_or_are_flat(name, n):
    pixels = np.arange(900).reshape(30, 30).astype(np.uint16)
    excluded = np.ones((30, 30), bool)
    excluded[15, 15 : 15 + n] = False
    image = Image(pixels, excluded=excluded)
    if n == 1:
        with pytest.raises(PictureError, match="flat value"):
            method(name)(image)
    else:
        assert not method(name)(image).data[excluded].any()


@everywhere
@pytest.mark.parametrize(
    ("pixels", "told"),
    [
        (np.full((9, 9), 4), "flat value"),
        (np.where(np.eye(9) > 0, np.nan, 1.0), "NaN or infinite"),
        (np.eye(2), "too small"),
    ],
)
def test_pictures_with_nothing_to_segment_are_refused(name, pixels, told):
    with pytest.raises(PictureError, match=told):
        method(name)(Image(pixels))


@everywhere
def test_a_stack_is_refused(name):
    with pytest.raises(PictureError, match="volume of 2 slices"):
        method(name)(Image(np.zeros((2, 9, 9)), axes="ZYX"))


@in_colour
@pytest.mark.parametrize("space", SPACES)
def test_grey_that_is_stored_as_colour_is_grey(name, space, drawn):
    grey = method(name, space=space)(Image(drawn)).data
    stored = Image(np.stack([drawn] * 3, axis=-1), axes="YXC")
    assert alike(method(name, space=space)(stored).data, grey) > CLOSE.get(name, 0.99)


@in_colour
@pytest.mark.parametrize("space", ["rgb", "hsv", "lab"])
def test_colours_of_one_brightness_are_told_apart(name, space):
    rng = np.random.default_rng(0)
    red, green = np.array([150.0, 60, 60]), np.array([60.0, 106, 60])  # of the same grey
    mask = np.zeros((60, 70), bool)
    mask[20:40, 15:50] = True
    pixels = np.where(mask[..., None], red, green) + rng.normal(0, 4, (60, 70, 3))
    found = method(name, space=space, denoise=0)(Image(pixels, axes="YXC")).data > 0
    agreed = alike(found, mask)
    assert max(agreed, 1 - agreed) > 0.98


@in_colour
@pytest.mark.parametrize("space", ["hsv", "lab"])
def test_two_channels_are_no_colour(name, space):
    image = Image(np.random.default_rng(0).random((9, 9, 2)), axes="YXC")
    with pytest.raises(PictureError, match="needs the three channels"):
        method(name, space=space)(image)
    assert method(name, space="rgb", min_area=1)(image).data.shape == (9, 9)


@in_colour
def test_a_picture_of_one_flat_colour_is_refused(name):
    flat = Image(np.tile(np.array([10, 20, 30], np.uint8), (9, 9, 1)), axes="YXC")
    for space in ("rgb", "hsv", "lab", "grey", "features"):
        with pytest.raises(PictureError, match="flat"):
            method(name, space=space)(flat)


@in_colour
@pytest.mark.parametrize("n", [2, 3, 5])
def test_clusters_go_out_as_classes_from_dark_to_bright(name, n):
    levels = np.linspace(20, 220, n)
    pixels = np.repeat(levels, 24)[None, :] + np.random.default_rng(0).normal(
        0, 3, (60, 24 * n)
    )
    segment = method(name, clusters=n, polarity="bright", min_area=1)
    labels, maps = segment.labels_and_maps(Image(pixels))
    assert maps.classes.shape == (60, 24 * n, n)
    off = 10 if name in CLOSE else 2  # a piece may lie across an edge
    assert np.allclose(maps.classes.sum(axis=-1), 1, atol=1e-5)
    likeliest = maps.classes.argmax(axis=-1)
    assert np.mean(likeliest == np.repeat(np.arange(n), 24)) > CLOSE.get(name, 0.98)
    assert np.mean((labels.data > 0) == (likeliest == n - 1)) > 0.97
    assert np.allclose(maps.found["found_brightness"], levels, atol=off)


@in_colour
def test_several_clusters_may_be_objects(name):
    pixels = np.repeat([20.0, 120.0, 220.0], 24) + np.random.default_rng(0).normal(
        0, 3, (60, 72)
    )
    for taken, polarity, columns in (
        (2, "bright", slice(24, 72)),
        (1, "bright", slice(48, 72)),
        (2, "dark", slice(0, 48)),
    ):
        expected = np.zeros((60, 72), bool)
        expected[:, columns] = True
        options = {"clusters": 3, "taken": taken, "polarity": polarity, "denoise": 0}
        found = method(name, **options)(Image(pixels)).data
        assert alike(found, expected) > 0.98


@in_colour
def test_nothing_may_be_left_of_the_background(name):
    with pytest.raises(RecipeError, match="taken must be below the number of clusters, 2"):
        method(name, taken=2)


@in_colour
def test_dark_objects_are_told_from_bright_ones(name, drawn):
    for pixels, polarity in ((drawn, "bright"), (255 - drawn, "dark")):
        labels = method(name)(Image(pixels))
        assert labels.steps[0].options["found_polarity"] == polarity
        assert labels.data.max() == 5


@everywhere
def test_the_history_holds_every_option(name, drawn):
    options = method(name)(Image(drawn)).steps[0].options
    assert {item.name for item in fields(method(name))} <= set(options)
    assert any(key.startswith("found_") for key in options)


@everywhere
def test_a_method_is_imported_without_the_packages_that_it_runs_on(name, loaded_by):
    loaded = loaded_by(
        f"from segmetry.segment import segmenter_options; segmenter_options({name!r})"
    )
    assert {"sklearn", "skimage", "matplotlib", "pandas"}.isdisjoint(loaded)
