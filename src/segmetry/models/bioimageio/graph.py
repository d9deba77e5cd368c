"""A network of ONNX, given another way in and another way out.

Networks made elsewhere have their axes in any order, and want arithmetic before and after
them. Here that becomes a part of the network, so that it takes what Segmetry gives, scaled
grey values of axes NCYX, and gives what Segmetry wants, maps from 0 to 1 of the same axes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from segmetry.errors import ModelError

__all__ = ["Arithmetic", "Ports", "adapted", "ports_of"]

_AXES = ("batch", "channel", "y", "x")


@dataclass(frozen=True)
class Arithmetic:
    """A step that treats each value, or each pixel, alone.

    Parameters
    ----------
    kind : {"linear", "clip", "sigmoid", "softmax", "mix"}
        "linear": values by `first`, plus `second`. "clip": none below `first` or above
        `second`. "softmax": over the channels. "mix": each new channel is the sum of the
        old ones by a row of `first`, plus that of `second`.
    first, second : tuple
        Of "linear" and "clip" one value for all channels, or one for each.
    """

    kind: Literal["linear", "clip", "sigmoid", "softmax", "mix"]
    first: tuple[Any, ...] = field(default=())
    second: tuple[Any, ...] = field(default=())

    def applied(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the step makes of values of axes NCYX.

        Examples
        --------
        >>> half = Arithmetic("linear", (0.5,), (1.0,))
        >>> half.applied(np.full((1, 1, 1, 1), 4, np.float32)).item()
        3.0
        """
        if self.kind == "sigmoid":
            return np.asarray(expit(values), np.float32)
        if self.kind == "softmax":
            raised = np.exp(values - values.max(axis=1, keepdims=True))
            return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)
        if self.kind == "mix":
            mixed = np.einsum("kc,ncyx->nkyx", np.array(self.first), values)
            return np.asarray(mixed + _channels(self.second), np.float32)
        first, second = _channels(self.first), _channels(self.second)
        if self.kind == "clip":
            return np.asarray(np.minimum(np.maximum(values, first), second), np.float32)
        return np.asarray(values * first + second, np.float32)


@dataclass(frozen=True)
class Ports:
    """What a network takes and gives.

    Parameters
    ----------
    opset : int
        Version of its operators.
    sides : tuple of int or None
        Of its input, in the order of its axes; `None` where it takes any.
    """

    opset: int
    sides: tuple[int | None, ...]


def ports_of(content: bytes, *, name: str) -> Ports:
    """Return what a network takes, as it says itself.

    Raises
    ------
    ModelError
        If it cannot be read, or has several inputs or outputs.
    """
    model = _loaded(content, name)
    inputs = _inputs(model)
    form = (len(inputs), len(model.graph.output))
    if form != (1, 1):
        msg = (
            f"{name} has {form[0]} inputs and {form[1]} outputs; networks with one of each "
            "can be imported"
        )
        raise ModelError(msg)
    dims = inputs[0].type.tensor_type.shape.dim
    sides = [dim.dim_value if dim.dim_value > 0 else None for dim in dims]
    return Ports(_opset(model), tuple(sides))


