import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from segmetry.measure.distribution import moment_ratio, quantile, volume_weights
from segmetry.measure.log_normal import (
    FailedFit,
    LogNormal,
    check_log_normal,
    fit_log_normal,
    fit_truncated_log_normal,
    seen_share,
    truncated_scores,
)

POWDER = LogNormal(mu=float(np.log(100)), sigma=float(np.log(1.5)))


def sizes_inside(truth, n, *, frame, rng):
    x = np.exp(truth.mu + truth.sigma * rng.standard_normal(4 * n))
    inside = rng.random(x.size) < np.clip(1 - x / frame, 0, None) ** 2
    return x[inside][:n]


def test_hatch_and_choate_agree_with_a_large_sample():
    x = np.random.default_rng(0).lognormal(POWDER.mu, POWDER.sigma, 400_000)
    assert POWDER.median == pytest.approx(100)
    assert POWDER.gsd == pytest.approx(1.5)
    for p, q in ((1, 0), (3, 2), (4, 3), (2, 0), (0, 0)):
        assert POWDER.moment_ratio(p, q) == pytest.approx(moment_ratio(x, p, q), rel=0.01)
    for p in (0.1, 0.5, 0.9):
        by_volume = quantile(x, p, weights=volume_weights(x))
        assert POWDER.quantile(p, r=3) == pytest.approx(by_volume, rel=0.015)
        assert POWDER.quantile(p) == pytest.approx(quantile(x, p), rel=0.01)
    assert POWDER.share_below(80) == pytest.approx((x < 80).mean(), abs=0.003)


def test_the_fit_is_the_mean_and_spread_of_the_logarithm():
    fit = fit_log_normal([10, 20, 40], weights=[1, 2, 1])
    assert fit.median == pytest.approx(20)
    assert fit.sigma**2 == pytest.approx(2 * np.log(2) ** 2 / (4 - 6 / 4))


@pytest.mark.parametrize("values", [[], [3.0], [3.0, 3.0, 3.0]])
def test_too_little_gives_no_fit(values):
    assert fit_log_normal(values) is None
    failed = fit_truncated_log_normal(values, np.array([[100.0, 100.0]]))
    assert "at least 10 objects" in failed.reason


def test_equal_sizes_have_no_width_to_fit():
    failed = fit_truncated_log_normal([3.0] * 12, np.array([[100.0, 100.0]]))
    assert failed == FailedFit("all objects are of one size")


def test_the_share_seen_is_the_integral_of_the_density_and_the_chance_to_be_inside():
    frames, shape = np.array([[400.0, 900.0], [300.0, 300.0]]), (1.2, 0.9)
    density = stats.lognorm(s=POWDER.sigma, scale=100).pdf
    for frame, found in zip(frames, seen_share(POWDER, frames, shape=shape), strict=True):
        a, b = np.array(shape) / frame
        expected, _ = quad(
            lambda x, a=a, b=b: density(x) * (1 - a * x) * (1 - b * x), 0, 1 / max(a, b)
        )
        assert found == pytest.approx(expected, rel=1e-6)


def test_the_truncated_fit_undoes_the_edge():
    rng = np.random.default_rng(1)
    wide = LogNormal(mu=float(np.log(150)), sigma=float(np.log(1.8)))
    x = sizes_inside(wide, 20_000, frame=1000, rng=rng)
    fit = fit_truncated_log_normal(x, np.array([[1000.0, 1000.0]]))
    assert fit.median == pytest.approx(150, rel=0.02)
    assert fit.gsd == pytest.approx(1.8, rel=0.02)
    assert fit_log_normal(x).median < 140


def test_the_truncated_fit_uses_each_objects_own_frame():
    rng = np.random.default_rng(2)
    parts = [sizes_inside(POWDER, 6000, frame=frame, rng=rng) for frame in (300, 1500)]
    image = np.repeat([0, 1], [part.size for part in parts])
    frames = np.array([[300.0, 300.0], [1500.0, 1500.0]])
    fit = fit_truncated_log_normal(np.concatenate(parts), frames, image=image)
    assert fit.median == pytest.approx(100, rel=0.02)
    assert fit.gsd == pytest.approx(1.5, rel=0.02)


