"""A network gives what its weights say, and anything else is refused."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from scipy.ndimage import uniform_filter
from scipy.special import expit

from segmetry.errors import ModelError
from segmetry.models.network import Network, chosen_precision


def grey(*shape, seed=0):
    return np.random.default_rng(seed).random(shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(1, 1, 20, 33), (3, 1, 16, 16), (1, 1, 1, 1)])
def test_the_network_gives_what_its_weights_say(make_model, shape):
    network = Network.open(make_model())
    pixels = grey(*shape)
    maps = network.predict(pixels)
    assert maps.shape == (shape[0], 1, *shape[2:])
    assert maps.dtype == np.float32
    mean = uniform_filter(pixels[:, 0], (0, 3, 3), mode="constant")
    np.testing.assert_allclose(maps[:, 0], expit(20 * (mean - 0.5)), atol=1e-5)


def test_pictures_need_not_be_contiguous_or_writable(make_model):
    network = Network.open(make_model())
    pixels = grey(1, 1, 20, 24)
    pixels.flags.writeable = False
    flipped = network.predict(np.flip(pixels, 3))
    np.testing.assert_allclose(np.flip(flipped, 3), network.predict(pixels), atol=1e-6)


def test_an_answer_is_not_overwritten_by_the_next(make_model):
    network = Network.open(make_model())
    first = network.predict(grey(1, 1, 8, 8))
    kept = first.copy()
    network.predict(grey(1, 1, 8, 8, seed=1))
    np.testing.assert_array_equal(first, kept)


def test_threads_may_share_a_network(make_model):
    network = Network.open(make_model())
    pictures = [grey(1, 1, 40, 40, seed=seed) for seed in range(8)]
    alone = [network.predict(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(network.predict, pictures))
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("fidelity", "has_int8", "chosen"),
    [
        ({}, True, "fp32"),
        ({"int8": {"passed": False, "dice": 0.4}}, True, "fp32"),
        ({"int8": {"passed": True}}, True, "int8"),
        ({"int8": {"passed": True}}, False, "fp32"),
        ({"bf16": {"passed": True}}, False, "bf16"),
        ({"bf16": {"passed": True}, "int8": {"passed": True}}, True, "int8"),
        ({"int8": {"passed": 1.0}}, True, "fp32"),
    ],
)
def test_only_numbers_that_were_checked_are_chosen(
    make_model, small_networks, fidelity, has_int8, chosen
):
    model = make_model(int8=small_networks.blur() if has_int8 else None, fidelity=fidelity)
    assert chosen_precision(model.card) == chosen
    assert Network.open(model).precision == chosen


def test_a_variant_is_run_when_it_is_asked_for(make_model, small_networks):
    model = make_model(int8=small_networks.blur())
    assert Network.open(model, precision="int8").precision == "int8"
    with pytest.raises(ModelError, match="blur has no variant int8; choose auto or fp32"):
        Network.open(make_model(), precision="int8")
    with pytest.raises(ValueError, match="precision must be one of .*, got 'int4'"):
        chosen_precision(model.card, "int4")


def test_bfloat16_is_close_to_single_precision(make_model):
    model, pixels = make_model(), grey(1, 1, 32, 32)
    full, half = (
        Network.open(model, precision=name).predict(pixels) for name in ("fp32", "bf16")
    )
    np.testing.assert_allclose(half, full, atol=0.05)


def network_of(nodes, *, inputs, outputs, constants=()):
    def tensors(named):
        return [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in named.items()
        ]

    graph = helper.make_graph(nodes, "odd", tensors(inputs), tensors(outputs), constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model.SerializeToString()


PICTURE = {"pixels": ["n", 1, "y", "x"]}
SIGMOID = helper.make_node("Sigmoid", ["pixels"], ["maps"])


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (
            network_of(
                [helper.make_node("Concat", ["pixels"] * 3, ["maps"], axis=1)],
                inputs=PICTURE,
                outputs={"maps": ["n", 3, "y", "x"]},
            ),
            "its card says 1 channels, got 3",
        ),
        (
            network_of(
                [helper.make_node("Add", ["pixels", "other"], ["maps"])],
                inputs=PICTURE | {"other": ["n", 1, "y", "x"]},
                outputs={"maps": ["n", 1, "y", "x"]},
            ),
            "one input and one output, got 2 and 1",
        ),
        (
            network_of([SIGMOID], inputs={"pixels": [1, 2]}, outputs={"maps": [1, 2]}),
            "arrays of 4 axes, got 2",
        ),
        (
            network_of(
                [helper.make_node("Foo", ["pixels"], ["maps"], domain="made.up")],
                inputs=PICTURE,
                outputs={"maps": ["n", 3, "y", "x"]},
            ),
            "no network that can be run here",
        ),
    ],
)
def test_a_network_that_is_not_as_its_card_says_is_refused(make_model, network, message):
    with pytest.raises(ModelError, match=f"blur.segmodel .*{message}"):
        Network.open(make_model(network))


@pytest.mark.parametrize(("low", "high"), [(0, 1.1), (-0.1, 1)])
def test_maps_a_little_beyond_0_to_1_are_refused(make_model, low, high):
    node = helper.make_node("Identity", ["pixels"], ["maps"])
    network = network_of([node], inputs=PICTURE, outputs={"maps": ["n", 1, "y", "x"]})
    opened = Network.open(make_model(network))
    values = np.linspace(low, high, 256, dtype=np.float32).reshape(1, 1, 16, 16)
    with pytest.raises(ModelError, match="beyond that range"):
        opened.predict(values)


@pytest.mark.parametrize(
    "node",
    [
        helper.make_node("Identity", ["pixels"], ["maps"]),  # the picture may be over 1
        helper.make_node("Sqrt", ["pixels"], ["maps"]),  # NaN below 0
        helper.make_node("MaxPool", ["pixels"], ["maps"], kernel_shape=[2, 2]),
    ],
)
def test_answers_that_are_no_maps_are_refused(make_model, node):
    network = network_of([node], inputs=PICTURE, outputs={"maps": ["n", 1, "p", "q"]})
    pixels = 4 * grey(1, 1, 16, 16) - 2
    with pytest.raises(ModelError, match="must give maps from 0 to 1 of shape"):
        Network.open(make_model(network)).predict(pixels)


def test_a_picture_of_a_size_that_the_network_cannot_take_is_refused(make_model):
    network = network_of(
        [
            helper.make_node(
                "MaxPool", ["pixels"], ["half"], kernel_shape=[2, 2], strides=[2, 2]
            ),
            helper.make_node("Resize", ["half", "", "factors"], ["doubled"]),
            helper.make_node("Add", ["pixels", "doubled"], ["both"]),
            helper.make_node("Sigmoid", ["both"], ["maps"]),
        ],
        inputs=PICTURE,
        outputs={"maps": ["n", 1, "y", "x"]},
        constants=[helper.make_tensor("factors", TensorProto.FLOAT, [4], [1, 1, 2, 2])],
    )
    opened = Network.open(make_model(network))
    assert opened.predict(grey(1, 1, 6, 8)).shape == (1, 1, 6, 8)
    with pytest.raises(ModelError, match="blur cannot run on a picture of 7 x 5 pixels"):
        opened.predict(grey(1, 1, 5, 7))


GUARDED = """
import json, os, sys
seen = []
def watch(event, given):
    if event.startswith("socket.") or event in {"subprocess.Popen", "os.fork", "os.system"}:
        seen.append(event)
    if event == "open" and isinstance(given[2], int):
        if given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen.append(f"write {given[0]}")
