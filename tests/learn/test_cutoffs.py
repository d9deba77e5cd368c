"""Cutoffs and confidence chosen on pictures that were held out."""

import numpy as np
import pytest

from segmetry.evaluate import brier_score, dsb_score, match_objects
from segmetry.learn.cutoffs import (
    CHOICES,
    believed,
    best_cutoffs,
    fitted_confidence,
    held_out_confidence,
    matched_objects,
)
from segmetry.models.confidence import FEATURES
from segmetry.models.outputs import Cutoffs

N_FEATURES = len(FEATURES)


def drawn_objects(seed, n=60):
    """Features of which the first tells the chance of being right, and what was right."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(n, N_FEATURES))
    return features, random.random(n) < 1 / (1 + np.exp(-3 * features[:, 0]))


def squares(*corners, side=8, shape=(40, 60)):
    labels = np.zeros(shape, np.uint32)
    for number, (y, x) in enumerate(corners, start=1):
        labels[y : y + side, x : x + side] = number
    return labels


@pytest.mark.parametrize("name", list(CHOICES))
@pytest.mark.parametrize("place", [0, -1])
def test_each_cutoff_is_found_wherever_its_best_value_lies(name, place):
    wanted = CHOICES[name][place]
    best, value = best_cutoffs(lambda cutoffs: -abs(getattr(cutoffs, name) - wanted))
    assert getattr(best, name) == wanted
    assert value == 0


def test_cutoffs_that_do_not_matter_stay_as_they_are():
    start = Cutoffs(foreground=0.62, least=33.0)
    assert best_cutoffs(lambda _: 1.0, start=start) == (start, 1.0)


def test_a_cutoff_that_pays_only_after_another_changed_is_found_in_the_second_round():
    def score(cutoffs):
        return float(cutoffs.least == 60) + float(
            cutoffs.least == 60 and cutoffs.foreground == 0.8
        )

    best, value = best_cutoffs(score)
    assert (best.foreground, best.least, value) == (0.8, 60, 2.0)


def test_the_score_told_is_that_of_the_cutoffs_told():
    def score(cutoffs):
        return np.sin(9 * cutoffs.foreground) * cutoffs.least - cutoffs.foreground

    best, value = best_cutoffs(score)
    assert value == score(best)
    assert value >= score(Cutoffs())


def test_confidence_learned_from_other_pictures_beats_saying_the_same_of_all():
    pictures = [drawn_objects(seed) for seed in range(6)]
    features, matched = (list(part) for part in zip(*pictures, strict=True))
    told = held_out_confidence(features, matched, list("aabbcd"))
    everyone = np.concatenate(matched)
    constant = np.full(everyone.size, everyone.mean())
    assert [len(one) for one in told] == [60] * 6
    assert brier_score(np.concatenate(told), everyone) < 0.8 * brier_score(
        constant, everyone
    )


def test_what_is_told_of_a_group_does_not_depend_on_what_was_right_in_it():
    pictures = [drawn_objects(seed) for seed in range(5)]
    features, matched = (list(part) for part in zip(*pictures, strict=True))
    groups = list("abcde")
    first = held_out_confidence(features, matched, groups)
    matched[2] = ~matched[2]
    second = held_out_confidence(features, matched, groups)
    assert np.array_equal(first[2], second[2])
    assert not np.array_equal(first[0], second[0])


def test_without_objects_elsewhere_an_object_is_believed():
    features, matched = drawn_objects(1, n=3)
    empty = np.zeros((0, N_FEATURES))
    told = held_out_confidence([features, empty], [matched, np.zeros(0, bool)], ["a", "b"])
    assert told[0].tolist() == [1, 1, 1]
    assert told[1].size == 0


def test_the_fitted_confidence_uses_all_pictures():
    pictures = [drawn_objects(seed) for seed in range(4)]
    features, matched = zip(*pictures, strict=True)
    model = fitted_confidence(features, matched)
    assert model.features == FEATURES
    assert np.argmax(np.abs(model.coefficients)) == 0
    assert model.coefficients[0] > 0


def test_objects_are_true_where_most_of_them_is_shared():
    truth = squares((2, 2), (2, 30), (25, 2))
    found = squares((2, 2), (2, 35), (25, 2), (25, 40))
    matches, is_true = matched_objects(found, truth)
    assert is_true.tolist() == [True, False, True, False]
    assert matches.n_predicted == 4


def test_dropping_false_objects_is_chosen_where_it_helps():
    truth = squares((2, 2), (2, 30))
    found = squares((2, 2), (2, 30), (25, 2), (25, 40))
    matches, is_true = matched_objects(found, truth)
    least, score = believed([matches], [np.where(is_true, 0.9, 0.15)])
    assert 0.15 < least <= 0.6
    assert score == 1.0


def test_nothing_is_dropped_where_the_doubted_objects_are_true():
    truth = squares((2, 2), (2, 30))
    matches, _ = matched_objects(truth, truth)
    assert believed([matches], [np.array([0.05, 0.05])]) == (0.0, 1.0)


def test_the_score_after_dropping_is_that_of_labels_without_the_dropped():
    truth = squares((2, 2), (2, 30), (25, 2))
    found = squares((3, 3), (2, 30), (25, 40), (25, 20))
    matches, _ = matched_objects(found, truth)
    probabilities = np.array([0.9, 0.9, 0.02, 0.02])
    least, score = believed([matches], [probabilities])
    keep = np.append(False, probabilities >= least)
    assert score == dsb_score(match_objects(np.where(keep[found], found, 0), truth))
