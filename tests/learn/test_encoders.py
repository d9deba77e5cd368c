"""The encoders against the papers' tables, and against convolutions written out by hand.

`vgg_table` and `resnet_table` give the names and shapes of torchvision's weight files, from
Table 1 of each paper; `vgg_maps` and `resnet_maps` compute feature maps from such a table
with nothing but functions of torch.nn.functional.
"""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional

from segmetry.errors import ModelError
from segmetry.learn.encoders import ENCODERS, build_encoder

MEAN = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).reshape(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).reshape(1, 3, 1, 1)
CONFIGURATION_D = [64, 64, "M", 128, 128, "M", *[256] * 3, "M", *[512] * 3, "M", *[512] * 3]
RESNETS = {  # blocks of each stage, and the channels of a block: entering, inside, leaving
    "resnet18": [(2, 64, 64), (2, 128, 128), (2, 256, 256), (2, 512, 512)],
    "resnet50": [(3, 64, 256), (4, 128, 512), (6, 256, 1024), (3, 512, 2048)],
}


def norm_table(name, channels):
    values = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{value}": (channels,) for value in values} | {
        f"{name}.num_batches_tracked": ()
    }


def vgg_table(*, batch_norm=False):
    table, inputs, place = {}, 3, 0
    for entry in CONFIGURATION_D:
        if entry == "M":
            place += 1
            continue
        table[f"features.{place}.weight"] = (entry, inputs, 3, 3)
        table[f"features.{place}.bias"] = (entry,)
        if batch_norm:
            table |= norm_table(f"features.{place + 1}", entry)
        place += 3 if batch_norm else 2  # with its ReLU
        inputs = entry
    return table


def vgg_classifier():
    sizes = {0: (4096, 512 * 7 * 7), 3: (4096, 4096), 6: (1000, 4096)}
    table = {f"classifier.{place}.weight": size for place, size in sizes.items()}
    return table | {f"classifier.{place}.bias": size[:1] for place, size in sizes.items()}


def resnet_table(name):
    table = {"conv1.weight": (64, 3, 7, 7)} | norm_table("bn1", 64)
    entering = 64
    for stage, (n_blocks, inside, leaving) in enumerate(RESNETS[name], 1):
        for block in range(n_blocks):
            here = f"layer{stage}.{block}"
            shapes = [(inside, entering, 3, 3), (leaving, inside, 3, 3)]
            if name == "resnet50":
                shapes = [(inside, entering, 1, 1), (inside, inside, 3, 3)]
                shapes.append((leaving, inside, 1, 1))
            for number, shape in enumerate(shapes, 1):
                table[f"{here}.conv{number}.weight"] = shape
                table |= norm_table(f"{here}.bn{number}", shape[0])
            if block == 0 and (stage > 1 or entering != leaving):
                table[f"{here}.downsample.0.weight"] = (leaving, entering, 1, 1)
                table |= norm_table(f"{here}.downsample.1", leaving)
            entering = leaving
    return table


def resnet_classifier(name):
    return {"fc.weight": (1000, RESNETS[name][-1][2]), "fc.bias": (1000,)}


TABLES = {
    "vgg16": vgg_table(),
    "vgg16_bn": vgg_table(batch_norm=True),
    "resnet18": resnet_table("resnet18"),
    "resnet50": resnet_table("resnet50"),
}
CLASSIFIERS = {
    "vgg16": vgg_classifier(),
    "vgg16_bn": vgg_classifier(),
    "resnet18": resnet_classifier("resnet18"),
    "resnet50": resnet_classifier("resnet50"),
}


