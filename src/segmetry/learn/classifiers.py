"""From folders of pictures and masks to a pixel classifier's file, without torch."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from os import PathLike
from pathlib import Path

import numpy as np

from segmetry.dataset.class_truths import class_names
from segmetry.errors import RecipeError
from segmetry.evaluate import (
    MeanScore,
    dice,
    dsb_score,
    match_objects,
    mean_score,
    rank_pixels,
)
from segmetry.image import NOT_KNOWN
from segmetry.learn.annotated import Annotated, read_annotated, without_shown
from segmetry.learn.division import Part, divide
from segmetry.learn.examples import Example
from segmetry.learn.options import TrainingOptions
from segmetry.learn.outcome import Outcome
from segmetry.learn.place import model_place
from segmetry.models import Card, Score, Training, TrainingData, model_name, read_model
from segmetry.models.pixel_model import card_of
from segmetry.models.pixel_segmenter import PixelSegmenter
from segmetry.segment import segmenter

__all__ = ["train_classifier"]

TRIVIAL = "everything taken for object"

_USED = {
    "class_names",
    "name",
    "seed",
    "groups",
    "validation",
    "share",
    "folds",
    "task",
    "overwrite",
}
_MOST_CLASSES = 254


def train_classifier(
    images: str | PathLike[str],
    masks: str | PathLike[str],
    model: str | PathLike[str],
    *,
    method: str,
    options: TrainingOptions | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Train a pixel classifier on annotated pictures and write it as a model file.

    What it is worth is told from pictures that it was not trained on; nothing is chosen on
    them. Beside it stands what taking everything for object is worth.

    Parameters
    ----------
    images, masks : path
        Folders of pictures and their masks, paired by name. For the task "classes", masks
        hold the number of each pixel's class, 255 where it is not known.
    model : path
        The file to write, NAME.segmodel.
    method : {"boosted", "forest", "svm"}
    options : TrainingOptions or None
        Name, seed, groups, validation, share, folds, task and overwrite; the others are
        about networks.
    say : callable
        Gets sentences: findings, choices.

    Returns
    -------
    Outcome

    Raises
    ------
    DatasetError
        If the pictures cannot be used.
    RecipeError
        If options do not fit, or a file would be overwritten that should not.
    WriteError
        If the model cannot be written.
    """
    begun = time.monotonic()
    options = options or TrainingOptions()
    _refuse_others(options, method)
    path = model_place(Path(model), overwrite=options.overwrite)
    training, validation = _read(Path(images), Path(masks), options, say)
    parts, sentence = _parts(training, validation, options)
    say(sentence)
    names = _class_names(training, options)
    judged: dict[str, dict[str, float]] = {}
    for part in parts:
        learned = _fitted(method, part.training, names, options)
        judged |= {one.name: _judged(learned, one, names) for one in part.held_out}
    if len(parts) > 1:
        learned = _fitted(method, training.examples, names, options)
    held_out = [one for part in parts for one in part.held_out]
    seconds = round(time.monotonic() - begun, 1)
    card = _card(
        learned,
        options.name or path.stem,
        scores=_scores([judged[one.name] for one in held_out], held_out),
        scores_on=_scores_on(parts),
        data=_data(Path(images), parts, training, validation),
        training=Training(seed=options.seed, seconds=seconds, device="CPU"),
    )
    learned.save(path, card)
    return Outcome(
        path=path,
        card=read_model(path).card,
        verdict=None,
        score="dice",
        findings=training.findings,
        choices=(sentence,),
        pictures={name: {"new": row["dice"]} for name, row in judged.items()},
        seconds=seconds,
    )


def _refuse_others(options: TrainingOptions, method: str) -> None:
    usual = TrainingOptions()
    for one in fields(options):
        if one.name not in _USED and getattr(options, one.name) != getattr(usual, one.name):
            msg = (
                f"The method {method} has no use for the option "
                f"{one.name.replace('_', '-')}; leave it out, or train a network."
            )
            raise RecipeError(msg)
    if options.task == "counts":
        msg = f"The method {method} cannot learn to count alone; train a network."
        raise RecipeError(msg)


def _read(
    images: Path, masks: Path, options: TrainingOptions, say: Callable[[str], None]
) -> tuple[Annotated, Annotated | None]:
    training = read_annotated(images, masks, groups=options.groups, task=options.task)
    findings = list(training.findings)
    validation = None
    if options.validation is not None:
        validation = read_annotated(
            *options.validation, task=options.task, coding=training.coding
        )
        training, shown = without_shown(training, validation)
        findings += [*validation.findings, *shown]
    for finding in findings:
        say(f"{finding.name}: {finding.sentence}")
    return training, validation


