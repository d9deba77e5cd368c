import numpy as np
import pytest

from segmetry.measure.estimates import NUMBER_KEYS, VOLUME_KEYS
from segmetry.measure.fitted import (
    fitted_estimates,
    log_normal_resamples,
    log_normal_values,
)
from segmetry.measure.intervals import resample
from segmetry.measure.log_normal import LogNormal, fit_truncated_log_normal

FRAMES = np.full((8, 2), 1000.0)


def seen(seed=0, n_images=8, per_image=40):
    rng = np.random.default_rng(seed)
    image = np.repeat(np.arange(n_images), per_image)
    x = np.exp(np.log(100) + np.log(1.5) * rng.standard_normal(image.size))
    inside = rng.random(x.size) < np.clip(1 - x / 1000, 0, None) ** 2
    return x[inside], image[inside]


def test_all_numbers_are_those_of_a_large_log_normal_sample():
    mu, sigma = 2.0, 0.35
    found = log_normal_values(np.array([mu]), np.array([sigma]))
    x = np.random.default_rng(0).lognormal(mu, sigma, 400_000)
    assert set(found["number"]) == set(NUMBER_KEYS)
    assert set(found["volume"]) == set(VOLUME_KEYS)
    number = {key: value[0] for key, value in found["number"].items()}
    assert number["mean"] == pytest.approx(x.mean(), rel=0.01)
    assert number["sd"] == pytest.approx(x.std(), rel=0.01)
    assert number["d90"] == pytest.approx(np.quantile(x, 0.9), rel=0.01)
    skew = ((x - x.mean()) ** 3).mean() / x.std() ** 3
    assert number["skewness"] == pytest.approx(skew, rel=0.05)
    area = {key: value[0] for key, value in found["area"].items()}
    assert area["mean"] == pytest.approx((np.pi / 4 * x**2).mean(), rel=0.01)
    assert area["median"] == pytest.approx(np.median(np.pi / 4 * x**2), rel=0.01)


def test_volume_and_number_agree_with_the_distributions_own_formulas():
    truth = LogNormal(mu=1.0, sigma=0.4)
    found = log_normal_values(np.array([1.0]), np.array([0.4]))["volume"]
    assert found["d43"][0] == pytest.approx(truth.moment_ratio(4, 3))
    assert found["d32"][0] == pytest.approx(truth.moment_ratio(3, 2))
    assert found["d50"][0] == pytest.approx(truth.quantile(0.5, r=3))
    assert found["d90"][0] == pytest.approx(truth.quantile(0.9, r=3))


def test_resampled_fits_agree_with_fits_of_the_resamples():
    x, image = seen()
    fit = fit_truncated_log_normal(x, FRAMES, image=image)
    drawn = resample(image, n_images=8, resamples=60)
    mu, sigma = log_normal_resamples(
        fit, x, frames=FRAMES, resampling=drawn, image=image, shape=(1.0, 1.0)
    )
    exact = []
    for times in drawn.draws.astype(int):
        parts = [np.flatnonzero(image == k) for k in np.repeat(np.arange(8), times)]
        again = np.concatenate(parts)
        exact.append(fit_truncated_log_normal(x[again], FRAMES, image=image[again]))
    assert np.corrcoef(mu, [f.mu for f in exact])[0, 1] > 0.98
    assert mu.std() == pytest.approx(np.std([f.mu for f in exact]), rel=0.1)
    assert sigma.std() == pytest.approx(np.std([f.sigma for f in exact]), rel=0.15)


def test_every_number_lies_within_its_interval():
    x, image = seen(seed=1)
    fit = fit_truncated_log_normal(x, FRAMES, image=image)
    drawn = resample(image, n_images=8)
    replicates = log_normal_resamples(
        fit, x, frames=FRAMES, resampling=drawn, image=image, shape=(1.0, 1.0)
    )
    found = fitted_estimates(fit, replicates, resampling=drawn)
    for block in found.values():
        for number in block.values():
            assert number.low < number.value < number.high
    scale = fitted_estimates(fit, replicates, resampling=drawn, relative_uncertainty=0.1)
    assert scale["number"]["gsd"] == found["number"]["gsd"]
    assert scale["volume"]["d43"].high > found["volume"]["d43"].high
    # An area carries the uncertainty of the pixel size twice.
    widths = [
        np.log(scale[block]["median"].high / scale[block]["median"].value)
        for block in ("number", "area")
    ]
    assert widths[1] == pytest.approx(2 * widths[0])


def test_equal_samples_in_all_images_give_no_width():
    fit = LogNormal(mu=1.0, sigma=0.2)
    drawn = resample(np.arange(8), n_images=8)
    same = (np.full(2000, 1.0), np.full(2000, 0.2))
    found = fitted_estimates(fit, same, resampling=drawn)["number"]["d50"]
    assert found.low == pytest.approx(found.value)
    assert found.high == pytest.approx(found.value)
