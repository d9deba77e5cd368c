"""Packages made elsewhere become models that find what they should, or are refused."""

import json
import sys

import numpy as np
import pytest
from onnx import TensorProto, helper
from scipy.special import expit

from segmetry.errors import MissingExtraError, ModelError
from segmetry.image import Image
from segmetry.models import find_model, read_model
from segmetry.models.bioimageio.export import export_package
from segmetry.models.bioimageio.importing import import_package
from segmetry.models.segmenter import NetworkSegmenter

RANGE = {
    "id": "scale_range",
    "kwargs": {"axes": ["channel", "y", "x"], "min_percentile": 1, "max_percentile": 99},
}
MEAN = {"id": "zero_mean_unit_variance", "kwargs": {"axes": ["channel", "y", "x"]}}
SIGMOID = {"id": "sigmoid"}
UNKNOWN = ("batch", ["channel0", "channel1"], "y", "x")


def point_network(weight, bias, *, fixed=None, batch="n"):
    """ONNX of a network that treats each pixel alone: a matrix, and no sigmoid."""
    weight = np.array(weight, np.float32)[:, :, None, None]
    node = helper.make_node("Conv", ["pixels", "w", "b"], ["maps"])
    sides = [fixed or "y", fixed or "x"]
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, n, *sides])
        for name, n in (("pixels", weight.shape[1]), ("maps", len(weight)))
    ]
    values = {"w": weight, "b": np.array(bias, np.float32)}
    constants = [
        helper.make_tensor(name, TensorProto.FLOAT, each.shape, each.ravel())
        for name, each in values.items()
    ]
    graph = helper.make_graph([node], "point", ports[:1], ports[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model.SerializeToString()


BRIGHT = point_network([[20.0]], [-10.0])  # what is over a half, once it is scaled


def squares(*, height=60, width=80, bright=200):
    picture = np.full((height, width), 20, np.float32)
    picture[10:30, 10:30] = bright
    picture[35:50, 40:70] = bright
    return picture


def run(path, picture, **options):
    return NetworkSegmenter(model=str(path), **options).labels_and_maps(Image(picture))


@pytest.fixture
def imported(pack, tmp_path):
    def make(described, network=BRIGHT, **options):
        given = {
            key: options.pop(key) for key in ("maps", "name", "diameter") if key in options
        }
        path = tmp_path / "imported.segmodel"
        return import_package(pack(described, network, **options), path, **given), path

    return make


@pytest.mark.slow
def test_what_segmetry_exported_comes_back_whole(neurons, tmp_path, discs):
    back = import_package(neurons, tmp_path / "back.segmodel")
    original = read_model(find_model("neurons"))
    assert back.whole
    assert back.card == original.card
    again = read_model(tmp_path / "back.segmodel")
    assert all(again.read(name) == original.read(name) for name in original.card.files)
    picture = Image(discs([9, 11, 12]))
    found = [
        NetworkSegmenter(model=str(model), diameter=22.0)(picture).data
        for model in ("neurons", tmp_path / "back.segmodel")
    ]
    assert found[0].max() == 3
    np.testing.assert_array_equal(*found)


def without_card(path):
    """Take out of a package what only Segmetry reads."""
    import zipfile

    from ruyaml import YAML

    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    told = YAML(typ="safe").load(files.pop("bioimageio.yaml").decode())
    del told["config"]["segmetry"], told["attachments"]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**files, "rdf.yaml": json.dumps(told)}.items():
            archive.writestr(name, content)


@pytest.mark.slow
def test_without_its_card_the_same_network_finds_the_same_objects(neurons, tmp_path, discs):
    (tmp_path / "a.zip").write_bytes(neurons.read_bytes())
    without_card(tmp_path / "a.zip")
    options = {"name": "again", "diameter": 24.0}
    back = import_package(tmp_path / "a.zip", tmp_path / "a.segmodel", **options)
    assert not back.whole
    assert back.difference < 1e-3
    assert back.card.outputs == ("foreground", "flow_y", "flow_x")
    picture = Image(discs([9, 11, 12]))
    first, second = (
        NetworkSegmenter(model=str(model), diameter=22.0, min_confidence=0.0)(picture).data
        for model in ("neurons", tmp_path / "a.segmodel")
    )
    # Values that end at -0.5 and 1.5 do so before resampling there, and after it here.
    assert first.max() == second.max() == 3
    assert np.mean((first > 0) == (second > 0)) > 0.999


@pytest.mark.parametrize("before", [[RANGE], [MEAN]])
def test_a_network_without_sigmoid_finds_what_is_bright(imported, describe, before):
    shift = -10.0 if before == [RANGE] else 0.0
    network = point_network([[20.0]], [shift])
    found, path = imported(describe(before=before, after=[SIGMOID]), network)
    labels, maps = run(path, squares())
    assert np.bincount(labels.data.ravel())[1:].tolist() == [400, 450]
    assert (maps.foreground > 0.5).tolist() == (squares() > 100).tolist()
    assert found.card.name == "made-elsewhere"
    assert found.difference is None


def test_the_card_tells_where_the_model_came_from(imported, describe):
    cite = [{"text": "a paper", "doi": "10.1000/abc"}]
    found, path = imported(describe(after=[SIGMOID], before=[RANGE], cite=cite))
    note = found.card.training.options["note"]
    assert "Made elsewhere" in note
    assert "Ada L." in note
    assert "10.1000/abc" in note
    assert found.card.created.isoformat() == "2025-02-03"
    assert read_model(path).read("LICENSE.txt").decode().endswith("the licence MIT.\n")


def test_the_test_of_a_package_is_repeated(imported, describe):
    picture = squares(height=64, width=64)[None, None]
    maps = expit(20.0 * picture / 255 - 10.0).astype(np.float32)
    linear = {"id": "scale_linear", "kwargs": {"gain": 1 / 255, "offset": 0.0}}
    told = describe(before=[linear], after=[SIGMOID])
    found, _ = imported(told, arrays=(picture, maps))
    assert found.difference < 1e-5
    with pytest.raises(ModelError, match="does not give here what its own test says"):
        imported(told, arrays=(picture, 1 - maps))


def test_axes_may_be_in_any_order(pack, describe, tmp_path):
    picture = squares(height=64, width=72)
    node = helper.make_node("Sigmoid", ["pixels"], ["maps"])
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", "y", "x", 1])
        for name in ("pixels", "maps")
    ]
    graph = helper.make_graph([node], "last", ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    told = describe(
        taken=("batch", "y", "x", ["grey"]),
        given=("batch", "y", "x", ["probability"]),
        before=[MEAN],
    )
    path = tmp_path / "last.segmodel"
    import_package(pack(told, model.SerializeToString()), path)
    labels, _ = run(path, picture)
    assert np.array_equal(labels.data > 0, picture > 100)


def test_maps_of_boundaries_cut_objects(imported, describe):
    picture = squares()
    picture[35:50, 54:56] = 400
    network = point_network([[1.0], [1.0]], [-100.0, -300.0])
    told = describe(given=("batch", ["foreground", "boundary"], "y", "x"), after=[SIGMOID])
    found, path = imported(told, network)
    assert found.card.outputs == ("foreground", "boundary")
    labels, _ = run(path, picture)
    assert np.bincount(labels.data.ravel())[1:].tolist() == [400, 225, 225]


def test_what_is_not_background_is_foreground(imported, describe):
    network = point_network([[-1.0], [1.0]], [100.0, -100.0])
    softmax = {"id": "softmax", "kwargs": {"axis": "channel"}}
    told = describe(given=("batch", ["background", "cells"], "y", "x"), after=[softmax])
    _, path = imported(told, network)
    assert np.array_equal(run(path, squares())[0].data > 0, squares() > 100)


def test_maps_without_telling_names_are_named_by_the_user(imported, describe):
    network = point_network([[1.0], [1.0]], [-100.0, -300.0])
    told = describe(given=UNKNOWN, after=[SIGMOID])
    with pytest.raises(
        ModelError, match="called channel0, channel1.*--maps foreground,bound"
    ):
        imported(told, network)
    found, _ = imported(told, network, maps=["foreground", "boundary"])
    assert found.card.outputs == ("foreground", "boundary")


@pytest.mark.parametrize("shape", [(60, 80), (20, 30), (150, 90)])
def test_a_network_of_one_size_runs_on_any_picture(imported, describe, shape):
    network = point_network([[20.0]], [-10.0], fixed=64, batch=1)
    told = describe(size=64, before=[RANGE], after=[SIGMOID])
    found, path = imported(told, network)
    assert (found.card.shortest_px, found.card.longest_px) == (64, 64)
    picture = squares(height=max(shape[0], 60), width=max(shape[1], 80))
    picture = picture[: shape[0], : shape[1]]
    labels, _ = run(path, picture)
    assert np.array_equal(labels.data > 0, picture > 100)


def test_one_size_in_the_network_counts_more_than_what_is_described(imported, describe):
    network = point_network([[20.0]], [-10.0], fixed=48)
    found, path = imported(describe(before=[RANGE], after=[SIGMOID]), network)
    assert found.card.longest_px == 48
    assert run(path, squares())[0].data.max() == 2


def test_a_threshold_becomes_the_cutoff(imported, describe):
    binarize = {"id": "binarize", "kwargs": {"threshold": 0.8}}
    told = describe(before=[RANGE], after=[SIGMOID, binarize])
    assert imported(told)[0].card.cutoffs == {"foreground": 0.8}


def test_a_diameter_has_pictures_resampled(imported, describe):
    told = describe(before=[RANGE], after=[SIGMOID])
    card = imported(told, diameter=20.0)[0].card
    assert (card.scale, card.diameter_px) == ("match", 20.0)


def test_a_folder_is_as_good_as_a_zip(pack, describe, tmp_path):
    import zipfile

    path = pack(describe(before=[RANGE], after=[SIGMOID]), BRIGHT)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "folder")
    found = import_package(tmp_path / "folder", tmp_path / "a.segmodel")
    assert found.card.outputs == ("foreground",)


