"""What networks can be trained to tell: objects, foreground, or classes of pixels.

All that differs between these tasks is in one table. Which task a network has follows from
the names of its outputs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import DatasetError
from segmetry.evaluate import dsb_score, match_objects
from segmetry.learn.choosing import CHOICES
from segmetry.learn.judging import MIN_AREA, cut_objects
from segmetry.learn.networks import OBJECT_OUTPUTS
from segmetry.learn.pixel_scores import class_dice, foreground_dice
from segmetry.learn.prepared import Example, middles, spread_places
from segmetry.learn.targets import class_targets, foreground_targets, object_targets
from segmetry.segment.hills import Cutoffs

__all__ = ["OBJECTS", "PIXELS", "Task", "outputs_for", "task_of"]

_CLASS = "class:"
_BACKGROUND = f"{_CLASS}background"
_MOST_CLASSES = 32  # more numbers are objects that were given as classes

_Labels = NDArray[np.uint32]
_Maps = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a network tells of each pixel, how it learns that, and how it is judged.

    Parameters
    ----------
    name : {"objects", "pixels", "classes"}
    loss : str
        The usual one, of `segmetry.learn.losses.LOSSES`.
    targets : callable
        Of labels and the width of a border in pixels: the wanted maps.
    places : callable
        Of labels: rows and columns near which crops are drawn.
    score : str
        Name of the score by which networks are compared.
    judged : callable
        Of maps, example, cutoffs and least area: that score by its name, and where it is
        a mean, what it is the mean of.
    choices : mapping
        Cutoffs that are chosen, and from what; see `segmetry.learn.choosing`.
    """

    name: Literal["objects", "pixels", "classes"]
    loss: str
    targets: Callable[[_Labels, float], _Maps]
    places: Callable[[_Labels], NDArray[np.float32]]
    score: str
    judged: Callable[[_Maps, Example, Cutoffs, int], Mapping[str, float]]
    choices: Mapping[str, Sequence[float]]

    @property
    def has_classes(self) -> bool:
        """Whether the maps exclude each other, so that they add up to 1."""
        return self.name == "classes"

    def value(
        self,
        maps: NDArray[np.float32],
        example: Example,
        *,
        cutoffs: Cutoffs | None = None,
        min_area: int = MIN_AREA,
    ) -> float:
        """Return the score by which networks are compared, of one picture."""
        return self.judged(maps, example, cutoffs or Cutoffs(), min_area)[self.score]


def task_of(outputs: Sequence[str]) -> Task:
    """Return the task of a network with these outputs.

    Parameters
    ----------
    outputs : sequence of str
        Those of `outputs_for`, or of a model's card.

    Examples
    --------
    >>> task_of(["foreground"]).name, task_of(["class:background", "class:2"]).name
    ('pixels', 'classes')
    """
    if outputs[0].startswith(_CLASS):
        return _classes(outputs)
    return PIXELS if tuple(outputs) == ("foreground",) else OBJECTS


def outputs_for(task: str, examples: Iterable[Example]) -> tuple[str, ...]:
    """Return the names of the maps that a network for a task gives.

    Parameters
    ----------
    task : {"objects", "pixels", "classes"}
    examples : iterable of Example
        Of classes, every number in their labels is one; 0 is the background.

    Returns
    -------
    tuple of str

    Raises
    ------
    DatasetError
        If there are more than 32 classes.
    """
    if task != "classes":
        return OBJECT_OUTPUTS if task == "objects" else ("foreground",)
    numbers = sorted({int(n) for one in examples for n in np.unique(one.labels)} - {0})
    if len(numbers) > _MOST_CLASSES:
        msg = (
            f"The masks hold {len(numbers)} different numbers, but at most {_MOST_CLASSES} "
            "classes are meant; masks that number objects are for --task objects."
        )
        raise DatasetError(msg)
    return (_BACKGROUND, *(f"{_CLASS}{number}" for number in numbers))


def _judged_objects(
    maps: _Maps, example: Example, cutoffs: Cutoffs, min_area: int
) -> dict[str, float]:
    found = cut_objects(maps, example, cutoffs=cutoffs, min_area=min_area)
    return {"dsb_score": dsb_score(match_objects(found, example.labels))}


def _judged_foreground(
    maps: _Maps, example: Example, cutoffs: Cutoffs, _min_area: int
) -> dict[str, float]:
    return {"dice": foreground_dice(maps[..., 0], example, cutoff=cutoffs.foreground)}


def _classes(outputs: Sequence[str]) -> Task:
    numbers = tuple(
        0 if name == _BACKGROUND else int(name.removeprefix(_CLASS)) for name in outputs
    )

    def judged(
        maps: _Maps, example: Example, _cutoffs: Cutoffs, _min_area: int
    ) -> dict[str, float]:
        return class_dice(maps, example, numbers=numbers)

    return Task(
        name="classes",
        loss="classes",
        targets=partial(class_targets, numbers=numbers),
        places=spread_places,
        score="dice",
        judged=judged,
        choices=_FOREGROUND,
    )


_FOREGROUND = {"foreground": CHOICES["foreground"]}

OBJECTS = Task(
    name="objects",
    loss="objects",
    targets=object_targets,
    places=middles,
    score="dsb_score",
    judged=_judged_objects,
    choices=CHOICES,
)

PIXELS = Task(
    name="pixels",
    loss="bce_dice",
    targets=foreground_targets,
    places=spread_places,
    score="dice",
    judged=_judged_foreground,
    choices=_FOREGROUND,
)
