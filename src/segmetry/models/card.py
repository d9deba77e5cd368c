"""The card of a model: all that must be known to run it, trust it and train it further."""

import re
from datetime import date
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)
from scipy.special import expit

from segmetry import __version__
from segmetry.models.normalization import HIGH, LOW, ScalingKind

__all__ = [
    "BOUNDARY",
    "CLASS",
    "CLASSIFIERS",
    "DENSITY",
    "FLOWS",
    "IMPORTED",
    "MODEL_FORMAT",
    "Card",
    "Confidence",
    "Normalization",
    "Score",
    "Training",
    "TrainingData",
    "is_classifier",
    "model_name",
]

MODEL_FORMAT: Literal[1] = 1
BOUNDARY = "boundary"  # an output: how likely a pixel lies where two objects meet
IMPORTED = "imported"  # kind of a network made elsewhere, which cannot be trained further
FLOWS = ("flow_y", "flow_x")  # outputs: down and to the right, see `segmetry.segment.flows`
CLASS = "class:"  # before the name of a class, an output of its own
CLASSIFIERS = ("boosted", "forest", "svm")  # kinds of models that are no networks
DENSITY = "density:"  # before the spread of an object's bell in pixels, in a density map

_NAME = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*", re.ASCII)
_DENSITY = re.compile(DENSITY + r"(?!0+(\.0+)?$)\d{1,4}(\.\d{1,3})?", re.ASCII)
_LONGEST_NAME = 60
# Windows keeps these names for devices, with any ending.
_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}


def model_name(text: str) -> str:
    """Return a text as the name of a model.

    Parameters
    ----------
    text : str
        Any text, as a rule the stem of a file's name.

    Returns
    -------
    str
        Lower-case ASCII letters and digits, joined by "-" or "_": safe as the name of a
        file on every system.

    Examples
    --------
    >>> model_name("My nuclei (2)"), model_name("con")
    ('my-nuclei-2', 'con-model')
    """
    words = re.findall(r"[a-z0-9]+(?:_[a-z0-9]+)*", text.lower(), re.ASCII)
    name = "-".join(words)[:_LONGEST_NAME].strip("-_") or "model"
    return f"{name}-model" if name in _DEVICES else name


def _checked_name(name: str) -> str:
    if len(name) > _LONGEST_NAME or name in _DEVICES or not _NAME.fullmatch(name):
        msg = (
            f"a name has at most {_LONGEST_NAME} lower-case letters and digits, joined by "
            f"'-' or '_', as in {model_name(name)!r}"
        )
        raise ValueError(msg)
    return name