def weights(kind, **more):
    return {"weights": {kind: {"source": "w.pt", **more}}}


STATE = {
    "pytorch_version": "2.0",
    "architecture": {"callable": "Net", "source": "net.py", "kwargs": {}},
}
SCALE_Y = {"id": "scale_range", "kwargs": {"axes": ["y"]}}
CLIP = {"id": "clip", "kwargs": {"min": 0.0, "max": 1.0}}
INT = {"id": "ensure_dtype", "kwargs": {"dtype": "uint8"}}
OTHER = {"id": "scale_mean_variance", "kwargs": {"reference_tensor": "raw"}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            weights("pytorch_state_dict", **STATE),
            "pickle with the source code.*not as ONNX",
        ),
        (
            weights("torchscript", pytorch_version="2.0"),
            "torchscript .a program of PyTorch",
        ),
        ({"type": "dataset"}, "describes no model"),
        ({"name": "x"}, "not described as bioimage.io asks: name"),
        ({"taken": ("batch", ["a", "b"], "y", "x")}, "takes 2 channels; 1 or 3"),
        ({"taken": ("batch", ["grey"], "z", "y", "x")}, "with the axes batch, channel, z"),
        ({"taken": (["grey"], "y", "x")}, "with the axes channel, y, x"),
        ({"size": {"min": 18, "step": 4}}, "unusual sizes"),
        ({"before": [SCALE_Y]}, "'scale_range' of single rows"),
        ({"before": [RANGE, MEAN]}, "'zero_mean_unit_variance' after another"),
        ({"before": [CLIP, RANGE]}, "'scale_range' after another"),
        ({"before": [INT]}, "'ensure_dtype' to uint8"),
        ({"after": [OTHER]}, "'scale_mean_variance', which Segmetry cannot do"),
        ({"after": [MEAN]}, "'zero_mean_unit_variance', which Segmetry cannot do"),
    ],
)
def test_what_cannot_be_run_is_refused_by_its_name(imported, describe, changes, said):
    with pytest.raises(ModelError, match=said) as error:
        imported(describe(**changes), **{"w.pt": b"x", "net.py": b"exit()"})
    assert "\n" not in str(error.value)