def _parts(
    training: Annotated, validation: Annotated | None, options: TrainingOptions
) -> tuple[tuple[Part, ...], str]:
    if validation is None:
        return divide(training.examples, options)
    said = f"The {len(validation.examples)} validation pictures judge the model."
    return (Part(training.examples, validation.examples),), said


def _class_names(training: Annotated, options: TrainingOptions) -> tuple[str, ...]:
    """Return the names of the classes; none where there are only objects and ground."""
    if options.task != "classes":
        return ()
    known = np.unique(np.concatenate([np.unique(one.labels) for one in training.examples]))
    most = int(known[known != NOT_KNOWN].max())
    if names := class_names(options.class_names or None):
        if most >= len(names):
            msg = (
                f"The masks hold classes up to {most}, but there are {len(names)} names; "
                "name each class from 0, the background."
            )
            raise RecipeError(msg)
        return names
    if most > _MOST_CLASSES:
        msg = (
            f"Masks of classes hold numbers to {_MOST_CLASSES}, and 255 where nothing is "
            f"known; these go to {most}. Masks that number objects are for --task objects."
        )
        raise RecipeError(msg)
    return ("background", *(str(number) for number in range(1, most + 1)))


def _fitted(
    method: str,
    examples: Sequence[Example],
    names: tuple[str, ...],
    options: TrainingOptions,
) -> PixelSegmenter:
    kind = segmenter(method)
    assert isinstance(kind, PixelSegmenter)  # noqa: S101 - for the types
    return kind.fit(
        [one.image for one in examples],
        [one.labels for one in examples],
        seed=options.seed,
        class_names=names,
    )


def _judged(
    learned: PixelSegmenter, example: Example, names: tuple[str, ...]
) -> dict[str, float]:
    """Return the scores of a picture that the classifier was not trained on."""
    labels, maps = learned.labels_and_maps(example.image)
    known = example.image.included & (example.labels != NOT_KNOWN if names else True)
    truth = example.labels > 0
    scores = {
        "dice": dice(maps.foreground > maps.cutoff, truth, included=known),
        "auc_roc": rank_pixels(maps.foreground, truth, included=known).auc_roc(),
        TRIVIAL: dice(np.ones_like(truth), truth, included=known),
    }
    if not names:
        inside = np.where(example.image.included, example.labels, 0).astype(np.uint32)
        return {**scores, "dsb_score": dsb_score(match_objects(labels.data, inside))}
    assert maps.classes is not None  # noqa: S101 - for the types
    found = maps.classes.argmax(axis=-1)
    for number, name in enumerate(names):
        own = example.labels == number
        if number and (own & known).any():
            scores[f"dice_{name}"] = dice(found == number, own, included=known)
    return scores


def _scores(
    rows: Sequence[Mapping[str, float]], examples: Sequence[Example]
) -> dict[str, dict[str, Score]]:
    clusters = [one.group or one.name for one in examples]

    def mean(name: str) -> Score:
        values = [row.get(name, np.nan) for row in rows]
        found: MeanScore = mean_score(values, clusters=clusters, bounds=(0, 1))
        return Score(**found.as_json())

    names = dict.fromkeys(name for row in rows for name in row if name != TRIVIAL)
    return {"all": {name: mean(name) for name in names}, TRIVIAL: {"dice": mean(TRIVIAL)}}


def _scores_on(parts: Sequence[Part]) -> str:
    if len(parts) == 1:
        return "pictures that it did not learn from; nothing was chosen on them"
    return (
        f"pictures held out in {len(parts)} trainings like this one (the model itself "
        "learned from all of them; nothing was chosen on them)"
    )


def _card(learned: PixelSegmenter, name: str, **facts: object) -> Card:
    assert learned.learned is not None  # noqa: S101 - for the types
    return card_of(learned.learned, name=model_name(name), **facts)


def _data(
    images: Path,
    parts: Sequence[Part],
    training: Annotated,
    validation: Annotated | None,
) -> tuple[TrainingData, ...]:
    def told(split: str, n_pictures: int, source: Annotated) -> TrainingData:
        return TrainingData(
            name=f"the folder {images.resolve().name}",
            license="not stated",
            source="pictures of the user",
            split=split,
            n_pictures=n_pictures,
            sha256=source.sha256,
        )

    if len(parts) > 1:
        return (told("train", len(training.examples), training),)
    (part,) = parts
    return (
        told("train", len(part.training), training),
        told("validation", len(part.held_out), validation or training),
    )
