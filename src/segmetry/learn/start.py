"""Models from which a training goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from segmetry.errors import ModelError
from segmetry.learn.examples import Example
from segmetry.learn.export import start_weights
from segmetry.learn.judging import answers, network_of, scores
from segmetry.learn.networks import FLOW_OUTPUTS
from segmetry.learn.tasks import PIXELS, task_of
from segmetry.models.card import IMPORTED, Card, is_classifier
from segmetry.models.file import read_model
from segmetry.models.outputs import Cutoffs, cutoffs_of
from segmetry.models.store import find_model

__all__ = ["Start", "best_start", "open_start"]

_LOOKED_AT = 8  # pictures: enough to tell nuclei from particles
_MIN_AREA = 16
# Of Dice: a foreground of another kind is learned sooner by a small network from nothing
# (membranes in five micrographs, 100 steps: 0.93, from `vessels` 0.75).
_LEAST_ALIKE = 0.5


@dataclass(frozen=True, eq=False)
class Start:
    """A model to go on from.

    Parameters
    ----------
    path : Path
    card : Card
    weights : dict of str to Tensor
    """

    path: Path
    card: Card
    weights: dict[str, Tensor]

    @property
    def diameter(self) -> float | None:
        """Diameter in pixels to which it brings objects; `None` if it takes them as is."""
        return self.card.diameter_px if self.card.scale == "match" else None

    @property
    def cutoffs(self) -> Cutoffs:
        """How it makes objects of its maps."""
        return cutoffs_of(self.card)

    @property
    def min_area(self) -> int:
        """Smaller objects are dropped, in pixels."""
        return int(self.card.cutoffs.get("min_area", _MIN_AREA))

    def network(self) -> nn.Module:
        """Return its network, ready to judge pictures.

        Raises
        ------
        ModelError
            If the weights do not fit the card's architecture.
        """
        try:
            return network_of(self.card.architecture, self.weights)
        except RuntimeError as error:
            msg = (
                f"The weights of {self.path.name} do not fit the network that its card "
                "tells of; get the file again, or start from another model."
            )
            raise ModelError(msg) from error

    def scores(self, examples: Sequence[Example]) -> list[float]:
        """Return the score of each picture, with the model's own cutoffs."""
        judged = answers(
            self.network(),
            examples,
            channels=self.card.channels,
            diameter=self.diameter,
            task=task_of(self.card.outputs),
        )
        return scores(judged, cutoffs=self.cutoffs, min_area=self.min_area)


def open_start(name_or_path: str | Path, outputs: Sequence[str] = FLOW_OUTPUTS) -> Start:
    """Open a model to go on from.

    Parameters
    ----------
    name_or_path : str or Path
    outputs : sequence of str
        The maps that are to be trained.

    Returns
    -------
    Start

    Raises
    ------
    ModelError
        If there is no such model, it is damaged, or it gives other maps.
    """
    model = read_model(find_model(name_or_path))
    if is_classifier(model.card):
        msg = (
            f"{model.path.name} is a classifier of pixels, from which no network can "
            "start; start from another model, or from none."
        )
        raise ModelError(msg)
    if model.card.architecture.get("kind") == IMPORTED:
        msg = (
            f"{model.path.name} was imported from another program, and its network cannot "
            "be trained here; start from another model, or from none."
        )
        raise ModelError(msg)
    wanted = (task_of(outputs).name, tuple(outputs))
    if (model.card.task, model.card.outputs) != wanted:
        msg = (
            f"{model.path.name} gives {', '.join(model.card.outputs)}, but this training "
            f"starts from a model that gives {', '.join(outputs)}; start from another one, "
            "or from none."
        )
        raise ModelError(msg)
    start = Start(model.path, model.card, start_weights(model))
    start.network()
    return start


def best_start(
    paths: Sequence[Path],
    examples: Sequence[Example],
    outputs: Sequence[str] = FLOW_OUTPUTS,
) -> Start | None:
    """Return the model that does best on some pictures as it is.

    Parameters
    ----------
    paths : sequence of Path
        Model files; those that cannot be gone on from are passed over.
    examples : sequence of Example
        Spread over them, eight are looked at.
    outputs : sequence of str
        The maps that are to be trained.

    Returns
    -------
    Start or None
        `None` where no model can be used, or none finds a foreground that is alike.
    """
    at = np.linspace(0, len(examples) - 1, min(len(examples), _LOOKED_AT)).astype(int)
    some = [examples[k] for k in at]
    best, highest = None, _LEAST_ALIKE if tuple(outputs) == PIXELS.outputs else -1.0
    for path in paths:
        try:
            start = open_start(path, outputs)
        except ModelError:
            continue
        score = float(np.mean(start.scores(some)))
        if score > highest:
            best, highest = start, score
    return best