def test_a_network_that_is_not_the_one_described_is_refused(imported, describe):
    told = describe()
    told["weights"]["onnx"]["sha256"] = "0" * 64
    with pytest.raises(ModelError, match="another hash"):
        imported(told)


def test_a_network_with_weights_in_another_file_is_refused(imported, describe):
    told = describe()
    told["weights"]["onnx"]["external_data"] = {"source": "net.data"}
    with pytest.raises(ModelError, match="keeps its weights in another file"):
        imported(told, **{"net.data": b"x"})


@pytest.mark.parametrize("content", [b"", b"\0" * 99, b"PK\3\4 no network"])
def test_a_damaged_network_is_refused_and_nothing_is_left(
    imported, describe, content, tmp_path
):
    with pytest.raises(ModelError):
        imported(describe(), content)
    assert not (tmp_path / "imported.segmodel").exists()


@pytest.mark.parametrize("module", ["bioimageio.spec", "onnx"])
def test_without_the_extra_one_sentence_says_how_to_get_it(
    pack, describe, tmp_path, monkeypatch, module
):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match="segmetry.bioimageio."):
        import_package(pack(describe(), BRIGHT), tmp_path / "a.segmodel")
    with pytest.raises(MissingExtraError, match="segmetry.bioimageio."):
        export_package("neurons", tmp_path / "a.zip")


