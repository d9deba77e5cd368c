import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from segmetry.errors import ModelError
from segmetry.learn.encoder_unet import EncoderUNet
from segmetry.learn.encoders import ENCODERS
from segmetry.learn.networks import build

OUTPUTS = ("foreground", "flow_y", "flow_x")


def network(encoder="resnet18", *, channels=3, base=16, seed=0):
    torch.manual_seed(seed)
    return EncoderUNet(
        channels=channels, encoder=encoder, outputs=OUTPUTS, base=base
    ).eval()


def drawn(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def test_a_model_cards_architecture_rebuilds_it():
    options = {"channels": 3, "encoder": "resnet18", "outputs": list(OUTPUTS), "base": 16}
    rebuilt = build({"kind": "encoder_unet", **options})
    rebuilt.load_state_dict(network().state_dict())
    pictures = drawn(1, 3, 32, 32)
    with torch.no_grad():
        away = (rebuilt.eval()(pictures) - network()(pictures)).abs().max()
    assert away < 1e-4  # weights that lie otherwise in memory are summed in other order


@pytest.mark.parametrize("encoder", ENCODERS)
def test_maps_are_as_large_as_the_picture(encoder):
    net = network(encoder)
    with torch.no_grad():
        found = net(drawn(2, 3, net.multiple, 3 * net.multiple))
    assert found.shape == (2, 3, net.multiple, 3 * net.multiple)
    assert found.isfinite().all()


@pytest.mark.parametrize("encoder", ["vgg16", "resnet18"])
def test_pictures_of_a_batch_do_not_see_each_other(encoder):
    net = network(encoder)
    pictures = drawn(3, 3, 64, 32)
    with torch.no_grad():
        together = net(pictures)
        alone = net(pictures[1:2])
    assert torch.allclose(together[1:2], alone, atol=1e-4)


def test_a_shift_by_the_multiple_shifts_the_maps():
    net = network("vgg16")
    picture = torch.zeros(1, 3, 16, 512)
    picture[..., 240:256] = drawn(1, 3, 16, 16)
    with torch.no_grad():
        left, right = net(picture), net(picture.roll(16, dims=3))
    assert torch.allclose(left[..., 200:300], right[..., 216:316], atol=1e-5)
    assert left.std() > 0


def test_one_channel_counts_as_grey():
    grey = drawn(1, 1, 32, 32)
    with torch.no_grad():
        found = network(channels=1)(grey)
        expected = network(channels=3)(grey.repeat(1, 3, 1, 1))
    assert torch.equal(found, expected)


def test_channels_last_changes_nothing():
    pictures = drawn(2, 3, 64, 64)
    with torch.no_grad():
        expected = network()(pictures)
        last = network().to(memory_format=torch.channels_last)
        found = last(pictures.to(memory_format=torch.channels_last))
    assert torch.allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("encoder", ["vgg16_bn", "resnet18"])
def test_every_weight_learns(encoder):
    net = network(encoder).train()
    net(drawn(2, 3, 64, 64)).square().mean().backward()
    still = [name for name, value in net.named_parameters() if not value.grad.any()]
    # A norm swallows any constant that is added before it.
    assert [name for name in still if not name.endswith("bias")] == []


@pytest.mark.parametrize("encoder", ["vgg16", "resnet18"])
def test_a_small_step_downhill_lowers_the_loss_as_the_slope_says(encoder):
    net = network(encoder).double()
    pictures = drawn(1, 3, 32, 32).double()
    targets = (pictures > 0.5).double()

    def loss():
        return functional.binary_cross_entropy_with_logits(net(pictures), targets)

    before = loss()
    before.backward()
    slope = sum(value.grad.square().sum() for value in net.parameters())
    step = 1e-4 * before.item() / slope
    with torch.no_grad():
        for value in net.parameters():
            value.sub_(step * value.grad)
        after = loss()
    assert (before - after).item() == pytest.approx(1e-4 * before.item(), rel=0.05)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_documentation_tells_the_number_of_parameters(encoder):
    page = Path(__file__).parents[2].joinpath("docs", "networks.md").read_text("utf-8")
    told = re.search(rf"^\| `--encoder {encoder}` \| ([\d.]+) \|", page, re.MULTILINE)
    found = sum(values.numel() for values in network(encoder, base=32).parameters())
    assert float(told[1]) == round(found / 1e6, 1)


def test_the_number_of_channels_is_checked():
    with pytest.raises(ModelError, match="takes 1 or 3 channels, got 4"):
        network(channels=4)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning")  # PyTorch's own
@pytest.mark.parametrize("encoder", ["vgg16", "resnet18"])
def test_the_exported_network_runs_at_other_sizes(tmp_path, monkeypatch, encoder):
    monkeypatch.setitem(sys.modules, "openvino_telemetry", None)
    import openvino

    net = network(encoder)
    free = {
        0: torch.export.Dim.DYNAMIC,
        2: torch.export.Dim.DYNAMIC,
        3: torch.export.Dim.DYNAMIC,
    }
    torch.onnx.export(
        net,
        (drawn(2, 3, 64, 96),),
        tmp_path / "net.onnx",
        dynamo=True,
        dynamic_shapes=(free,),
        verbose=False,
    )
    compiled = openvino.compile_model(
        tmp_path / "net.onnx", "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    for shape in ((1, 3, 32, 32), (3, 3, 128, 64)):
        pictures = drawn(*shape)
        found = compiled(pictures.numpy())[0]
        with torch.no_grad():
            expected = net(pictures).numpy()
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() < 1e-3 * np.abs(expected).max()
