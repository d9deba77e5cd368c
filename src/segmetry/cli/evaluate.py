"""From a prediction and its truth to scores, a page, and an exit status."""

import csv
import io as text_io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import typer
from numpy.typing import NDArray

from segmetry import __version__, io
from segmetry.cli.tell import tell_error
from segmetry.cli.tell_evaluation import tell_evaluation
from segmetry.dataset.judging import Judged, Truths, find_truths, judge, judge_found
from segmetry.dataset.predictions import find_predictions, match_names, read_mask
from segmetry.dataset.sheet import read_column
from segmetry.errors import DatasetError, RecipeError, SegmetryError, WriteError
from segmetry.evaluate import (
    Evaluation,
    Example,
    MeanScore,
    Task,
    differences,
    evaluate_set,
    other_means,
)
from segmetry.image import Image
from segmetry.report.evaluation import Crop, EvaluationContent, evaluation_html
from segmetry.report.gallery import choose_examples, draw_example
from segmetry.report.verdicts import comparison
from segmetry.segment import segmenter

__all__ = ["Request", "evaluate_prediction"]

_SOME_FAILED = 1
_WRONG_COMMAND = 2
_LEVEL = 0.95
_PAGE, _VALUES, _TABLE = "evaluation.html", "evaluation.json", "pictures.csv"
_SHOWN = {"baseline": "baseline", "against": "other prediction"}
_BASELINE: Mapping[Task, str] = {
    "objects": "Otsu threshold, holes filled, cut at waists",
    "pixels": "background everywhere",
    "counts": "mean count of the other pictures",
}


@dataclass(frozen=True)
class Request:
    """What is to be judged, and how; see `segmetry evaluate --help`."""

    predicted: Path
    truth: Path
    task: Task
    fov: Path | None = None
    images: Path | None = None
    against: Path | None = None
    groups: Path | None = None
    by: str | None = None
    cluster: str | None = None
    specificity: float = 0.95
    probability: bool = False
    seed: int = 0
    out: Path | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class _Outcome:
    """The prediction and what it is compared with, judged."""

    judged: Judged
    evaluation: Evaluation
    others: dict[str, Evaluation]
    names: dict[str, str]
    gains: dict[str, dict[str, MeanScore]]
    images: dict[str, Path] = field(default_factory=dict)


def evaluate_prediction(request: Request, *, as_json: bool) -> None:
    """Judge a prediction, tell the scores, and end with an exit status.

    Parameters
    ----------
    request : Request
    as_json : bool
        Print one JSON object and nothing else.

    Raises
    ------
    typer.Exit
        With status 1 if a picture has no prediction or could not be judged, or nothing
        can be written; 2 if the command line is wrong.
    """
    try:
        _refuse_overwriting(request)
        truths = find_truths(request.truth, task=request.task, fov=request.fov)
        outcome = _judged(request, truths)
        told = _told(request, outcome)
        if request.out is not None:
            _write(request, outcome, truths, told)
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        status = _SOME_FAILED if isinstance(error, WriteError) else _WRONG_COMMAND
        raise typer.Exit(status) from error
    if as_json:
        typer.echo(json.dumps(told))
    else:
        tell_evaluation(
            outcome.evaluation,
            others={_SHOWN[key]: each for key, each in outcome.others.items()},
            meanings=_meanings(request, outcome),
            comparisons=_sentences(told),
            notes=told["notes"],
        )
        if request.out is not None:
            typer.echo(f"Report: {request.out / _PAGE}")
    if outcome.judged.missing or outcome.judged.failed:
        raise typer.Exit(_SOME_FAILED)


