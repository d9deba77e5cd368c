"""The card of a model that counts without finding: its scores and lighter variants."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from segmetry.learn.densities import count_agreement, count_scores, found_and_true
from segmetry.learn.examples import Example
from segmetry.learn.scores import mean_scores
from segmetry.models import Card, Score, read_model
from segmetry.models.network import Precision
from segmetry.models.outputs import density_spread
from segmetry.models.segmenter import NetworkSegmenter

__all__ = ["count_fidelity", "with_count_scores"]

_MOST_LOSS = 0.005  # of the agreement of counts, that a lighter variant may cost


def with_count_scores(
    card: Card,
    path: Path,
    validation: Sequence[Example],
    *,
    lighter: Sequence[Precision],
    tell: Callable[[str], None],
) -> Card:
    """Return a card with the scores of the model as it runs.

    Parameters
    ----------
    card : Card
    path : Path
        The model's file, with that card.
    validation : sequence of Example
        Pictures that the network was not trained on.
    lighter : sequence of str
        Numbers that cost less time, and are to be checked.
    tell : callable
        Gets a sentence now and then.
    """
    counts = _counts(path, validation, "fp32")
    told = [{"count_agreement": count_agreement(*pair)} for pair in counts]
    scores = {**mean_scores(told, validation), **count_scores(counts, validation)}
    fidelity = _fidelity(path, validation, counts, lighter)
    tell(f"count_mae {scores['count_mae'].value:.3f}; lighter variants: {fidelity}")
    return card.model_copy(
        update={
            "scores": {
                "all": {name: Score(**each.as_json()) for name, each in scores.items()}
            },
            "fidelity": fidelity,
        }
    )


def count_fidelity(
    path: Path, examples: Sequence[Example], *, lighter: Sequence[Precision]
) -> dict[str, dict[str, bool | float]]:
    """Return what each kind of lighter numbers costs a model of the agreement of counts.

    Parameters
    ----------
    path : Path
        The model's file.
    examples : sequence of Example
        Pictures of the training will do.
    lighter : sequence of str

    Returns
    -------
    dict
        For `Card.fidelity`.
    """
    return _fidelity(path, examples, _counts(path, examples, "fp32"), lighter)


def _fidelity(
    path: Path,
    examples: Sequence[Example],
    counts: Sequence[tuple[float, int]],
    lighter: Sequence[Precision],
) -> dict[str, dict[str, bool | float]]:
    """Return what lighter numbers cost beside counts with full ones."""
    found: dict[str, dict[str, bool | float]] = {}
    for kind in lighter:
        loss = _agreement(counts) - _agreement(_counts(path, examples, kind))
        found[kind] = {
            "count_agreement_loss": round(loss, 5),
            "passed": loss <= _MOST_LOSS,
        }
    return found


def _agreement(counts: Sequence[tuple[float, int]]) -> float:
    return float(np.mean([count_agreement(*pair) for pair in counts]))


def _counts(
    path: Path, examples: Sequence[Example], precision: Precision
) -> list[tuple[float, int]]:
    """Return the found and the true number of objects in each picture."""
    spread = density_spread(read_model(path).card.outputs) or 0.0
    segmenter = NetworkSegmenter(model=str(path), precision=precision)
    return [
        found_and_true(segmenter.maps(one.image), one, spread=spread) for one in examples
    ]
