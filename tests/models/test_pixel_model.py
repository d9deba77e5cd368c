import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from segmetry.errors import ModelError, RecipeError
from segmetry.models import read_model
from segmetry.models.file import CLASSIFIER_ARRAYS, segmenter_of_file, write_model
from segmetry.models.pixel_classifier import KINDS, PixelClassifier
from segmetry.models.pixel_model import card_of, classifier_of, write_classifier
from segmetry.models.tensors import arrays_to_bytes
from segmetry.segment import segmenter

SCALES = (1.0,)


def learned(kind="boosted", *, names=("background", "object"), **options):
    features = np.random.default_rng(0).normal(size=(400, 9)).astype(np.float32)
    classes = np.digitize(features[:, 0], np.linspace(-0.5, 0.5, len(names) - 1))
    return PixelClassifier.fit_points(
        features, classes, kind=kind, scales=SCALES, class_names=names, **options
    )


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "mine.segmodel"
    write_classifier(path, learned())
    return path


def rewritten(path, *, card=None, arrays=None):
    """Write the model again with another card or other arrays, with right hashes."""
    model = read_model(path)
    classifier = classifier_of(model)
    content = arrays_to_bytes(classifier.fitted.arrays() | (arrays or {}))
    write_model(path, card or model.card, {CLASSIFIER_ARRAYS: content})
    return read_model(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("names", [("background", "object"), ("ground", "a", "b")])
def test_a_classifier_comes_back_as_it_was(tmp_path, kind, names):
    before = replace(learned(kind, names=names), pixel_size_um=0.25)
    before = before.with_priors(np.arange(1, len(names) + 1))
    write_classifier(tmp_path / "a.segmodel", before)
    model = read_model(tmp_path / "a.segmodel")
    after = classifier_of(model)
    features = np.random.default_rng(1).normal(size=(50, 9)).astype(np.float32)
    assert np.array_equal(after.probabilities(features), before.probabilities(features))
    for name in ("kind", "class_names", "seen", "priors", "scales", "pixel_size_um"):
        assert getattr(after, name) == getattr(before, name)
    assert model.card.task == ("pixels" if len(names) == 2 else "classes")
    assert segmenter_of_file(tmp_path / "a.segmodel") == kind


def test_equal_classifiers_are_equal_files(tmp_path):
    for name in ("a", "b"):
        write_classifier(tmp_path / name, learned(), card_of(learned(), name="same"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_file_holds_a_card_and_arrays_and_nothing_else(path):
    with zipfile.ZipFile(path) as content:
        assert sorted(content.namelist()) == ["classifier.safetensors", "model.json"]
        assert b"pickle" not in path.read_bytes()


def test_a_changed_byte_is_found(path):
    content = bytearray(path.read_bytes())
    place = content.index(b"F32") + 4000
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        classifier_of(read_model(path))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_cut_short_is_refused(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ModelError, match="damaged"):
        read_model(path)


HARM = {
    "features of no picture": {"feature": lambda a: a + 9},
    "a loop": {"left": np.zeros_like},
    "very many sums": {"column": lambda a: a + 2**30},
    "not a number": {"threshold": lambda a: a * np.float32(np.nan)},
    "other types": {"feature": lambda a: a.astype(np.float32)},
    "an array more": {"more": lambda _: np.zeros(3, np.float32)},
    "another number of classes": {"column": lambda a: a + 2},
}


@pytest.mark.parametrize("harm", HARM)
def test_arrays_that_would_do_harm_are_refused(path, harm):
    arrays = classifier_of(read_model(path)).fitted.arrays()
    changed = {name: change(arrays.get(name)) for name, change in HARM[harm].items()}
    with pytest.raises(ModelError):
        classifier_of(rewritten(path, arrays=changed))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "svm"}, "does not hold the arrays"),
        ({"kind": "forest"}, "do not fit its card"),
        ({"features": 2}, "features are of another version"),
        ({"scales": [2, 1]}, "do not fit together"),
        ({"scales": [1e9]}, "less than or equal to 100"),
        ({"scales": [1] * 1000}, "at most 12 items"),
        ({"seen": [0, 7]}, "do not fit together"),
        ({"priors": [0.5]}, "do not fit together"),
        ({"priors": [1e-9, 1e-9]}, "do not fit together"),
        ({"priors": [1, 1e-60]}, "greater than or equal"),
        ({"surprise": 1}, "Extra inputs"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(path, change, said):
    card = read_model(path).card
    card = card.model_copy(update={"architecture": {**card.architecture, **change}})
    with pytest.raises(ModelError, match=said):
        classifier_of(rewritten(path, card=card))


def test_a_newer_format_is_told(path, tmp_path):
    newer = tmp_path / "newer.segmodel"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(newer, "w") as new:
        card = json.loads(old.read("model.json")) | {"format": 99}
        new.writestr("model.json", json.dumps(card))
        new.writestr(CLASSIFIER_ARRAYS, old.read(CLASSIFIER_ARRAYS))
    with pytest.raises(ModelError, match=r"newer Segmetry \(format 99\)"):
        read_model(newer)


def test_networks_and_classifiers_are_not_taken_for_each_other(path, make_model):
    network = make_model()
    with pytest.raises(ModelError, match="holds a network, not a pixel classifier"):
        classifier_of(read_model(network.path))
    with pytest.raises(RecipeError, match="no network, but a model for .*'boosted'"):
        segmenter("network", model=str(path))
    with pytest.raises(RecipeError, match="for the segmenter 'network', not for 'forest'"):
        segmenter("forest", model=str(network.path))
    assert segmenter_of_file(network.path) == "network"
    assert segmenter_of_file("nowhere.segmodel") == "network"
    assert segmenter(str(path)).name == "boosted"
