"""The network of a model file, run on the processor by OpenVINO."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ModelError
from segmetry.models.card import Card
from segmetry.models.file import Model
from segmetry.offline import block_usage_data

__all__ = ["Network", "Precision", "chosen_precision"]

Precision = Literal["auto", "fp32", "bf16", "int8"]

_LIGHTER = ("int8", "bf16")  # the fastest first
_MEMBER: Mapping[str, str] = {
    "fp32": "model.onnx",
    "bf16": "model.onnx",
    "int8": "model_int8.onnx",
}
# Unless it is told otherwise, OpenVINO computes in bfloat16 where the chip can, and a
# result would depend on the computer.
_HINT: Mapping[str, str] = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}


def chosen_precision(card: Card, precision: Precision = "auto") -> str:
    """Return the numbers in which a model is run.

    Parameters
    ----------
    card : Card
    precision : {"auto", "fp32", "bf16", "int8"}
        "auto" takes the fastest that passed the check which the card tells of, or fp32.

    Returns
    -------
    {"fp32", "bf16", "int8"}

    Raises
    ------
    ModelError
        If the model has no such variant.
    """
    if precision not in get_args(Precision):
        msg = f"precision must be one of {get_args(Precision)}, got {precision!r}"
        raise ValueError(msg)
    if precision == "auto":
        passed = [
            name
            for name in _LIGHTER
            if card.fidelity.get(name, {}).get("passed") is True
            and _MEMBER[name] in card.files
        ]
        return passed[0] if passed else "fp32"
    if _MEMBER[precision] not in card.files:
        msg = f"the model {card.name} has no variant {precision}; choose auto or fp32"
        raise ModelError(msg)
    return precision


@dataclass(frozen=True, eq=False)
class Network:
    """A network that is ready to run. Open one with `Network.open`.

    Parameters
    ----------
    card : Card
        Of its model.
    precision : {"fp32", "bf16", "int8"}
        In which numbers it computes.
    _one_by_one : bool
        Whether it takes one picture at a time.
    """

    card: Card
    precision: str
    _request: Any = field(repr=False)
    _one_by_one: bool = False
    _lock: Any = field(default_factory=Lock, repr=False)

    @classmethod
    def open(cls, model: Model, *, precision: Precision = "auto") -> "Network":
        """Load a model's network, from memory; nothing is written or sent.

        Parameters
        ----------
        model : Model
        precision : {"auto", "fp32", "bf16", "int8"}
            See `chosen_precision`.

        Returns
        -------
        Network

        Raises
        ------
        ModelError
            If the file is damaged, or OpenVINO cannot run what is in it.
        """
        chosen = chosen_precision(model.card, precision)
        content = model.read(_MEMBER[chosen])
        block_usage_data()
        import openvino

        options = {
            "PERFORMANCE_HINT": "LATENCY",  # one picture at a time, on all cores
            "INFERENCE_PRECISION_HINT": _HINT[chosen],
        }
        try:
            core = openvino.Core()
            compiled = core.compile_model(core.read_model(content), "CPU", options)
            _check_form(compiled, model.card)
        except RuntimeError as error:
            msg = (
                f"{model.path.name} holds no network that can be run here: "
                f"{_first_line(error)}"
            )
            raise ModelError(msg) from error
        request = compiled.create_infer_request()
        return cls(model.card, chosen, request, _one_by_one(compiled))

    def predict(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the maps of a batch of pictures.

        Parameters
        ----------
        tensor : ndarray of float32, shape (N, C, Y, X)
            Normalised grey values; see `segmetry.models.normalization`. Height and width
            are multiples of the card's `multiple`.

        Returns
        -------
        ndarray of float32, shape (N, K, Y, X)
            From 0 to 1; K maps in the order of the card's `outputs`.

        Raises
        ------
        ModelError
            If the network cannot work on this, or gives anything but maps from 0 to 1.
        """
        pixels = np.ascontiguousarray(tensor, dtype=np.float32)
        parts = np.split(pixels, len(pixels)) if self._one_by_one else [pixels]
        with self._lock:
            try:
                answers = [self._answer(part) for part in parts]
            except RuntimeError as error:
                msg = (
                    f"the network of {self.card.name} cannot run on a picture of "
                    f"{tensor.shape[3]} x {tensor.shape[2]} pixels: {_first_line(error)}"
                )
                raise ModelError(msg) from error
        maps = answers[0] if len(answers) == 1 else np.concatenate(answers)
        expected = (len(tensor), len(self.card.outputs), *tensor.shape[2:])
        # NaN fails the comparison, as it should.
        if maps.shape != expected or not (maps.min() >= 0 and maps.max() <= 1 + 1e-6):
            msg = (
                f"the network of {self.card.name} must give maps from 0 to 1 of shape "
                f"{expected}; what it gave is of shape {maps.shape} or beyond that range"
            )
            raise ModelError(msg)
        return maps

    def _answer(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        answer = self._request.infer([pixels], share_inputs=True)
        return np.array(answer[0], dtype=np.float32)  # a copy: the next answer goes there


def _check_form(compiled: Any, card: Card) -> None:
    """Refuse a network whose input or output is not what its card says."""
    form = (len(compiled.inputs), len(compiled.outputs))
    if form != (1, 1):
        msg = f"it must have one input and one output, got {form[0]} and {form[1]}"
        raise RuntimeError(msg)
    for port, n_channels in (
        (compiled.input(0), card.channels),
        (compiled.output(0), len(card.outputs)),
    ):
        shape = port.get_partial_shape()
        if shape.rank.is_static and len(shape) != 4:
            msg = f"it must take and give arrays of 4 axes, got {len(shape)}"
            raise RuntimeError(msg)
        known = shape.rank.is_static and shape[1].is_static
        if known and shape[1].get_length() != n_channels:
            msg = f"its card says {n_channels} channels, got {shape[1].get_length()}"
            raise RuntimeError(msg)


def _one_by_one(compiled: Any) -> bool:
    shape = compiled.input(0).get_partial_shape()
    known = shape.rank.is_static and shape[0].is_static
    return bool(known and shape[0].get_length() == 1)


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
