import numpy as np
import pytest

from segmetry.errors import PictureError, RecipeError
from segmetry.image import Image, PixelSize
from segmetry.models.pixel_samples import draw_samples
from segmetry.segment.pixel_features import feature_names, pixel_features

SCALES = (1.0,)


def picture(seed=0, shape=(40, 60), **options):
    pixels = np.random.default_rng(seed).normal(100, 20, shape).astype(np.float32)
    return Image(pixels, **options)


def halves(shape=(40, 60)):
    classes = np.zeros(shape, np.int64)
    classes[:, shape[1] // 3 :] = 1
    return classes


def draw(images, maps, n_points=400, seed=0):
    return draw_samples(images, maps, scales=SCALES, n_points=n_points, seed=seed)


def test_as_many_are_drawn_of_each_class_and_picture():
    images = [picture(0), picture(1)]
    samples = draw(images, [halves(), halves()])
    assert np.bincount(samples.classes).tolist() == [200, 200]
    assert samples.features.shape == (400, len(feature_names(SCALES, channels=1)))
    assert samples.counts.tolist() == [[800, 1600]] * 2
    assert samples.shares(2).tolist() == pytest.approx([1 / 3, 2 / 3])
    assert samples.shares(4).tolist() == pytest.approx([1 / 3, 2 / 3, 0, 0])


def test_each_row_holds_the_features_of_a_pixel_of_its_class():
    image, classes = picture(), halves()
    samples = draw([image], [classes], n_points=10**6)
    assert len(samples.classes) == image.pixels.size
    whole = pixel_features(image, scales=SCALES).reshape(-1, samples.features.shape[1])
    assert np.array_equal(samples.features, whole)
    assert np.array_equal(samples.classes, classes.ravel())


def test_the_seed_decides_which():
    images, maps = [picture()], [halves()]
    first, again, other = (draw(images, maps, seed=seed).features for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_what_is_not_known_or_excluded_is_never_drawn():
    excluded = np.zeros((40, 60), bool)
    excluded[:, 50:] = True
    classes = halves()
    classes[:20] = -1
    samples = draw([picture(excluded=excluded)], [classes], n_points=10**6)
    assert np.bincount(samples.classes).tolist() == [20 * 20, 20 * 30]


def test_a_class_that_is_only_in_one_picture_is_drawn_there():
    second = np.full((40, 60), 2)
    samples = draw([picture(0), picture(1)], [halves(), second], n_points=300)
    assert np.bincount(samples.classes).tolist() == [100, 100, 100]


def test_colours_are_kept_where_all_pictures_have_them():
    def coloured(seed, *, grey=False):
        pixels = np.random.default_rng(seed).random((40, 60, 3)).astype(np.float32)
        return Image(pixels[..., :1].repeat(3, -1) if grey else pixels, axes="YXC")

    maps = [halves(), halves()]
    assert draw([coloured(0), coloured(1)], maps).channels == 3
    assert draw([coloured(0), coloured(1, grey=True)], maps).channels == 1
    assert draw([coloured(0), picture(1)], maps).channels == 1


def test_the_pixel_size_is_the_usual_one_and_never_guessed():
    sizes = [PixelSize(y=y, x=y, unit="nm", source="typed") for y in (100, 200, 900)]
    images = [picture(k, pixel_size=size) for k, size in enumerate(sizes)]
    assert draw(images, [halves()] * 3).pixel_size_um == pytest.approx(0.2)
    assert draw([picture()], [halves()]).pixel_size_um is None


def test_what_does_not_fit_is_refused():
    with pytest.raises(RecipeError, match="a truth for each picture, got 0 for 1"):
        draw([picture()], [])
    with pytest.raises(RecipeError, match="got 0 for 0"):
        draw([], [])
    named = picture(name="a.png")
    with pytest.raises(RecipeError, match=r"truth of a.png must have its shape \(40, 60\)"):
        draw([named], [halves((40, 61))])
    with pytest.raises(PictureError, match="stack"):
        draw([Image(np.zeros((3, 9, 9)), axes="ZYX")], [halves()])
