"""What networks can be trained to tell: objects, foreground, classes, or counts.

All that differs between these tasks is in one table: the wanted maps, the loss, and how
the maps of a picture are scored. Which task a network has follows from the names of its
outputs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import DatasetError, ModelError
from segmetry.evaluate import (
    dsb_score,
    match_objects,
    rank_pixels,
)
from segmetry.learn.cutoffs import CHOICES
from segmetry.learn.densities import (
    count_agreement,
    density_output,
    density_targets,
    found_and_true,
)
from segmetry.learn.examples import Example, middles, spread_places
from segmetry.learn.networks import FLOW_OUTPUTS
from segmetry.learn.scores import class_dice, foreground_dice
from segmetry.learn.targets import class_targets, foreground_targets
from segmetry.models.card import CLASS
from segmetry.models.outputs import Cutoffs, coded_flows, density_spread, named_maps
from segmetry.segment import Maps
from segmetry.segment.flows import follow_flows, towards_middles
from segmetry.segment.objects import fill_holes

__all__ = [
    "MIN_AREA",
    "OBJECTS",
    "PIXELS",
    "Task",
    "cut_objects",
    "outputs_for",
    "task_of",
]

MIN_AREA = 16  # pixels of the picture: smaller objects are dropped

_BACKGROUND = f"{CLASS}background"
_MOST_CLASSES = 32  # more numbers are objects that were given as classes

_Labels = NDArray[np.uint32]
_Targets = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a network tells of each pixel, how it learns that, and how it is judged.

    Parameters
    ----------
    name : {"objects", "pixels", "classes", "counts"}
    outputs : tuple of str
        Names of the maps.
    loss : str
        The usual one, of `segmetry.learn.losses.LOSSES`.
    targets : callable
        Of labels: the wanted maps, but for flows, which are made where crops are drawn.
    places : callable
        Of labels: rows and columns near which crops are drawn.
    score : str
        Name of the score by which networks are compared.
    judged : callable
        Of maps, example, cutoffs and least area: that score by its name, and where it is
        a mean, what it is the mean of.
    choices : mapping
        Cutoffs that are chosen, and from what; see `segmetry.learn.cutoffs`.
    """

    name: Literal["objects", "pixels", "classes", "counts"]
    outputs: tuple[str, ...]
    loss: str
    targets: Callable[[_Labels], _Targets]
    places: Callable[[_Labels], NDArray[np.float32]]
    score: str
    judged: Callable[[Maps, Example, Cutoffs, int], Mapping[str, float]]
    choices: Mapping[str, Sequence[float]]

    @property
    def has_flows(self) -> bool:
        """Whether the ways to the middles of objects are among the maps."""
        return FLOW_OUTPUTS[-1] in self.outputs

    @property
    def has_classes(self) -> bool:
        """Whether the maps exclude each other, so that they add up to 1."""
        return self.name == "classes"

    def wanted(self, labels: NDArray[np.uint32]) -> Maps:
        """Return the maps that a perfect network would give, at the picture's own scale."""
        values = self.targets(labels)
        if self.has_flows:
            flows = coded_flows(towards_middles(labels))
            values = np.concatenate([values, flows], axis=-1)
        return named_maps(self.outputs, values)

    def value(
        self,
        maps: Maps,
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

    Raises
    ------
    ModelError
        If there is no such task.

    Examples
    --------
    >>> task_of(["foreground"]).name, task_of(["class:background", "class:2"]).name
    ('pixels', 'classes')
    """
    if outputs[0].startswith(CLASS):
        return _classes(outputs)
    if density_spread(outputs) is not None:
        return _counts(outputs)
    by_outputs = {task.outputs: task for task in (OBJECTS, PIXELS)}
    if tuple(outputs) not in by_outputs:
        msg = (
            f"This network gives {', '.join(outputs)}, which is none of the known sets of "
            f"maps ({'; '.join(', '.join(known) for known in by_outputs)}); a newer "
            "Segmetry may know it."
        )
        raise ModelError(msg)
    return by_outputs[tuple(outputs)]


def outputs_for(
    task: str, examples: Sequence[Example], *, names: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the names of the maps that a network for a task gives.

    Parameters
    ----------
    task : {"objects", "pixels", "classes", "counts"}
    examples : sequence of Example
        Of classes, every number in their labels is one; 0 is the background.
    names : sequence of str
        What the classes 0, 1, 2 and so on are called, the background first; empty calls
        those that are there by their numbers.

    Returns
    -------
    tuple of str

    Raises
    ------
    DatasetError
        If there are more than 32 classes, or one without a name.
    """
    if task == "counts":
        return (density_output(examples),)
    if task != "classes":
        return FLOW_OUTPUTS if task == "objects" else ("foreground",)
    if names:
        return _named_outputs(names, examples)
    numbers = sorted(_numbers_in(examples) - {0})
    if len(numbers) > _MOST_CLASSES:
        msg = (
            f"The masks hold {len(numbers)} different numbers, but at most {_MOST_CLASSES} "
            "classes are meant; masks that number objects are for --task objects."
        )
        raise DatasetError(msg)
    return (_BACKGROUND, *(f"{CLASS}{number}" for number in numbers))


def _named_outputs(names: Sequence[str], examples: Sequence[Example]) -> tuple[str, ...]:
    highest = max(_numbers_in(examples), default=0)
    if highest >= len(names) or not 2 <= len(names) <= _MOST_CLASSES + 1:
        msg = (
            f"The masks hold classes up to {highest}, but there are {len(names)} names "
            f"({', '.join(names)}): name each class from 0, the background, at most "
            f"{_MOST_CLASSES} besides it."
        )
        raise DatasetError(msg)
    return (_BACKGROUND, *(f"{CLASS}{name}" for name in names[1:]))


def _numbers_in(examples: Sequence[Example]) -> set[int]:
    """Return the numbers of classes that are annotated anywhere."""
    return {int(n) for one in examples for n in np.unique(one.labels[one.annotated])}


def _judged_objects(
    maps: Maps, example: Example, cutoffs: Cutoffs, min_area: int
) -> dict[str, float]:
    found = cut_objects(maps, example, cutoffs=cutoffs, min_area=min_area)
    return {"dsb_score": dsb_score(match_objects(found, example.labels))}


def _judged_foreground(
    maps: Maps, example: Example, cutoffs: Cutoffs, _min_area: int
) -> dict[str, float]:
    included = example.counted
    ranked = rank_pixels(maps.foreground, example.labels > 0, included=included)
    return {
        "dice": foreground_dice(maps.foreground, example, cutoff=cutoffs.foreground),
        "auc_roc": ranked.auc_roc(),
    }


def _classes(outputs: Sequence[str]) -> Task:
    numbers = _numbers_of(outputs)
    names = [name.removeprefix(CLASS) for name in outputs]

    def judged(
        maps: Maps, example: Example, _cutoffs: Cutoffs, _min_area: int
    ) -> dict[str, float]:
        chances = cast("NDArray[np.float32]", maps.classes)
        return class_dice(chances, example, numbers=numbers, names=names)

    return Task(
        name="classes",
        outputs=tuple(outputs),
        loss="classes",
        targets=partial(class_targets, numbers=numbers),
        places=spread_places,
        score="dice",
        judged=judged,
        choices=_FOREGROUND,
    )


def _numbers_of(outputs: Sequence[str]) -> tuple[int, ...]:
    """Return which number each class has in masks: its name, or its place by names."""
    names = [name.removeprefix(CLASS) for name in outputs]
    if all(name.isdecimal() for name in names[1:]):
        return (0, *(int(name) for name in names[1:]))
    return tuple(range(len(names)))


def _counts(outputs: Sequence[str]) -> Task:
    spread = cast("float", density_spread(outputs))

    def judged(
        maps: Maps, example: Example, _cutoffs: Cutoffs, _min_area: int
    ) -> dict[str, float]:
        found, true = found_and_true(maps, example, spread=spread)
        return {"count_agreement": count_agreement(found, true)}

    return Task(
        name="counts",
        outputs=tuple(outputs),
        loss="density",
        targets=partial(density_targets, spread=spread),
        places=middles,
        score="count_agreement",
        judged=judged,
        choices={},
    )


_FOREGROUND = {"foreground": CHOICES["foreground"]}

OBJECTS = Task(
    name="objects",
    outputs=FLOW_OUTPUTS,
    loss="flows",
    targets=foreground_targets,
    places=middles,
    score="dsb_score",
    judged=_judged_objects,
    choices=CHOICES,
)

PIXELS = Task(
    name="pixels",
    outputs=("foreground",),
    loss="bce_dice",
    targets=foreground_targets,
    places=spread_places,
    score="dice",
    judged=_judged_foreground,
    choices=_FOREGROUND,
)


def cut_objects(
    maps: Maps,
    example: Example,
    *,
    cutoffs: Cutoffs | None = None,
    min_area: int = MIN_AREA,
) -> NDArray[np.uint32]:
    """Return the objects (Y, X) in the maps of a picture."""
    chosen, included = cutoffs or Cutoffs(), example.image.included
    foreground = fill_holes((maps.foreground > chosen.foreground) & included)
    return follow_flows(
        foreground & included,
        cast("NDArray[np.float32]", maps.flows),
        least=chosen.least,
        min_area=min_area,
    )
