"""Every choice of one training run, as data that JSON can store."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from segmetry.errors import RecipeError
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.crowding import Crowding
from segmetry.learn.losses import LOSSES
from segmetry.learn.networks import FLOW_OUTPUTS, SIZES
from segmetry.learn.tasks import MIN_AREA, Task, task_of

__all__ = ["Plan", "Precision", "Schedule", "plan_from_json"]

Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast a network learns.

    Parameters
    ----------
    steps : int
        Batches in all.
    learning_rate : float
        The highest; it rises over the first steps, and falls along a cosine to 0 or as
        `slower_after` says.
    warm_up : int
        Steps over which it rises.
    weight_decay : float
    averaging : float
        Decay of the moving average of the weights.
    validate_every : int
        Steps between validations.
    patience : int
        Validations without a better score after which training stops; 0 never stops.
    checkpoint_minutes : float
        Minutes between checkpoints.
    slower_after : int
        Validations without a better score after which the rate falls to `slower_by` of
        what it was; 0 lets it fall along a cosine.
    slower_by : float
    """

    steps: int = 2000
    learning_rate: float = 2e-3
    warm_up: int = 100
    weight_decay: float = 1e-2
    averaging: float = 0.998
    validate_every: int = 250
    patience: int = 0
    checkpoint_minutes: float = 3.0
    slower_after: int = 0
    slower_by: float = 0.7


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every choice of a training run.

    Parameters
    ----------
    architecture : mapping
        See `segmetry.learn.networks.build`.
    diameter : float or None
        Diameter to which the typical object of a picture is brought; `None` trains on the
        pixels as they are.
    side, batch : int
        Height and width of a crop at the scale of training, and crops in a batch.
    schedule : Schedule
    geometry : Geometry
    appearance : Appearance
    loss : str
        A name of `segmetry.learn.losses.LOSSES`; empty takes the usual one of the task.
    precision : {"auto", "float32", "bfloat16"}
        "auto" times both and takes the faster; a run that is gone on with may then take
        the other, so name one where it must give the same to the last bit.
    seed : int
    stride : int or None
        Crops are those of a grid, with so many pixels from one to the next; `None` draws
        them anywhere.
    crowding : Crowding or None
        How far pixels between cells count more; `None` counts all alike.
    cutoffs : tuple of float
        Cutoffs of the foreground that are tried in the end; empty takes the usual ones.
    min_area : int
        Smaller objects are dropped when the model runs, in pixels.

    Raises
    ------
    RecipeError
        If the loss or the precision is not one of those.
    """

    architecture: Mapping[str, Any] = field(
        default_factory=lambda: {
            "kind": "unet",
            "channels": 3,
            "outputs": list(FLOW_OUTPUTS),
            **SIZES["medium"],
        }
    )
    diameter: float | None = 24.0
    side: int = 192
    batch: int = 8
    schedule: Schedule = field(default_factory=Schedule)
    geometry: Geometry = field(default_factory=Geometry)
    appearance: Appearance = field(default_factory=Appearance)
    loss: str = ""
    precision: Precision = "auto"
    seed: int = 0
    stride: int | None = None
    crowding: Crowding | None = None
    cutoffs: tuple[float, ...] = ()
    min_area: int = MIN_AREA

    def __post_init__(self) -> None:
        """Take the usual loss, and refuse choices that are not there."""
        object.__setattr__(self, "loss", self.loss or self.task.loss)
        for name, known in (("loss", LOSSES), ("precision", get_args(Precision))):
            if getattr(self, name) not in known:
                msg = (
                    f"{name} must be one of {', '.join(known)}, got {getattr(self, name)!r}"
                )
                raise RecipeError(msg)
        if self.loss in {"flows", "classes", "density"} and self.loss != self.task.loss:
            msg = f"the loss {self.loss} is not for a network of these maps; leave it empty"
            raise RecipeError(msg)

    @property
    def task(self) -> Task:
        """What the network is to tell; it follows from its outputs."""
        task = task_of(self.architecture["outputs"])
        if not self.cutoffs:
            return task
        return replace(task, choices={**task.choices, "foreground": self.cutoffs})

    def as_json(self) -> dict[str, Any]:
        """Return every choice as JSON has it: tuples are lists."""
        return dict(json.loads(json.dumps(asdict(self))))


def plan_from_json(values: Mapping[str, Any]) -> Plan:
    """Return the plan of which `Plan.as_json` told.

    Examples
    --------
    >>> plan_from_json(Plan(seed=3).as_json()) == Plan(seed=3)
    True
    """
    parts = {"schedule": Schedule, "geometry": Geometry, "appearance": Appearance}
    made: dict[str, Any] = {name: part(**values[name]) for name, part in parts.items()}
    # Trainings that were stopped before there were such choices lack them.
    if values.get("crowding") is not None:
        made["crowding"] = Crowding(**values["crowding"])
    made["cutoffs"] = tuple(values.get("cutoffs", ()))
    return Plan(**{**values, **made})
