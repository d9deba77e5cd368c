"""From single pictures to the scores of a set, by the names that JSON has for them.

First every picture is judged by itself (`judge_objects`, `judge_pixels`), which is all
that has to be kept of it. Then the set is scored. A plain name such as "dice" is the mean
over pictures, each counting the same; "dice_pooled" takes all pixels of all pictures
together, so that large pictures and pictures full of objects count more.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate.catalogue import SCORES
from segmetry.evaluate.counts import judge_counts, score_counts
from segmetry.evaluate.intervals import (
    MeanScore,
    Statistic,
    draw_pictures,
    mean_score,
    with_interval,
)
from segmetry.evaluate.matching import (
    DSB_THRESHOLDS,
    Matches,
    aggregated_jaccard,
    dsb_precision,
    dsb_score,
    f1_at,
    panoptic_quality,
    precision_at,
    recall_at,
)
from segmetry.evaluate.pixels import PixelCounts, count_pixels
from segmetry.evaluate.ranking import (
    Ranking,
    auc_pr,
    auc_roc,
    binned,
    merge_rankings,
    rank_pixels,
    sensitivity_at,
)
from segmetry.evaluate.sizes import area_errors
from segmetry.evaluate.surfaces import JudgedSurface, judge_surface
from segmetry.evaluate.thin import THIN_SCORES, ThinCounts, count_thin
from segmetry.measure.intervals import Resampling

__all__ = [
    "JudgedPixels",
    "judge_objects",
    "judge_pixels",
    "score_objects",
    "score_pixels",
]

Floats = NDArray[np.float64]
_MATCHED_BY = ("50", "centres", "40")  # ends of the names of scores that count matches
_NO_MEANS = ("tp_", "fp_", "fn_", "count_")  # sums, and errors that `score_counts` knows
_POOLED: Mapping[str, Callable[[PixelCounts], float]] = {
    "dice": lambda counts: counts.dice,
    "iou": lambda counts: counts.iou,
    "accuracy": lambda counts: counts.accuracy,
    "sensitivity": lambda counts: counts.sensitivity,
    "specificity": lambda counts: counts.specificity,
    "precision": lambda counts: counts.precision,
}


@dataclass(frozen=True, eq=False)
class JudgedPixels:
    """What is kept of the pixels of a picture.

    Parameters
    ----------
    counts : PixelCounts
    ranking : Ranking or None
        `None` where only a mask was given, no probability.
    thin : ThinCounts or None
        `None` where the structures were not judged as thin ones.
    surface : JudgedSurface or None
        Of a volume; `None` of a single picture.
    """

    counts: PixelCounts
    ranking: Ranking | None
    thin: ThinCounts | None = None
    surface: JudgedSurface | None = None

    def scores(self, *, specificity: float) -> dict[str, float]:
        """Return the scores of this picture by name; NaN where one has none."""
        found = {name: score(self.counts) for name, score in _POOLED.items()}
        ranking = self.ranking
        return {
            **found,
            "auc_roc": math.nan if ranking is None else ranking.auc_roc(),
            "auc_pr": math.nan if ranking is None else ranking.auc_pr(),
            "sensitivity_at_specificity": (
                math.nan if ranking is None else ranking.sensitivity_at(specificity)
            ),
            **({} if self.thin is None else self.thin.scores()),
            **({} if self.surface is None else self.surface.scores()),
        }


def judge_objects(matches: Matches) -> dict[str, float]:
    """Return the scores of one picture's objects by name.

    Parameters
    ----------
    matches : Matches

    Returns
    -------
    dict of str to float
        NaN where the picture has none, as the size errors without objects.

    Examples
    --------
    >>> from segmetry.evaluate import match_objects
    >>> scores = judge_objects(match_objects(np.array([[1, 1, 2]]), np.array([[1, 1, 0]])))
    >>> scores["dsb_precision_50"], scores["fp_50"], scores["n_true"]
    (0.5, 1, 1)
    """
    found = matches.n_matched(0.5)
    sizes = area_errors(matches.predicted_areas, matches.true_areas)
    return {
        **judge_counts(matches.n_predicted, matches.n_true),
        "dsb_score": dsb_score(matches),
        **{
            f"dsb_precision_{round(100 * level)}": dsb_precision(matches, threshold=level)
            for level in DSB_THRESHOLDS
        },
        "f1_50": f1_at(matches),
        "precision_50": precision_at(matches),
        "recall_50": recall_at(matches),
        "pq": panoptic_quality(matches),
        "aji": aggregated_jaccard(matches),
        "tp_50": found,
        "fp_50": matches.n_predicted - found,
        "fn_50": matches.n_true - found,
        "size_bias_mean": sizes.mean,
        "size_bias_median": sizes.median,
        "size_bias_d50_volume": sizes.d50_volume,
        "size_ks": sizes.ks,
    }


def score_objects(
    judged: Sequence[Mapping[str, float]],
    *,
    clusters: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, MeanScore]:
    """Return the scores of the objects of a set of pictures.

    Parameters
    ----------
    judged : sequence of mapping
        What `judge_objects` or `judge_detection` returned for each picture.
    clusters, level, seed
        As in `mean_score`.

    Returns
    -------
    dict of str to MeanScore
        In the order of `SCORES`; names that begin with "tp", "fp" and "fn" are sums and
        have no interval. Scores that a picture lacks, as one without outlines, are left
        out.
    """
    table = _columns(judged)
    how: dict[str, Any] = {"clusters": clusters, "level": level, "seed": seed}
    scores = {
        name: mean_score(table[name], bounds=SCORES[name].bounds, **how)
        for name in SCORES
        if name in table and not name.startswith(_NO_MEANS)
    }
    drawn = draw_pictures(len(judged), **how)
    for tag in _MATCHED_BY:
        if f"tp_{tag}" in table:
            scores |= _matched_together(table, tag, drawn)
    counts = (_column(table, name).tolist() for name in ("n_predicted", "n_true"))
    scores.update(score_counts(*counts, **how))
    return {name: scores[name] for name in SCORES if name in scores}


def _matched_together(
    table: Mapping[str, Sequence[float]], tag: str, drawn: Resampling
) -> dict[str, MeanScore]:
    """Return the scores of the objects of all pictures together, and the sums."""
    tp, fp, fn = (_column(table, f"{name}_{tag}") for name in ("tp", "fp", "fn"))
    pooled: dict[str, Statistic] = {
        "f1": lambda d: _ratio(2 * d @ tp, d @ (2 * tp + fp + fn)),
        "precision": lambda d: _ratio(d @ tp, d @ (tp + fp), d @ fn),
        "recall": lambda d: _ratio(d @ tp, d @ (tp + fn), d @ fp),
    }
    scores = {
        f"{name}_{tag}_pooled": with_interval(statistic, drawn, bounds=(0, 1))
        for name, statistic in pooled.items()
    }
    for name, parts in (("tp", tp), ("fp", fp), ("fn", fn)):
        total = MeanScore(float(parts.sum()), math.nan, math.nan, parts.size)
        scores[f"{name}_{tag}"] = total
    return scores


def judge_pixels(
    predicted: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    *,
    probability: NDArray[np.floating] | None = None,
    included: NDArray[np.bool_] | None = None,
    thin: bool = False,
    spacing: tuple[float, float, float] | None = None,
) -> JudgedPixels:
    """Compare the pixels of one picture with the truth.

    Parameters
    ----------
    predicted, truth : ndarray of bool, same shape
    probability : ndarray of float, same shape, or None
        The map behind `predicted`, for the scores that need no cutoff.
    included : ndarray of bool, same shape, or None
        The field of view; `None` is all of the picture.
    thin : bool
        Judge the skeletons as well: see `segmetry.evaluate.thin`.
    spacing : tuple of float or None
        Of a volume: distance of voxels along z, y and x in mm, `None` if not known. Its
        surface is judged too; see `segmetry.evaluate.surfaces`.

    Returns
    -------
    JudgedPixels

    Raises
    ------
    DatasetError
        If thin structures of a stack of slices are to be judged.
    ValueError
        If shapes or types do not fit.

    Examples
    --------
    >>> truth = np.array([True, True, False, False])
    >>> found = judge_pixels(truth, truth, probability=np.array([0.9, 0.4, 0.5, 0.1]))
    >>> found.counts.dice, found.ranking.auc_roc()
    (1.0, 0.75)
    """
    counts = count_pixels(predicted, truth, included=included)
    ranking = None
    if probability is not None:
        ranking = rank_pixels(probability, truth, included=included)
    skeletons = count_thin(predicted, truth, included=included) if thin else None
    surface = None
    if truth.ndim == 3:
        both = [
            mask if included is None else mask & included for mask in (predicted, truth)
        ]
        surface = judge_surface(both[0], both[1], spacing=spacing)
    return JudgedPixels(counts, ranking, skeletons, surface)


def score_pixels(
    judged: Sequence[JudgedPixels],
    *,
    specificity: float = 0.95,
    clusters: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, MeanScore]:
    """Return the scores of the pixels of a set of pictures.

    Parameters
    ----------
    judged : sequence of JudgedPixels
    specificity : float
        At which "sensitivity_at_specificity" is told.
    clusters, level, seed
        As in `mean_score`.

    Returns
    -------
    dict of str to MeanScore
        In the order of `SCORES`. Where not every picture has a probability map, pooled
        scores that need one are left out.
    """
    table = _columns([item.scores(specificity=specificity) for item in judged])
    scores = {
        name: mean_score(
            column, clusters=clusters, bounds=SCORES[name].bounds, level=level, seed=seed
        )
        for name, column in table.items()
    }
    drawn = draw_pictures(len(judged), clusters=clusters, level=level, seed=seed)
    parts = np.array(
        [
            [getattr(item.counts, part.name) for part in fields(PixelCounts)]
            for item in judged
        ]
    ).reshape(-1, 4)

    def of_counts(score: Callable[[PixelCounts], float]) -> Statistic:
        return lambda d: np.array(
            [score(PixelCounts(*sums)) for sums in (d @ parts).tolist()]
        )

    for name, score in _POOLED.items():
        pooled = with_interval(of_counts(score), drawn, bounds=(0, 1))
        scores[f"{name}_pooled"] = pooled
    scores.update(_pooled_rankings(judged, drawn, specificity))
    scores.update(_pooled_thin(judged, drawn))
    return {name: scores[name] for name in SCORES if name in scores}


def _pooled_rankings(
    judged: Sequence[JudgedPixels], drawn: Resampling, specificity: float
) -> dict[str, MeanScore]:
    """Return the scores of the probabilities of all pixels together."""
    rankings = [item.ranking for item in judged if item.ranking is not None]
    if not rankings or len(rankings) < len(judged):
        return {}
    whole = merge_rankings(rankings)
    positives, negatives = binned(rankings, whole)

    def at_specificity(true: Floats, false: Floats) -> Floats:
        return sensitivity_at(true, false, specificity)

    exact_and_binned = {
        "auc_roc": (whole.auc_roc(), auc_roc),
        "auc_pr": (whole.auc_pr(), auc_pr),
        "sensitivity_at_specificity": (whole.sensitivity_at(specificity), at_specificity),
    }
    return {
        f"{name}_pooled": with_interval(
            lambda d, score=score: score(d @ positives, d @ negatives),  # type: ignore[misc]
            drawn,
            value=value,
            bounds=(0, 1),
        )
        for name, (value, score) in exact_and_binned.items()
    }


def _pooled_thin(judged: Sequence[JudgedPixels], drawn: Resampling) -> dict[str, MeanScore]:
    """Return the scores of the skeletons of all pictures together."""
    counts = [item.thin for item in judged if item.thin is not None]
    if not counts or len(counts) < len(judged):
        return {}
    parts = np.array([(c.found, c.right, *c.true, *c.covered) for c in counts])

    def of_sums(score: Callable[[ThinCounts], float]) -> Statistic:
        return lambda d: np.array(
            [
                score(ThinCounts(found, right, (*sums[:4],), (*sums[4:],)))
                for found, right, *sums in (d @ parts).tolist()
            ]
        )

    return {
        f"{name}_pooled": with_interval(of_sums(score), drawn, bounds=(0, 1))
        for name, score in THIN_SCORES.items()
    }


def _columns(rows: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    names = [name for name in (rows[0] if rows else {}) if all(name in r for r in rows)]
    return {name: [row[name] for row in rows] for name in names}


def _column(table: Mapping[str, Sequence[float]], name: str) -> Floats:
    return np.array(table.get(name, ()), dtype=np.float64)


def _ratio(part: Floats, whole: Floats, others: Floats | float = 0.0) -> Floats:
    """Return shares of a whole; of nothing, 1 where all is empty, 0 where others are."""
    of_nothing = np.where(others > 0, 0.0, 1.0)
    return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1), of_nothing))
