"""What segmenters share that learn to tell pixels apart, from masks or strokes."""

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ModelError, RecipeError, SegmetryWarning
from segmetry.image import NOT_KNOWN, Image
from segmetry.models.card import Card, is_classifier
from segmetry.models.file import read_model
from segmetry.models.pixel_classifier import PixelClassifier
from segmetry.models.pixel_fit import Kind
from segmetry.models.pixel_model import classifier_of, write_classifier
from segmetry.models.pixel_samples import Samples, draw_samples
from segmetry.models.store import find_model
from segmetry.models.suitability import doubts
from segmetry.segment.classes import against_background
from segmetry.segment.grey import check_picture
from segmetry.segment.options import about
from segmetry.segment.pixel_features import feature_strips
from segmetry.segment.segmenter import Maps, Segmenter

__all__ = ["PixelSegmenter"]

_MODEL = about("A file NAME.segmodel that this method has written.")


@dataclass(frozen=True, kw_only=True)
class PixelSegmenter(Segmenter):
    """Base of the methods that learn what surroundings the pixels of each class have.

    Parameters
    ----------
    model : str
        A file NAME.segmodel, or the name of a model that was added; empty until it has
        learned.
    finest, coarsest : float
        Surroundings are looked at in scales from the finest, each twice the one before,
        to the coarsest, in pixels.
    points : int
        Pixels from which is learned, as many of each class and picture.
    cutoff : float
        Pixels more likely than this are of an object.
    **options
        The options of every `Segmenter`.

    Raises
    ------
    RecipeError
        If there is no such model, or a value is not one that its option can take.
    """

    kind: ClassVar[Kind]

    model: str = field(default="", metadata=_MODEL)
    finest: float = field(
        default=1.0,
        metadata=about(
            "Finest scale of the surroundings, in pixels.",
            low=0.3,
            high=100,
            tunable=(0.7, 1, 1.5, 2),
        ),
    )
    coarsest: float = field(
        default=8.0,
        metadata=about(
            "Coarsest scale of the surroundings, in pixels.",
            low=0.3,
            high=100,
            tunable=(4, 8, 16, 32),
        ),
    )
    points: int = field(
        default=20_000,
        metadata=about(
            "Pixels from which is learned.", low=20, high=10_000_000, tunable=()
        ),
    )
    cutoff: float = field(
        default=0.5,
        metadata=about(
            "Pixels more likely than this are of an object.",
            low=0,
            high=1,
            tunable=(0.2, 0.8),
        ),
    )

    def __post_init__(self) -> None:
        """Refuse values that an option cannot take, and models that are not there."""
        super().__post_init__()
        if self.coarsest < self.finest:
            msg = (
                f"coarsest must be at least finest, {self.finest:g} pixels, got "
                f"{self.coarsest:g}"
            )
            raise RecipeError(msg)
        if not self.model:
            return
        try:
            card = read_model(find_model(self.model)).card
        except ModelError as error:
            raise RecipeError(str(error)) from error
        there = card.architecture["kind"] if is_classifier(card) else "network"
        if there != self.kind:
            msg = (
                f"{self.model} is a model for the segmenter {there!r}, not for "
                f"{self.name!r}"
            )
            raise RecipeError(msg)

    @property
    def scales(self) -> tuple[float, ...]:
        """Scales of the surroundings, in pixels."""
        number = int(np.log2(self.coarsest / self.finest) + 1e-9)
        return tuple(self.finest * 2.0**k for k in range(number + 1))

    @property
    def learned(self) -> PixelClassifier | None:
        """What the segmenter has learned: itself, or in its model's file."""
        own: PixelClassifier | None = self.__dict__.get("_own")
        if own is not None or not self.model:
            return own
        path = find_model(self.model)
        changed = path.stat()
        return _opened(path, (changed.st_mtime_ns, changed.st_size))[1]

    def fit(
        self,
        images: Sequence[Image],
        truths: Sequence[NDArray[Any]],
        *,
        seed: int = 0,
        class_names: Sequence[str] = (),
    ) -> Self:
        """Return a segmenter of these options that has learned from pictures.

        Classes are taken for as common as they are in these pictures, so that a pixel
        with a probability over 0.5 is more likely right than wrong.

        Parameters
        ----------
        images : sequence of Image
        truths : sequence of ndarray of int or bool, shape (Y, X)
            Of each picture its objects, by whatever numbers; 0 is the background. With
            `class_names` its class map: the number of each pixel's class, 255 where it is
            not known.
        seed : int
        class_names : sequence of str
            Of all classes, the background first.

        Returns
        -------
        PixelSegmenter

        Raises
        ------
        RecipeError
            If there are no pixels of two classes, or truths do not fit the pictures.
        """
        names = tuple(class_names) or ("background", "object")
        if class_names:
            whole = [np.asarray(truth, np.int64) for truth in truths]
            maps = [np.where(truth == NOT_KNOWN, -1, truth) for truth in whole]
        else:
            maps = [np.asarray(truth > 0, np.int64) for truth in truths]
        samples = self._samples(images, maps, seed)
        return self._taught(samples, names, seed=seed, priors=samples.shares(len(names)))

    def fit_strokes(
        self,
        images: Sequence[Image],
        strokes: Sequence[NDArray[np.uint8]],
        *,
        seed: int = 0,
        class_names: Sequence[str] = ("background", "object"),
    ) -> Self:
        """Return a segmenter of these options that has learned from painted strokes.

        All classes are taken for equally common: strokes do not tell how common they are.

        Parameters
        ----------
        images : sequence of Image
        strokes : sequence of ndarray of uint8, shape (Y, X)
            0 where nothing was painted, k + 1 where class k was: 1 is the background.
        seed : int
        class_names : sequence of str
            Of all classes, the background first.

        Returns
        -------
        PixelSegmenter

        Raises
        ------
        RecipeError
            If fewer than two classes were painted.
        """
        maps = [one.astype(np.int64) - 1 for one in strokes]
        return self._taught(self._samples(images, maps, seed), class_names, seed=seed)

    def save(self, path: str | PathLike[str], card: Card | None = None) -> None:
        """Write what was learned as a model file.

        Parameters
        ----------
        path : path
            NAME.segmodel; an existing file is replaced.
        card : Card or None
            See `segmetry.models.pixel_model.card_of`.

        Raises
        ------
        RecipeError
            If nothing was learned yet.
        WriteError
            If it cannot be written.
        """
        write_classifier(path, self._classifier(), card)

    def files(self) -> Mapping[str, str]:
        """Return the SHA-256 of the model's file, by its name.

        Raises
        ------
        ModelError
            If the file is damaged.
        """
        if not self.model:
            return {}
        path = find_model(self.model)
        read_model(path).verify()
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}

    def maps(self, image: Image) -> Maps:
        """Return how likely each pixel is of each class.

        Raises
        ------
        RecipeError
            If nothing was learned yet.
        PictureError
            If there is nothing to segment in the picture, or it is a stack.
        """
        classifier = self._classifier()
        check_picture(image)
        found: dict[str, Any] = {"found_classes": list(classifier.class_names)}
        if self.model:
            path = find_model(self.model)
            changed = path.stat()
            card, _ = _opened(path, (changed.st_mtime_ns, changed.st_size))
            for sentence in doubts(card, image, diameter=None, factor=1.0):
                warnings.warn(sentence, SegmetryWarning, stacklevel=2)
            found |= {"found_model": card.name, "reason": f"Chosen: the model {card.name}."}
        height, width = image.spatial_shape
        classes = np.empty((height, width, len(classifier.class_names)), np.float32)
        strips = feature_strips(
            image, scales=classifier.scales, channels=classifier.channels
        )
        for rows, features in strips:
            classes[rows] = classifier.probabilities(features)
        return Maps(
            against_background(classes),
            classes=classes,
            class_names=classifier.class_names,
            cutoff=self.cutoff,
            found=found,
        )

    def sizes(self) -> dict[str, int]:
        """Return how large the classifier is to be; each kind has its own sizes."""
        raise NotImplementedError

    def _classifier(self) -> PixelClassifier:
        learned = self.learned
        if learned is None:
            msg = (
                f"the segmenter {self.name!r} has not learned yet: give it a model (--set "
                "model=NAME.segmodel), which is made by: segmetry train IMAGES MASKS "
                f"--method {self.name} --model NAME.segmodel"
            )
            raise RecipeError(msg)
        return learned

    def _samples(
        self, images: Sequence[Image], maps: Sequence[NDArray[np.int64]], seed: int
    ) -> Samples:
        return draw_samples(
            images, maps, scales=self.scales, n_points=self.points, seed=seed
        )

    def _taught(
        self,
        samples: Samples,
        class_names: Sequence[str],
        *,
        seed: int,
        priors: NDArray[np.float64] | None = None,
    ) -> Self:
        classifier = PixelClassifier.fit_points(
            samples.features,
            samples.classes,
            kind=self.kind,
            seed=seed,
            class_names=class_names,
            scales=self.scales,
            channels=samples.channels,
            **self.sizes(),
        )
        own = replace(classifier, pixel_size_um=samples.pixel_size_um)
        if priors is not None:
            own = own.with_priors(priors)
        learned = replace(self, model="")
        # Not an option: it is no part of what a recipe can say.
        object.__setattr__(learned, "_own", own)
        return learned


@lru_cache(maxsize=2)
def _opened(path: Path, changed: tuple[int, int]) -> tuple[Card, PixelClassifier]:
    """Open a model once for many pictures, and again when its file has changed."""
    del changed
    model = read_model(path)
    return model.card, classifier_of(model)