OLD = {  # format 0.4, as most packages on bioimage.io have it
    "type": "model",
    "format_version": "0.4.10",
    "name": "Made long ago",
    "description": "A network.",
    "authors": [{"name": "Ada L."}],
    "cite": [{"text": "a paper", "doi": "10.1000/abc"}],
    "documentation": "README.md",
    "license": "CC-BY-4.0",
    "tags": ["unet2d"],
    "timestamp": "2021-02-03T00:00:00Z",
    "inputs": [
        {
            "name": "raw",
            "axes": "bcyx",
            "data_type": "float32",
            "shape": {"min": [1, 1, 32, 32], "step": [0, 0, 16, 16]},
            "preprocessing": [
                {
                    "name": "zero_mean_unit_variance",
                    "kwargs": {"mode": "per_sample", "axes": "xy"},
                }
            ],
        }
    ],
    "outputs": [
        {
            "name": "probability",
            "axes": "bcyx",
            "data_type": "float32",
            "shape": {
                "reference_tensor": "raw",
                "scale": [1.0, 0.0, 1.0, 1.0],
                "offset": [0.0, 0.5, 0.0, 0.0],
            },
            "halo": [0, 0, 8, 8],
            "postprocessing": [{"name": "sigmoid"}],
        }
    ],
    "test_inputs": ["in.npy"],
    "test_outputs": ["out.npy"],
    "weights": {"onnx": {"source": "net.onnx", "opset_version": 17}},
}


def test_packages_of_the_older_format_are_read_too(imported):
    picture = squares(height=64, width=64)[None, None]
    scaled = (picture - picture.mean()) / (picture.std() + 1e-6)
    network = point_network([[20.0]], [0.0])
    maps = expit(20.0 * scaled).astype(np.float32)
    readme = {"README.md": b"# Validation"}
    found, path = imported(OLD, network, arrays=(picture, maps), **readme)
    assert found.difference < 1e-4
    assert (found.card.multiple, found.card.shortest_px) == (16, 32)
    assert np.array_equal(run(path, squares())[0].data > 0, squares() > 100)


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_package_is_a_model_or_gives_one_sentence(
    pack, describe, tmp_path, capfd, seed
):
    rng, said = np.random.default_rng(seed), []
    told = json.dumps(describe(before=[RANGE], after=[SIGMOID]))
    path = pack({}, BRIGHT, **{"bioimageio.yaml": told})
    whole = path.read_bytes()
    for _ in range(6):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 3):
            damaged[place] = rng.integers(0, 256)
        path.write_bytes(damaged)
        letters = list(told)
        for place in rng.integers(0, len(told), 2):
            letters[place] = chr(rng.integers(9, 127))
        other = pack({}, BRIGHT, name="b.zip", **{"bioimageio.yaml": "".join(letters)})
        for package in (path, other):
            try:
                import_package(package, tmp_path / "a.segmodel")
            except ModelError as error:
                said.append(str(error))
    assert said
    assert not any("\n" in each for each in said)
    assert capfd.readouterr() == ("", "")