def adapted(
    content: bytes,
    *,
    name: str,
    before: Sequence[Arithmetic] = (),
    after: Sequence[Arithmetic] = (),
    axes_in: Sequence[str] = _AXES,
    axes_out: Sequence[str] = _AXES,
) -> bytes:
    """Return a network that takes and gives arrays of axes NCYX in single precision.

    Parameters
    ----------
    content : bytes
        Of a network with one input and one output.
    name : str
        For messages.
    before, after : sequence of Arithmetic
        What is done with values before and after the network.
    axes_in, axes_out : sequence of str
        Of the network: "batch", "channel", "y" and "x" in its own order.

    Returns
    -------
    bytes

    Raises
    ------
    ModelError
        If it is no proper network.
    """
    from onnx import TensorProto, checker, helper

    model = _loaded(content, name)
    graph, chain = model.graph, _Chain(_free_prefix(model))
    given, found = _inputs(model)[0], graph.output[0]
    sides: list[Any] = ["n", "c", "y", "x"]
    for axis, dim in zip(axes_in, given.type.tensor_type.shape.dim, strict=False):
        if dim.dim_value > 0:
            sides[_AXES.index(axis)] = dim.dim_value
    taken = chain.new_name()
    last = chain.added(before, taken)
    if tuple(axes_in) != _AXES:
        last = chain.node("Transpose", [last], perm=[_AXES.index(axis) for axis in axes_in])
    chain.node("Cast", [last], output=given.name, to=given.type.tensor_type.elem_type)
    entrance = list(chain.nodes)
    chain.nodes.clear()
    last = chain.node("Cast", [found.name], to=TensorProto.FLOAT)
    if tuple(axes_out) != _AXES:
        order = list(axes_out)
        last = chain.node("Transpose", [last], perm=[order.index(axis) for axis in _AXES])
    last = chain.added(after, last)
    nodes = [*entrance, *graph.node, *chain.nodes]
    del graph.node[:], graph.output[:]
    graph.node.extend(nodes)
    graph.initializer.extend(chain.constants)
    graph.input.remove(given)
    graph.input.insert(0, helper.make_tensor_value_info(taken, TensorProto.FLOAT, sides))
    result = helper.make_tensor_value_info(last, TensorProto.FLOAT, ["n", "k", "y", "x"])
    graph.output.append(result)
    try:
        checker.check_model(model)
    except (checker.ValidationError, ValueError) as error:
        msg = f"{name} is no proper ONNX network: {str(error).splitlines()[0][:200]}"
        raise ModelError(msg) from error
    return bytes(model.SerializeToString())


class _Chain:
    """Nodes of ONNX, each after the other, and their constants."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._count = 0

    def new_name(self) -> str:
        self._count += 1
        return f"{self.prefix}{self._count}"

    def node(
        self, kind: str, inputs: Sequence[str], *, output: str = "", **attributes: Any
    ) -> str:
        from onnx import helper

        output = output or self.new_name()
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, values: NDArray[np.float32]) -> str:
        from onnx import numpy_helper

        name = self.new_name()
        array = np.ascontiguousarray(values, np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def added(self, steps: Sequence[Arithmetic], last: str) -> str:
        for step in steps:
            last = self._step(step, last)
        return last

    def _step(self, step: Arithmetic, last: str) -> str:
        if step.kind == "sigmoid":
            return self.node("Sigmoid", [last])
        if step.kind == "softmax":
            # Along the last axis, where old and new versions of the operator agree.
            turned = self.node("Transpose", [last], perm=[0, 2, 3, 1])
            soft = self.node("Softmax", [turned], axis=3)
            return self.node("Transpose", [soft], perm=[0, 3, 1, 2])
        if step.kind == "mix":
            weight = np.array(step.first, np.float32)[:, :, None, None]
            bias = np.array(step.second, np.float32)
            return self.node("Conv", [last, self.constant(weight), self.constant(bias)])
        first, second = (
            self.constant(_channels(each)) for each in (step.first, step.second)
        )
        kinds = ("Max", "Min") if step.kind == "clip" else ("Mul", "Add")
        return self.node(kinds[1], [self.node(kinds[0], [last, first]), second])


def _channels(values: Sequence[float]) -> NDArray[np.float32]:
    return np.array(values, np.float32).reshape(1, -1, 1, 1)


def _loaded(content: bytes, name: str) -> Any:
    import onnx
    from google.protobuf.message import DecodeError

    msg = f"{name} is no ONNX network; get it again"
    try:
        model = onnx.load_from_string(content)
    except (DecodeError, ValueError) as error:
        raise ModelError(msg) from error
    # Names that are no text are given as bytes.
    if not all(isinstance(each, str) for each in _names(model)):
        raise ModelError(msg)
    return model


def _names(model: Any) -> set[Any]:
    graph = model.graph
    names = {name for node in graph.node for name in (*node.input, *node.output)}
    ports = (*graph.input, *graph.output, *graph.initializer)
    return names | {each.name for each in ports}


def _inputs(model: Any) -> list[Any]:
    """Return the inputs that are no weights: old networks list these too."""
    weights = {each.name for each in model.graph.initializer}
    return [port for port in model.graph.input if port.name not in weights]


def _opset(model: Any) -> int:
    versions = [
        each.version for each in model.opset_import if each.domain in {"", "ai.onnx"}
    ]
    return int(max(versions, default=1))


def _free_prefix(model: Any) -> str:
    names = _names(model)
    prefix = "segmetry_"
    while any(name.startswith(prefix) for name in names):
        prefix += "_"
    return prefix
