import contextlib
import hashlib
import os
import re

import pytest
import torch
from safetensors.torch import save_file

from segmetry.errors import ModelError
from segmetry.learn.encoder_weights import load_encoder_weights
from segmetry.learn.encoders import ENCODERS, build_encoder


def published_table(name):
    """Names and shapes of a published file, classifier included.

    Every tensor repeats one stored number, so that half a gigabyte fits in little.
    """
    classifier = (
        {"classifier.0": (4096, 25088), "classifier.3": (4096, 4096)}
        | {"classifier.6": (1000, 4096)}
        if name.startswith("vgg")
        else {"fc": (1000, 2048 if name == "resnet50" else 512)}
    )
    table = {
        key: torch.full((), 0.25).expand(value.shape)
        for key, value in build_encoder(name).state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    for layer, shape in classifier.items():
        table[f"{layer}.weight"] = torch.zeros(()).expand(shape)
        table[f"{layer}.bias"] = torch.zeros(()).expand(shape[:1])
    return table


def small_encoder():
    """An encoder in miniature: two layers are enough to tell what does not fit."""
    torch.manual_seed(0)
    encoder = torch.nn.Module()
    encoder.conv1 = torch.nn.Conv2d(3, 4, 3)
    encoder.bn1 = torch.nn.BatchNorm2d(4)
    return encoder


def small_table(**changes):
    torch.manual_seed(1)
    table = {
        "conv1.weight": torch.randn(4, 3, 3, 3),
        "conv1.bias": torch.randn(4),
        "bn1.weight": torch.randn(4),
        "bn1.bias": torch.randn(4),
        "bn1.running_mean": torch.randn(4),
        "bn1.running_var": torch.rand(4) + 0.5,
        "fc.weight": torch.randn(10, 4),
    }
    return table | changes


@pytest.mark.parametrize("name", ENCODERS)
def test_a_file_of_the_published_names_and_shapes_fits(tmp_path, name):
    torch.save(published_table(name), tmp_path / "weights.pth")
    encoder = build_encoder(name)
    load_encoder_weights(encoder, tmp_path / "weights.pth")
    for key, value in encoder.state_dict().items():
        assert key.endswith("num_batches_tracked") or (value == 0.25).all()


@pytest.mark.parametrize("zipped", [True, False])
def test_both_formats_of_pytorch_are_read(tmp_path, zipped):
    path = tmp_path / "weights.pth"
    table = {key: torch.nn.Parameter(value) for key, value in small_table().items()}
    torch.save(table, path, _use_new_zipfile_serialization=zipped)
    encoder = small_encoder()
    load_encoder_weights(encoder, path)
    assert torch.equal(encoder.conv1.weight, small_table()["conv1.weight"])
    assert torch.equal(encoder.bn1.running_var, small_table()["bn1.running_var"])


def test_safetensors_and_half_precision_are_read(tmp_path):
    halves = {key: value.half() for key, value in small_table().items()}
    save_file(halves, tmp_path / "weights.safetensors")
    encoder = small_encoder()
    load_encoder_weights(encoder, tmp_path / "weights.safetensors")
    assert encoder.conv1.weight.dtype == torch.float32
    assert torch.equal(encoder.conv1.weight, halves["conv1.weight"].float())


def test_a_hash_in_the_name_is_checked(tmp_path):
    torch.save(small_table(), tmp_path / "any.pth")
    content = (tmp_path / "any.pth").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    right = tmp_path / f"resnet18-{digest[:8]}.pth"
    right.write_bytes(content)
    load_encoder_weights(small_encoder(), right)
    wrong = tmp_path / "resnet18-f37072fd.pth"
    wrong.write_bytes(content)
    message = f"must begin with f37072fd, as its name says, but begins with {digest[:8]};"
    with pytest.raises(ModelError, match=message):
        load_encoder_weights(small_encoder(), wrong)


class Opener:
    """Unpickled by force, this would write a file."""

    def __reduce__(self):
        return os.mkdir, ("it-ran",)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_with_code_is_refused_and_does_not_run(tmp_path, monkeypatch, zipped):
    monkeypatch.chdir(tmp_path)
    table = small_table(**{"conv1.weight": Opener()})
    torch.save(table, "code.pth", _use_new_zipfile_serialization=zipped)
    with pytest.raises(ModelError, match="holds pickled code, which is never run"):
        load_encoder_weights(small_encoder(), tmp_path / "code.pth")
    assert not (tmp_path / "it-ran").exists()


def test_a_whole_network_instead_of_its_table_is_refused(tmp_path):
    torch.save(torch.nn.Conv2d(3, 4, 3), tmp_path / "whole.pth")
    with pytest.raises(ModelError, match="pickled code"):
        load_encoder_weights(small_encoder(), tmp_path / "whole.pth")


@pytest.mark.parametrize("content", [[1, 2], {"state_dict": small_table()}, {1: 2}])
def test_anything_but_a_table_of_tensors_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "weights.pth")
    with pytest.raises(ModelError, match="table of names and tensors"):
        load_encoder_weights(small_encoder(), tmp_path / "weights.pth")


def test_all_that_does_not_fit_is_told_in_one_sentence(tmp_path):
    table = small_table(
        **{
            "conv1.weight": torch.zeros(4, 1, 3, 3),
            "bn1.weight": torch.tensor([1, torch.nan, 1, 1]),
            "layer9.weight": torch.zeros(2),
        }
    )
    del table["conv1.bias"]
    torch.save(table, tmp_path / "weights.pth")
    encoder = small_encoder()
    before = encoder.conv1.weight.clone()
    message = re.escape(
        "weights.pth does not fit this encoder (missing: conv1.bias; unknown: "
        "layer9.weight; of another shape: conv1.weight (4x1x3x3 instead of 4x3x3x3); "
        "not finite: bn1.weight); take the file"
    )
    with pytest.raises(ModelError, match=message):
        load_encoder_weights(encoder, tmp_path / "weights.pth")
    assert torch.equal(encoder.conv1.weight, before)


def test_a_file_for_another_encoder_names_some_keys_and_counts_the_rest(tmp_path):
    torch.save(published_table("resnet18"), tmp_path / "weights.pth")
    message = r"missing: .*features.0.weight.* and 22 more; unknown: .* and 96 more"
    with pytest.raises(ModelError, match=message):
        load_encoder_weights(build_encoder("vgg16"), tmp_path / "weights.pth")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match="absent.pth: no such file"):
        load_encoder_weights(small_encoder(), tmp_path / "absent.pth")


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("seed", range(10))
def test_a_damaged_file_gives_an_error_or_nothing_worse(tmp_path, suffix, seed):
    path = tmp_path / f"weights{suffix}"
    if suffix == ".pth":
        torch.save(small_table(), path, _use_new_zipfile_serialization=seed % 2 == 0)
    else:
        save_file(small_table(), path)
    generator = torch.Generator().manual_seed(seed)
    content = bytearray(path.read_bytes())
    for place in torch.randint(len(content), (40,), generator=generator).tolist():
        content[place] ^= 0x5A
    path.write_bytes(content)
    with contextlib.suppress(ModelError):
        load_encoder_weights(small_encoder(), path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match="weights"):
        load_encoder_weights(small_encoder(), path)


@pytest.mark.parametrize("content", [b"", b"<html>404 not found</html>", bytes(100)])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_of_something_else_gives_an_error(tmp_path, suffix, content):
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="weights"):
        load_encoder_weights(small_encoder(), path)
