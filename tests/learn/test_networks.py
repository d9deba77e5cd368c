import json

import pytest
import torch
from torch import nn

from segmetry.errors import ModelError
from segmetry.learn.networks import FLOW_OUTPUTS, SIZES, UNet, build

MAPS = {"channels": 3, "outputs": list(FLOW_OUTPUTS)}


def unet(*, outputs=("a", "b"), seed=0, **sizes):
    torch.manual_seed(seed)
    sizes = {"channels": 1, "base": 4, "levels": 3} | sizes
    return UNet(outputs=outputs, **sizes).eval()


def drawn(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def counted(channels, n_outputs, *, base, levels, fold):
    """Weights of a U-Net, layer by layer."""

    def double(before, after):
        return 9 * before * after + 9 * after * after + 4 * after

    widths = [base * 2**level for level in range(levels)]
    total = sum(
        double(a, b) for a, b in zip([channels * fold**2, *widths], widths, strict=False)
    )
    for width in widths[:-1]:
        total += 4 * 2 * width * width + width + double(2 * width, width)
    return total + (base + 1) * n_outputs * fold**2


@pytest.mark.parametrize(
    ("size", "millions"), [("small", 0.5), ("medium", 1.9), ("large", 7.7)]
)
def test_the_named_sizes_have_the_weights_they_claim(size, millions):
    network = build({"kind": "unet", **MAPS, **SIZES[size]})
    n_weights = sum(values.numel() for values in network.parameters())
    assert n_weights / 1e6 == pytest.approx(millions, rel=0.05)
    assert n_weights == counted(3, 3, **SIZES[size])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("levels", [1, 2, 4])
@pytest.mark.parametrize("n_outputs", [1, 5])
@pytest.mark.parametrize("fold", [1, 2, 3])
def test_maps_are_as_large_as_the_picture(channels, levels, n_outputs, fold):
    network = unet(
        channels=channels, levels=levels, outputs=["x"] * n_outputs, base=2, fold=fold
    )
    multiple = network.multiple
    assert multiple == fold * 2 ** (levels - 1)
    with torch.no_grad():
        maps = network(drawn(2, channels, 3 * multiple, 5 * multiple))
    assert maps.shape == (2, n_outputs, 3 * multiple, 5 * multiple)
    assert maps.isfinite().all()


def test_the_pixels_of_a_block_keep_their_places():
    """A network that passes on what it folded gives the picture back."""
    network = unet(outputs=["x"], base=4, levels=1, fold=2)
    network.down[0] = nn.Identity()
    network.head = nn.Identity()
    picture = drawn(2, 1, 6, 10)
    assert torch.equal(network(picture), picture)


def test_pictures_of_a_batch_do_not_see_each_other():
    network, pictures = unet(), drawn(3, 1, 16, 24)
    with torch.no_grad():
        assert torch.allclose(network(pictures)[1:2], network(pictures[1:2]), atol=1e-5)


def test_a_shift_by_the_multiple_shifts_the_maps():
    network = unet()
    picture = torch.zeros(1, 1, 64, 128)
    picture[..., 30:34, 56:64] = drawn(1, 1, 4, 8)
    with torch.no_grad():
        left, right = network(picture), network(picture.roll(4, dims=3))
    assert torch.allclose(left[..., 40:80], right[..., 44:84], atol=1e-5)
    assert left.std() > 0


def test_each_level_sees_twice_as_far():
    reaches = []
    for levels in (1, 2, 3):
        network = unet(levels=levels).double()
        for block in (*network.down, *network.up):
            block[2] = block[5] = nn.Identity()  # where ReLU gives 0, nothing is seen
        picture = drawn(1, 1, 96, 96).double().requires_grad_()
        network(picture)[0, 0, 48, 48].backward()
        columns = torch.nonzero(picture.grad[0, 0].abs().sum(dim=0)).flatten()
        reaches.append(int(columns.max() - columns.min()) + 1)
    assert reaches[0] == 5
    assert reaches[0] < reaches[1] < reaches[2]


def test_every_weight_learns():
    network = unet().train()
    network(drawn(2, 1, 16, 16)).square().mean().backward()
    for name, weights in network.named_parameters():
        assert weights.grad is not None, name
        assert weights.grad.isfinite().all(), name
        assert weights.grad.any(), name


def test_one_picture_can_be_learned_by_heart():
    network = unet(base=8, outputs=["a"]).train()
    pictures = drawn(1, 1, 16, 16)
    wanted = (drawn(1, 1, 16, 16, seed=1) > 0.5).float()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    for _ in range(40):
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(network(pictures), wanted)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.35


def test_a_seed_gives_the_same_weights_and_another_one_others():
    first, second, other = (unet(seed=seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["head.weight"], other["head.weight"])


def test_the_stored_architecture_rebuilds_a_network():
    architecture = {"kind": "unet", **MAPS, "base": 2, "levels": 3}
    network = build(architecture).eval()
    rebuilt = build(json.loads(json.dumps(architecture)))
    rebuilt.load_state_dict(network.state_dict())
    pictures = drawn(1, 3, 8, 8)
    with torch.no_grad():
        assert torch.equal(rebuilt.eval()(pictures), network(pictures))


def test_weights_lie_channels_last_and_that_changes_nothing():
    torch.manual_seed(0)
    network = build({"kind": "unet", **MAPS, "base": 4, "levels": 3}).eval()
    weights = network.up[0][0].weight
    assert weights.is_contiguous(memory_format=torch.channels_last)
    assert not weights.is_contiguous()
    plain = unet(channels=3, outputs=FLOW_OUTPUTS)
    pictures = drawn(1, 3, 16, 16)
    with torch.no_grad():
        assert torch.allclose(network(pictures), plain(pictures), atol=1e-5)


@pytest.mark.parametrize("kind", [None, "transformer", "", 3, ["unet"], {"unet": 1}])
def test_a_kind_that_is_not_known_is_refused(kind):
    architecture = {**MAPS, **SIZES["small"]}
    if kind is not None:
        architecture["kind"] = kind
    with pytest.raises(ModelError, match="expected a network of kind unet, encoder_unet"):
        build(architecture)


@pytest.mark.parametrize(
    "change",
    [
        {"levels": 0},
        {"levels": 9},
        {"levels": 10**9},
        {"levels": "4"},
        {"base": 0},
        {"base": -16},
        {"base": 1024},
        {"base": 10**12},
        {"base": 1.5},
        {"base": None},
        {"channels": 0},
        {"channels": 10**9},
        {"outputs": []},
        {"outputs": 3},
        {"depth": 4},
    ],
    ids=str,
)
def test_options_that_do_not_fit_are_refused_before_memory_is_taken(change):
    architecture = {"kind": "unet", **MAPS, **SIZES["small"], **change}
    with pytest.raises(ModelError, match="do not fit a network of kind unet"):
        build(architecture)


@pytest.mark.parametrize("missing", ["channels", "outputs", "base", "levels"])
def test_every_option_is_needed(missing):
    architecture = {"kind": "unet", **MAPS, **SIZES["small"]}
    del architecture[missing]
    with pytest.raises(ModelError, match=missing):
        build(architecture)
