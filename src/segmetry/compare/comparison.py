"""Methods compared on an annotated set: scores, costs, and paired differences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from segmetry.compare.differences import Difference, difference, holm
from segmetry.compare.judging import Rules
from segmetry.compare.methods import Method
from segmetry.compare.outcome import Outcome
from segmetry.compare.pictures import AnnotatedSet
from segmetry.errors import DatasetError, RecipeError
from segmetry.evaluate import HEADLINES, SCORES, Evaluation, MeanScore, Task, mean_score
from segmetry.evaluate.evaluation import evaluate_set

__all__ = ["Comparison", "Price", "compared", "score_named"]


@dataclass(frozen=True)
class Price:
    """What a method takes; each is the median over pictures, but for the memory.

    Parameters
    ----------
    cpu_s, wall_s : float
        Seconds a picture.
    cpu_s_per_megapixel : float
    memory_mb : float
        The most that any picture took; NaN where the system does not tell.
    teaching_cpu_s : float
        Seconds of learning in all folds together; 0 where nothing was learned.
    """

    cpu_s: float
    wall_s: float
    cpu_s_per_megapixel: float
    memory_mb: float
    teaching_cpu_s: float = 0.0


@dataclass(frozen=True, eq=False)
class Comparison:
    """Methods, the best first, and how they differ.

    Parameters
    ----------
    task : {"objects", "pixels"}
    score : str
        Name of the score that orders them.
    methods : tuple of str
        Labels, the best first; those that lack a picture which others have come last.
    evaluations : mapping of str to Evaluation
    prices : mapping of str to Price
    how : mapping of str to str
        How each came to what it knows: "cross-validation in 5 folds" or "12 other
        pictures"; those that learned nothing here are left out.
    differences : tuple of Difference
        Of each method to the reference, and to the baseline.
    reference : str
    outcomes : tuple of Outcome
    notes : tuple of str
    """

    task: Task
    score: str
    methods: tuple[str, ...]
    evaluations: Mapping[str, Evaluation]
    prices: Mapping[str, Price]
    how: Mapping[str, str]
    differences: tuple[Difference, ...]
    reference: str
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Return what could not be done."""
        return tuple(one for one in self.outcomes if one.failed)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON values; what is not known is `None`."""
        return {
            "task": self.task,
            "score": self.score,
            "reference": self.reference,
            "methods": [
                {
                    "method": label,
                    "learned": self.how.get(label, ""),
                    "scores": self.evaluations[label].as_json(),
                    "price": _plain(asdict(self.prices[label])),
                }
                for label in self.methods
            ],
            "differences": [_plain(asdict(one)) for one in self.differences],
            "failed": [
                {"method": one.method, "image": one.picture, "reason": one.reason}
                for one in self.failed
            ],
            "notes": list(self.notes),
        }


def score_named(name: str | None, task: Task, *, thin: bool = False) -> str:
    """Return the name of the score that orders methods.

    Parameters
    ----------
    name : str or None
        `None` takes the first headline of the task.
    task : {"objects", "pixels"}
    thin : bool
        Whether skeletons are judged.

    Raises
    ------
    RecipeError
        If pictures have no such score, or it says neither good nor bad.

    Examples
    --------
    >>> score_named(None, "pixels")
    'dice'
    """
    known = [one for one in HEADLINES[task] if SCORES[one].aim != "zero"]
    if task == "pixels" and not thin:
        known.remove("cldice")
    if name is None:
        return known[0]
    if name not in known:
        msg = f"methods are ordered by one of {', '.join(known)}; got {name!r}"
        raise RecipeError(msg)
    return name


def compared(
    methods: Sequence[Method],
    pictures: AnnotatedSet,
    outcomes: Sequence[Outcome],
    rules: Rules,
    *,
    score: str,
    against: str | None = None,
    how: Mapping[str, str] | None = None,
) -> Comparison:
    """Compare methods by what came of them on the pictures of a set.

    Parameters
    ----------
    methods : sequence of Method
    pictures : AnnotatedSet
    outcomes : sequence of Outcome
        Of every method on every picture.
    rules : Rules
    score : str
        Orders the methods.
    against : str or None
        Label of the method that all others are compared with; `None` takes the best.
    how : mapping of str to str or None
        See `Comparison`.

    Returns
    -------
    Comparison

    Raises
    ------
    DatasetError
        If no picture could be judged.
    RecipeError
        If there is no method of the label `against`.
    """
    evaluations = {
        one.label: _evaluation(one.label, pictures, outcomes, rules) for one in methods
    }
    if not any(each.pictures for each in evaluations.values()):
        reasons = dict.fromkeys(one.reason for one in outcomes)
        msg = f"No picture could be judged: {'; '.join([*reasons][:3])}"
        raise DatasetError(msg)
    ordered = _ordered(methods, evaluations, score)
    reference = against or ordered[0]
    if reference not in evaluations:
        msg = f"there is no method {reference!r} to compare with; they are {', '.join(evaluations)}"  # noqa: E501
        raise RecipeError(msg)
    base = next((one.label for one in methods if one.is_baseline), None)
    rivals = dict.fromkeys(one for one in (reference, base) if one is not None)
    differences = [
        each
        for other in rivals
        for each in _to(other, ordered, evaluations, score, pictures.units, rules.seed)
    ]
    return Comparison(
        task=rules.task,
        score=score,
        methods=tuple(ordered),
        evaluations=evaluations,
        prices={one.label: _price(one.label, outcomes) for one in methods},
        how=how or {},
        differences=tuple(differences),
        reference=reference,
        outcomes=tuple(outcomes),
        notes=(*pictures.notes, *_incomplete(ordered, evaluations)),
    )


def _evaluation(
    label: str, pictures: AnnotatedSet, outcomes: Sequence[Outcome], rules: Rules
) -> Evaluation:
    # In the order of their names: sums of another order would differ in the last digit.
    own = {
        one.picture: one.scores
        for one in sorted(outcomes, key=lambda one: one.picture)
        if one.method == label and not one.failed
    }
    if rules.task == "objects" and own:
        return evaluate_set(
            own,
            task="objects",
            groups=pictures.groups,
            clusters=pictures.units,
            seed=rules.seed,
        )
    return _of_pixels(own, pictures, rules)


def _of_pixels(
    own: Mapping[str, Mapping[str, float]], pictures: AnnotatedSet, rules: Rules
) -> Evaluation:
    """Score pixels by the means over pictures: their maps are not kept."""
    units, groups = pictures.units, pictures.groups

    def scored(names: Sequence[str]) -> dict[str, MeanScore]:
        first = own[names[0]] if names else {}
        return {
            score: mean_score(
                [own[name].get(score, math.nan) for name in names],
                clusters=[units[name] for name in names],
                bounds=SCORES[score].bounds,
                seed=rules.seed,
            )
            for score in SCORES
            if score in first
        }

    names = list(own)
    members = {
        group: [name for name in names if groups.get(name) == group]
        for group in sorted({groups[name] for name in names if name in groups})
    }
    return Evaluation(
        task=rules.task,
        scores=scored(names),
        groups={group: scored(inside) for group, inside in members.items()},
        pictures=own,
        group_of={name: groups[name] for name in names if name in groups},
        cluster_of={name: units[name] for name in names},
        n_units=len({units[name] for name in names}),
    )


def _ordered(
    methods: Sequence[Method], evaluations: Mapping[str, Evaluation], score: str
) -> list[str]:
    """Return the labels, the best first; what lacks pictures comes after what has all."""
    most = max(len(each.pictures) for each in evaluations.values())
    sign = -1.0 if SCORES[score].aim == "high" else 1.0

    def place(label: str) -> tuple[bool, float, str]:
        found = evaluations[label].scores.get(score)
        value = math.inf if found is None else sign * found.value
        lacks = len(evaluations[label].pictures) < most
        return lacks, math.inf if math.isnan(value) else value, label

    return sorted((one.label for one in methods), key=place)


def _to(
    other: str,
    ordered: Sequence[str],
    evaluations: Mapping[str, Evaluation],
    score: str,
    units: Mapping[str, str],
    seed: int,
) -> list[Difference]:
    def values(label: str) -> dict[str, float]:
        rows = evaluations[label].pictures
        return {name: row.get(score, math.nan) for name, row in rows.items()}

    return holm(
        [
            difference(
                (label, other), score, (values(label), values(other)), units, seed=seed
            )
            for label in ordered
            if label != other
        ]
    )


def _price(label: str, outcomes: Sequence[Outcome]) -> Price:
    own = [one for one in outcomes if one.method == label and one.cost is not None]
    costs = [one.cost for one in own if one.cost is not None]
    memory = [one.memory_mb for one in costs if one.memory_mb is not None]
    lessons = {one.teaching_cpu_s for one in own}  # one number for each fold
    return Price(
        cpu_s=_median([one.cpu_s for one in costs]),
        wall_s=_median([one.wall_s for one in costs]),
        cpu_s_per_megapixel=_median(
            [
                cost.cpu_s / one.megapixels
                for one, cost in zip(own, costs, strict=True)
                if one.megapixels > 0
            ]
        ),
        memory_mb=max(memory, default=math.nan),
        teaching_cpu_s=sum(lessons),
    )


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else math.nan


def _incomplete(ordered: Sequence[str], evaluations: Mapping[str, Evaluation]) -> list[str]:
    most = max(len(each.pictures) for each in evaluations.values())
    return [
        f"{label} has results for {len(evaluations[label].pictures)} of {most} pictures: "
        "its mean is not comparable, so it stands after those that have all."
        for label in ordered
        if len(evaluations[label].pictures) < most
    ]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: None if isinstance(one, float) and not math.isfinite(one) else one
        for key, one in values.items()
    }