def test_the_truncated_fit_of_small_objects_is_the_plain_one():
    x = np.random.default_rng(3).lognormal(0, 0.4, 500)
    found = fit_truncated_log_normal(x, np.array([[1e6, 1e6]]))
    # Maximum likelihood divides by n, the plain fit by n - 1.
    assert found.mu == pytest.approx(np.log(x).mean(), abs=1e-5)
    assert found.sigma == pytest.approx(np.log(x).std(), abs=1e-5)


def test_the_truncated_fit_scales_with_sizes_and_frame():
    x = sizes_inside(POWDER, 300, frame=500, rng=np.random.default_rng(4))
    frames = np.array([[500.0, 500.0]])
    one, two = (
        fit_truncated_log_normal(x, frames),
        fit_truncated_log_normal(2 * x, 2 * frames),
    )
    assert two.median == pytest.approx(2 * one.median, rel=1e-3)
    assert two.sigma == pytest.approx(one.sigma, rel=1e-3)


def test_nine_objects_are_too_few_for_a_truncated_fit():
    x = POWDER.median * np.linspace(0.5, 1.5, 10)
    frames = np.array([[1000.0, 1000.0]])
    failed = fit_truncated_log_normal(x[:9], frames)
    assert failed.reason.endswith("that touch no edge, here 9 objects")
    assert isinstance(fit_truncated_log_normal(x, frames), LogNormal)


def test_a_likelihood_without_a_maximum_gives_no_fit():
    # Sizes up to the frame itself, ever more of them: no width is wide enough.
    x = 1000 * (1 - np.linspace(1e-6, 0.2, 60) ** 2)
    failed = fit_truncated_log_normal(x, np.array([[1000.0, 1000.0]]))
    assert failed.reason.startswith("the likelihood has no maximum")


def test_a_fit_that_runs_out_of_the_data_has_failed():
    # Fields at magnifications over four decades: each shows sizes up to its own frame, so
    # what the frames hide passes for nearly all objects.
    frames = np.repeat(10.0 ** np.arange(0, 5), 2).reshape(5, 2)
    image = np.repeat(np.arange(5), [200, 20, 5, 5, 5])
    rng = np.random.default_rng(0)
    x = frames[image, 0] * rng.uniform(0.05, 0.6, image.size)
    failed = fit_truncated_log_normal(x, frames, image=image)
    assert "lies beyond" in failed.reason


@pytest.mark.parametrize("seed", range(20))
def test_a_truncated_fit_lies_among_the_sizes_or_has_failed(seed):
    rng = np.random.default_rng(seed)
    x = rng.lognormal(rng.uniform(-3, 3), rng.uniform(0.1, 3), rng.integers(10, 80))
    frames = np.full((1, 2), x.max() * rng.uniform(1.01, 8))
    fit = fit_truncated_log_normal(x, frames)
    if isinstance(fit, LogNormal):
        assert x.min() <= fit.median <= x.max()
        assert fit.moment_ratio(1, 0) <= x.max()
    else:
        assert fit.reason


def test_the_slope_of_the_likelihood_is_zero_at_the_fit():
    x = sizes_inside(POWDER, 400, frame=800, rng=np.random.default_rng(5))
    frames, image = np.array([[800.0, 800.0]]), np.zeros(x.size, int)
    fit = fit_truncated_log_normal(x, frames)
    scores, curvature = truncated_scores(
        fit, x, frames=frames, image=image, shape=(1.0, 1.0)
    )
    assert scores.sum(axis=0) == pytest.approx([0, 0], abs=0.05)
    assert (np.linalg.eigvalsh(curvature) < 0).all()
    # Without an edge the information is n / sigma^2 and 2 n; the edge takes some away.
    assert -curvature[0, 0] < x.size / fit.sigma**2


