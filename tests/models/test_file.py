import hashlib
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from safetensors.numpy import save

from segmetry.errors import ModelError, WriteError
from segmetry.models.archive import opened, packed
from segmetry.models.card import Card
from segmetry.models.card_text import card_to_json
from segmetry.models.file import read_model, write_model

FORMAT_1 = Path(__file__).with_name("format1.segmodel")
WEIGHTS = save({"layer": np.arange(6, dtype=np.float32)})


@pytest.fixture
def card():
    return Card(
        name="cells",
        created="2026-01-31",
        architecture={"kind": "unet"},
        channels=1,
        outputs=["foreground"],
        multiple=1,
        diameter_px=20,
    )


@pytest.fixture
def files(small_networks):
    return {"model.onnx": small_networks.blur(), "weights.safetensors": WEIGHTS}


@pytest.fixture
def members(tmp_path, card, files):
    """All that is in a proper model file, to be spoilt."""
    path = tmp_path / "proper.segmodel"
    write_model(path, card, files)
    with opened(path) as archive:
        return {name: archive.read(name) for name in archive.names}


@pytest.fixture
def spoilt(tmp_path, members):
    """Path of a model file of which some members are changed, or left out by `None`."""

    def make(changes):
        path = tmp_path / "spoilt.segmodel"
        new = {**members, **changes}
        path.write_bytes(packed({name: new[name] for name in new if new[name] is not None}))
        return path

    return make


def test_a_model_file_gives_back_what_was_written(tmp_path, card, files):
    path = tmp_path / "cells.segmodel"
    licence = {"LICENSE.txt": b"BSD", "model_int8.onnx": files["model.onnx"]}
    write_model(path, card, {**files, **licence})
    model = read_model(path)
    model.verify()
    assert model.card.model_copy(update={"files": {}}) == card
    assert {name: model.read(name) for name in model.card.files} == {**files, **licence}
    assert model.card.files["LICENSE.txt"] == hashlib.sha256(b"BSD").hexdigest()


def test_equal_models_give_equal_files(tmp_path, card, files):
    write_model(tmp_path / "a", card, files)
    write_model(tmp_path / "b", card, dict(reversed(files.items())))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_is_read_and_written_again_stays_the_same(tmp_path, card, files):
    write_model(tmp_path / "a", card, files)
    model = read_model(tmp_path / "a")
    write_model(tmp_path / "b", model.card, {n: model.read(n) for n in model.card.files})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_files_of_the_first_format_can_be_read_for_ever():
    model = read_model(FORMAT_1)
    model.verify()
    assert (model.card.format, model.card.name) == (1, "bright-discs")


def test_a_member_that_the_model_has_not_is_a_key_error(tmp_path, card, files):
    write_model(tmp_path / "a", card, files)
    with pytest.raises(KeyError):
        read_model(tmp_path / "a").read("model_int8.onnx")


@pytest.mark.parametrize(
    "name",
    [
        "data.pkl",
        "weights.pt",
        "../evil.txt",
        "/etc/evil",
        "..\\evil",
        "C:\\evil",
        "C:evil",
        "sub/model.onnx",
        "./model.onnx",
        "MODEL.ONNX",
        "model.onnx/",
        "evil\x1b[2J\n",
        "ävil",
        "x" * 5000,
    ],
)
def test_a_member_that_no_model_file_has_is_refused(tmp_path, spoilt, name):
    class Evil:
        def __reduce__(self):
            return (print, ("ran",))

    path = spoilt({name: pickle.dumps(Evil())})
    with pytest.raises(ModelError) as error:
        read_model(path)
    assert "which no model file has; do not use it" in str(error.value)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 200
    assert sorted(found.name for found in tmp_path.rglob("*")) == [
        "proper.segmodel",
        "spoilt.segmodel",
    ]


def test_such_a_name_on_the_card_is_refused_too(spoilt, members, card):
    files = json.loads(members["model.json"])["files"]
    wider = card.model_copy(update={"files": {**files, "../evil": "0" * 64}})
    with pytest.raises(ModelError, match=r"holds '\.\./evil', which no model file has"):
        read_model(spoilt({"model.json": card_to_json(wider)}))


@pytest.mark.parametrize("name", ["model.json", "model.onnx", "weights.safetensors"])
def test_a_member_that_is_missing_is_told(spoilt, name):
    with pytest.raises(ModelError, match=f"is not a whole model file: {name} is missing"):
        read_model(spoilt({name: None}))


def test_a_member_that_the_card_does_not_list_is_refused(spoilt):
    path = spoilt({"LICENSE.txt": b"anything"})
    with pytest.raises(ModelError, match="its card does not list LICENSE.txt"):
        read_model(path)


