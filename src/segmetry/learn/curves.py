"""Files that show how a training went, beside the model."""

import csv
import io as memory
from collections.abc import Mapping, Sequence
from pathlib import Path

from segmetry import io
from segmetry.learn.outcome import LearningPoint

__all__ = ["write_curves", "write_learning_curve"]

_SVG_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


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
    from segmetry.report.canvas import to_png, to_svg
    from segmetry.report.training_curves import training_curves

    rows = [
        (name, row["step"], f"{row['loss']:.6g}", _digits(row.get("score")))
        for name, run in runs.items()
        for row in run
    ]
    figure = training_curves(runs, score=score)
    place = model.with_suffix("")
    _write_table(f"{place}.curves.csv", ("training", "step", "loss", score), rows)
    io.write_bytes(f"{place}.curves.png", to_png(figure))
    io.write_text(f"{place}.curves.svg", _SVG_HEAD + to_svg(figure, name="curves"))


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
    from segmetry.report.canvas import to_png, to_svg
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
    place = f"{model.with_suffix('')}.learning_curve"
    _write_table(f"{place}.csv", ("pictures", score, "low", "high"), rows)
    io.write_bytes(f"{place}.png", to_png(figure))
    io.write_text(f"{place}.svg", _SVG_HEAD + to_svg(figure, name="learning"))


def _write_table(
    path: str, head: Sequence[str], rows: Sequence[Sequence[float | str | None]]
) -> None:
    text = memory.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    io.write_text(path, text.getvalue())


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
