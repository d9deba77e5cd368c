"""What a person may say about a training run; the rest it chooses itself."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from segmetry.errors import RecipeError
from segmetry.models.card import model_name

__all__ = [
    "ENCODERS",
    "NETWORKS",
    "PIXEL_LOSSES",
    "RECIPES",
    "SIZES",
    "TASKS",
    "TrainingOptions",
    "folds_from_text",
]

SIZES = ("auto", "small", "medium", "large")
NETWORKS = ("unet", "cnn")
ENCODERS = ("vgg16", "vgg16_bn", "resnet18", "resnet50")
TASKS = ("objects", "pixels", "classes", "counts")
PIXEL_LOSSES = (
    *("bce_dice", "focal", "tversky", "bce_cldice"),
    *("weighted_bce", "dice", "focal_tversky"),
)
PUBLISHED, OURS = RECIPES = ("neurons-2021", "neurons-by-animal")

_SHARE, _PUBLISHED_SHARE = 0.2, 0.3

Folds = int | Literal["leave-one-out"] | None


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """The options of `train_model`; each default lets the pictures decide.

    Parameters
    ----------
    name : str
        Name of the model: small letters and digits, joined by "-" or "_". Empty makes one
        of the file's name.
    start : str
        Model to go on from: "auto" (a shipped one for small sets), "none" (random
        weights), a name, or a file.
    size : {"auto", "small", "medium", "large"}
        Of the network, where it does not start from a model.
    network : {"unet", "cnn"}
        The usual network, or a plain one of a few convolutions; see
        `segmetry.learn.plain_network`. A plain one starts from random weights.
    encoder : {"", "vgg16", "vgg16_bn", "resnet18", "resnet50"}
        Contracting half of the network with published weights.
    encoder_weights : Path or None
        File of such weights, downloaded by the user.
    diameter : float or None
        Diameter in pixels to which objects are brought; `None` chooses.
    steps : int or None
        Steps of each training.
    minutes : float or None
        Time for everything, from which the steps follow.
    learning_rate : float or None
        The highest of the training; `None` takes the usual.
    seed : int
    groups : Path or None
        Sheet with columns image and group; pictures of a group are never parted.
    validation : tuple of Path or None
        Folders of pictures and masks that judge, instead of a share of the others.
    share : float or None
        Share of the pictures held out where they are enough; `None` takes 0.2, or what
        the recipe says.
    folds : int, "leave-one-out" or None
        Train several times, each picture held out once; `None` does so for small sets.
    learning_curve : bool
        Also train on fewer pictures, to see what more pictures would bring.
    augmentation : bool
        Vary the pictures at random.
    task : {"objects", "pixels", "classes", "counts"}
        What the network learns to tell: objects, foreground, the class of each pixel, or
        how many objects there are.
    class_names : str
        What the classes are called where the task is "classes", joined by commas, the
        background first; empty calls them by their numbers.
    loss : str
        How far from the masks is measured where the task is "pixels": one of
        `PIXEL_LOSSES`; empty takes the first.
    recipe : {"", "neurons-2021", "neurons-by-animal"}
        A training with all its values: as published for the c-ResUnet, or our usual one
        with whole animals held out; see `segmetry.learn.recipes`.
    resume : bool
        Go on with a training that was stopped.
    overwrite : bool
        Replace the model file, and begin a stopped training anew.

    Raises
    ------
    RecipeError
        If a value is not possible, or two options exclude each other.

    Examples
    --------
    >>> TrainingOptions(steps=200, folds="leave-one-out").start
    'auto'
    """

    name: str = ""
    start: str = "auto"
    size: str = "auto"
    network: str = "unet"
    encoder: str = ""
    encoder_weights: Path | None = None
    diameter: float | None = None
    steps: int | None = None
    minutes: float | None = None
    learning_rate: float | None = None
    seed: int = 0
    groups: Path | None = None
    validation: tuple[Path, Path] | None = None
    share: float | None = None
    folds: Folds = None
    learning_curve: bool = False
    augmentation: bool = True
    task: str = "objects"
    class_names: str = ""
    loss: str = ""
    recipe: str = ""
    resume: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not possible."""
        _one_of("size", self.size, SIZES)
        _one_of("network", self.network, NETWORKS)
        _one_of("encoder", self.encoder, ("", *ENCODERS))
        _one_of("task", self.task, TASKS)
        _one_of("loss", self.loss, ("", *PIXEL_LOSSES))
        _one_of("recipe", self.recipe, ("", *RECIPES))
        if self.recipe == PUBLISHED and self.task == "objects":
            object.__setattr__(self, "task", "pixels")
        for name in ("diameter", "steps", "minutes", "learning_rate"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                _refuse(f"{name} must be above 0, got {value}.")
        if self.name and self.name != model_name(self.name):
            _refuse(
                "name must be small letters and digits, joined by - or _, as in "
                f"{model_name(self.name)!r}; got {self.name!r}."
            )
        if self.share is not None and not 0 < self.share < 1:
            _refuse(f"share must be between 0 and 1, got {self.share}.")
        if isinstance(self.folds, int) and self.folds < 2:
            _refuse(f"folds must be at least 2 or leave-one-out, got {self.folds}.")
        if self.seed < 0:
            _refuse(f"seed must not be negative, got {self.seed}.")
        self._refuse_contradictions()

    def _refuse_contradictions(self) -> None:
        named_start = self.start not in {"auto", "none"}
        plain = self.network != "unet"
        contradictions = {
            "steps and minutes": self.steps and self.minutes,
            "validation and folds": self.validation and self.folds,
            "resume and overwrite": self.resume and self.overwrite,
            "start and size": named_start and self.size != "auto",
            "start and encoder": named_start and self.encoder,
            "size and encoder": self.encoder and self.size != "auto",
            "network and start, size or encoder": plain
            and (named_start or self.encoder or self.size != "auto"),
        }
        for pair, both in contradictions.items():
            if both:
                _refuse(f"The options {pair} exclude each other; give one of them.")
        if self.loss and self.task != "pixels":
            _refuse(f"A loss can be chosen for the task pixels, not for {self.task}.")
        if self.class_names and self.task != "classes":
            _refuse(f"Names of classes are for the task classes, not for {self.task}.")
        if self.diameter and self.task != "objects":
            _refuse(f"The task {self.task} knows no objects, so leave diameter out.")
        fixed = plain or named_start or self.encoder or self.size != "auto"
        if self.recipe == PUBLISHED and (fixed or self.task != "pixels"):
            _refuse(
                f"The recipe {PUBLISHED} says what the network is and learns; leave start, "
                "size, encoder and task out."
            )
        if self.encoder_weights and not self.encoder:
            _refuse(f"Say which encoder the weights are for: {', '.join(ENCODERS)}.")

    @property
    def held_out_share(self) -> float:
        """Share of the pictures held out where they are enough."""
        if self.share is not None:
            return self.share
        return _PUBLISHED_SHARE if self.recipe == PUBLISHED else _SHARE

    def identity(self) -> dict[str, Any]:
        """Return, as JSON values, the options that must be the same to go on."""
        same = replace(self, resume=False, overwrite=False)
        return {name: _plain(value) for name, value in asdict(same).items()}


def folds_from_text(text: str | None) -> Folds:
    """Return what a text says of folds.

    Raises
    ------
    RecipeError
        If it is neither a number nor "leave-one-out".

    Examples
    --------
    >>> folds_from_text("5"), folds_from_text("leave-one-out"), folds_from_text(None)
    (5, 'leave-one-out', None)
    """
    if text is None:
        return None
    if text == "leave-one-out":
        return "leave-one-out"
    try:
        return int(text)
    except ValueError:
        msg = f"folds must be a number or leave-one-out, got {text!r}."
        raise RecipeError(msg) from None


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        said = ", ".join(word for word in known if word)
        _refuse(f"{name} must be one of {said}; got {value!r}.")


def _refuse(sentence: str) -> None:
    raise RecipeError(sentence)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
