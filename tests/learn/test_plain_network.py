import pytest
import torch

from segmetry.errors import ModelError
from segmetry.learn.networks import build
from segmetry.learn.plain_network import PLAIN, PlainNetwork, receptive_field


def network(layers=4, **options):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        options = {"channels": 1, "outputs": ["foreground"], "width": 6} | options
        return PlainNetwork(layers=layers, **options).eval()


@pytest.mark.parametrize("layers", [3, 4, 6])
def test_what_a_pixel_sees_is_as_wide_as_the_formula_says(layers):
    net = network(layers)
    picture = torch.rand(1, 1, 96, 96, requires_grad=True)
    widest = 0
    for place in ((48, 48), (49, 48), (48, 49), (49, 49)):
        picture.grad = None
        # Each weight counts, whatever rectifiers and the largest of four let through.
        for _ in range(8):
            with torch.no_grad():
                picture.copy_(torch.rand_like(picture))
            net(picture)[0, 0, *place].backward()
        rows = torch.nonzero(picture.grad[0, 0].abs().sum(dim=1)).flatten()
        widest = max(widest, int(rows.max() - rows.min()) + 1)
    assert widest == receptive_field(layers=layers)


def test_it_is_small():
    net = build({"kind": "cnn", "channels": 1, "outputs": ["foreground"], **PLAIN})
    assert 20_000 < sum(values.numel() for values in net.parameters()) < 30_000


def test_every_side_that_is_even_will_do():
    assert network()(torch.zeros(1, 1, 10, 34)).shape == (1, 1, 10, 34)


@pytest.mark.parametrize(
    "change",
    [{"layers": 2}, {"layers": 99}, {"width": 0}, {"width": 10**6}, {"outputs": []}],
)
def test_sizes_that_cannot_be_are_refused(change):
    asked = {"kind": "cnn", "channels": 1, "outputs": ["foreground"], **PLAIN, **change}
    with pytest.raises(ModelError, match="do not fit a network of kind cnn"):
        build(asked)
