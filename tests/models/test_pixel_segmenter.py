import pickle
from dataclasses import replace

import numpy as np
import pytest

from segmetry.errors import PictureError, RecipeError, SegmetryWarning
from segmetry.evaluate import dice
from segmetry.image import Image, PixelSize
from segmetry.models.pixel_methods import Boosted, Forest, SupportVectors
from segmetry.segment import segmenter

NAMES = ("boosted", "forest", "svm")
SMALL = {"coarsest": 4.0, "points": 2000}
SIZES = {
    "boosted": {"trees": 20, "leaves": 15},
    "forest": {"trees": 20},
    "svm": {"landmarks": 60},
}

every_name = pytest.mark.parametrize("name", NAMES)


def method(name, **options):
    return segmenter(name, **(SMALL | SIZES[name] | options))


def textured(seed, shape=(120, 160)):
    """Smooth discs in a rough ground of the same brightness: no grey value tells them."""
    rng = np.random.default_rng(seed)
    y, x = np.indices(shape)
    truth = np.zeros(shape, np.uint32)
    for number in range(1, 5):
        middle = rng.uniform(25, shape[0] - 25), number * shape[1] / 5
        truth[np.hypot(y - middle[0], x - middle[1]) < 14] = number
    rough = rng.normal(100, 25, shape)
    return Image(np.where(truth > 0, 100, rough).clip(0, 255).astype(np.uint8)), truth


@pytest.fixture(scope="module")
def learned():
    images, truths = zip(*(textured(seed) for seed in (1, 2)), strict=True)
    return {name: method(name).fit(images, truths, seed=3) for name in NAMES}


@every_name
def test_discs_are_found_by_their_texture_in_a_new_picture(learned, name):
    image, truth = textured(9)
    labels, maps = learned[name].labels_and_maps(image)
    assert dice(maps.foreground > 0.5, truth > 0) > 0.9
    assert labels.data.max() == truth.max()
    assert maps.class_names == ("background", "object")
    assert np.allclose(maps.classes.sum(axis=-1), 1, atol=1e-5)
    assert np.allclose(maps.foreground, 1 - maps.classes[..., 0], atol=1e-6)
    assert maps.found["found_classes"] == ["background", "object"]


@every_name
def test_exposure_and_turning_change_next_to_nothing(learned, name):
    image, _ = textured(9)
    found = learned[name].maps(image).foreground > 0.5
    brighter = image.pixels.astype(np.uint16) * 16 + 1000
    assert np.mean((learned[name].maps(Image(brighter)).foreground > 0.5) == found) > 0.999
    turned = learned[name].maps(Image(np.rot90(image.pixels).copy())).foreground > 0.5
    assert np.mean(np.rot90(turned, -1) == found) > 0.99


@every_name
def test_what_was_learned_is_saved_and_runs_from_its_file(learned, name, tmp_path):
    image, _ = textured(9)
    path = tmp_path / "mine.segmodel"
    learned[name].save(path)
    loaded = segmenter(str(path))
    assert loaded.name == name
    assert list(loaded.files()) == ["mine.segmodel"]
    labels, maps = loaded.labels_and_maps(image)
    assert np.array_equal(maps.foreground, learned[name].maps(image).foreground)
    assert maps.found["found_model"] == "mine"
    assert labels.steps[0].options["model"] == str(path)
    assert loaded.learned.priors == learned[name].learned.priors


@every_name
def test_strips_of_a_large_picture_are_as_the_whole(learned, name, monkeypatch):
    image, _ = textured(9)
    whole = learned[name].maps(image).foreground
    monkeypatch.setattr("segmetry.segment.pixel_features._STRIP", 160 * 30)
    assert np.allclose(learned[name].maps(image).foreground, whole, atol=0.02)


@every_name
def test_strokes_teach_it(name):
    image, truth = textured(4)
    strokes = np.zeros(truth.shape, np.uint8)
    for number in (1, 2, 3):
        y, x = np.argwhere(truth == number).mean(axis=0).astype(int)
        strokes[y - 1 : y + 2, x - 12 : x + 13] = 2
    strokes[3:6, 10:150] = strokes[115:118, 10:150] = 1
    found = method(name).fit_strokes([image], [strokes]).maps(image).foreground > 0.5
    assert dice(found, truth > 0, included=strokes == 0) > 0.75