sys.addaudithook(watch)
import numpy as np, psutil
from segmetry.models.file import read_model
from segmetry.models.network import Network
early = "openvino" in sys.modules
maps = Network.open(read_model(sys.argv[1])).predict(np.ones((1, 1, 32, 32), np.float32))
me = psutil.Process()
print(json.dumps({
    "foreground": round(float(maps[0, 0, 16, 16]), 3),
    "seen": seen,
    "early": early,
    "torch": "torch" in sys.modules,
    "children": len(me.children(recursive=True)),
    "connections": len(me.net_connections()),
}))
"""


def test_no_socket_no_process_no_file_and_no_word(make_model, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    where = {"HOME": str(home), "USERPROFILE": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(make_model().path)],
        env={**os.environ, **where},
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {
        "foreground": 1.0,
        "seen": [],
        "early": False,
        "torch": False,
        "children": 0,
        "connections": 0,
    }
    assert done.stderr == ""
    assert list(Path(home).iterdir()) == []


def one_at_a_time(content):
    network = onnx.load_from_string(content)
    for port in (*network.graph.input, *network.graph.output):
        port.type.tensor_type.shape.dim[0].dim_value = 1
    return network.SerializeToString()


def test_a_network_that_takes_one_picture_at_a_time_gets_one_at_a_time(make_model):
    pictures = np.random.default_rng(0).random((3, 1, 20, 30)).astype(np.float32)
    usual = Network.open(make_model()).predict(pictures)
    content = one_at_a_time(make_model().read("model.onnx"))
    single = Network.open(make_model(content, name="single"))
    np.testing.assert_array_equal(single.predict(pictures), usual)
