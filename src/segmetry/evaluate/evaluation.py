"""A prediction judged on a set of pictures: scores of all, of groups, and of each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from segmetry.errors import DatasetError
from segmetry.evaluate.classes import (
    ClassTable,
    JudgedClasses,
    class_table,
    score_classes,
)
from segmetry.evaluate.counts import judge_counts, score_counts
from segmetry.evaluate.intervals import (
    MeanScore,
    draw_pictures,
    paired_difference,
)
from segmetry.evaluate.scoring import JudgedPixels, score_objects, score_pixels

__all__ = ["HEADLINES", "Evaluation", "Task", "differences", "evaluate_set", "other_means"]

Task = Literal["objects", "pixels", "classes", "counts", "detection"]

# The scores that sum a task up, the most telling first.
HEADLINES: Mapping[Task, tuple[str, ...]] = {
    "objects": ("dsb_score", "dsb_precision_50", "f1_50", "pq", "aji", "count_mae"),
    "pixels": (
        *("dice", "iou", "sensitivity", "specificity", "cldice"),
        *("auc_roc", "auc_pr"),
    ),
    "classes": (
        *("mean_iou", "mean_iou_pooled", "mean_dice", "accuracy"),
        *("pq_classes", "pq_things", "pq_stuff"),
    ),
    "detection": (
        *("f1_centres", "precision_centres", "recall_centres", "f1_40"),
        *("count_mae", "count_bias"),
    ),
    "counts": ("count_mae", "count_bias", "count_rmse", "count_medae"),
}


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Scores of one prediction.

    Parameters
    ----------
    task : {"objects", "pixels", "classes", "counts", "detection"}
    scores : mapping of str to MeanScore
        Of all pictures, by the names of `SCORES`.
    groups : mapping of str to mapping
        The same for each group of pictures; empty where none were given.
    pictures : mapping of str to mapping of str to float
        The scores of each picture by itself; NaN where it has none.
    group_of, cluster_of : mapping of str to str
        Group and cluster of each picture, where given.
    n_units : int
        Pictures, or clusters of them, that the intervals were resampled from.
    classes : ClassTable or None
        The scores of each class, for classes.
    """

    task: Task
    scores: Mapping[str, MeanScore]
    groups: Mapping[str, Mapping[str, MeanScore]]
    pictures: Mapping[str, Mapping[str, float]]
    group_of: Mapping[str, str]
    cluster_of: Mapping[str, str]
    n_units: int
    classes: ClassTable | None = None

    def as_json(self) -> dict[str, Any]:
        """Return all scores as JSON values; what is not known is `None`."""
        return {
            **_scores_as_json(self.scores),
            **({} if self.classes is None else self.classes.as_json()),
            "groups": {name: _scores_as_json(part) for name, part in self.groups.items()},
            "pictures": {
                name: {**self._whereabouts(name), **_values_as_json(values)}
                for name, values in self.pictures.items()
            },
        }

    def _whereabouts(self, name: str) -> dict[str, str]:
        known = {"group": self.group_of.get(name), "cluster": self.cluster_of.get(name)}
        return {key: value for key, value in known.items() if value is not None}