_Positive = Annotated[float, Field(gt=0)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Normalization(_Part):
    """Which percentiles of a picture's grey values become 0 and 1.

    Parameters
    ----------
    low, high : float
        In percent, 0 to 100, low below high.
    kind, per_channel, epsilon
        What networks made elsewhere want; see `segmetry.models.normalization.normalized`.
    """

    low: Annotated[float, Field(ge=0, le=100)] = LOW
    high: Annotated[float, Field(ge=0, le=100)] = HIGH
    kind: ScalingKind = "percentiles"
    per_channel: bool = False
    epsilon: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low >= self.high:
            msg = "low must be below high"
            raise ValueError(msg)
        return self


class Confidence(_Part):
    """A logistic function of an object's features: how likely it is a true object.

    Parameters
    ----------
    features : tuple of str
    coefficients : tuple of float
        One for each feature.
    intercept : float
    """

    features: tuple[str, ...]
    coefficients: tuple[float, ...]
    intercept: float

    @model_validator(mode="after")
    def _one_for_each(self) -> Self:
        if len(self.features) != len(self.coefficients):
            msg = "features and coefficients must be equally many"
            raise ValueError(msg)
        return self

    def probability(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the probability of each object, a row of `values` in order of features."""
        return np.asarray(expit(values @ np.array(self.coefficients) + self.intercept))


class Score(_Part):
    """A score with its interval.

    Parameters
    ----------
    value : float or None
        `None` where it is not defined.
    low, high : float or None
        Bounds of its 95 % interval; `None` where there are too few pictures for one.
    n : int
        Number of pictures.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: Annotated[int, Field(ge=0)]


class TrainingData(_Part):
    """One set of pictures from which the model learned.

    Parameters
    ----------
    name, license, source : str
    split : str
        Which part of the set: "train", or "validation" where cutoffs were chosen on it.
    n_pictures : int
    sha256 : str
        Over the sorted hashes of the files.
    """

    name: str
    license: str
    source: str
    split: str = "train"
    n_pictures: Annotated[int, Field(ge=0)]
    sha256: _Sha256


class Training(_Part):
    """How the model was trained, so that it can be done again.

    Parameters
    ----------
    commit : str
        State of the code; empty where it is not known.
    seed, steps : int
    seconds : float
        Time of the training, on `device`.
    device, precision : str
    started_from : str or None
        Name of the model whose weights it started from; `None` from random numbers.
    options : dict
        All options of the training.
    """

    commit: str = ""
    seed: int = 0
    steps: Annotated[int, Field(ge=0)] = 0
    seconds: Annotated[float, Field(ge=0)] = 0.0
    device: str = ""
    precision: str = "float32"
    started_from: str | None = None
    options: dict[str, JsonValue] = Field(default_factory=dict)


class Card(_Part):
    """All that is known of a model.

    Parameters
    ----------
    format : int
        Version of the file's format.
    name : str
        Lower-case letters and digits, joined by "-" or "_".
    package_version : str
        The Segmetry that made it.
    created : date
    task : {"objects", "pixels", "classes", "counts"}
    architecture : dict
        What `segmetry.learn` needs to build the network again.
    channels : int
        Of the network's input, 1 or 3: grey pictures are repeated, colours averaged. Of a
        pixel classifier, those of the pictures from which it learned.
    outputs : tuple of str
        What each channel of the network's output is: "foreground", "flow_y", "flow_x",
        "boundary", "class:NAME" or "density:SPREAD". Others are not used.
    multiple : int
        Height and width of the input must be multiples of this, in pixels.
    shortest_px, longest_px : int, and int or None
        Least and greatest height and width of the input; `None` if there is no greatest.
        Where both are the same, the network takes nothing else.
    normalization : Normalization
    diameter_px : float or None
        Typical diameter of the objects from which it learned, in pixels.
    scale : {"match", "native"}
        Whether a picture is resampled so that its objects have that diameter.
    pixel_size_um : float or None
        Typical pixel size of the pictures from which it learned, `None` if unknown.
    cutoffs : dict of float
        Choices of the step from maps to objects, made on validation data.
    confidence : Confidence or None
    scores : dict
        Group of pictures, name of the score, `Score`.
    scores_on : str
        Which part of the data the scores are of.
    data : tuple of TrainingData
    training : Training
    fidelity : dict
        For each lighter variant, how near it comes to the full one, and whether it
        "passed".
    files : dict of str
        SHA-256 of each other member of the model file; `write_model` fills it in.

    Examples
    --------
    >>> card = Card(
    ...     name="cells",
    ...     created="2026-01-31",
    ...     architecture={"kind": "unet", "base": 8, "levels": 3},
    ...     channels=1,
    ...     outputs=["foreground", "flow_y", "flow_x"],
    ...     multiple=4,
    ...     diameter_px=20,
    ...     cutoffs={"foreground": 0.5},
    ... )
    >>> card.task, card.scale, card.normalization.high
    ('objects', 'match', 99.8)
    """

    format: Literal[1] = MODEL_FORMAT
    name: Annotated[str, AfterValidator(_checked_name)]
    package_version: str = __version__
    created: date
    task: Literal["objects", "pixels", "classes", "counts"] = "objects"
    architecture: dict[str, JsonValue]
    channels: Annotated[int, Field(ge=1, le=255)]
    outputs: Annotated[tuple[str, ...], Field(min_length=1)]
    multiple: Annotated[int, Field(ge=1, le=1024)]
    shortest_px: Annotated[int, Field(ge=1, le=8192)] = 1
    longest_px: Annotated[int, Field(ge=16, le=8192)] | None = None
    normalization: Normalization = Normalization()
    diameter_px: _Positive | None = None
    scale: Literal["match", "native"] = "match"
    pixel_size_um: _Positive | None = None
    cutoffs: dict[str, float] = Field(default_factory=dict)
    confidence: Confidence | None = None
    scores: dict[str, dict[str, Score]] = Field(default_factory=dict)
    scores_on: str = "validation"
    data: tuple[TrainingData, ...] = ()
    training: Training = Training()
    fidelity: dict[str, dict[str, bool | float]] = Field(default_factory=dict)
    files: dict[str, _Sha256] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names, of_classes = set(self.outputs), self.task == "classes"
        of_counts = self.task == "counts"
        is_density = [bool(_DENSITY.fullmatch(name)) for name in self.outputs]
        classes = {name for name in names if name.startswith(CLASS)}
        problems = {
            "outputs must differ from each other": len(names) != len(self.outputs),
            "the outputs 'flow_y' and 'flow_x' go together": len(names & {*FLOWS}) == 1,
            "the output 'boundary' and those of flows exclude each other": len(
                names & {BOUNDARY, *FLOWS}
            )
            > 2,
            "longest_px must not be below shortest_px": self.longest_px is not None
            and self.longest_px < self.shortest_px,
            "a model for classes must have outputs that begin with 'class:'": of_classes
            and not classes,
            f"a model for {self.task} must have the output 'foreground'": not of_classes
            and not of_counts
            and "foreground" not in names,
            "a model for counts must have one output, 'density:' and its spread": of_counts
            and is_density != [True],
            "a network has 1 or 3 channels": self.channels not in {1, 3}
            and not is_classifier(self),
            "diameter_px must be given where scale is 'match'": self.scale == "match"
            and self.diameter_px is None,
        }
        for problem, is_there in problems.items():
            if is_there:
                raise ValueError(problem)
        return self


def is_classifier(card: Card) -> bool:
    """Return whether a model classifies pixels by their surroundings, without a network."""
    return card.architecture.get("kind") in CLASSIFIERS
