"""From a prediction and its truth to scores, a page, and an exit status."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from segmetry import __version__, io
from segmetry.cli.evaluation_files import (
    error_pictures,
    mistake_crops,
    pictures_table,
    scores_table,
)
from segmetry.cli.outcome import LEVEL, OBSERVER, Outcome, Request, judge_request
from segmetry.cli.tell import tell_error
from segmetry.cli.tell_evaluation import tell_evaluation
from segmetry.dataset.truths import Truths, find_truths
from segmetry.errors import RecipeError, SegmetryError, WriteError
from segmetry.evaluate import Evaluation
from segmetry.report.evaluation import EvaluationContent, evaluation_html
from segmetry.report.verdicts import beside_sentence, comparison

__all__ = ["Request", "evaluate_prediction"]

_SOME_FAILED = 1
_WRONG_COMMAND = 2
_PAGE, _VALUES = "evaluation.html", "evaluation.json"
_PICTURES, _SCORES = "pictures.csv", "scores.csv"
_SHOWN = {
    "baseline": "baseline",
    OBSERVER: "second observer",
    "against": "other prediction",
}


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
        truths = find_truths(
            request.truth,
            task=request.task,
            fov=request.fov,
            thin=request.thin,
            distance=request.distance,
            class_names=request.class_names,
            objects=request.true_objects,
        )
        outcome = judge_request(request, truths)
        told = _told(request, outcome, truths)
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
            others=_shown(outcome),
            second=_second(outcome),
            meanings=_meanings(request, outcome, truths),
            comparisons=_sentences(told),
            notes=told["notes"],
        )
        if request.out is not None:
            typer.echo(f"Report: {request.out / _PAGE}")
    if outcome.judged.missing or outcome.judged.failed or _unread(outcome):
        raise typer.Exit(_SOME_FAILED)


def _notes(request: Request, outcome: Outcome) -> Iterator[str]:
    judged = outcome.judged
    if judged.missing:
        yield f"No prediction, and so in no score: {_listed(judged.missing)}."
    for name, reason in judged.failed.items():
        yield f"{name} could not be judged: {reason}."
    for name, reason in _unread(outcome).items():
        yield f"{name} could not be judged against the second observer: {reason}."
    if judged.extra:
        yield f"Predictions without a truth, left out: {_listed(judged.extra)}."
    if request.task in ("objects", "detection") and "baseline" not in outcome.others:
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


def _meanings(request: Request, outcome: Outcome, truths: Truths) -> dict[str, str]:
    """Return what names in the tables stand for."""
    meanings = {_SHOWN[key]: outcome.names[key] for key in outcome.others}
    if OBSERVER in outcome.others and request.task == "pixels":
        meanings[_SHOWN[OBSERVER]] += ", masks: one point of a curve has no area under it"
    if request.task == "pixels":
        meanings["fixed specificity"] = f"{request.specificity:g}"
    if truths.distance is not None:
        meanings["by centres"] = f"at most {truths.distance} apart, one to one"
    return meanings


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown


def _told(request: Request, outcome: Outcome, truths: Truths) -> dict[str, Any]:
    """Return all that is known as JSON values."""
    evaluation, judged = outcome.evaluation, outcome.judged
    return {
        "task": request.task,
        "n_pictures": len(judged.pictures),
        "settings": {
            "level": LEVEL,
            "resampled": "clusters of pictures" if request.cluster else "pictures",
            "n_units": evaluation.n_units,
            "seed": request.seed,
            **({"specificity": request.specificity} if request.task == "pixels" else {}),
            **({} if truths.distance is None else {"distance": asdict(truths.distance)}),
        },
        "missing": list(judged.missing),
        "extra": list(judged.extra),
        "failed": judged.failed,
        "notes": list(_notes(request, outcome)),
        **_compared(outcome),
        **(
            {f"against_{OBSERVER}": _compared(outcome.second)}
            if outcome.second is not None
            else {}
        ),
    }


def _compared(outcome: Outcome) -> dict[str, Any]:
    """Return the scores against one truth, with those of what they are compared with."""
    beside = outcome.beside
    compared: dict[str, Any] = {
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
    if beside is not None:
        told = {**beside.as_json(), "sentence": beside_sentence(beside)}
        compared[OBSERVER]["at_their_specificity"] = told
    return {"baseline": None, **outcome.evaluation.as_json(), **compared}


def _verdict(key: str, outcome: Outcome) -> dict[str, Any]:
    pictures = outcome.evaluation.pictures.keys() & outcome.others[key].pictures.keys()
    name = f"{_SHOWN[key]} ({outcome.names[key]})"
    task = outcome.evaluation.task
    return comparison(task, f"the {name}", outcome.gains[key], n=len(pictures))


def _sentences(told: Mapping[str, Any]) -> list[str]:
    sentences = [told[key]["verdict"]["sentence"] for key in _SHOWN if told.get(key)]
    beside = told.get(OBSERVER, {}).get("at_their_specificity")
    return [*sentences, beside["sentence"]] if beside else sentences


def _shown(outcome: Outcome) -> dict[str, Evaluation]:
    return {_SHOWN[key]: each for key, each in outcome.others.items()}


def _second(outcome: Outcome) -> tuple[Evaluation, dict[str, Evaluation]] | None:
    second = outcome.second
    return None if second is None else (second.evaluation, _shown(second))


def _unread(outcome: Outcome) -> Mapping[str, str]:
    """Return why pictures could be judged against the first observer alone."""
    if outcome.second is None:
        return {}
    failed = outcome.second.judged.failed
    return {name: why for name, why in failed.items() if name in outcome.judged.pictures}


def _refuse_overwriting(request: Request) -> None:
    out = request.out
    if out is not None and not request.overwrite and (out / _PAGE).exists():
        msg = f"{out} holds an evaluation already; name another folder or say --overwrite"
        raise RecipeError(msg)


def _write(
    request: Request, outcome: Outcome, truths: Truths, told: dict[str, Any]
) -> None:
    out = request.out or Path()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"Cannot make the folder {out.name}: {error.strerror or error}"
        raise WriteError(msg) from error
    crops = list(mistake_crops(outcome, truths))
    if request.task == "pixels":
        crops += error_pictures(request, outcome, truths, out)
    content = EvaluationContent(
        title=f"How good is {request.predicted.absolute().name}",
        evaluation=outcome.evaluation,
        others=_shown(outcome),
        second=_second(outcome),
        meanings=_meanings(request, outcome, truths),
        gains={_SHOWN[key]: gain for key, gain in outcome.gains.items()},
        comparisons=_sentences(told),
        notes=told["notes"],
        settings=told["settings"],
        version=__version__,
        crops=crops,
    )
    io.write_json(out / _VALUES, told)
    io.write_text(out / _PICTURES, pictures_table(told))
    io.write_text(out / _SCORES, scores_table(told))
    io.write_text(out / _PAGE, evaluation_html(content))
