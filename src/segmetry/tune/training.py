"""Training a network as one more method that learns, so that its options can be tuned.

Everything that needs torch is asked for by name, when a network is trained: without torch
all other methods can still be tuned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry import io
from segmetry.errors import DatasetError, RecipeError
from segmetry.image import Image
from segmetry.segment import Segmenter, segmenter
from segmetry.segment.options import about, check, options_of

__all__ = ["NETWORK", "NetworkTraining"]

NETWORK = "network"
_STEPS = 100
_SHARE = 5  # one picture of so many chooses cutoffs, and is not learned from

Loss = Literal["", "bce_dice", "focal", "tversky", "weighted_bce", "dice", "bce_cldice"]


@dataclass(frozen=True, kw_only=True)
class NetworkTraining:
    """How a network is trained, and what of it is worth trying.

    Parameters
    ----------
    size : {"auto", "small", "medium"}
        Architecture: features at each level of the network.
    loss : str
        How far from the masks is measured, for pixels; "" takes the usual.
    learning_rate : float
        Highest of the training; 0 takes the usual.
    augmentation : bool
        Vary the pictures at random.
    steps : int
        Of each training: few, as each trial is one.
    task : {"objects", "pixels"}
    folder : str
        Where trained models lie.

    Raises
    ------
    RecipeError
        If a value is not one that its option can take.
    """

    size: Literal["auto", "small", "medium"] = field(
        default="auto", metadata=about("Size of the network; auto goes by the pictures.")
    )
    loss: Loss = field(default="", metadata=about("The loss, where pixels are told apart."))
    learning_rate: float = field(
        default=0.0,
        metadata=about(
            "Highest rate of learning; 0 takes the usual.",
            low=0,
            high=1,
            tunable=(0, 0.0005, 0.001, 0.004, 0.008),
        ),
    )
    augmentation: bool = field(default=True, metadata=about("Vary the pictures at random."))
    steps: int = field(
        default=_STEPS, metadata=about("Steps of each training.", low=1, tunable=())
    )
    task: Literal["objects", "pixels"] = field(
        default="objects", metadata=about("What is told apart.", tunable=())
    )
    folder: str = field(default="", metadata=about("Where models lie.", tunable=()))

    def __post_init__(self) -> None:
        """Refuse values that an option cannot take."""
        for known in options_of(type(self)):
            check(known, getattr(self, known.name))

    def changed(self, options: Mapping[str, Any]) -> "NetworkTraining":
        """Return the same with other options."""
        return replace(self, **options)

    def fit(
        self, images: Sequence[Image], truths: Sequence[NDArray[Any]], *, seed: int = 0
    ) -> Segmenter:
        """Train a network and return the segmenter that runs it.

        Parameters
        ----------
        images : sequence of Image
        truths : sequence of ndarray of integers, shape (Y, X)
        seed : int

        Returns
        -------
        Segmenter

        Raises
        ------
        MissingExtraError
            If torch is not installed.
        DatasetError
            If the pictures cannot be learned from.
        """
        model = self._train(images, truths, seed)
        return segmenter(NETWORK, model=str(model))

    def _train(
        self, images: Sequence[Image], truths: Sequence[NDArray[Any]], seed: int
    ) -> Path:
        learn = import_module("segmetry.learn")
        if not images:
            msg = "a network needs at least one picture with objects to learn from"
            raise DatasetError(msg)
        if not self.folder:
            msg = "training needs a folder for its models"
            raise RecipeError(msg)
        # A place of its own: an earlier network may still be run.
        model = Path(mkdtemp(dir=self.folder)) / "tuned.segmodel"
        with TemporaryDirectory() as name:
            n_judging = len(images) // _SHARE or int(len(images) > 1)
            parts = {"judge": slice(0, n_judging), "teach": slice(n_judging, None)}
            for part, chosen in parts.items():
                _write(Path(name, part), images[chosen], truths[chosen])
            judging = "judge" if n_judging else "teach"
            options = learn.TrainingOptions(
                name="tuned",
                start="none",
                size=self.size,
                loss=self.loss,
                learning_rate=self.learning_rate or None,
                augmentation=self.augmentation,
                steps=self.steps,
                task=self.task,
                seed=seed,
                validation=_folders(Path(name, judging)),
                overwrite=True,
            )
            learn.train_model(*_folders(Path(name, "teach")), model, options=options)
        return model


def _folders(folder: Path) -> tuple[Path, Path]:
    return folder / "images", folder / "masks"


def _write(folder: Path, images: Sequence[Image], truths: Sequence[NDArray[Any]]) -> None:
    for path in _folders(folder):
        path.mkdir(parents=True)
    for number, (image, truth) in enumerate(zip(images, truths, strict=True)):
        io.write_picture(folder / "images" / f"p{number:05}.tif", image)
        labels = np.asarray(truth).astype(np.uint32)
        io.write_labels(folder / "masks" / f"p{number:05}.tif", labels)