def test_class_maps_teach_several_classes_and_255_is_not_learned():
    rng = np.random.default_rng(0)
    truth = np.zeros((90, 120), np.uint8)
    truth[:, 40:80], truth[:, 80:] = 1, 2
    grey = np.array([40, 120, 200])[truth] + rng.normal(0, 8, truth.shape)
    image = Image(grey.clip(0, 255).astype(np.uint8))
    truth[:10] = 255
    names = ("ground", "a", "b")
    learned = method("boosted").fit([image], [truth], class_names=names)
    maps = learned.maps(image)
    assert maps.class_names == names
    inner = np.ones(truth.shape, bool)
    inner[:, 35:45] = inner[:, 75:85] = False
    inner[:10] = False
    assert np.mean(maps.classes.argmax(axis=-1)[inner] == truth[inner]) > 0.97
    assert learned.learned.priors == pytest.approx((1 / 3, 1 / 3, 1 / 3))


def test_rare_classes_stay_rare():
    image, truth = textured(1)
    one = np.where(truth == 1, truth, 0)
    learned = method("boosted").fit([image], [one])
    assert learned.learned.priors[1] == pytest.approx((one > 0).mean())


@every_name
def test_the_same_seed_gives_the_same(learned, name):
    images, truths = zip(*(textured(seed) for seed in (1, 2)), strict=True)
    image, _ = textured(9)
    again = method(name).fit(images, truths, seed=3)
    assert np.array_equal(
        again.maps(image).foreground, learned[name].maps(image).foreground
    )


def test_options_stay_and_another_process_gets_what_was_learned(learned):
    own = learned["boosted"]
    assert (own.trees, own.coarsest, own.model) == (20, 4.0, "")
    image, _ = textured(9)
    copied = pickle.loads(pickle.dumps(own))
    assert np.array_equal(copied.maps(image).foreground, own.maps(image).foreground)


def test_scales_double_from_the_finest_to_the_coarsest():
    assert Boosted().scales == (1.0, 2.0, 4.0, 8.0)
    assert Forest(finest=1.5, coarsest=7).scales == (1.5, 3.0, 6.0)
    assert SupportVectors(finest=2, coarsest=2).scales == (2.0,)
    with pytest.raises(RecipeError, match="coarsest must be at least finest, 2 pixels"):
        Boosted(finest=2, coarsest=1)


@every_name
def test_without_a_model_it_says_how_to_learn_one(name):
    with pytest.raises(RecipeError, match=f"not learned yet.*--method {name} --model"):
        segmenter(name)(textured(0)[0])
    with pytest.raises(RecipeError, match="not learned yet"):
        segmenter(name).save("mine.segmodel")
    assert segmenter(name).files() == {}


def test_what_cannot_be_is_refused(learned, tmp_path):
    image, truth = textured(0)
    with pytest.raises(RecipeError, match="at least two classes, got one"):
        method("boosted").fit([image], [truth * 0])
    with pytest.raises(RecipeError, match="no model file"):
        Boosted(model="nowhere.segmodel")
    learned["svm"].save(tmp_path / "svm.segmodel")
    with pytest.raises(RecipeError, match="for the segmenter 'svm', not for 'forest'"):
        Forest(model=str(tmp_path / "svm.segmodel"))
    with pytest.raises(PictureError, match="flat"):
        learned["svm"](Image(np.full((9, 9), 7, np.uint8)))


def test_pixels_of_quite_another_size_are_warned_of(learned, tmp_path):
    own = learned["boosted"]
    known = replace(own.learned, pixel_size_um=0.1)
    from segmetry.models.pixel_model import write_classifier

    write_classifier(tmp_path / "a.segmodel", known)
    size = PixelSize(y=1.0, x=1.0, unit="um", source="typed")
    image = Image(textured(9)[0].pixels, pixel_size=size)
    with pytest.warns(SegmetryWarning, match="1 µm a pixel, but the model a learned from"):
        segmenter(str(tmp_path / "a.segmodel"))(image)
