import numpy as np
import pytest

from segmetry.measure.intervals import resample, wilson
from segmetry.measure.share import share_below


def test_of_no_objects_there_is_no_share():
    drawn = resample(np.zeros(0, int), n_images=3)
    share = share_below(np.zeros(0), np.zeros(0), limit=1, resampling=drawn)
    assert (share.value, share.low, share.high, share.n_effective) == (None, None, None, 0)


def test_a_share_has_wilsons_interval():
    x = np.arange(100) + 0.5
    drawn = resample(np.zeros(100, int), n_images=1)
    share = share_below(x, np.ones(100), limit=10.0, resampling=drawn)
    assert share.value == pytest.approx(0.1)
    assert (share.low, share.high) == pytest.approx(wilson(0.1, 100))
    assert share.n_effective == 100


def test_a_size_at_the_limit_is_not_below_it():
    drawn = resample(np.zeros(2, int), n_images=1)
    x = np.array([1.0, 2.0])
    assert share_below(x, np.ones(2), limit=2.0, resampling=drawn).value == 0.5


def test_uneven_weights_make_the_share_less_sure():
    x, w = np.arange(100.0), np.where(np.arange(100) % 2, 1.0, 9.0)
    drawn = resample(np.zeros(100, int), n_images=1)
    share = share_below(x, w, limit=30.0, resampling=drawn)
    assert share.n_effective == pytest.approx(500**2 / (50 * 81 + 50))


def test_images_that_differ_make_the_share_less_sure():
    image = np.repeat(np.arange(10), 20)
    x = np.where(image < 5, 1.0, 3.0)
    drawn = resample(image, n_images=10)
    share = share_below(x, np.ones(200), limit=2.0, resampling=drawn)
    # All objects of an image agree, so 10 images are about 10 observations.
    assert share.n_effective == pytest.approx(10, rel=0.25)


def test_the_share_of_few_images_has_students_quantile():
    image = np.arange(60) % 6
    x = np.where(np.arange(60) < 18, 1.0, 3.0)
    drawn = resample(image, n_images=6)
    share = share_below(x, np.ones(60), limit=2.0, resampling=drawn)
    student, normal = 2.570582, 1.959964  # 5 degrees of freedom
    expected = wilson(0.3, share.n_effective * (normal / student) ** 2)
    assert (share.low, share.high) == pytest.approx(expected, rel=1e-5)


def test_an_uncertain_pixel_size_moves_the_limit():
    x = np.linspace(0.9, 1.1, 401)
    drawn = resample(np.zeros(401, int), n_images=1)
    sure, unsure = (
        share_below(x, np.ones(401), limit=1.0, resampling=drawn, relative_uncertainty=u)
        for u in (0, 0.03)
    )
    assert unsure.low < sure.low
    assert unsure.high > sure.high
    assert 0 <= unsure.low <= unsure.high <= 1