@pytest.mark.parametrize("n", [40, 150, 600])
def test_the_check_refuses_about_5_of_100_true_log_normals(n):
    rng = np.random.default_rng(n)
    p_values = []
    for _ in range(600):
        x = rng.lognormal(3, 0.5, n)
        p_values.append(check_log_normal(x, fit_log_normal(x)).p_value)
    assert 0.03 <= np.mean(np.array(p_values) < 0.05) <= 0.08


def test_edge_weights_do_not_make_the_check_refuse_more():
    rng = np.random.default_rng(7)
    refused = 0
    for _ in range(200):
        x = sizes_inside(POWDER, 200, frame=1000, rng=rng)
        w = (1 - x / 1000) ** -2
        refused += not check_log_normal(x, fit_log_normal(x, weights=w), weights=w).accepted
    assert 2 <= refused <= 20


@pytest.mark.parametrize(
    "x",
    [
        np.random.default_rng(0).normal(100, 30, 600).clip(5),
        np.random.default_rng(0).uniform(10, 100, 300),
        np.random.default_rng(0).exponential(10, 300) + 1e-3,
        np.concatenate([np.random.default_rng(0).lognormal(m, 0.2, 100) for m in (2, 3.2)]),
    ],
    ids=["normal", "uniform", "exponential", "two kinds"],
)
def test_sizes_of_another_shape_are_refused_in_a_sentence(x):
    check = check_log_normal(x, fit_log_normal(x))
    assert not check.accepted
    assert check.reason.startswith("Refused: the sizes do not follow a log-normal")
    assert check.gap > 0.02


def test_too_few_objects_are_refused_whatever_their_shape():
    x = np.exp(stats.norm.ppf((np.arange(29) + 0.5) / 29))
    check = check_log_normal(x, fit_log_normal(x))
    assert not check.accepted
    assert "30 are the least, here 29 objects" in check.reason
    assert check.p_value is None


def test_no_fit_is_refused():
    assert check_log_normal([2.0, 2.0], None).reason == "Refused: the sizes allow no fit."


def test_a_difference_too_small_to_matter_is_accepted_in_a_large_sample():
    ideal = np.exp(stats.norm.ppf((np.arange(40_000) + 0.5) / 40_000))
    # Rounding to 2 % steps is significant in so many objects, but harmless.
    x = np.exp(np.rint(np.log(ideal) / 0.04) * 0.04)
    check = check_log_normal(x, fit_log_normal(x))
    assert check.p_value < 0.05
    assert check.gap <= 0.02
    assert check.accepted


def test_the_statistic_of_the_check_is_scipys():
    x = np.random.default_rng(9).lognormal(1, 0.6, 120)
    logs = np.log(x)
    z = (logs - logs.mean()) / logs.std(ddof=1)
    statistic = stats.anderson(logs, "norm", method="interpolate").statistic
    adjusted = statistic * (1 + 0.75 / 120 + 2.25 / 120**2)
    check = check_log_normal(x, fit_log_normal(x))
    # The p-value falls with the statistic along Stephens' curve.
    branch = {
        0: lambda a: 1 - np.exp(-13.436 + 101.14 * a - 223.73 * a**2),
        1: lambda a: 1 - np.exp(-8.318 + 42.796 * a - 59.938 * a**2),
        2: lambda a: np.exp(0.9177 - 4.279 * a - 1.38 * a**2),
        3: lambda a: np.exp(1.2937 - 5.709 * a + 0.0186 * a**2),
    }[int(np.searchsorted([0.2, 0.34, 0.6], adjusted, side="right"))]
    assert check.p_value == pytest.approx(branch(adjusted), rel=1e-6)
    assert check.gap == pytest.approx(stats.kstest(z, "norm").statistic)


def test_p_values_fall_from_one_to_zero_as_the_shape_gets_worse():
    ideal = stats.norm.ppf((np.arange(200) + 0.5) / 200)
    p_values = [
        check_log_normal(x, fit_log_normal(x)).p_value
        for bend in np.linspace(0, 3, 40)
        for x in [np.exp(ideal + bend * 0.2 * ideal**2)]
    ]
    assert p_values[0] > 0.99
    assert p_values[-1] == 0
    assert (np.diff(p_values) <= 1e-3).all()
