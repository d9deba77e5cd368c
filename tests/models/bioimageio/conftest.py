"""Packages of bioimage.io as others make them, drawn up in the test."""

import io
import json
import zipfile

import numpy as np
import pytest

from segmetry.models.bioimageio.export import export_package

pytest.importorskip("bioimageio.spec", reason="the extra 'bioimageio' is not installed")

SIZE = {"min": 16, "step": 4}


def array_file(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def axes(names, size, *, of_input):
    for name in names:
        if name == "batch":
            yield {"type": "batch"}
        elif isinstance(name, list):
            yield {"type": "channel", "channel_names": name}
        else:
            reference = {"tensor_id": "raw", "axis_id": name}
            yield {"type": "space", "id": name, "size": size if of_input else reference}


def description(
    *,
    taken=("batch", ["grey"], "y", "x"),
    given=("batch", ["probability"], "y", "x"),
    size=SIZE,
    before=(),
    after=(),
    **changes,
):
    """A description in format 0.5, of a network `net.onnx` with tests."""
    told = {
        "type": "model",
        "format_version": "0.5.4",
        "name": "Made elsewhere",
        "description": "A network.",
        "authors": [{"name": "Ada L."}],
        "license": "MIT",
        "timestamp": "2025-02-03T00:00:00Z",
        "inputs": [
            {
                "id": "raw",
                "axes": list(axes(taken, size, of_input=True)),
                "data": {"type": "float32"},
                "test_tensor": {"source": "in.npy"},
                "preprocessing": list(before),
            }
        ],
        "outputs": [
            {
                "id": "maps",
                "axes": list(axes(given, size, of_input=False)),
                "data": {"type": "float32"},
                "test_tensor": {"source": "out.npy"},
                "postprocessing": list(after),
            }
        ],
        "weights": {"onnx": {"source": "net.onnx", "opset_version": 17}},
    }
    return {**told, **changes}


@pytest.fixture(scope="session")
def neurons(tmp_path_factory):
    """The package of a shipped model; it takes a second to make."""
    path = tmp_path_factory.mktemp("packages") / "neurons.zip"
    export_package("neurons", path)
    return path


@pytest.fixture
def describe():
    return description


@pytest.fixture
def as_array_file():
    return array_file


@pytest.fixture
def pack(tmp_path):
    """Write a package: a description, a network, arrays of its test, other files."""

    def make(described, network=b"", *, arrays=(None, None), name="made.zip", **others):
        files = {"bioimageio.yaml": json.dumps(described).encode(), "net.onnx": network}
        for array, place in zip(arrays, ("in.npy", "out.npy"), strict=True):
            if array is not None:
                files[place] = array_file(array)
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in {**files, **others}.items():
                archive.writestr(member, content)
        return path

    return make