def drawn_weights(table, seed=0):
    """Weights of a size that keeps signals alive, and norms that do something."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for key, shape in table.items():
        noise = torch.randn(shape, generator=generator)
        if key.endswith("num_batches_tracked"):
            weights[key] = torch.tensor(7)
        elif key.endswith("running_var"):
            weights[key] = 0.5 + noise.abs()
        elif len(shape) == 4:
            weights[key] = noise * (2 / noise[0].numel()) ** 0.5
        else:
            weights[key] = 0.1 * noise + (0.8 if key.endswith("weight") else 0)
    return weights


def normed(x, weights, name):
    mean, variance, weight, bias = (
        weights[f"{name}.{value}"].double().reshape(1, -1, 1, 1)
        for value in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / (variance + 1e-5).sqrt() * weight + bias


def convolved(x, weights, name, stride=1):
    kernel = weights[f"{name}.weight"].double()
    bias = weights.get(f"{name}.bias")
    bias = None if bias is None else bias.double()
    return functional.conv2d(x, kernel, bias, stride, padding=kernel.shape[-1] // 2)


def vgg_maps(weights, pictures):
    maps, place = [], 0
    x = (pictures - MEAN) / STD
    for entry in CONFIGURATION_D:
        if entry == "M":
            maps.append(x)
            x = functional.max_pool2d(x, 2, 2)
            place += 1
            continue
        x = convolved(x, weights, f"features.{place}")
        if f"features.{place + 1}.running_mean" in weights:
            x = normed(x, weights, f"features.{place + 1}")
            place += 1
        x = functional.relu(x)
        place += 2
    return [*maps, x]


def resnet_maps(name, weights, pictures):
    scaled = (pictures - MEAN) / STD
    x = functional.relu(normed(convolved(scaled, weights, "conv1", 2), weights, "bn1"))
    maps = [scaled, x]
    x = functional.max_pool2d(x, 3, 2, padding=1)
    strides = (1, 2, 1) if name == "resnet50" else (2, 1)
    for stage, (n_blocks, _, _) in enumerate(RESNETS[name], 1):
        for block in range(n_blocks):
            here = f"layer{stage}.{block}"
            reducing = stage > 1 and block == 0
            y = x
            for number, stride in enumerate(strides, 1):
                y = convolved(y, weights, f"{here}.conv{number}", stride if reducing else 1)
                y = normed(y, weights, f"{here}.bn{number}")
                y = functional.relu(y) if number < len(strides) else y
            if f"{here}.downsample.0.weight" in weights:
                x = convolved(x, weights, f"{here}.downsample.0", 2 if reducing else 1)
                x = normed(x, weights, f"{here}.downsample.1")
            x = functional.relu(x + y)
        maps.append(x)
    return maps


@pytest.mark.parametrize("name", ENCODERS)
def test_names_and_shapes_are_those_of_the_published_files(name):
    found = {
        key: tuple(value.shape) for key, value in build_encoder(name).state_dict().items()
    }
    assert found == TABLES[name]


@pytest.mark.parametrize(
    ("name", "without", "with_classifier"),
    [
        ("vgg16", 14_714_688, 138_357_544),
        ("vgg16_bn", 14_723_136, 138_365_992),
        ("resnet18", 11_176_512, 11_689_512),
        ("resnet50", 23_508_032, 25_557_032),
    ],
)
def test_there_are_as_many_parameters_as_published(name, without, with_classifier):
    found = sum(values.numel() for values in build_encoder(name).parameters())
    assert found == without
    classifier = sum(torch.Size(shape).numel() for shape in CLASSIFIERS[name].values())
    assert found + classifier == with_classifier


@pytest.mark.parametrize("name", ENCODERS)
def test_feature_maps_are_those_of_the_papers_layers(name):
    weights = drawn_weights(TABLES[name], seed=3)
    encoder = build_encoder(name)
    encoder.load_state_dict(weights)
    pictures = torch.rand((1, 3, 32, 64), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = encoder.double().eval()(pictures.double())
        expected = (
            vgg_maps(weights, pictures.double())
            if name.startswith("vgg")
            else resnet_maps(name, weights, pictures.double())
        )
    assert len(found) == len(expected) == len(encoder.channels)
    for level, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        assert ours.shape[1:] == (encoder.channels[level], 32 >> level, 64 >> level)
        assert theirs.std() > 0.05
        # Our constants of the normalization are single precision.
        assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-5 * theirs.abs().max())


@pytest.mark.parametrize("name", ENCODERS)
def test_the_coarsest_map_is_one_pixel_at_the_multiple(name):
    encoder = build_encoder(name).eval()
    with torch.no_grad():
        maps = encoder(torch.rand(1, 3, encoder.multiple, encoder.multiple))
    assert maps[-1].shape[2:] == (1, 1)


@pytest.mark.parametrize("name", ["vgg16", "resnet18"])
def test_fresh_weights_keep_the_size_of_signals(name):
    torch.manual_seed(0)
    with torch.no_grad():
        maps = build_encoder(name)(torch.rand(2, 3, 64, 64))
    assert 0.1 < maps[-1].std() / maps[0].std() < 10


def test_an_unknown_encoder_is_named():
    with pytest.raises(ModelError, match=r"one of vgg16, vgg16_bn, .* got 'alexnet'"):
        build_encoder("alexnet")


def size_after(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "expected"), [(5, 3, 2, 1, 3), (6, 3, 2, 1, 3)]
)
def test_worked_example_of_the_size_of_a_convolution(
    size, kernel, stride, padding, expected
):
    x, weights = torch.zeros(1, 1, size, size), torch.zeros(1, 1, kernel, kernel)
    found = functional.conv2d(x, weights, stride=stride, padding=padding)
    assert found.shape[2:] == (expected, expected)
    assert size_after(size, kernel, stride, padding) == expected


@pytest.mark.parametrize("size", [33, 47, 64, 70])
def test_sizes_of_feature_maps_follow_the_arithmetic_at_any_size(size):
    with torch.no_grad():
        residual = build_encoder("resnet18").eval()(torch.zeros(1, 3, size, size))
        plain = build_encoder("vgg16")(torch.zeros(1, 3, size, size))
    expected = [size]
    for kernel, padding in ((7, 3), (3, 1), (3, 1), (3, 1), (3, 1)):
        expected.append(size_after(expected[-1], kernel, 2, padding))
    assert [each.shape[3] for each in residual] == expected
    expected = [size]
    for _ in range(4):
        expected.append(size_after(expected[-1], 2, 2, 0))
    assert [each.shape[3] for each in plain] == expected


@given(
    size=st.integers(1, 7),
    kernel=st.integers(1, 5),
    data=st.data(),
    seed=st.integers(0, 99),
)
def test_a_transposed_convolution_is_a_direct_one_with_more_padding(
    size, kernel, data, seed
):
    padding = data.draw(st.integers(0, kernel - 1))
    size_out = size + (kernel - 1) - 2 * padding
    assume(size_out > 0)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn((1, 1, size, size), generator=generator, dtype=torch.float64)
    weights = torch.randn((1, 1, kernel, kernel), generator=generator, dtype=torch.float64)
    found = functional.conv_transpose2d(x, weights, padding=padding)
    direct = functional.conv2d(x, weights.flip(2, 3), padding=kernel - padding - 1)
    assert found.shape[2:] == (size_out, size_out)
    assert torch.allclose(found, direct)


def test_worked_example_of_the_size_of_a_transposed_convolution():
    x, weights = torch.ones(1, 1, 2, 2), torch.ones(1, 1, 3, 3)
    assert size_after(2, 3, 1, 2) == 4  # the direct convolution with padding 3 - 0 - 1
    assert functional.conv_transpose2d(x, weights).shape[2:] == (4, 4)
