"""From a trained network to the members of a model file: weights, ONNX, int8."""

import contextlib
import io as memory
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import numpy as np
import onnx
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.onnx import ONNXProgram

from segmetry.models.file import Model

__all__ = ["onnx_bytes", "quantized", "start_weights", "weights_bytes"]


class _WithProbabilities(nn.Module):
    """The network with its last function, so that whoever runs it gets 0 to 1."""

    def __init__(self, network: nn.Module, *, classes: bool) -> None:
        super().__init__()
        self.network, self.classes = network, classes

    def forward(self, pictures: Tensor) -> Tensor:
        logits = self.network(pictures)
        return torch.softmax(logits, dim=1) if self.classes else torch.sigmoid(logits)


def onnx_bytes(
    network: nn.Module, *, channels: int, multiple: int, classes: bool = False
) -> bytes:
    """Return a network as ONNX, for pictures of any number and size.

    Parameters
    ----------
    network : Module
        Gives logits (N, K, Y, X) of pictures (N, C, Y, X).
    channels : int
    multiple : int
        Height and width will be multiples of this.
    classes : bool
        Whether the maps exclude each other (softmax), or each is its own (sigmoid).
    """
    whole = _WithProbabilities(network, classes=classes).eval().cpu()
    whole = whole.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload] # PyTorch's types lack it
    sample = torch.zeros(2, channels, 4 * multiple, 6 * multiple)
    dims = [torch.export.Dim(f"{name}_steps", min=1, max=4096) for name in ("y", "x")]
    shape = (torch.export.Dim("n", min=1, max=4096), channels)
    dynamic = ({0: shape[0], 2: multiple * dims[0], 3: multiple * dims[1]},)
    with _quiet():
        program = torch.onnx.export(
            whole, (sample,), dynamo=True, dynamic_shapes=dynamic, verbose=False
        )
    return _without_traces(cast("ONNXProgram", program).model_proto)


def quantized(content: bytes, samples: Sequence[NDArray[np.float32]]) -> bytes:
    """Return an ONNX network with weights and activations of 8 bits.

    Parameters
    ----------
    content : bytes
        As `onnx_bytes` gives it.
    samples : sequence of ndarray of float32, shape (N, C, Y, X)
        What the network will see, of every kind and scale: the ranges of its values are
        taken from them. The first and the last convolution keep their full numbers: they
        cost most in fidelity.

    References
    ----------
    B. Jacob et al., CVPR 2018. doi:10.1109/CVPR.2018.00286
    """
    import nncf

    model = onnx.load_from_string(content)
    name = model.graph.input[0].name
    ends = [node.name for node in model.graph.node if node.op_type == "Conv"]
    with _quiet():
        lighter = nncf.quantize(
            model,
            nncf.Dataset([{name: sample} for sample in samples]),
            subset_size=len(samples),
            preset=nncf.QuantizationPreset.MIXED,
            ignored_scope=nncf.IgnoredScope(names=[ends[0], ends[-1]]),
        )
    return _without_traces(lighter)


def _without_traces(model: onnx.ModelProto) -> bytes:
    """Return a network without the exporter's notes: they hold folders of this machine."""
    graph = model.graph
    for part in (*graph.node, *graph.value_info, *graph.input, *graph.output, graph, model):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    return bytes(model.SerializeToString())


def weights_bytes(weights: Mapping[str, Tensor]) -> bytes:
    """Return weights as safetensors; large ones as float16, half the size."""
    stored = {
        name: value.half() if value.dtype == torch.float32 and value.ndim > 1 else value
        for name, value in weights.items()
    }
    return safetensors.torch.save({n: v.contiguous() for n, v in stored.items()})


def start_weights(model: Model) -> dict[str, Tensor]:
    """Return the weights of a model file as float32, to train on."""
    stored = safetensors.torch.load(model.read("weights.safetensors"))
    return {
        name: value.float() if value.dtype == torch.float16 else value
        for name, value in stored.items()
    }


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporters' progress from standard output, and their notes from the user."""
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(memory.StringIO()),
        contextlib.redirect_stderr(memory.StringIO()),
    ):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.disable(previous)
