"""A plain network as a method that learns: taught by torch, run without."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from itertools import count
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Self

from numpy.typing import NDArray

from segmetry.errors import MissingExtraError, RecipeError
from segmetry.image import Image
from segmetry.io import write_bytes
from segmetry.models.segmenter import NetworkSegmenter
from segmetry.models.store import find_model
from segmetry.segment.options import about
from segmetry.segment.segmenter import Maps, Segmenter

__all__ = ["PlainConvolutions"]

# By name: the room of torch is above this one, and need not be there.
_TEACHER = ("segmetry.learn.teaching", "teach_plain_network")
_NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class PlainConvolutions(NetworkSegmenter):
    """Objects as a plain network of a few convolutions learned them from examples.

    It learns its features itself, where "boosted" and "forest" are given theirs, and takes
    minutes instead of seconds. Sees 24 pixels across. Fails on objects that need a look
    from further away: train the usual network for them (segmetry train).

    Parameters
    ----------
    model : str
        A file NAME.segmodel, or the name of a model that was added; empty until it has
        learned.
    steps : int
        Steps of the training.
    **options
        Those of `NetworkSegmenter`.
    """

    name: ClassVar[str] = "cnn"

    model: str = field(
        default="", metadata=about("A file NAME.segmodel, or a model that was added.")
    )
    steps: int = field(
        default=400,
        metadata=about("Steps of the training.", low=10, high=1_000_000, tunable=()),
    )

    def __post_init__(self) -> None:
        """Refuse values that an option cannot take, and models that are not there."""
        if self.model:
            super().__post_init__()
        else:
            Segmenter.__post_init__(self)

    def fit(
        self, images: Sequence[Image], truths: Sequence[NDArray[Any]], *, seed: int = 0
    ) -> Self:
        """Return a segmenter that has learned from pictures; its model file is temporary.

        Parameters
        ----------
        images : sequence of Image
        truths : sequence of ndarray of int, shape (Y, X)
            Of each picture its objects, by whatever numbers; 0 is the background.
        seed : int

        Returns
        -------
        PlainConvolutions

        Raises
        ------
        MissingExtraError
            If PyTorch is not installed.
        RecipeError
            If there is nothing to learn from.
        """
        try:
            teach = getattr(import_module(_TEACHER[0]), _TEACHER[1])
        except ModuleNotFoundError as error:
            purpose = "Training"
            raise MissingExtraError(purpose, "train") from error
        path = _folder() / f"cnn-{next(_NUMBERS)}.segmodel"
        teach(images, truths, path, steps=self.steps, seed=seed)
        return replace(self, model=str(path))

    def save(self, path: str | PathLike[str]) -> None:
        """Write what was learned as a model file; an existing one is replaced.

        Raises
        ------
        RecipeError
            If nothing was learned yet.
        WriteError
            If it cannot be written.
        """
        self._refuse_untaught()
        write_bytes(path, find_model(self.model).read_bytes())

    def maps(self, image: Image) -> Maps:
        """Return the network's maps of a picture; see `NetworkSegmenter.maps`.

        Raises
        ------
        RecipeError
            If nothing was learned yet.
        """
        self._refuse_untaught()
        return super().maps(image)

    def _network(self) -> Any:
        self._refuse_untaught()
        return super()._network()

    def _refuse_untaught(self) -> None:
        if not self.model:
            msg = (
                "the segmenter 'cnn' has not learned yet: give it a model (--set "
                "model=NAME.segmodel), which is made by: segmetry train IMAGES MASKS "
                "--method cnn --model NAME.segmodel"
            )
            raise RecipeError(msg)


@cache
def _folder() -> Path:
    """Return a folder that goes when the program ends."""
    return Path(_temporary().name)


@cache
def _temporary() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="segmetry-")
