import numpy as np
import pytest

from segmetry.errors import ModelError
from segmetry.image import Image
from segmetry.learn.examples import Example
from segmetry.learn.start import best_start, open_start
from segmetry.models import find_model, read_model, write_model
from segmetry.models.pixel_classifier import PixelClassifier
from segmetry.models.pixel_model import write_classifier
from segmetry.models.segmenter import NetworkSegmenter

pytestmark = pytest.mark.slow  # the first of them trains the model


@pytest.fixture(scope="module")
def examples(annotated):
    drawn = [annotated(seed=seed) for seed in (21, 22, 23)]
    return [
        Example(Image(picture), labels, name=f"d{k}")
        for k, (picture, labels) in enumerate(drawn)
    ]


def changed(model, path, *, weights=None, **card):
    """Write a model like another, but for some of its card or its weights."""
    files = {name: model.read(name) for name in model.card.files}
    if weights is not None:
        files["weights.safetensors"] = weights
    write_model(path, model.card.model_copy(update=card), files)
    return path


def test_a_model_judges_pictures_as_it_learned_them(disc_model, examples):
    start = open_start(disc_model)
    assert start.card.name == "discs"
    assert start.diameter is None
    assert min(start.scores(examples)) > 0.8
    dark = [
        Example(Image(255 - one.image.pixels), one.labels, name=one.name)
        for one in examples
    ]
    assert np.mean(start.scores(dark)) < 0.3


def test_the_best_of_several_models_is_found_and_others_are_passed_over(
    disc_model, examples, tmp_path
):
    model = read_model(disc_model)
    blind = changed(
        model, tmp_path / "blind.segmodel", name="blind", cutoffs={"foreground": 1.0}
    )
    broken = tmp_path / "broken.segmodel"
    broken.write_bytes(b"no model")
    assert best_start([broken, blind, disc_model], examples).card.name == "discs"
    assert best_start([broken], examples) is None
    assert best_start([], examples) is None


def test_a_model_of_another_foreground_is_no_start():
    rng = np.random.default_rng(0)
    shipped = [find_model("vessels")]
    pictures = [Image(rng.integers(0, 255, (96, 96)).astype(np.uint8)) for _ in range(2)]
    blocks = np.kron(rng.integers(0, 2, (4, 4)), np.ones((24, 24))).astype(np.uint32)
    other = [Example(one, blocks, name=f"o{k}") for k, one in enumerate(pictures)]
    assert best_start(shipped, other, ("foreground",)) is None
    start = open_start(shipped[0], ("foreground",))
    line = np.abs(np.arange(160)[:, None] - 0.4 * np.arange(160) - 40) < 2.5
    lines = Image(np.where(line, 80, 130).astype(np.uint8))
    found = NetworkSegmenter(model="vessels").maps(lines).foreground > 0.4
    assert found.any()
    alike = [Example(lines, found.astype(np.uint32), name="a")]
    assert start.scores(alike)[0] > 0.5
    assert best_start(shipped, alike, ("foreground",)).card.name == "vessels"


def test_the_diameter_counts_only_where_sizes_are_matched(disc_model, tmp_path):
    model = read_model(disc_model)
    matched = changed(model, tmp_path / "matched.segmodel", scale="match", diameter_px=13.0)
    assert open_start(matched).diameter == 13


def test_a_model_that_does_something_else_is_no_start(disc_model, tmp_path):
    other = changed(
        read_model(disc_model),
        tmp_path / "other.segmodel",
        outputs=("foreground", "a", "b"),
    )
    with pytest.raises(
        ModelError, match="gives foreground, a, b, but this training starts"
    ):
        open_start(other)


def test_weights_that_do_not_fit_are_told(disc_model, tmp_path):
    model = read_model(disc_model)
    wider = {**model.card.architecture, "base": 9}
    other = changed(model, tmp_path / "other.segmodel", architecture=wider)
    with pytest.raises(ModelError, match=r"weights of other.segmodel do not fit"):
        open_start(other)


def test_a_model_that_is_not_there_is_told():
    with pytest.raises(ModelError, match="no model 'none such'"):
        open_start("none such")


def test_no_network_starts_from_a_classifier_of_pixels(tmp_path):
    points = np.arange(40, dtype=np.float32)[:, None] + np.zeros(9, np.float32)
    classifier = PixelClassifier.fit_points(
        points, np.arange(40) // 20, kind="svm", scales=(1.0,)
    )
    write_classifier(tmp_path / "a.segmodel", classifier)
    with pytest.raises(ModelError, match="a.segmodel is a classifier of pixels"):
        open_start(tmp_path / "a.segmodel", ["foreground"])


def test_no_network_starts_from_one_that_was_imported(tmp_path):
    shipped = read_model(find_model("neurons"))
    card = shipped.card.model_copy(update={"architecture": {"kind": "imported"}})
    network = {"model.onnx": shipped.read("model.onnx")}
    write_model(tmp_path / "a.segmodel", card, network)
    with pytest.raises(ModelError, match="a.segmodel was imported from another program"):
        open_start(tmp_path / "a.segmodel", card.outputs)
