"""Everything that training must remember to go on after a kill.

The state of one training is a file: its tensors are stored as safetensors, the rest as JSON
in its header, never pickle. A run of several trainings keeps these files, and the choices
that were made, in a folder beside the model file; it is removed when all is done.
"""

import copy
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from segmetry import io
from segmetry.errors import ModelError, RecipeError, WriteError
from segmetry.learn.plan import plan_from_json

__all__ = ["State", "Stopped", "load_state", "save_state"]

_CHOICES = "choices.json"
_ENDING = ".state"


@dataclass
class State:
    """A training run at one of its steps.

    Parameters
    ----------
    network : Module
        As it is trained.
    averaged : Module
        Exponential moving average of the network's weights; this one is judged and kept.
    optimizer : AdamW
    step : int
        Steps done.
    seconds : float
        Time spent, over all runs.
    losses : list of float
        Of the steps since the last validation.
    curve : list of dict
        One row for each validation: step, loss, score.
    best : dict
        Row of the best validation so far, with the weights in `best_weights`.
    """

    network: nn.Module
    averaged: nn.Module
    optimizer: torch.optim.AdamW
    step: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    curve: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, float] = field(default_factory=dict)
    best_weights: dict[str, Tensor] = field(default_factory=dict)

    @classmethod
    def new(cls, network: nn.Module, *, weight_decay: float) -> "State":
        """Return the state before the first step."""
        averaged = copy.deepcopy(network).requires_grad_(requires_grad=False).eval()
        optimizer = torch.optim.AdamW(network.parameters(), weight_decay=weight_decay)
        return cls(network, averaged, optimizer)

    @torch.no_grad()
    def average(self, decay: float) -> None:
        """Move the averaged weights a little towards the network's."""
        decay = min(decay, (1 + self.step) / (10 + self.step))
        for mean, value in zip(
            self.averaged.state_dict().values(),
            self.network.state_dict().values(),
            strict=True,
        ):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)


def save_state(path: Path, state: State, *, about: Mapping[str, Any]) -> None:
    """Write a state, whole or not at all.

    Parameters
    ----------
    path : Path
    state : State
    about : mapping
        JSON values that must be the same when the run goes on.
    """
    tensors = {
        **_named("network", state.network.state_dict()),
        **_named("averaged", state.averaged.state_dict()),
        **_named("best", state.best_weights),
    }
    for index, values in state.optimizer.state_dict()["state"].items():
        tensors |= _named(f"optimizer.{index}", values)
    plain = {
        "about": dict(about),
        "step": state.step,
        "seconds": state.seconds,
        "losses": state.losses,
        "curve": state.curve,
        "best": state.best,
    }
    contiguous = {name: value.contiguous() for name, value in tensors.items()}
    io.write_bytes(path, save(contiguous, metadata={"state": json.dumps(plain)}))


def load_state(path: Path, state: State, *, about: Mapping[str, Any]) -> None:
    """Fill a new state with a stored one.

    Parameters
    ----------
    path : Path
    state : State
        Of a network of the same architecture.
    about : mapping
        As it was given to `save_state`.

    Raises
    ------
    ModelError
        If the file is damaged, or belongs to a run with other options.
    """
    try:
        plain, tensors = _read(path)
        differing = _differing(plain["about"], json.loads(json.dumps(dict(about))))
        if not differing:
            _fill(state, plain, tensors)
    except _DAMAGES as error:
        msg = (
            f"{path.name} is no checkpoint that can be read ({error}); delete it to start "
            "anew."
        )
        raise ModelError(msg) from error
    if differing:
        msg = (
            f"{path.name} belongs to a run with other options ({', '.join(differing)}); "
            "use the same ones to go on, or delete it to start anew."
        )
        raise ModelError(msg)


_DAMAGES = (
    *(SafetensorError, OSError),  # of the file
    *(AttributeError, KeyError, TypeError, ValueError),  # of the JSON values
    *(IndexError, RuntimeError),  # of the tensors
)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    with safe_open(path, framework="pt") as file:
        plain = json.loads((file.metadata() or {})["state"])
        # Copies: what safetensors gives is the file itself, which is soon replaced.
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    return plain, tensors


