"""The card of a model that tells pixels apart: its cutoff, scores and lighter variants."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from segmetry.evaluate import MeanScore
from segmetry.learn.cutoffs import best_cutoffs
from segmetry.learn.examples import Example
from segmetry.learn.scores import foreground_dice, mean_scores
from segmetry.learn.tasks import Task, task_of
from segmetry.models import Card, Score, read_model
from segmetry.models.network import Precision
from segmetry.models.outputs import Cutoffs, cutoffs_of
from segmetry.models.segmenter import NetworkSegmenter
from segmetry.segment import Maps

__all__ = ["pixel_fidelity", "with_pixel_choices"]

_MOST_LOSS = 0.005  # of the Dice, that a lighter variant may cost


def with_pixel_choices(
    card: Card,
    path: Path,
    validation: Sequence[Example],
    *,
    lighter: Sequence[Precision],
    task: Task,
    tell: Callable[[str], None],
) -> Card:
    """Return a card with the foreground's cutoff, and scores of the model as it runs.

    Parameters
    ----------
    card : Card
    path : Path
        The model's file, with that card.
    validation : sequence of Example
        Pictures that the network was not trained on.
    lighter : sequence of str
        Numbers that cost less time, and are to be checked.
    task : Task
    tell : callable
        Gets a sentence now and then.
    """
    full = _maps(path, validation, "fp32")

    def score(cutoffs: Cutoffs) -> float:
        scores = [
            foreground_dice(maps.foreground, one, cutoff=cutoffs.foreground)
            for maps, one in zip(full, validation, strict=True)
        ]
        return float(np.mean(scores))

    cutoffs, value = best_cutoffs(score, choices=task.choices)
    tell(f"cutoff {cutoffs.foreground}: Dice of the foreground {value:.4f}")

    rows = _judged(full, validation, cutoffs, task)
    scores = _by_kind(rows, validation)
    dice = scores["all"]["dice"].value
    fidelity = {
        kind: _loss(dice, path, validation, kind, cutoffs=cutoffs, task=task)
        for kind in lighter
    }
    tell(f"dice {dice:.4f}; lighter variants: {fidelity}")
    min_area = card.cutoffs["min_area"]
    return card.model_copy(
        update={
            "cutoffs": {**cutoffs.as_json(), "min_area": min_area},
            "scores": {
                group: {name: Score(**each.as_json()) for name, each in its_scores.items()}
                for group, its_scores in scores.items()
            },
            "fidelity": fidelity,
        }
    )


def pixel_fidelity(
    path: Path, examples: Sequence[Example], *, lighter: Sequence[Precision]
) -> dict[str, dict[str, bool | float]]:
    """Return what each kind of lighter numbers costs a model of its Dice.

    Parameters
    ----------
    path : Path
        The model's file, whose card has its cutoff.
    examples : sequence of Example
        Pictures of the training will do.
    lighter : sequence of str

    Returns
    -------
    dict
        For `Card.fidelity`.
    """
    card = read_model(path).card
    cutoffs, task = cutoffs_of(card), task_of(card.outputs)
    full = _judged(_maps(path, examples, "fp32"), examples, cutoffs, task)
    dice = mean_scores(full, examples)["dice"].value
    return {
        kind: _loss(dice, path, examples, kind, cutoffs=cutoffs, task=task)
        for kind in lighter
    }


def _loss(
    dice: float,
    path: Path,
    examples: Sequence[Example],
    precision: Precision,
    *,
    cutoffs: Cutoffs,
    task: Task,
) -> dict[str, bool | float]:
    """Return what lighter numbers cost of a Dice, and whether that is little."""
    rows = _judged(_maps(path, examples, precision), examples, cutoffs, task)
    loss = dice - mean_scores(rows, examples)["dice"].value
    return {"dice_loss": round(loss, 5), "passed": loss <= _MOST_LOSS}


def _judged(
    found: Sequence[Maps], examples: Sequence[Example], cutoffs: Cutoffs, task: Task
) -> list[Mapping[str, float]]:
    return [
        task.judged(maps, one, cutoffs, 1)
        for maps, one in zip(found, examples, strict=True)
    ]


def _maps(path: Path, validation: Sequence[Example], precision: Precision) -> list[Maps]:
    segmenter = NetworkSegmenter(model=str(path), precision=precision)
    return [segmenter.maps(one.image) for one in validation]


def _by_kind(
    rows: Sequence[Mapping[str, float]], validation: Sequence[Example]
) -> dict[str, dict[str, MeanScore]]:
    """Return the scores of all pictures, and of each kind of picture."""
    found = {"all": mean_scores(rows, validation)}
    for kind in sorted({one.kind for one in validation} - {""}):
        of_kind = [k for k, one in enumerate(validation) if one.kind == kind]
        found[kind] = mean_scores(
            [rows[k] for k in of_kind], [validation[k] for k in of_kind]
        )
    return found
