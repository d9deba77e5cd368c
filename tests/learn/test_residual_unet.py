import pytest
import torch
from torch import nn

from segmetry.errors import ModelError
from segmetry.learn.export import onnx_bytes
from segmetry.learn.networks import build
from segmetry.learn.residual_unet import ResidualUNet

PUBLISHED = {"kind": "c_resunet", "channels": 3, "outputs": ["foreground"]}


def drawn(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def network(**options):
    torch.manual_seed(0)
    return ResidualUNet(**({"channels": 3, "outputs": ["a"], "base": 4} | options)).eval()


def counted(base):
    """Weights, layer by layer as the paper's programs have them."""

    def two(before, after, side=3):
        kernels = side**2 * (before + after) * after
        return kernels + 2 * after + 2 * (before + after)  # with biases and normalisation

    widths = [base * 2**level for level in range(4)]
    total = 3 + 1 + two(1, widths[0])
    for before, after, side in zip(widths, widths[1:], (3, 3, 5), strict=False):
        total += two(before, after, side) + before * after + after
    total += two(widths[3], widths[3], 5)
    for width in widths[:3]:
        total += 4 * 2 * width * width + width + two(2 * width, width)
    return total + base + 1


def test_the_published_network_has_the_weights_of_the_published_programs():
    found = sum(values.numel() for values in build(PUBLISHED).parameters())
    assert found == counted(16) == 1_707_287


def test_widths_double_from_16_and_the_bottom_sees_5_by_5():
    made = build(PUBLISHED)
    kernels = [m for m in made.bottom.modules() if isinstance(m, nn.Conv2d)]
    assert sorted({kernel.kernel_size for kernel in kernels}) == [(1, 1), (5, 5)]
    widths = [made.first[2], made.down[0].changes[2], made.down[1].changes[2], kernels[0]]
    assert [one.out_channels for one in widths] == [16, 32, 64, 128]
    assert made.grey.out_channels == 1
    assert sum(isinstance(m, nn.Sigmoid) for m in made.modules()) == 0


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_maps_are_as_large_as_the_picture(channels, n_outputs):
    made = network(channels=channels, outputs=["x"] * n_outputs)
    with torch.no_grad():
        maps = made(drawn(2, channels, 24, 40))
    assert maps.shape == (2, n_outputs, 24, 40)
    assert maps.isfinite().all()


def test_answers_are_logits_beyond_0_to_1():
    made = network()
    nn.init.constant_(made.head.bias, 5.0)
    with torch.no_grad():
        assert made(drawn(1, 3, 16, 16)).max() > 1


def test_a_grey_value_is_learned_from_the_colours():
    made = network()
    nn.init.constant_(made.grey.weight, 0.0)
    made.grey.weight.data[0, 1] = 1.0
    pictures = drawn(1, 3, 16, 16)
    other = pictures.clone()
    other[:, [0, 2]] = 0
    with torch.no_grad():
        assert torch.equal(made(pictures), made(other))


def test_every_weight_learns():
    made = network().train()
    made(drawn(2, 3, 16, 16)).square().mean().backward()
    for name, weights in made.named_parameters():
        assert weights.grad is not None, name
        assert weights.grad.isfinite().all(), name


def test_one_picture_can_be_learned_by_heart():
    made = network(outputs=["a"]).train()
    pictures = drawn(1, 3, 16, 16)
    wanted = (drawn(1, 1, 16, 16, seed=1) > 0.5).float()
    optimizer = torch.optim.Adam(made.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(made(pictures), wanted)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.35


def test_a_shift_by_the_multiple_shifts_the_maps():
    made = network()
    picture = torch.zeros(1, 3, 64, 512)  # as far as the bottom sees, and farther
    picture[..., 30:34, 248:256] = drawn(1, 3, 4, 8)
    with torch.no_grad():
        left, right = made(picture), made(picture.roll(8, dims=3))
    assert torch.allclose(left[..., 232:272], right[..., 240:280], atol=1e-4)


@pytest.mark.parametrize(
    "change", [{"base": 0}, {"base": 10**9}, {"channels": 0}, {"outputs": []}, {"depth": 3}]
)
def test_options_that_do_not_fit_are_refused_before_memory_is_taken(change):
    with pytest.raises(ModelError, match="do not fit a network of kind c_resunet"):
        build(PUBLISHED | change)


@pytest.mark.slow
def test_it_runs_without_torch_to_the_same_chances():
    openvino = pytest.importorskip("openvino")
    made = network()
    content = onnx_bytes(made, channels=3, multiple=made.multiple)
    compiled = openvino.Core().compile_model(
        openvino.Core().read_model(content), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    pictures = drawn(1, 3, 40, 64)
    with torch.no_grad():
        expected = torch.sigmoid(made(pictures)).numpy()
    assert abs(compiled(pictures.numpy())[0] - expected).max() < 1e-4