def _judged(request: Request, truths: Truths) -> _Outcome:
    task, probability = request.task, request.probability
    judged = judge(request.predicted, truths, task=task, probability=probability)
    if not judged.pictures:
        reasons = "; ".join(f"{name}: {why}" for name, why in judged.failed.items())
        msg = f"No picture could be judged: {reasons}"
        raise DatasetError(msg)
    names = list(judged.pictures)
    scoring: dict[str, Any] = {
        "task": task,
        "groups": _column(request, names, request.by or "group"),
        "clusters": _clusters(request, names),
        "specificity": request.specificity,
        "level": _LEVEL,
        "seed": request.seed,
    }
    images = _images(request, names)
    evaluation = evaluate_set(judged.pictures, **scoring)
    others: dict[str, Evaluation] = {}
    named = {"baseline": _BASELINE[task]}
    if base := _baseline(task, truths, names, images):
        others["baseline"] = evaluate_set(base, **scoring)
    if request.against is not None:
        rival = judge(request.against, truths, task=task, probability=probability)
        common = {name: rival.pictures[name] for name in names if name in rival.pictures}
        others["against"] = evaluate_set(common, **scoring)
        named["against"] = request.against.name
    gains = {key: differences(evaluation, other) for key, other in others.items()}
    return _Outcome(judged, evaluation, others, named, gains, images)


def _baseline(
    task: Task, truths: Truths, names: list[str], images: Mapping[str, Path]
) -> dict[str, Any]:
    """Judge what needs no skill, on the same pictures."""
    if task == "counts":
        true = judge_found(lambda _: 0.0, truths, names, task=task).pictures
        guesses = other_means({name: pair[1] for name, pair in true.items()})
        return {name: (guess, true[name][1]) for name, guess in guesses.items()}
    if task == "pixels":

        def nothing(name: str) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
            shape = read_mask(truths.masks[name]).shape
            return np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.float32)

        return judge_found(nothing, truths, names, task=task).pictures
    classical = segmenter("threshold")
    with_image = [name for name in names if name in images]
    found = judge_found(
        lambda name: classical(io.read(images[name])).data, truths, with_image, task=task
    )
    return found.pictures


def _images(request: Request, names: list[str]) -> dict[str, Path]:
    if request.images is None:
        return {}
    found = find_predictions(request.images)
    return {name: found[other].labels for name, other in match_names(names, found).items()}


def _column(request: Request, names: list[str], column: str) -> dict[str, str]:
    if request.groups is None:
        if request.by or request.cluster:
            msg = "--by and --cluster name columns of a table: give it with --groups"
            raise RecipeError(msg)
        return {}
    return read_column(request.groups, names, column)


def _clusters(request: Request, names: list[str]) -> dict[str, str]:
    if request.cluster is None:
        return {}
    return _column(request, names, request.cluster)


def _notes(request: Request, outcome: _Outcome) -> Iterator[str]:
    judged = outcome.judged
    if judged.missing:
        yield f"No prediction, and so in no score: {_listed(judged.missing)}."
    for name, reason in judged.failed.items():
        yield f"{name} could not be judged: {reason}."
    if judged.extra:
        yield f"Predictions without a truth, left out: {_listed(judged.extra)}."
    if request.task == "objects" and "baseline" not in outcome.others:
        given = request.images is not None
        said = "--images holds no picture of these names"
        yield f"No baseline: {said if given else 'give the pictures with --images'}."
    for key, other in outcome.others.items():
        lacking = tuple(name for name in judged.pictures if name not in other.pictures)
        if lacking:
            yield f"The {_SHOWN[key]} has no result for {_listed(lacking)}."
    if request.task == "pixels" and "auc_roc_pooled" not in outcome.evaluation.scores:
        yield (
            "No area under curves: the prediction holds masks, not probabilities; if its "
            "whole numbers are probabilities, say --probability."
        )


def _meanings(request: Request, outcome: _Outcome) -> dict[str, str]:
    """Return what names in the tables stand for."""
    meanings = {_SHOWN[key]: outcome.names[key] for key in outcome.others}
    if request.task == "pixels":
        meanings["fixed specificity"] = f"{request.specificity:g}"
    return meanings


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown


