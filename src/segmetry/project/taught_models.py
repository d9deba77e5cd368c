"""What strokes teach, kept as a model among those that the user added."""

import hashlib
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from segmetry.models.card import Card, Training, TrainingData, model_name
from segmetry.models.file import Model, read_model
from segmetry.models.pixel_classifier import PixelClassifier
from segmetry.models.pixel_model import card_of, write_classifier
from segmetry.models.store import InstalledModel, add_model, installed_models
from segmetry.project.looks import pixel_size_of
from segmetry.project.taught import Lesson

if TYPE_CHECKING:
    from segmetry.project.project import Project

__all__ = ["keep_classifier"]

_ROOM = 48  # letters of a name that gets a number


def keep_classifier(
    project: "Project", lesson: Lesson, classifier: PixelClassifier, name: str
) -> InstalledModel:
    """Write what was taught to a model file among the added models.

    A model is never replaced, so that what another one found stays explained: where the
    name is taken by another model, a number is added.

    Parameters
    ----------
    project : Project
    lesson : Lesson
    classifier : PixelClassifier
        What the lesson teaches.
    name : str
        Any text; becomes lower-case letters and digits.

    Returns
    -------
    InstalledModel
        One that was there before, if it is the same.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    sizes = _pixel_sizes(project, lesson)
    classifier = replace(classifier, pixel_size_um=median(sizes) if sizes else None)
    with TemporaryDirectory(prefix="segmetry-") as place:
        known = {model.name: model for model in installed_models()}
        number = 1
        while True:
            wanted = model_name(name) if number == 1 else _numbered(name, number)
            path = Path(place) / f"{wanted}.segmodel"
            write_classifier(path, classifier, _card(project, lesson, classifier, wanted))
            if wanted not in known:
                return add_model(path)
            if _is_same(read_model(known[wanted].path), read_model(path)):
                return known[wanted]
            number += 1


def _numbered(name: str, number: int) -> str:
    """Return the name of a model with a number that is not cut off where it is long."""
    return model_name(f"{model_name(name)[:_ROOM]}-{number}")


def _pixel_sizes(project: "Project", lesson: Lesson) -> list[float]:
    """Return the pixel size of each picture in micrometres; none where one is unknown."""
    records = [project.pictures.record(order.picture) for order, _ in lesson.pictures]
    sizes = [pixel_size_of(record.look.get("pixel_size")) for record in records]
    known = [size.in_um.x for size in sizes if size is not None]
    return known if len(known) == len(sizes) else []


def _card(
    project: "Project", lesson: Lesson, classifier: PixelClassifier, name: str
) -> Card:
    hashes = sorted(
        project.pictures.record(order.picture).sha256 for order, _ in lesson.pictures
    )
    data = TrainingData(
        name=project.name,
        license="",
        source="strokes that a person painted in the app",
        n_pictures=len(hashes),
        sha256=hashlib.sha256("".join(hashes).encode()).hexdigest(),
    )
    n_strokes = sum(len(strokes) for _, strokes in lesson.pictures)
    training = Training(options={"strokes": n_strokes})
    return card_of(classifier, name=name, data=(data,), training=training, scores_on="")


def _is_same(model: Model, other: Model) -> bool:
    """Return whether two models learned the same from the same."""
    different = {"created", "package_version"}
    return model.card.model_dump(exclude=different) == other.card.model_dump(
        exclude=different
    )