def _differing(stored: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """Return the names under which two runs tell different values."""
    names = [*asked, *(name for name in stored if name not in asked)]
    return [
        name
        for name in names
        if name not in stored or name not in asked or stored[name] != asked[name]
    ]


def _fill(state: State, plain: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    numbers = {key: plain[key] for key in ("step", "seconds", "losses", "curve", "best")}
    moments = _moments(state.optimizer, _under("optimizer", tensors))
    state.network.load_state_dict(_under("network", tensors))
    state.averaged.load_state_dict(_under("averaged", tensors))
    state.optimizer.load_state_dict({**state.optimizer.state_dict(), "state": moments})
    state.best_weights = _under("best", tensors)
    for key, value in numbers.items():
        setattr(state, key, value)


def _moments(
    optimizer: torch.optim.AdamW, tensors: Mapping[str, Tensor]
) -> dict[int, dict[str, Tensor]]:
    parameters = optimizer.param_groups[0]["params"]
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, _, key = name.partition(".")
        # In memory they lie as their weights do, so that steps go on to the last bit.
        lies = torch.empty_like(parameters[int(index)]) if value.ndim else value
        moments.setdefault(int(index), {})[key] = lies.detach().copy_(value)
    return moments


def _named(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{part}.{name}": value for name, value in tensors.items()}


def _under(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    start = f"{part}."
    return {
        name.removeprefix(start): value
        for name, value in tensors.items()
        if name.startswith(start)
    }


class Stopped:
    """The folder of a training that is not done.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, identity: Mapping[str, Any], *, resume: bool, overwrite: bool) -> Any:
        """Return the choices of the training to go on with; `None` begins a new one.

        Parameters
        ----------
        identity : mapping
            JSON values that must be the same to go on: options and pictures.
        resume, overwrite : bool

        Raises
        ------
        RecipeError
            If a stopped training is there and neither is asked for, or it had other
            options or pictures.
        ModelError
            If what is there cannot be read.
        """
        if overwrite:
            self.remove()
        found = self._choices()
        if found is None:
            return None
        if not resume:
            msg = (
                f"A training to this model was stopped, see {self.folder.name}; --resume "
                "goes on with it, --overwrite begins anew."
            )
            raise RecipeError(msg)
        wanted = json.loads(json.dumps(dict(identity)))
        if found["identity"] != wanted:
            known = {**found["identity"], **wanted}
            differing = [
                key for key in known if found["identity"].get(key) != wanted.get(key)
            ]
            msg = (
                f"The stopped training had other options or pictures "
                f"({', '.join(differing)}); give the same to go on, or --overwrite."
            )
            raise RecipeError(msg)
        return found["choices"]

    def keep(self, identity: Mapping[str, Any], choices: Mapping[str, Any]) -> None:
        """Store the choices of a training before its first step.

        Raises
        ------
        WriteError
            If they cannot be written.
        """
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            msg = (
                f"The folder {self.folder.name} for the state of the training cannot be "
                f"made: {error.strerror or error}."
            )
            raise WriteError(msg) from error
        content = {"identity": dict(identity), "choices": dict(choices)}
        io.write_json(self.folder / _CHOICES, content)

    def state(self, training: str) -> Path:
        """Return the file for the state of one training."""
        return self.folder / f"{training.replace(' ', '-')}{_ENDING}"

    def remove(self) -> None:
        """Remove the folder, but for files that are not of a training."""
        for path in [self.folder / _CHOICES, *self.folder.glob(f"*{_ENDING}")]:
            path.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    def _choices(self) -> Any:
        path = self.folder / _CHOICES
        if not path.exists():
            return None
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            plan_from_json(found["choices"]["plan"])
            dict(found["choices"]["timetable"])
            dict(found["identity"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            msg = (
                f"{self.folder.name} is damaged and cannot be gone on with; --overwrite "
                "begins anew."
            )
            raise ModelError(msg) from error
        return found