@pytest.mark.parametrize("name", ["model.onnx", "weights.safetensors"])
def test_another_content_is_told_when_it_is_read(spoilt, members, name):
    model = read_model(spoilt({name: members[name] + b"\0"}))
    said = f"{name} is not what its card says"
    with pytest.raises(ModelError, match=said):
        model.read(name)
    with pytest.raises(ModelError, match=said):
        model.verify()


def test_a_card_of_20_mb_is_refused_unread(spoilt):
    with pytest.raises(ModelError, match="model.json has more than 1,048,576 bytes"):
        read_model(spoilt({"model.json": bytes(2 * 10**7)}))


def test_a_newer_format_is_told_even_if_its_members_are_not_known(spoilt, members):
    newer = {**json.loads(members["model.json"]), "format": 2}
    path = spoilt({"model.json": json.dumps(newer).encode(), "graph.bin": b"new"})
    with pytest.raises(ModelError, match=r"made by a newer Segmetry \(format 2\)"):
        read_model(path)


def test_weights_saved_by_torch_are_no_model_file(tmp_path):
    path = tmp_path / "weights.segmodel"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps({"layer": 1}))
        file.writestr("archive/version", "3")
    with pytest.raises(ModelError, match="model.json is missing"):
        read_model(path)


def test_a_network_that_names_another_file_is_neither_written_nor_read(
    tmp_path, card, files, members, spoilt
):
    network = onnx.ModelProto.FromString(files["model.onnx"])
    weight = network.graph.initializer[0]
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="/etc/passwd")
    content = network.SerializeToString()
    said = r"^model.onnx of \w+.segmodel keeps weights in another file"
    with pytest.raises(ModelError, match=said):
        write_model(tmp_path / "new.segmodel", card, {**files, "model.onnx": content})
    assert not (tmp_path / "new.segmodel").exists()
    values = json.loads(members["model.json"])
    values["files"]["model.onnx"] = hashlib.sha256(content).hexdigest()
    path = spoilt({"model.onnx": content, "model.json": json.dumps(values).encode()})
    with pytest.raises(ModelError, match=said):
        read_model(path).verify()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model.onnx": None}, "model.onnx is missing"),
        ({"model.onnx": b"no network"}, "no ONNX network"),
        ({"weights.safetensors": b"none"}, "no proper safetensors file"),
        ({"data.pkl": b""}, "holds 'data.pkl'"),
        ({"LICENSE.txt": bytes(2**20 + 1)}, "LICENSE.txt of new.segmodel has more than"),
    ],
)
def test_what_is_no_model_is_not_written(tmp_path, card, files, changes, said):
    given = {**files, **changes}
    kept = {name: content for name, content in given.items() if content is not None}
    with pytest.raises(ModelError, match=said):
        write_model(tmp_path / "new.segmodel", card, kept)
    assert list(tmp_path.iterdir()) == []


def test_a_card_that_could_not_be_read_is_not_written(tmp_path, card, files):
    wrong = card.model_copy(update={"diameter_px": -1})
    with pytest.raises(ModelError, match="diameter_px"):
        write_model(tmp_path / "new.segmodel", wrong, files)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path, card, files):
    with pytest.raises(WriteError):
        write_model(tmp_path / "none" / "new.segmodel", card, files)


def everything(path):
    """Return all of a model file, or the sentence that says why not."""
    try:
        model = read_model(path)
        return model.card, {name: model.read(name) for name in model.card.files}
    except ModelError as error:
        return str(error)


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_reads_the_same_or_gives_one_sentence(tmp_path, members, seed):
    """Bytes are changed where it matters most: in the zip's own records, and anywhere."""
    proper = packed(members)
    path = tmp_path / "damaged.segmodel"
    path.write_bytes(proper)
    whole = everything(path)
    rng = np.random.default_rng(seed)
    marks = [i for i in range(len(proper)) if proper.startswith(b"PK", i)]
    refused = 0
    for _ in range(60):
        content = bytearray(proper)
        near = rng.choice([*marks, rng.integers(len(proper))])
        position = min(near + rng.integers(60), len(proper) - 1)
        content[position] = rng.integers(256)
        path.write_bytes(content[: rng.choice([len(proper), rng.integers(len(proper))])])
        found = everything(path)
        assert found == whole or isinstance(found, str)
        if isinstance(found, str):
            refused += 1
            assert "damaged.segmodel" in found
            assert "\n" not in found
    assert refused > 30


def test_a_network_made_elsewhere_needs_no_weights_to_train_on(tmp_path, card, files):
    imported = card.model_copy(update={"architecture": {"kind": "imported"}})
    path = tmp_path / "imported.segmodel"
    write_model(path, imported, {"model.onnx": files["model.onnx"]})
    assert list(read_model(path).card.files) == ["model.onnx"]
