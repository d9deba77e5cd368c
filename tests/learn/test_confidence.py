import numpy as np
import pytest

from segmetry.evaluate import brier_score, calibration_error, reliability
from segmetry.learn.confidence import fit_confidence


def drawn(seed, *, n=4000, coefficients=(1.5, -0.7), intercept=0.4):
    """Objects whose chance of being right follows a logistic law."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, len(coefficients)))
    odds = values @ np.array(coefficients) + intercept
    return values, rng.random(n) < 1 / (1 + np.exp(-odds))


@pytest.mark.parametrize("seed", range(5))
def test_the_law_that_made_the_objects_is_found_again(seed):
    values, matched = drawn(seed)
    model = fit_confidence(values, matched, features=["a", "b"])
    # Two standard errors of a slope are about 0.1 for so many objects.
    assert model.coefficients == pytest.approx((1.5, -0.7), abs=0.2)
    assert model.intercept == pytest.approx(0.4, abs=0.15)


@pytest.mark.parametrize("seed", range(5))
def test_probabilities_of_a_fitted_model_can_be_believed(seed):
    model = fit_confidence(*drawn(seed), features=["a", "b"])
    values, matched = drawn(seed + 100)
    said = model.probability(values)
    assert calibration_error(reliability(said, matched)) < 0.05
    assert said.mean() == pytest.approx(matched.mean(), abs=0.04)
    assert brier_score(said, matched) < brier_score(np.full(4000, 0.5), matched)


@pytest.mark.parametrize("seed", range(10))
def test_the_scale_of_a_feature_changes_no_probability(seed):
    values, matched = drawn(seed, n=60)
    stretched = values * [1000.0, 0.001] + [5.0, -3.0]
    plain = fit_confidence(values, matched, features=["a", "b"])
    other = fit_confidence(stretched, matched, features=["a", "b"])
    assert other.probability(stretched) == pytest.approx(plain.probability(values))


@pytest.mark.parametrize("seed", range(10))
def test_the_slope_of_the_penalised_loss_is_zero_at_the_answer(seed):
    values, matched = drawn(seed, n=50)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    model = fit_confidence(values, matched, features=["a", "b"], penalty=2.0)
    right = int(matched.sum())
    target = np.where(matched, (right + 1) / (right + 2), 1 / (50 - right + 2))
    wrong = model.probability(values) - target
    assert wrong.sum() == pytest.approx(0, abs=1e-3)
    slopes = values.T @ wrong + 2 * np.array(model.coefficients)
    assert slopes == pytest.approx([0, 0], abs=1e-3)


def test_the_same_objects_give_the_same_model():
    values, matched = drawn(3)
    fits = [fit_confidence(values, matched, features=["a", "b"]) for _ in range(2)]
    assert fits[0] == fits[1]


def test_more_penalty_gives_flatter_models():
    values, matched = drawn(4, n=80)
    slopes = [
        abs(fit_confidence(values, matched, features="ab", penalty=p).coefficients[0])
        for p in (0, 1, 10, 100)
    ]
    assert slopes == sorted(slopes, reverse=True)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_classes_that_can_be_told_apart_give_a_finite_model(penalty):
    values = np.arange(30.0)[:, None]
    model = fit_confidence(values, values[:, 0] > 14, features=["a"], penalty=penalty)
    said = model.probability(values)
    assert np.isfinite(model.coefficients).all()
    assert (np.diff(said) >= 0).all()
    assert said[0] < 0.2
    assert said[-1] > 0.8


@pytest.mark.parametrize("right", [True, False])
def test_objects_of_one_kind_give_a_probability_short_of_certain(right):
    values, _ = drawn(5, n=18)
    model = fit_confidence(values, np.full(18, right), features=["a", "b"])
    expected = 19 / 20 if right else 1 / 20
    assert model.probability(values) == pytest.approx(np.full(18, expected), abs=0.01)


def test_a_feature_that_never_varies_is_left_out():
    values, matched = drawn(6, n=200)
    values[:, 1] = 7.3
    model = fit_confidence(values, matched, features=["a", "b"])
    assert model.coefficients[1] == 0


@pytest.mark.parametrize(
    ("values", "matched", "features", "penalty", "said"),
    [
        (np.zeros((3, 2)), np.zeros(3, bool), ["a"], 1, "one column per feature"),
        (np.zeros((3, 1)), np.zeros(2, bool), ["a"], 1, "one row per object"),
        (np.zeros(3), np.zeros(3, bool), ["a"], 1, "got shape"),
        (np.zeros((0, 1)), np.zeros(0, bool), ["a"], 1, "0 objects"),
        (np.full((2, 1), np.nan), np.zeros(2, bool), ["a"], 1, "must be finite"),
        (np.zeros((2, 1)), np.zeros(2, bool), ["a"], -1, "must not be negative"),
    ],
)
def test_input_that_fits_nothing_is_refused(values, matched, features, penalty, said):
    with pytest.raises(ValueError, match=said):
        fit_confidence(values, matched, features=features, penalty=penalty)