def evaluate_set(
    judged: Mapping[str, Any],
    *,
    task: Task,
    groups: Mapping[str, str] | None = None,
    clusters: Mapping[str, str] | None = None,
    specificity: float = 0.95,
    level: float = 0.95,
    seed: int = 0,
) -> Evaluation:
    """Score a set of pictures that were judged one by one.

    Parameters
    ----------
    judged : mapping
        By the picture's name: what `judge_objects`, `judge_detection`, `judge_pixels` or
        `judge_classes` returned, or for counts the found and the true one.
    task : {"objects", "pixels", "classes", "counts", "detection"}
    groups : mapping of str to str or None
        Group of each picture, to be scored apart as well.
    clusters : mapping of str to str or None
        Pictures of one cluster hang together and are resampled as a whole. A picture
        without one stands for itself.
    specificity : float
        At which "sensitivity_at_specificity" is told.
    level : float
        Share of intervals that should hold the truth.
    seed : int

    Returns
    -------
    Evaluation

    Examples
    --------
    >>> found = evaluate_set({"a": (4, 5), "b": (7, 7)}, task="counts")
    >>> found.scores["count_mae"].value, found.pictures["a"]["count_bias"]
    (0.5, -1)
    """
    groups, clusters = groups or {}, clusters or {}

    def scored(names: Sequence[str]) -> dict[str, MeanScore]:
        together = [clusters.get(name, f"picture {name}") for name in names]
        return _scored(
            [judged[name] for name in names],
            task=task,
            specificity=specificity,
            how={"clusters": together, "level": level, "seed": seed},
        )

    names = list(judged)
    members = {
        group: [name for name in names if groups.get(name) == group]
        for group in sorted({groups[name] for name in names if name in groups})
    }
    together = [clusters.get(name, f"picture {name}") for name in names]
    table = None
    if task == "classes" and judged:
        table = class_table(
            list(judged.values()), clusters=together, level=level, seed=seed
        )
    return Evaluation(
        task=task,
        scores=scored(names),
        groups={group: scored(inside) for group, inside in members.items()},
        pictures={
            name: _of_picture(item, specificity=specificity)
            for name, item in judged.items()
        },
        group_of={name: groups[name] for name in names if name in groups},
        cluster_of={name: clusters[name] for name in names if name in clusters},
        n_units=draw_pictures(len(names), clusters=together).n_units,
        classes=table,
    )


def differences(one: Evaluation, other: Evaluation) -> dict[str, MeanScore]:
    """Return by how much one prediction's headline scores exceed another's, paired.

    Parameters
    ----------
    one, other : Evaluation
        Of the same task.

    Returns
    -------
    dict of str to MeanScore
        Mean over the pictures that both have, `one` - `other`. Scores that fewer than
        five pictures, or clusters, have are left out: too few to say which is better.

    Examples
    --------
    >>> truth = {name: (5, 5) for name in "abcde"}
    >>> one = evaluate_set(truth, task="counts")
    >>> other = evaluate_set({name: (4, 5) for name in "abcde"}, task="counts")
    >>> differences(one, other)["count_mae"].value
    -1.0
    """
    names = [name for name in one.pictures if name in other.pictures]
    clusters = [one.cluster_of.get(name, f"picture {name}") for name in names]
    found = {}
    for score in HEADLINES[one.task]:
        pairs = [
            [each.pictures[name].get(score, math.nan) for name in names]
            for each in (one, other)
        ]
        try:
            found[score] = paired_difference(*pairs, clusters=clusters)
        except DatasetError:
            continue
    return found


def other_means(counts: Mapping[str, float]) -> dict[str, float]:
    """Return for each picture the mean count of the others: a guess without looking.

    Parameters
    ----------
    counts : mapping of str to float

    Returns
    -------
    dict of str to float
        Empty for fewer than two pictures.

    Examples
    --------
    >>> other_means({"a": 1, "b": 2, "c": 6})["a"]
    4.0
    """
    total, n = sum(counts.values()), len(counts)
    if n < 2:
        return {}
    return {name: (total - count) / (n - 1) for name, count in counts.items()}


def _scored(
    items: Sequence[Any], *, task: Task, specificity: float, how: Mapping[str, Any]
) -> dict[str, MeanScore]:
    if task in ("objects", "detection"):
        return score_objects(items, **how)
    if task == "pixels":
        return score_pixels(items, specificity=specificity, **how)
    if task == "classes":
        return score_classes(items, **how)
    found, true = [item[0] for item in items], [item[1] for item in items]
    return dict(score_counts(found, true, **how))


def _of_picture(item: Any, *, specificity: float) -> Mapping[str, float]:
    if isinstance(item, JudgedPixels):
        return item.scores(specificity=specificity)
    if isinstance(item, JudgedClasses):
        return item.scores()
    if isinstance(item, Mapping):
        return item
    return judge_counts(*item)


def _scores_as_json(scores: Mapping[str, MeanScore]) -> dict[str, Any]:
    return {name: score.as_json() for name, score in scores.items()}


def _values_as_json(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
