"""What is exported is what others can check and run."""

import io
import socket
import zipfile

import numpy as np
import pytest

from segmetry.errors import ModelError
from segmetry.models import find_model, read_model
from segmetry.models.bioimageio.export import export_package

WIDE = {
    "name": "blur",
    "normalization": {"low": 0.5, "high": 99.8},
    "multiple": 16,
    "diameter_px": 12.0,
    "scale": "match",
}


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*given):
        pytest.fail(f"asked the network: {given[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def checked(path):
    """Return what bioimageio.core says of a package: its status, and what it found."""
    core = pytest.importorskip("bioimageio.core", reason="checks packages")
    return core.test_model(path, devices=["CPUExecutionProvider"])


HOWS = {
    "ours": WIDE["normalization"],
    "range": {"low": 2.0, "high": 98.0, "kind": "range", "epsilon": 0.01},
    "mean": {"kind": "mean", "epsilon": 1e-3},
    "none": {"kind": "none"},
}


@pytest.mark.slow
@pytest.mark.usefixtures("no_network")
@pytest.mark.filterwarnings("ignore")  # of packages that are not ours
@pytest.mark.parametrize("how", HOWS)
def test_a_package_passes_the_test_of_bioimageio(make_model, tmp_path, how):
    model = make_model(**{**WIDE, "normalization": HOWS[how]})
    path = tmp_path / "blur.zip"
    export_package(model.path, path, authors=["A. B."], licence="MIT")
    summary = checked(path)
    assert summary.status == "passed", summary.format()
    names = [detail.name for detail in summary.details]
    assert any(name.startswith("Reproduce test outputs") for name in names)
    assert sum(name.startswith("Run onnx inference") for name in names) == 6


@pytest.mark.slow
@pytest.mark.usefixtures("no_network")
@pytest.mark.filterwarnings("ignore")
def test_a_shipped_model_passes_it_too(neurons):
    assert checked(neurons).status == "passed"


def test_another_runtime_gives_our_maps_of_a_shipped_model(neurons):
    runtime = pytest.importorskip("onnxruntime")
    files = members(neurons)
    picture, maps = (
        np.load(io.BytesIO(files[f"test_{end}.npy"])) for end in ("input", "output")
    )
    low, high = np.percentile(picture, [0.5, 99.8])
    values = ((picture - low) / (high - low)).clip(-0.5, 1.5).astype(np.float32)
    session = runtime.InferenceSession(
        files["model.onnx"], providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(None, {session.get_inputs()[0].name: values})
    assert np.abs(found - maps).max() < 1e-4
    assert (maps[0, 0] > 0.5).mean() > 0.1, "there is something to find in the picture"


def test_all_that_is_in_the_model_is_in_the_package(neurons):
    files, model = members(neurons), read_model(find_model("neurons"))
    assert all(files[name] == model.read(name) for name in model.card.files)
    page = files["README.md"].decode()
    assert all(data.license in page and data.source in page for data in model.card.data)
    assert "## Validation" in page
    assert "LICENSE.txt" in page


def test_equal_models_give_equal_packages(make_model, tmp_path):
    model = make_model(**WIDE)
    for name in "ab":
        export_package(model.path, tmp_path / f"{name}.zip", licence="MIT")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_nobody_is_named_and_no_licence_stated_that_is_not_known(make_model, tmp_path):
    export_package(make_model(**WIDE).path, tmp_path / "a.zip")
    text = members(tmp_path / "a.zip")["bioimageio.yaml"].decode()
    assert "license:" not in text
    assert "Segmetry developers" not in text
    export_package("vessels", tmp_path / "b.zip")
    text = members(tmp_path / "b.zip")["bioimageio.yaml"].decode()
    assert "license: BSD-3-Clause" in text
    assert "name: The Segmetry developers" in text


def test_the_description_names_no_address(neurons):
    assert b"http" not in members(neurons)["bioimageio.yaml"]


def test_a_licence_that_is_none_is_refused_and_nothing_is_left(make_model, tmp_path):
    model = make_model(**WIDE)
    with pytest.raises(ModelError, match="cannot be described as bioimage.io asks"):
        export_package(model.path, tmp_path / "a.zip", licence="do what you like")
    assert not (tmp_path / "a.zip").exists()


def test_a_classifier_of_pixels_is_no_network(tmp_path):
    from segmetry.models.pixel_classifier import PixelClassifier
    from segmetry.models.pixel_model import write_classifier

    points = np.arange(40, dtype=np.float32)[:, None] + np.zeros(9, np.float32)
    classifier = PixelClassifier.fit_points(
        points, np.arange(40) // 20, kind="svm", scales=(1.0,)
    )
    write_classifier(tmp_path / "a.segmodel", classifier)
    with pytest.raises(ModelError, match="classifier of pixels"):
        export_package(tmp_path / "a.segmodel", tmp_path / "a.zip")
