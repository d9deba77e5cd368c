"""A network gives the same maps as torch's, as ONNX, as int8 and after storing."""

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from segmetry.learn.export import onnx_bytes, quantized, start_weights, weights_bytes
from segmetry.learn.networks import FLOW_OUTPUTS, build
from segmetry.models import read_model, write_model
from segmetry.models.card import Card

ARCHITECTURE = {
    "kind": "unet",
    "channels": 1,
    "outputs": list(FLOW_OUTPUTS),
    "base": 4,
    "levels": 3,
}
MULTIPLE = 4

pytestmark = pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    return build(ARCHITECTURE).eval()


@pytest.fixture(scope="module")
def content(network):
    return onnx_bytes(network, channels=1, multiple=MULTIPLE)


def run(content, pictures):
    sys.modules["openvino_telemetry"] = None
    import openvino

    core = openvino.Core()
    options = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(core.read_model(content), "CPU", options)
    return compiled(pictures)[0]


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


@pytest.mark.parametrize("shape", [(1, 1, 4, 8), (3, 1, 64, 32), (2, 1, 100, 12)])
def test_any_number_and_size_of_pictures_gives_torchs_probabilities(
    network, content, shape
):
    pictures = drawn(*shape)
    with torch.no_grad():
        expected = torch.sigmoid(network(torch.from_numpy(pictures))).numpy()
    assert np.abs(run(content, pictures) - expected).max() < 1e-4


def test_a_network_tells_nothing_of_the_machine_that_made_it(content):
    lighter = quantized(content, [drawn(1, 1, 32, 32)])
    for made in (content, lighter):
        assert b".py" not in made
        assert str(Path(torch.__file__).parent).encode() not in made


def test_classes_are_probabilities_that_add_up_to_one(network):
    pictures = drawn(2, 1, 16, 16)
    found = run(onnx_bytes(network, channels=1, multiple=4, classes=True), pictures)
    assert np.abs(found.sum(axis=1) - 1).max() < 1e-5


def test_exporting_says_nothing(network, capfd):
    onnx_bytes(network, channels=1, multiple=MULTIPLE)
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err == ""


def test_all_weights_are_inside_the_file(content):
    model = onnx.load_from_string(content)
    assert all(not one.external_data for one in model.graph.initializer)


@pytest.mark.slow
def test_int8_is_smaller_and_near(content):
    samples = [drawn(1, 1, 64, 64, seed=seed) for seed in range(4)]
    light = quantized(content, samples)
    kinds = {node.op_type for node in onnx.load_from_string(light).graph.node}
    assert "QuantizeLinear" in kinds
    difference = run(light, samples[0]) - run(content, samples[0])
    assert 0 < np.abs(difference).mean() < 0.02


def test_weights_come_back_nearly_and_ready_to_train(network, content, tmp_path):
    weights = network.state_dict()
    path = tmp_path / "tiny.segmodel"
    card = Card(
        name="tiny",
        created="2026-01-01",
        architecture=ARCHITECTURE,
        channels=1,
        outputs=FLOW_OUTPUTS,
        multiple=MULTIPLE,
        diameter_px=20.0,
    )
    files = {"weights.safetensors": weights_bytes(weights), "model.onnx": content}
    write_model(path, card, files)
    back = start_weights(read_model(path))
    assert back.keys() == weights.keys()
    for name, value in weights.items():
        assert back[name].dtype == value.dtype, name
        assert torch.allclose(back[name], value, rtol=1e-3, atol=1e-4), name
    build(ARCHITECTURE).load_state_dict(back)


def test_large_weights_take_half_the_space(network):
    weights = network.state_dict()
    n_large = sum(v.numel() for v in weights.values() if v.ndim > 1)
    n_bytes = sum(v.numel() * v.element_size() for v in weights.values())
    stored = len(weights_bytes(weights))
    assert stored < n_bytes - 1.9 * n_large + 20_000
