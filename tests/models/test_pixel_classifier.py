import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import RecipeError
from segmetry.models.pixel_classifier import KINDS, PixelClassifier, points_of_strokes
from segmetry.models.pixel_fit import probabilities_of

SCALES = (1.0,)  # nine features

every_kind = pytest.mark.parametrize("kind", KINDS)


def points(n, seed=0, n_classes=2):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 9)).astype(np.float32)
    edges = np.linspace(-1, 1, n_classes - 1) if n_classes > 2 else [0]
    return features, np.digitize(features[:, 0] * features[:, 1] + features[:, 2], edges)


def learned(kind="boosted", n=1500, n_classes=2, **options):
    features, classes = points(n, n_classes=n_classes)
    return PixelClassifier.fit_points(
        features, classes, kind=kind, scales=SCALES, **options
    )


@every_kind
@pytest.mark.parametrize("n_classes", [2, 4])
def test_points_that_it_was_not_shown_are_told_apart(kind, n_classes):
    features, classes = points(4000, 1, n_classes)
    found = learned(kind, 3000, n_classes).probabilities(features)
    assert np.mean(found.argmax(axis=1) == classes) > (0.85 if n_classes == 2 else 0.72)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
    assert found.min() >= 0
    assert found.dtype == np.float32


@every_kind
def test_the_same_seed_gives_the_same_and_another_another(kind):
    features = points(500, 1)[0]
    first, again, other = (
        learned(kind, n=300, seed=seed).probabilities(features) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert kind != "forest" or not np.array_equal(first, other)


@every_kind
def test_a_picture_is_as_its_pixels_in_any_order_and_layout(kind):
    classifier = learned(kind, n=300)
    picture = points(600, 1)[0].reshape(20, 30, 9)
    found = classifier.probabilities(picture)
    assert found.shape == (20, 30, 2)
    planar = np.moveaxis(np.ascontiguousarray(np.moveaxis(picture, -1, 0)), 0, -1)
    assert np.allclose(classifier.probabilities(planar), found, atol=1e-6)
    assert np.allclose(classifier.probabilities(picture[::-1])[::-1], found, atol=1e-6)
    halves = picture.astype(np.float16)
    near = classifier.probabilities(halves)
    assert np.allclose(near, classifier.probabilities(halves.astype(np.float32)))
    assert np.mean((near[..., 1] > 0.5) == (found[..., 1] > 0.5)) > 0.98


def test_lightgbm_tells_the_same_probabilities(monkeypatch):
    made = []
    train = lightgbm.train

    def kept(*arguments, **options):
        made.append(train(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(lightgbm, "train", kept)
    others = points(2000, 1)[0]
    for n_classes in (2, 3):
        ours = learned(n_classes=n_classes)
        wanted = made[-1].predict(others)
        wanted = wanted if wanted.ndim == 2 else np.stack([1 - wanted, wanted], axis=1)
        assert np.abs(ours.probabilities(others) - wanted).max() < 1e-5


@every_kind
def test_classes_of_which_there_is_more_are_not_taken_for_likelier(kind):
    features, classes = points(6000)
    few = (classes == 0) | (np.arange(6000) % 20 == 0)
    classifier = PixelClassifier.fit_points(
        features[few], classes[few], kind=kind, scales=SCALES
    )
    others, truth = points(4000, 1)
    found = classifier.probabilities(others).argmax(axis=1)
    hits = [np.mean(found[truth == number] == number) for number in (0, 1)]
    assert min(hits) > 0.55
    rare = classifier.with_priors([0.95, 0.05]).probabilities(others).argmax(axis=1)
    assert np.mean(rare == 1) < np.mean(found == 1)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 0.99))
def test_priors_follow_bayes(share):
    equal = learned(n=300)
    others = points(50, 1)[0]
    before = equal.probabilities(others)[:, 1].astype(np.float64)
    after = equal.with_priors([1 - share, share]).probabilities(others)[:, 1]
    odds = before / (1 - before) * share / (1 - share)
    assert np.allclose(after, odds / (1 + odds), atol=1e-4)


def test_a_class_without_points_is_never_likely():
    features, classes = points(300)
    classifier = PixelClassifier.fit_points(
        features, classes * 3, scales=SCALES, class_names=("ground", "a", "b", "c")
    )
    found = classifier.probabilities(features)
    assert classifier.seen == (0, 3)
    assert found.shape == (300, 4)
    assert not found[:, 1:3].any()
    assert classifier.with_priors([0.2, 0.5, 0.1, 0.2]).priors == (0.5, 0.5)


@every_kind
@pytest.mark.parametrize("n", [2, 3, 7])
def test_very_few_points_are_enough(kind, n):
    features = np.linspace(0, 1, 2 * n, dtype=np.float32)[:, None] + np.zeros(9, np.float32)
    classes = np.arange(2 * n) // n
    found = PixelClassifier.fit_points(features, classes, kind=kind, scales=SCALES)
    assert np.isfinite(found.probabilities(features)).all()


@every_kind
def test_features_that_are_all_alike_are_no_error(kind):
    flat = np.ones((40, 9), np.float32)
    found = PixelClassifier.fit_points(flat, np.arange(40) % 2, kind=kind, scales=SCALES)
    assert np.allclose(found.probabilities(flat), 0.5, atol=0.1)


def test_of_very_many_points_as_many_of_each_class_are_taken(monkeypatch):
    monkeypatch.setattr("segmetry.models.pixel_classifier._MOST_POINTS", 1000)
    fitted, seen = learned(n=100).fitted, []

    def fit(_kind, _points, classes, **_options):
        seen.append(np.bincount(classes))
        return fitted

    monkeypatch.setattr("segmetry.models.pixel_classifier.fit_kind", fit)
    features, classes = points(20_000)
    rare = (classes == 1) & (np.arange(20_000) > 300)
    PixelClassifier.fit_points(features[~rare], classes[~rare], scales=SCALES)
    assert seen[0][0] == 500
    assert seen[0][1] == (classes[:301] == 1).sum()


def test_strokes_are_taken_where_they_were_painted():
    strokes = np.zeros((20, 30), np.uint8)
    strokes[3, 4:9], strokes[10, 5:7] = 1, 2
    features = np.arange(20 * 30 * 9, dtype=np.float32).reshape(20, 30, 9)
    painted, classes = points_of_strokes(features, strokes)
    assert classes.tolist() == [0] * 5 + [1] * 2
    assert np.array_equal(painted[0], features[3, 4])
    classifier = PixelClassifier.fit_points(painted, classes, scales=SCALES)
    assert classifier.class_names == ("background", "class 1")


def test_what_cannot_be_is_refused():
    features, classes = points(40)
    fit = PixelClassifier.fit_points
    with pytest.raises(RecipeError, match="points of at least two classes, got one"):
        fit(features, classes * 0, scales=SCALES)
    with pytest.raises(RecipeError, match="at least two classes, got none"):
        fit(features[:0], classes[:0], scales=SCALES)
    with pytest.raises(RecipeError, match="kind must be one of boosted, forest, svm"):
        fit(features, classes, kind="magic", scales=SCALES)
    with pytest.raises(RecipeError, match="svm has no size 'trees'; it has landmarks"):
        fit(features, classes, kind="svm", scales=SCALES, trees=3)
    with pytest.raises(RecipeError, match="leaves must be from 2 to 64, got 65"):
        fit(features, classes, scales=SCALES, leaves=65)
    with pytest.raises(ValueError, match=r"18 features for each of 40 .* shape \(40, 9\)"):
        fit(features, classes, scales=(1, 2))
    with pytest.raises(ValueError, match="numbers from 0 to 1, got -1 to 0"):
        fit(features, classes - 1, scales=SCALES, class_names=("a", "b"))
    with pytest.raises(ValueError, match="expected 9 features a pixel, got 8"):
        learned(n=100).probabilities(features[:, :8])


def test_probabilities_are_those_of_the_libraries_before_priors():
    classifier = learned("forest", n=300)
    others = points(50, 1)[0]
    plain = probabilities_of("forest", classifier.fitted, others)
    assert np.array_equal(classifier.probabilities(others), plain)
