"""Small networks whose answers are known: one blur of the grey values, then a sigmoid."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from segmetry.models.card import Card
from segmetry.models.file import read_model, write_model

SIGMOID = helper.make_node("Sigmoid", ["logits"], ["maps"])
FLOW_OUTPUTS = ("foreground", "flow_y", "flow_x")


def blur_network(*, channels=1, steepness=20.0):
    """ONNX of a network: where the mean of 3 x 3 grey values is over 0.5 is foreground."""
    weight = np.full((1, channels, 3, 3), steepness / (9 * channels), np.float32)
    return as_onnx(weight, np.array([-steepness / 2], np.float32))


def climbing_network(*, side=21, steepness=20.0):
    """ONNX of a network whose flows lead to where more of the surroundings is bright.

    Its maps are those of FLOW_OUTPUTS; the foreground is that of `blur_network`. In a disc
    narrower than `side`, all ways lead to the middle.
    """
    weight = np.zeros((3, 1, side, side), np.float32)
    middle = slice(side // 2 - 1, side // 2 + 2)
    weight[0, :, middle, middle] = steepness / 9
    towards = np.arange(side, dtype=np.float32) - side // 2
    weight[1] = 60 * towards[:, None] / side**3
    weight[2] = 60 * towards / side**3
    return as_onnx(weight, np.array([-steepness / 2, 0, 0], np.float32))


def as_onnx(weight, bias, last=SIGMOID):
    n_outputs, channels, side, _ = weight.shape
    graph = helper.make_graph(
        [
            helper.make_node(
                "Conv", ["pixels", "weight", "bias"], ["logits"], pads=[side // 2] * 4
            ),
            last,
        ],
        "blur",
        [tensor("pixels", channels)],
        [tensor("maps", n_outputs)],
        [
            numpy_helper.from_array(weight, "weight"),
            numpy_helper.from_array(bias, "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString()


def tensor(name, channels):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", channels, "y", "x"])


NO_WEIGHTS = b"\x08\0\0\0\0\0\0\0{}      "  # a safetensors file without tensors


@pytest.fixture
def make_model(tmp_path):
    """Write a model file and open it; what is given replaces parts of its card."""

    def make(network=None, *, name="blur", int8=None, **changes):
        values = {
            "created": date(2026, 1, 31),
            "architecture": {"kind": "blur"},
            "channels": 1,
            "outputs": ("foreground",),
            "multiple": 1,
            "scale": "native",
            "normalization": {"low": 0, "high": 100},
            "cutoffs": {"min_area": 4},
        }
        card = Card(name=name, **{**values, **changes})
        files = {"model.onnx": network or blur_network(), "weights.safetensors": NO_WEIGHTS}
        if int8 is not None:
            files["model_int8.onnx"] = int8
        path = tmp_path / f"{name}.segmodel"
        write_model(path, card, files)
        return read_model(path)

    return make


def classes_network(*, steepness=20.0):
    """ONNX of a network that tells background from objects, with a softmax."""
    weight = np.zeros((2, 1, 3, 3), np.float32)
    weight[1] = steepness / 9
    bias = np.array([steepness / 2, 0], np.float32)
    return as_onnx(
        weight, bias, last=helper.make_node("Softmax", ["logits"], ["maps"], axis=1)
    )


def levels_network(*levels, steepness=100.0):
    """ONNX of a network whose classes are the nearest of some grey values, a softmax."""
    means = np.array(levels, np.float32)
    weight = np.zeros((len(means), 1, 3, 3), np.float32)
    weight[:, 0, 1, 1] = steepness * means
    last = helper.make_node("Softmax", ["logits"], ["maps"], axis=1)
    return as_onnx(weight, -steepness * means**2 / 2, last=last)


def pooling_network(seed):
    """ONNX of a U-Net of two levels and random weights; it looks 5 pixels far."""
    rng = np.random.default_rng(seed)
    shapes = {"first": (4, 1, 3, 3), "below": (4, 4, 3, 3), "last": (3, 8, 3, 3)}
    weights = [
        numpy_helper.from_array(rng.normal(0, 0.5, shape).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    weights.append(numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "factors"))
    node = helper.make_node
    graph = helper.make_graph(
        [
            node("Conv", ["pixels", "first"], ["edges"], pads=[1] * 4),
            node("MaxPool", ["edges"], ["half"], kernel_shape=[2, 2], strides=[2, 2]),
            node("Conv", ["half", "below"], ["wide"], pads=[1] * 4),
            node("Resize", ["wide", "", "factors"], ["full"], mode="nearest"),
            node("Concat", ["edges", "full"], ["both"], axis=1),
            node("Conv", ["both", "last"], ["logits"], pads=[1] * 4),
            SIGMOID,
        ],
        "pooling",
        [tensor("pixels", 1)],
        [tensor("maps", 3)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString()


@pytest.fixture
def small_networks():
    """Functions that give the bytes of small networks."""
    return SimpleNamespace(
        blur=blur_network,
        levels=levels_network,
        climbing=climbing_network,
        classes=classes_network,
        flow_outputs=FLOW_OUTPUTS,
        pooling=pooling_network,
        as_onnx=as_onnx,
    )
