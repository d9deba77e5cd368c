"""Stains: mixtures made from known colours come apart into what was mixed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import hdx_from_rgb, rgb_from_hdx, separate_stains
from skimage.data import immunohistochemistry

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.prepare.stains import (
    SLIDES,
    Stains,
    estimate_stains,
    look_at_stain,
    optical_density,
    published_stains,
    stain_density,
)

both_slides = st.sampled_from(sorted(SLIDES))


def mixed(amounts, vectors) -> Image:
    """Return the picture of stains by Beer and Lambert, as fractions of white."""
    return Image(10 ** -(amounts @ vectors), axes="YXC")


def in_patches(seed, *, shape=(60, 60)):
    """Return amounts of two stains: some pixels have one, some the other, some both."""
    random = np.random.default_rng(seed)
    amounts = random.uniform(0.3, 1.2, (*shape, 2))
    kind = random.integers(0, 3, shape)
    amounts[kind == 0, 0] = 0
    amounts[kind == 1, 1] = 0
    return amounts


@given(slide=both_slides, seed=st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_a_mixture_comes_apart_into_what_was_mixed(slide, seed):
    amounts = np.random.default_rng(seed).uniform(0, 1.5, (6, 7, 2))
    stains = published_stains(slide)
    found = stain_density(mixed(amounts, stains.vectors), stains)
    np.testing.assert_allclose(found, amounts, atol=2e-5)


@given(
    first=st.lists(st.floats(0.05, 1), min_size=3, max_size=3),
    second=st.lists(st.floats(0.05, 1), min_size=3, max_size=3),
)
@settings(max_examples=30, deadline=None)
def test_any_two_colours_come_apart(first, second):
    vectors = np.array([first, second])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    if vectors[0] @ vectors[1] > 0.97:
        return
    amounts = np.random.default_rng(0).uniform(0, 1, (4, 4, 2))
    stains = Stains(("haematoxylin", "dab"), vectors, "picture")
    found = stain_density(mixed(amounts, vectors), stains)
    np.testing.assert_allclose(found, amounts, atol=1e-4)


def test_densities_add_up_as_beer_and_lambert_say():
    stains = published_stains("haematoxylin-eosin")
    amounts = in_patches(1)
    once = stain_density(mixed(amounts, stains.vectors), stains)
    twice = stain_density(mixed(2 * amounts, stains.vectors), stains)
    np.testing.assert_allclose(twice, 2 * once, atol=1e-4)


def test_agrees_with_scikit_image_where_that_cuts_nothing_off():
    stains = published_stains("haematoxylin-dab")
    amounts = np.random.default_rng(3).uniform(0.2, 0.6, (9, 9, 2))
    picture = mixed(amounts, stains.vectors)
    # Its rounded colours of these stains, in the order of its matrix of three.
    rounded = rgb_from_hdx[:2] / np.linalg.norm(rgb_from_hdx[:2], axis=1, keepdims=True)
    ours = stain_density(picture, Stains(stains.names, rounded, "published"))
    theirs = separate_stains(picture.pixels, hdx_from_rgb)[..., :2]
    theirs = -theirs * np.log10(1e-6)  # it divides by the density of its blackest black
    theirs *= np.linalg.norm(rgb_from_hdx[:2], axis=1)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@given(slide=both_slides, seed=st.integers(0, 10**6), turn=st.integers(-8, 8))
@settings(max_examples=20, deadline=None)
def test_colours_are_found_in_the_picture(slide, seed, turn):
    vectors = published_stains(slide).vectors.copy()
    vectors[:, 0] += turn / 100  # a laboratory of its own
    vectors = np.abs(vectors) / np.linalg.norm(vectors, axis=1, keepdims=True)
    picture = mixed(in_patches(seed), vectors)
    found = estimate_stains(picture, slide)
    assert found.names == SLIDES[slide]
    np.testing.assert_allclose(found.vectors, vectors, atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1)


def test_white_and_excluded_pixels_do_not_move_the_colours():
    vectors = published_stains("haematoxylin-eosin").vectors
    amounts = in_patches(5)
    pixels = np.concatenate([10 ** -(amounts @ vectors), np.ones((40, 60, 3))])
    pixels[-10:] = [0.1, 0.9, 0.1]  # ink
    excluded = np.zeros(pixels.shape[:2], dtype=bool)
    excluded[-10:] = True
    found = estimate_stains(
        Image(pixels, axes="YXC", excluded=excluded), "haematoxylin-eosin"
    )
    np.testing.assert_allclose(found.vectors, vectors, atol=0.02)


def test_the_order_of_the_pixels_does_not_matter():
    vectors = published_stains("haematoxylin-dab").vectors
    picture = mixed(in_patches(2), vectors)
    turned = Image(np.ascontiguousarray(np.rot90(picture.pixels)), axes="YXC")
    one = estimate_stains(picture, "haematoxylin-dab")
    other = estimate_stains(turned, "haematoxylin-dab")
    np.testing.assert_allclose(one.vectors, other.vectors, atol=1e-9)


def test_8_bits_and_16_bits_tell_the_same():
    stains = published_stains("haematoxylin-eosin")
    light = 10 ** -(in_patches(7) @ stains.vectors)
    found = [
        stain_density(Image((light * top).round().astype(kind), axes="YXC"), stains)
        for kind, top in ((np.uint8, 255), (np.uint16, 65535))
    ]
    assert np.abs(found[0] - found[1]).max() < 0.1
    assert np.abs(found[0] - found[1]).mean() < 0.01


def test_black_has_a_density_that_is_finite():
    black = Image(np.zeros((2, 2, 3), np.uint8), axes="YXC")
    np.testing.assert_allclose(optical_density(black), np.log10(255), rtol=1e-6)


def test_a_look_at_one_stain_does_not_see_the_other():
    stains = published_stains("haematoxylin-dab")
    amounts = np.zeros((20, 30, 2))
    amounts[5:15, 5:15, 0] = 0.8
    amounts[:, 12:, 1] = 0.7  # DAB lies over part of it
    seen = look_at_stain(mixed(amounts, stains.vectors), "haematoxylin", stains)
    assert seen.axes == "YX"
    np.testing.assert_allclose(seen.pixels, amounts[..., 0], atol=1e-4)
    step = seen.steps[-1]
    assert (step.name, step.options["stain"]) == ("look at stain", "haematoxylin")
    assert set(step.options["vectors"]) == {"haematoxylin", "dab"}


def test_a_stain_that_the_slide_lacks_is_refused():
    stains = published_stains("haematoxylin-eosin")
    with pytest.raises(ValueError, match="haematoxylin, eosin, got 'dab'"):
        look_at_stain(mixed(in_patches(0), stains.vectors), "dab", stains)


def test_a_slide_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="slide must be one of"):
        published_stains("masson")


@pytest.mark.parametrize(
    ("picture", "got"),
    [
        (Image(np.zeros((5, 5), np.uint8)), "grey values"),
        (Image(np.zeros((5, 5, 4), np.uint8), axes="YXC"), "4 channels"),
    ],
)
def test_a_picture_without_colours_is_refused(picture, got):
    with pytest.raises(PictureError, match=got):
        optical_density(picture)


@pytest.mark.parametrize("value", [1.5, -0.1, np.nan])
def test_fractions_beyond_white_are_refused(value):
    pixels = np.full((4, 4, 3), 0.5)
    pixels[0, 0, 0] = value
    with pytest.raises(PictureError, match="fractions of white"):
        optical_density(Image(pixels, axes="YXC"))


def test_colours_cannot_be_found_where_nothing_is_stained():
    white = Image(np.full((30, 30, 3), 250, np.uint8), axes="YXC")
    with pytest.raises(PictureError, match="0 stained pixels"):
        estimate_stains(white, "haematoxylin-eosin")


def test_colours_cannot_be_found_where_there_is_one_stain():
    vectors = published_stains("haematoxylin-eosin").vectors
    amounts = in_patches(4)
    amounts[..., 1] = 0
    with pytest.raises(PictureError, match="one colour"):
        estimate_stains(mixed(amounts, vectors), "haematoxylin-eosin")


def test_a_real_section_comes_apart():
    picture = Image(immunohistochemistry(), axes="YXC")
    brown, white = (slice(0, 60), slice(60, 140)), (slice(340, 360), slice(0, 10))
    blue = (240, 306)  # a nucleus
    for stains in (
        published_stains("haematoxylin-dab"),
        estimate_stains(picture, "haematoxylin-dab"),
    ):
        density = stain_density(picture, stains)
        assert density[brown][..., 1].mean() > 0.5 > density[brown][..., 0].mean() + 0.3
        assert density[blue][0] > 0.5 > density[blue][1] + 0.4
        assert density[white].mean() < 0.05