def _told(request: Request, outcome: _Outcome) -> dict[str, Any]:
    """Return all that is known as JSON values."""
    evaluation, judged = outcome.evaluation, outcome.judged
    compared = {
        key: {
            "name": outcome.names[key],
            **other.as_json(),
            "difference": {
                name: gain.as_json() for name, gain in outcome.gains[key].items()
            },
            "verdict": _verdict(key, outcome),
        }
        for key, other in outcome.others.items()
    }
    return {
        "task": request.task,
        "n_pictures": len(judged.pictures),
        "settings": {
            "level": _LEVEL,
            "resampled": "clusters of pictures" if request.cluster else "pictures",
            "n_units": evaluation.n_units,
            "seed": request.seed,
            **({"specificity": request.specificity} if request.task == "pixels" else {}),
        },
        "missing": list(judged.missing),
        "extra": list(judged.extra),
        "failed": judged.failed,
        "notes": list(_notes(request, outcome)),
        "baseline": None,
        **evaluation.as_json(),
        **compared,
    }


def _verdict(key: str, outcome: _Outcome) -> dict[str, Any]:
    pictures = outcome.evaluation.pictures.keys() & outcome.others[key].pictures.keys()
    name = f"{_SHOWN[key]} ({outcome.names[key]})"
    task = outcome.evaluation.task
    return comparison(task, f"the {name}", outcome.gains[key], n=len(pictures))


def _sentences(told: Mapping[str, Any]) -> list[str]:
    return [told[key]["verdict"]["sentence"] for key in _SHOWN if told.get(key)]


def _refuse_overwriting(request: Request) -> None:
    out = request.out
    if out is not None and not request.overwrite and (out / _PAGE).exists():
        msg = f"{out} holds an evaluation already; name another folder or say --overwrite"
        raise RecipeError(msg)


def _write(
    request: Request, outcome: _Outcome, truths: Truths, told: dict[str, Any]
) -> None:
    out = request.out or Path()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"Cannot make the folder {out.name}: {error.strerror or error}"
        raise WriteError(msg) from error
    content = EvaluationContent(
        title=f"How good is {request.predicted.absolute().name}",
        evaluation=outcome.evaluation,
        others={_SHOWN[key]: each for key, each in outcome.others.items()},
        meanings=_meanings(request, outcome),
        gains={_SHOWN[key]: gain for key, gain in outcome.gains.items()},
        comparisons=_sentences(told),
        notes=told["notes"],
        settings=told["settings"],
        version=__version__,
        crops=list(_crops(outcome, truths)),
    )
    io.write_json(out / _VALUES, told)
    io.write_text(out / _TABLE, _csv(told["pictures"]))
    io.write_text(out / _PAGE, evaluation_html(content))


def _crops(outcome: _Outcome, truths: Truths) -> Iterator[Crop]:
    """Read again the pictures whose mistakes are shown, each once."""
    chosen = [
        (picture, example)
        for pairs in choose_examples(outcome.judged.mistakes).values()
        for picture, example in pairs
    ]
    for picture in dict.fromkeys(name for name, _ in chosen):
        predicted = read_mask(outcome.judged.sources[picture].labels)
        truth = read_mask(truths.masks[picture])
        image = _picture(outcome.images.get(picture))
        for name, example in chosen:
            if name == picture and truth.ndim == 2:
                pixels = draw_example(example, predicted, truth, image=image)
                yield Crop(example.kind, picture, pixels, _note(example))


def _picture(path: Path | None) -> Image | None:
    image = None if path is None else io.read(path)
    return None if image is None or image.axes.startswith("Z") else image


def _note(example: Example) -> str:
    if example.kind == "outline":
        return f"IoU {example.iou:.2f}"
    if example.kind == "split":
        return f"cut into {len(example.predicted)}"
    if example.kind == "merged":
        return f"{len(example.truth)} found as one"
    numbers = example.truth or example.predicted
    return f"object {numbers[0]}"


def _csv(pictures: Mapping[str, Mapping[str, Any]]) -> str:
    text = text_io.StringIO()
    columns = ["image", *dict.fromkeys(key for row in pictures.values() for key in row)]
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for name, row in pictures.items():
        writer.writerow({"image": name, **row})
    return text.getvalue()
