from dataclasses import replace

import numpy as np
import pytest

from segmetry import read
from segmetry.errors import PictureError, SegmetryWarning
from segmetry.image import Image, PixelSize
from segmetry.models.neurons import Neurons, clearest_channel


def cells(*middles, radius=10, shape=(90, 120)):
    """Grey values of bright discs on dark ground."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    pixels = np.full(shape, 12.0)
    for row, column in middles:
        pixels[np.hypot(y - row, x - column) <= radius] = 200
    return pixels + np.random.default_rng(0).normal(0, 2, shape)


def coloured(grey, weights):
    pixels = grey[..., None] * np.asarray(weights)
    return Image(pixels.clip(0, 255).astype(np.uint8), axes="YXC", name="slice.png")


COLOURS = ("red", "green", "blue")
TWO = ((30, 30), (60, 90))


@pytest.fixture
def neurons(make_model):
    """A network that calls bright what is over half of the brightest."""
    return Neurons(model=str(make_model().path), min_area=50)


@pytest.mark.parametrize(
    ("weights", "channel"),
    [
        ((1, 0.8, 0), 0),
        ((1, 0, 0), 0),
        ((0.1, 1, 0.1), 1),
        ((0, 0.1, 1), 2),
        ((1, 1, 1), 0),
    ],
)
def test_the_clearest_channel_is_that_of_the_colour(neurons, weights, channel):
    image = coloured(cells(*TWO), weights)
    assert clearest_channel(image) == channel
    labels, maps = neurons.labels_and_maps(image)
    assert len(labels.ids) == 2
    assert maps.found["found_channel"] == channel
    told = labels.steps[-1].options
    assert told["found_channel"] == channel
    assert f"It looked in channel {channel} {COLOURS[channel]}" in told["reason"]


@pytest.mark.parametrize("seed", range(10))
def test_the_colour_of_cells_changes_nothing(neurons, seed):
    rng = np.random.default_rng(seed)
    grey = np.rint(cells(*TWO)).clip(0, 255)
    weights = rng.uniform(0, 0.4, 3)
    weights[rng.integers(3)] = 1
    found = neurons(coloured(grey, weights)).data
    assert np.array_equal(found, neurons(Image(grey.astype(np.uint8))).data)


@pytest.mark.parametrize("n_channels", [1, 2, 4, 5])
def test_any_number_of_channels_will_do(neurons, n_channels):
    pixels = np.stack([cells((45, 60)) * 0.2] * (n_channels - 1) + [cells(*TWO)], axis=-1)
    image = Image(pixels.astype(np.float32), axes="YXC", name="slice.tif")
    assert clearest_channel(image) == n_channels - 1
    assert len(neurons(image).ids) == 2


def test_what_is_excluded_does_not_choose_the_channel():
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[5:15, 5:15, 1] = 60
    pixels[20:40, 30:, 2] = 250
    excluded = np.zeros((40, 60), bool)
    assert clearest_channel(Image(pixels, axes="YXC", excluded=excluded)) == 2
    excluded[20:, 30:] = True
    assert clearest_channel(Image(pixels, axes="YXC", excluded=excluded)) == 1


def test_a_channel_that_shows_other_things_as_brightly_is_told_of(neurons):
    pixels = np.stack([cells((20, 20), (70, 20)), 0.9 * cells(*TWO)], axis=-1)
    image = Image(pixels.astype(np.float32), axes="YXC", name="two.tif")
    with pytest.warns(SegmetryWarning, match="channel 0, the clearest, but channel 1"):
        neurons(image)
    named = coloured(cells(*TWO), (1, 0, 0)).pixels.copy()
    named[..., 2] = cells((20, 80), (70, 20)).clip(0, 255) * 0.8
    with pytest.warns(SegmetryWarning, match="channel 0 red, the clearest"):
        neurons(Image(named, axes="YXC", name="two.png"))


def test_a_grey_picture_has_no_channel_to_choose(neurons):
    labels, maps = neurons.labels_and_maps(Image(cells(*TWO).astype(np.float32)))
    assert len(labels.ids) == 2
    assert "found_channel" not in maps.found


def test_a_flat_channel_beside_is_no_rival(neurons):
    pixels = np.stack([cells(*TWO), np.full((90, 120), 200.0)], axis=-1)
    assert len(neurons(Image(pixels.astype(np.float32), axes="YXC")).ids) == 2


SIX = tuple((row, column) for row in (20, 70) for column in (20, 60, 100))


def sized(um, *places):
    size = PixelSize(um, um, "um", source="typed", uncertainty=0)
    return Image(cells(*places or TWO).astype(np.float32), pixel_size=size)


@pytest.mark.parametrize(("um", "diameter_um"), [(0.5, 10), (0.25, 5), (1, 20), (0.5, 20)])
def test_micrometres_tell_the_scale_where_the_pixel_size_is_known(
    make_model, um, diameter_um
):
    model = make_model(scale="match", diameter_px=20)
    neurons = Neurons(model=str(model.path), diameter_um=diameter_um)
    found = neurons.labels_and_maps(sized(um))[1].found
    assert found["scale"] == pytest.approx(20 / (diameter_um / um), rel=1e-3)
    assert found["found_diameter"] == pytest.approx(diameter_um / um)


def test_a_pixel_size_that_makes_cells_huge_is_told_and_ends_nothing(make_model):
    path = str(make_model(scale="match", diameter_px=20).path)
    with pytest.warns(SegmetryWarning, match="it learned from about 20 px"):
        _, maps = Neurons(model=path).labels_and_maps(sized(0.0005))
    assert maps.found["found_diameter"] == 10_000


@pytest.mark.parametrize("times", [0.5, 0.65, 1.5, 2.0])
def test_cells_of_another_size_than_looked_for_are_told_with_what_to_do(make_model, times):
    neurons = Neurons(model=str(make_model(scale="match", diameter_px=20).path))
    wanted = replace(neurons, diameter_um=10 / times)  # the cells are 20 px, 10 µm
    with pytest.warns(SegmetryWarning, match=r"typically (9\.\d|10|11) µm") as told:
        wanted(sized(0.5, *SIX))
    (sentence,) = [str(one.message) for one in told if "typically" in str(one.message)]
    assert "Check the pixel size (0.5 µm)" in sentence
    found = sentence.partition("diameter_um=")[2].split()[0]
    replace(neurons, diameter_um=float(found))(sized(0.5, *SIX))  # says nothing


@pytest.mark.parametrize("times", [0.8, 1, 1.3])
def test_cells_of_about_the_size_looked_for_are_no_reason_to_say_so(make_model, times):
    neurons = Neurons(
        model=str(make_model(scale="match", diameter_px=20).path), diameter_um=10 / times
    )
    assert len(neurons(sized(0.5, *SIX)).ids) == 6


def test_few_cells_say_nothing_of_the_size_of_all(make_model):
    model = str(make_model(scale="match", diameter_px=20).path)
    assert len(Neurons(model=model, diameter_um=5)(sized(0.5)).ids) == 2


def test_a_diameter_in_pixels_goes_before_one_in_micrometres(make_model):
    model = make_model(scale="match", diameter_px=20)
    neurons = Neurons(model=str(model.path), diameter=40, diameter_um=10)
    assert neurons.labels_and_maps(sized(0.5))[1].found["scale"] == pytest.approx(0.5)


def test_without_a_pixel_size_the_size_is_looked_for(make_model):
    neurons = Neurons(model=str(make_model(scale="match", diameter_px=20).path))
    image = Image(cells(*TWO).astype(np.float32))
    looked_for = neurons.labels_and_maps(image)[1].found
    assert looked_for["found_diameter"] == pytest.approx(20, rel=0.15)
    asked = replace(neurons, diameter_um=0).labels_and_maps(sized(0.1))[1].found
    assert asked == looked_for


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (Image(np.zeros((3, 20, 20, 2)), axes="ZYXC"), "volume of 3 slices"),
        (Image(np.full((20, 20, 3), 7, np.uint8), axes="YXC"), "flat"),
    ],
)
def test_pictures_without_anything_to_find_are_refused(neurons, image, said):
    with pytest.raises(PictureError, match=said):
        neurons(image)


@pytest.fixture(scope="module")
def red(data):
    """A slice of the training, 1600 x 1200 pixels."""
    return read(data("fluocells/train") / "images" / "red_MAR31S1C1R2_DMHr_200x_r.png")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The model neurons:segmetry.errors.SegmetryWarning")
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0)])
def test_the_shipped_model_finds_the_same_cells_in_any_colour(red, order):
    part = np.s_[200:800, 400:1000]
    seen = replace(red, pixels=red.pixels[part][..., order])
    found = Neurons(diameter=36)(seen)
    usual = Neurons(diameter=36)(Image(red.pixels[part][..., 0]))
    assert len(usual.ids) > 3
    assert np.array_equal(found.data, usual.data)
