"""Training a model on what a person corrected; torch stays in the process of the work."""

import importlib.util
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from segmetry.errors import MissingExtraError, ProjectError
from segmetry.learn.options import TrainingOptions
from segmetry.models import add_model, installed_models
from segmetry.project import Project
from segmetry.project.animals import write_animals
from segmetry.project.annotated import checked_pictures, too_few, write_annotated
from segmetry.web.worker import Worker

__all__ = ["Training", "Wishes", "refusal_to_train"]

_MOST_POINTS = 200  # of the curve: more than a screen tells apart
_OFTEN = 1.0  # seconds between two words on how far it is
_BY_ANIMAL = "No animal is both learned from and judged: the sheet says which is which."


@dataclass(frozen=True)
class Wishes:
    """What a person wants of a training.

    Parameters
    ----------
    name : str
        Of the model: small letters and digits, joined by "-" or "_".
    start : str
        "auto", "none" or the name of a model to go on from.
    minutes : float or None
    steps : int or None
        Instead of minutes.
    """

    name: str
    start: str = "auto"
    minutes: float | None = None
    steps: int | None = None

    def as_json(self) -> str:
        """Return them as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Wishes":
        """Return what `as_json` wrote."""
        return cls(**json.loads(text))

    @property
    def options(self) -> TrainingOptions:
        """As `train_model` takes them; a `RecipeError` where they do not fit together."""
        return TrainingOptions(**asdict(self))


@dataclass(frozen=True)
class _Lesson:
    """What the process of the work needs."""

    images: Path
    masks: Path
    model: Path
    wishes: Wishes
    animals: Path | None = None


class Training:
    """A training on the checked pictures of a project.

    Parameters
    ----------
    project : Project
    wishes : Wishes

    Attributes
    ----------
    told : dict
        `score_name`, `sentences`, `curve` and `outcome`, as JSON values.
    seconds_left : float or None

    Raises
    ------
    MissingExtraError
        If training is not installed.
    ProjectError
        If too few pictures are checked, or there is a model of this name.
    RecipeError
        If the wishes do not fit together.
    """

    def __init__(self, project: Project, wishes: Wishes) -> None:
        refused = refusal_to_train(project)
        if refused is not None:
            raise refused
        _ = wishes.options
        if any(model.name == wishes.name for model in installed_models()):
            msg = (
                f"There is a model {wishes.name!r} already; give the new one another name."
            )
            raise ProjectError(msg)
        self._project, self._wishes = project, wishes
        self.told: dict[str, Any] = {
            "score_name": "",
            "sentences": [],
            "curve": [],
            "outcome": None,
        }
        self.seconds_left: float | None = None

    def do(self, worker: Worker, tick: Callable[[], None]) -> None:
        """Train, and add the model where it is better than the one that it started from."""
        told_at = 0.0

        def hear(news: str | dict[str, Any]) -> None:
            nonlocal told_at
            self._note(news)
            if time.monotonic() - told_at > _OFTEN:
                told_at = time.monotonic()
                tick()

        with tempfile.TemporaryDirectory(prefix="segmetry-") as place:
            lesson = _lesson(Path(place), self._wishes)
            write_annotated(self._project, lesson.images, lesson.masks, tick=tick)
            animals = Path(place, "animals.csv")
            if write_animals(self._project, animals):
                self._note(_BY_ANIMAL)
                lesson = replace(lesson, animals=animals)
            outcome = worker.do(_train, lesson, tick=tick, hear=hear)
            path = None
            if outcome["accepted"]:
                path = str(add_model(outcome["model"]).path)
        verdict = outcome["comparison"]
        self.told["outcome"] = {
            "accepted": path is not None,
            "verdict": None if verdict is None else verdict["sentence"],
            "model": outcome["name"],
            "path": path,
            "scores": outcome["scores"],
            "scores_on": outcome["scores_on"],
            "seconds": outcome["seconds"],
        }

    def _note(self, news: str | dict[str, Any]) -> None:
        if isinstance(news, str):
            self.told["sentences"] = [*self.told["sentences"], news]
            return
        self.seconds_left = news.pop("seconds_left")
        self.told["score_name"] = news.pop("score_name")
        curve = [*self.told["curve"], news]
        if len(curve) > _MOST_POINTS:
            last = len(curve) - 1  # the newest stays
            halved = [
                point
                for i, point in enumerate(curve)
                if (last - i) % 2 == 0 or point["score"] is not None
            ]
            curve = halved[-_MOST_POINTS:]
        self.told["curve"] = curve


def refusal_to_train(
    project: Project,
) -> MissingExtraError | ProjectError | None:
    """Return why nothing can be trained now; `None` where it can."""
    if importlib.util.find_spec("torch") is None:
        purpose = "Training"
        return MissingExtraError(purpose, "train")
    return too_few(checked_pictures(project))


def _lesson(place: Path, wishes: Wishes) -> _Lesson:
    images, masks = place / "images", place / "masks"
    images.mkdir()
    masks.mkdir()
    return _Lesson(images, masks, place / f"{wishes.name}.segmodel", wishes)


def _train(lesson: _Lesson, tell: Callable[[Any], None]) -> dict[str, Any]:
    from segmetry.learn import train_model  # torch, which only this process needs

    def report(progress: Any) -> None:
        names = ("training", "step", "steps", "loss", "score")
        point = {name: getattr(progress, name) for name in names}
        tell(
            point
            | {"seconds_left": progress.seconds_left, "score_name": progress.score_name}
        )

    outcome = train_model(
        lesson.images,
        lesson.masks,
        lesson.model,
        options=replace(lesson.wishes.options, groups=lesson.animals),
        say=tell,
        report=report,
    )
    found: dict[str, Any] = outcome.as_json()
    return found
