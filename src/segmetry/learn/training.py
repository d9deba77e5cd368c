"""From folders of pictures and masks to a model file: everything that `train` does."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

import torch
from torch import Tensor

from segmetry.dataset import Finding, Pairing
from segmetry.errors import RecipeError
from segmetry.learn.annotated import Annotated, read_annotated, without_shown
from segmetry.learn.archive import archive_examples, open_archive, with_test_scores
from segmetry.learn.checkpoint import Stopped
from segmetry.learn.choices import Chosen, choices_as_json, choose
from segmetry.learn.division import Part
from segmetry.learn.encoder_weights import load_encoder_weights
from segmetry.learn.encoders import build_encoder
from segmetry.learn.finishing import Origin, finish
from segmetry.learn.folds import Judged, TrainingProgress, Trainings, judge, learning_curve
from segmetry.learn.judging import Answer, evaluated, pooled_cutoffs
from segmetry.learn.networks import build
from segmetry.learn.options import OURS, PUBLISHED, TrainingOptions
from segmetry.learn.outcome import Outcome, write_curves, write_learning_curve
from segmetry.learn.place import model_place
from segmetry.learn.recipes import NEURONS_2021, oversampled
from segmetry.models import Card, Score, TrainingData, model_name, write_model

__all__ = ["train_model"]

_FINAL = "all pictures"


def train_model(
    images: str | PathLike[str],
    masks: str | PathLike[str] | None,
    model: str | PathLike[str],
    *,
    options: TrainingOptions | None = None,
    say: Callable[[str], None] = lambda _: None,
    report: Callable[[TrainingProgress], None] = lambda _: None,
) -> Outcome:
    """Train a network on annotated pictures and write it as a model file.

    What the model is worth is told from pictures that it was not trained on. Where it
    started from another model and is not better than that one on the same pictures, it is
    refused: nothing is written.

    Parameters
    ----------
    images, masks : path
        Folders of pictures and their masks, paired by name. With a recipe, `masks` may be
        `None`: `images` is then the archive that the recipe is for, unpacked.
    model : path
        The file to write, NAME.segmodel; a name without an ending gets this one.
    options : TrainingOptions or None
    say : callable
        Gets sentences: findings, choices, the forecast.
    report : callable
        Gets a `TrainingProgress` now and then.

    Returns
    -------
    Outcome
        Its `path` is `None` where the model was refused.

    Raises
    ------
    DatasetError
        If the pictures cannot be used.
    RecipeError
        If options do not fit, or a file would be overwritten that should not.
    ModelError
        If the model to start from cannot be used, or a stopped training is damaged.
    WriteError
        If the model cannot be written.
    """
    begun = time.monotonic()
    options = options or TrainingOptions()
    path = model_place(Path(model), overwrite=options.overwrite, resume=options.resume)
    encoder = _encoder_weights(options)
    training, validation, findings, test = _read(images, masks, options, say)
    stopped = Stopped(path.with_suffix(".checkpoint"))
    identity = {
        "options": options.identity(),
        "pictures": training.sha256,
        "validation": validation.sha256 if validation else "",
    }
    found = stopped.begin(identity, resume=options.resume, overwrite=options.overwrite)
    chosen = choose(training.examples, validation, options, found, begun=begun)
    for sentence in chosen.sentences:
        say(sentence)
    stopped.keep(identity, choices_as_json(chosen))
    score = chosen.plan.task.score
    trainings = Trainings(
        plan=chosen.plan,
        weights=_first_weights(chosen, encoder),
        stopped=stopped,
        timetable=chosen.timetable,
        report=report,
    )
    judged = judge(chosen, trainings)
    points = learning_curve(chosen, trainings, judged) if options.learning_curve else []
    outcome = Outcome(
        path=None,
        card=None,
        score=score,
        verdict=judged.verdict,
        findings=tuple(findings),
        choices=chosen.sentences,
        pictures=judged.pictures,
        learning_curve=points,
    )
    if judged.verdict is None or judged.verdict.accepted:
        data = _data(Path(images), chosen, training, validation)
        origin = Origin(name=options.name or model_name(path.stem), data=data)
        card, files = _finished(chosen, trainings, judged, origin, say)
        write_model(path, card, files)
        if test.pairs:
            say("Judging the test pictures.")
            card = with_test_scores(card, path, test)
            write_model(path, card, files)
        outcome = replace(outcome, path=path, card=card)
    write_curves(path, trainings.curves, score=score)
    if points:
        write_learning_curve(path, points, score=score)
    stopped.remove()
    return replace(outcome, seconds=round(trainings.seconds, 1))


def _read(
    images: str | PathLike[str],
    masks: str | PathLike[str] | None,
    options: TrainingOptions,
    say: Callable[[str], None],
) -> tuple[Annotated, Annotated | None, list[Finding], Pairing]:
    """Read pictures that teach, those that judge if they are given, and find a test."""
    training, test = _learned_from(images, masks, options, say)
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
    return training, validation, findings, test


def _learned_from(
    images: str | PathLike[str],
    masks: str | PathLike[str] | None,
    options: TrainingOptions,
    say: Callable[[str], None],
) -> tuple[Annotated, Pairing]:
    if masks is None:
        if not options.recipe:
            msg = "Give the folder of masks, too; only a recipe can do without."
            raise RecipeError(msg)
        if options.groups is not None:
            msg = "The names in the archive tell the animals, so leave groups out."
            raise RecipeError(msg)
        archive, said = open_archive(Path(images), options.recipe)
        say(said)
        examples = archive_examples(archive, options.recipe, task=options.task)
        return examples, archive.test
    if options.recipe == OURS:
        msg = (
            f"The recipe {OURS} is for the archive, so leave the masks out; for pictures "
            "of your own, leave the recipe out and list their animals as groups."
        )
        raise RecipeError(msg)
    read = read_annotated(
        Path(images), Path(masks), groups=options.groups, task=options.task
    )
    if options.recipe == PUBLISHED:
        alike = tuple(
            oversampled(one, NEURONS_2021, by_hand=False, artefacts=())
            for one in read.examples
        )
        read = replace(read, examples=alike)
    return read, Pairing(())


def _encoder_weights(options: TrainingOptions) -> Mapping[str, Tensor] | None:
    if options.encoder_weights is None:
        return None
    encoder = build_encoder(options.encoder)
    load_encoder_weights(encoder, options.encoder_weights)
    return encoder.state_dict()


def _first_weights(
    chosen: Chosen, encoder: Mapping[str, Tensor] | None
) -> Mapping[str, Tensor] | None:
    """Return the weights to start from; `None` leaves them to the seed."""
    if chosen.start is not None:
        return chosen.start.weights
    if encoder is None:
        return None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(chosen.plan.seed)
        network = build(chosen.plan.architecture)
    network.get_submodule("encoder").load_state_dict(encoder)
    return network.state_dict()


def _finished(
    chosen: Chosen,
    trainings: Trainings,
    judged: Judged,
    origin: Origin,
    say: Callable[[str], None],
) -> tuple[Card, dict[str, bytes]]:
    """Make the model: that of the only part, or a last one trained on all pictures."""
    if not chosen.in_folds:
        state, part = judged.states[0], chosen.parts[0]
        learned, held = part.training, part.held_out
    else:
        held = tuple(example for part in chosen.parts for example in part.held_out)
        state, learned = trainings.train_unjudged(_FINAL, Part(held, ())), held
    origin = replace(
        origin,
        started_from=None if chosen.start is None else chosen.start.card.name,
        steps=int(state.best["step"]),
        seconds=trainings.seconds,
        precision=chosen.plan.precision,
    )
    say("Choosing cutoffs, and making the model file.")
    card, files = finish(state.best_weights, chosen.plan, held, origin, training=learned)
    if not chosen.in_folds:
        when = "the end of training and " if chosen.plan.schedule.patience else ""
        told = f"pictures that it did not learn from ({when}cutoffs were chosen on them)"
        return card.model_copy(update={"scores_on": told}), files
    return _with_held_out_scores(card, judged.kept, len(chosen.parts)), files


def _with_held_out_scores(card: Card, kept: Sequence[Answer], n_folds: int) -> Card:
    """Put on the card what networks made of pictures that they were not shown.

    What `finish` chose and scored with the model itself does not count here: it has
    learned from every one of these pictures.
    """
    cutoffs = pooled_cutoffs(kept)
    found = evaluated(kept, cutoffs)
    told = next(iter(card.scores.values()))
    scale = ", and their scale was told by the masks" if card.scale == "match" else ""
    return card.model_copy(
        update={
            "cutoffs": {**cutoffs.as_json(), "min_area": card.cutoffs["min_area"]},
            "confidence": None,
            "scores": {"all": {name: Score(**found[name].as_json()) for name in told}},
            "scores_on": (
                f"pictures held out in {n_folds} trainings like this one (the model itself "
                f"learned from all of them, cutoffs were chosen on them{scale})"
            ),
        }
    )


def _data(
    images: Path, chosen: Chosen, training: Annotated, validation: Annotated | None
) -> list[TrainingData]:
    def told(split: str, n_pictures: int, source: Annotated) -> TrainingData:
        return TrainingData(
            name=f"the folder {images.resolve().name}",
            license="not stated",
            source="pictures of the user",
            split=split,
            n_pictures=n_pictures,
            sha256=source.sha256,
        )

    if chosen.in_folds:
        return [told("train", len(training.examples), training)]
    part = chosen.parts[0]
    return [
        told("train", len(part.training), training),
        told("validation", len(part.held_out), validation or training),
    ]
