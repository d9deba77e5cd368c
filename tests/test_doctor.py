from datetime import date
from importlib.metadata import version

from segmetry import doctor, io
from segmetry.models import Card, InstalledModel, write_model


def found(topic):
    return {item.name: item for item in doctor.examine() if item.topic == topic}


def test_parts_are_told_with_their_version():
    assert found("part")["numpy"].state == version("numpy")


def test_every_format_is_told():
    assert set(found("format")) == {entry.name for entry in io.supported_formats()}


def test_what_is_missing_comes_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setattr(doctor, "_importable", lambda _module: False)
    vendor = found("extra")["vendor"]
    assert vendor.missing
    assert "pip install 'segmetry[vendor]'" in vendor.note


def test_the_extra_train_is_said_to_train_networks():
    train = found("extra")["train"]
    assert "training networks" in train.note
    assert "nothing uses it" not in train.note


def test_a_part_that_is_not_installed_is_missing(monkeypatch):
    monkeypatch.setattr(doctor, "_PARTS", {"no-such-package": "nothing"})
    part = found("part")["no-such-package"]
    assert part.missing
    assert "pip install no-such-package" in part.note


def test_each_model_is_checked_to_the_last_byte(monkeypatch, tmp_path):
    card = Card(
        name="cells",
        created=date(2026, 1, 31),
        architecture={},
        channels=1,
        outputs=("foreground",),
        multiple=1,
        scale="native",
    )
    files = {
        "model.onnx": b"\x08\x08\x3a\x00",
        "weights.safetensors": b"\x02\0\0\0\0\0\0\0{}",
    }
    whole, broken = tmp_path / "whole.segmodel", tmp_path / "broken.segmodel"
    write_model(whole, card, files)
    broken.write_bytes(whole.read_bytes().replace(b"\x08\x08\x3a", b"\x08\x09\x3a"))
    models = [
        InstalledModel("whole", whole, shipped=True),
        InstalledModel("mine", whole, shipped=False),
        InstalledModel("broken", broken, shipped=False),
    ]
    monkeypatch.setattr(doctor, "installed_models", lambda: models)
    told = found("model")
    assert told["whole"].works
    assert told["whole"].note == "finds objects; comes with Segmetry"
    assert told["mine"].note == f"finds objects; added, {whole}"
    assert told["broken"].state == "damaged"
    assert not told["broken"].works
    assert not told["broken"].missing
