"""What a training came to, and the files that show how it went."""

import csv
import io as memory
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from segmetry import io
from segmetry.dataset import Finding
from segmetry.evaluate import MeanScore
from segmetry.learn.gate import Verdict
from segmetry.models.card import Card

__all__ = ["LearningPoint", "Outcome", "write_curves", "write_learning_curve"]

_SVG_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


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


def write_curves(
    model: Path,
    runs: Mapping[str, Sequence[Mapping[str, float]]],
    *,
    score: str = "dsb_score",
) -> None:
    """Write loss and score of all trainings as CSV, PNG and SVG beside a model file.

    Parameters
    ----------
    model : Path
        For cells.segmodel, the files are cells.curves.csv, .png and .svg.
    runs : mapping of str to sequence of mapping
        By name of the training: rows with "step", "loss" and, where known, "score".
    score : str
        What the score is called.

    Raises
    ------
    WriteError
        If they cannot be written.
    """
    from segmetry.report.training_curves import training_curves

    rows = [
        (name, row["step"], f"{row['loss']:.6g}", _digits(row.get("score")))
        for name, run in runs.items()
        for row in run
    ]
    figure = training_curves(runs, score=score)
    _write_figure(model, "curves", figure)
    _write_table(model, "curves", ("training", "step", "loss", score), rows)


def write_learning_curve(
    model: Path, points: Sequence[LearningPoint], *, score: str = "dsb_score"
) -> None:
    """Write the score against the number of pictures as CSV, PNG and SVG.

    Parameters
    ----------
    model : Path
        For cells.segmodel, the files are cells.learning_curve.csv, .png and .svg.
    points : sequence of LearningPoint
    score : str
        What the score is called.

    Raises
    ------
    WriteError
        If they cannot be written.
    """
    from segmetry.report.training_curves import learning_curve

    rows = [
        (
            point.n_pictures,
            *(point.score.as_json()[key] for key in ("value", "low", "high")),
        )
        for point in points
    ]
    figure = learning_curve(
        [(p.n_pictures, p.score.value, p.score.low, p.score.high) for p in points],
        score=score,
    )
    _write_figure(model, "learning_curve", figure)
    _write_table(model, "learning_curve", ("pictures", score, "low", "high"), rows)


def _write_figure(model: Path, name: str, figure: Any) -> None:
    from segmetry.report.canvas import to_png, to_svg

    place = f"{model.with_suffix('')}.{name}"
    io.write_bytes(f"{place}.png", to_png(figure))
    io.write_text(f"{place}.svg", _SVG_HEAD + to_svg(figure, name=name))


def _write_table(
    model: Path,
    name: str,
    head: Sequence[str],
    rows: Sequence[Sequence[float | str | None]],
) -> None:
    text = memory.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    io.write_text(f"{model.with_suffix('')}.{name}.csv", text.getvalue())


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
