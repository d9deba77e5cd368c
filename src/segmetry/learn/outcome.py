"""What a training came to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from segmetry.dataset import Finding
from segmetry.evaluate import MeanScore
from segmetry.learn.gate import Verdict
from segmetry.models.card import Card

__all__ = ["LearningPoint", "Outcome"]


@dataclass(frozen=True)
class LearningPoint:
    """The score that a number of training pictures gives.

    Parameters
    ----------
    n_pictures : float
        Pictures in a training; the mean where there were several trainings.
    score : MeanScore
        Of the held-out pictures.
    """

    n_pictures: float
    score: MeanScore


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A model, or why there is none, and all that was found on the way.

    Parameters
    ----------
    path : Path or None
        Where the model was written; `None` if it was refused.
    card : Card or None
    score : str
        Name of the score by which networks were compared: "dsb_score", or "dice" where no
        objects were trained.
    verdict : Verdict or None
        Comparison with the model from which it started; `None` if from none.
    findings : tuple of Finding
        What is odd about the pictures and masks.
    choices : tuple of str
        What was chosen and why, in sentences.
    pictures : mapping of str to mapping of str to float
        For each held-out picture its score, and "old" that of the model from which the
        training started.
    learning_curve : tuple of LearningPoint
        Empty unless asked for.
    seconds : float
        Time of all trainings.
    """

    path: Path | None
    card: Card | None
    verdict: Verdict | None
    score: str = "dsb_score"
    findings: tuple[Finding, ...] = ()
    choices: tuple[str, ...] = ()
    pictures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    learning_curve: Sequence[LearningPoint] = ()
    seconds: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether a model was written."""
        return self.path is not None

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        card = self.card
        scores = {} if card is None else card.model_dump(mode="json")["scores"]
        return {
            "model": None if self.path is None else str(self.path),
            "accepted": self.accepted,
            "name": None if card is None else card.name,
            "scores": scores,
            "scores_on": None if card is None else card.scores_on,
            "comparison": None if self.verdict is None else self.verdict.as_json(),
            "choices": list(self.choices),
            "findings": [asdict(finding) for finding in self.findings],
            "pictures": {name: dict(row) for name, row in self.pictures.items()},
            "learning_curve": [
                {"n_pictures": point.n_pictures, **point.score.as_json()}
                for point in self.learning_curve
            ],
            "seconds": self.seconds,
        }
