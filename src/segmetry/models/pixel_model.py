"""Pixel classifiers as model files: a card, and arrays instead of a network."""

from collections.abc import Mapping
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from segmetry.errors import ModelError
from segmetry.models.card import CLASS, CLASSIFIERS, Card, is_classifier, model_name
from segmetry.models.file import CLASSIFIER_ARRAYS, Model, write_model
from segmetry.models.kernel_machine import KernelMachine
from segmetry.models.pixel_classifier import PixelClassifier
from segmetry.models.pixel_fit import Kind, n_classes_of
from segmetry.models.tensors import arrays_from_bytes, arrays_to_bytes
from segmetry.models.trees import Trees
from segmetry.segment.pixel_features import FEATURES_VERSION

__all__ = ["card_of", "classifier_of", "write_classifier"]

# Few and not too wide: a card comes from anyone, and each scale takes memory and time.
_Scale = Annotated[float, Field(gt=0, le=100)]
_Share = Annotated[float, Field(ge=1e-12, le=1)]  # less is nothing as float32
_ROUNDING = 1e-6
_Number = Annotated[int, Field(ge=0, le=254)]


class _Architecture(BaseModel):
    """What a card says of a pixel classifier."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: Kind
    features: Annotated[int, Field(ge=1)] = FEATURES_VERSION
    scales: Annotated[tuple[_Scale, ...], Field(min_length=1, max_length=12)]
    class_names: Annotated[tuple[str, ...], Field(min_length=2, max_length=255)]
    seen: Annotated[tuple[_Number, ...], Field(min_length=2)]
    priors: tuple[_Share, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        rising = all(
            sorted(set(numbers)) == list(numbers) for numbers in (self.scales, self.seen)
        )
        fits = len(self.priors) == len(self.seen) and max(self.seen) < len(self.class_names)
        fits = fits and abs(sum(self.priors) - 1) < _ROUNDING
        if not (rising and fits):
            msg = "scales, classes and priors do not fit together"
            raise ValueError(msg)
        if self.features != FEATURES_VERSION:
            msg = "its features are of another version; train it again"
            raise ValueError(msg)
        return self


def card_of(classifier: PixelClassifier, *, name: str, **facts: Any) -> Card:
    """Return the card of a pixel classifier.

    Parameters
    ----------
    classifier : PixelClassifier
    name : str
        Any text, as a rule the stem of the file's name.
    **facts
        Other fields of the `Card`: "scores", "data", "training" ...
    """
    architecture = _Architecture(
        kind=classifier.kind,
        scales=classifier.scales,
        class_names=classifier.class_names,
        seen=classifier.seen,
        priors=classifier.priors,
    )
    several = len(classifier.class_names) > 2
    outputs = tuple(f"{CLASS}{one}" for one in classifier.class_names)
    values: dict[str, Any] = {
        "name": model_name(name),
        "created": datetime.now(UTC).date(),
        "task": "classes" if several else "pixels",
        "architecture": architecture.model_dump(mode="json"),
        "channels": classifier.channels,
        "outputs": outputs if several else ("foreground",),
        "multiple": 1,
        "scale": "native",
        "pixel_size_um": classifier.pixel_size_um,
        "cutoffs": {"foreground": 0.5},
    }
    return Card(**(values | facts))


def write_classifier(
    path: str | PathLike[str], classifier: PixelClassifier, card: Card | None = None
) -> None:
    """Write a pixel classifier as a model file, whole or not at all.

    Parameters
    ----------
    path : path
        It should end in ".segmodel"; an existing file is replaced.
    classifier : PixelClassifier
    card : Card or None
        As `card_of` makes it, which is also the usual.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    card = card or card_of(classifier, name=Path(path).stem)
    content = arrays_to_bytes(classifier.fitted.arrays())
    write_model(path, card, {CLASSIFIER_ARRAYS: content})


def classifier_of(model: Model) -> PixelClassifier:
    """Return the pixel classifier in a model file, which may come from anyone.

    Parameters
    ----------
    model : Model
        As `read_model` gives it.

    Raises
    ------
    ModelError
        If the file holds another kind of model, or is damaged.
    """
    card, file = model.card, model.path.name
    if not is_classifier(card):
        msg = (
            f"{file} holds a network, not a pixel classifier ({', '.join(CLASSIFIERS)}); "
            "run it with --segmenter network or by its file"
        )
        raise ModelError(msg)
    try:
        told = TypeAdapter(_Architecture).validate_python(card.architecture)
    except ValidationError as error:
        said = error.errors(include_url=False, include_input=False)[0]["msg"]
        msg = f"{file} is no pixel classifier that Segmetry can run: {said}"
        raise ModelError(msg) from error
    arrays = arrays_from_bytes(model.read(CLASSIFIER_ARRAYS), name=file)
    classifier = PixelClassifier(
        kind=told.kind,
        fitted=_fitted(told.kind, arrays, file),
        class_names=told.class_names,
        seen=told.seen,
        priors=told.priors,
        scales=told.scales,
        channels=card.channels,
        pixel_size_um=card.pixel_size_um,
    )
    _check_fit(classifier, file)
    return classifier


def _fitted(kind: Kind, arrays: Mapping[str, Any], file: str) -> Trees | KernelMachine:
    made = KernelMachine if kind == "svm" else Trees
    wanted = {name: field.type for name, field in made.__dataclass_fields__.items()}
    fits = set(arrays) == set(wanted) and all(
        str(arrays[name].dtype) in str(kind_of) for name, kind_of in wanted.items()
    )
    if not fits:
        msg = (
            f"{file} does not hold the arrays of a classifier of kind {kind}; get it again"
        )
        raise ModelError(msg)
    return made(**arrays)


def _check_fit(classifier: PixelClassifier, file: str) -> None:
    """Refuse arrays that are of other classes or features than the card says."""
    asked = classifier.fitted.n_features
    there = classifier.n_features
    too_many = asked != there if classifier.kind == "svm" else asked > there
    if too_many or n_classes_of(classifier.kind, classifier.fitted) != len(classifier.seen):
        msg = f"{file} is damaged: its arrays do not fit its card; get it again"
        raise ModelError(msg)
