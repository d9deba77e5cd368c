import json
import warnings

import numpy as np
import pytest
from scipy import ndimage

from segmetry.errors import PictureError, SegmetryWarning
from segmetry.evaluate import f1_at, match_objects
from segmetry.image import Image
from segmetry.io import read
from segmetry.segment.auto import Auto, _doubt
from segmetry.segment.quality import Traits


def drawn(seed, *, bright, light=0.0, shape=(240, 320)):
    """Discs that do not touch, of 6 to 16 px radius, on uneven light under noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    truth = np.zeros(shape, np.uint32)
    for row in range(20, shape[0] - 20, 40):
        for column in range(20, shape[1] - 20, 40):
            centre = np.array([row, column]) + rng.uniform(-3, 3, 2)
            inside = np.hypot(y - centre[0], x - centre[1]) <= rng.uniform(6, 16)
            truth[inside] = truth.max() + 1
    picture = 100 + (60 if bright else -60) * (truth > 0) + light * x / shape[1]
    return np.clip(picture + rng.normal(0, 8, shape), 0, 255).astype(np.uint8), truth


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("bright", [True, False])
@pytest.mark.parametrize("light", [0.0, 80.0])
def test_drawn_discs_are_found_whatever_their_polarity_and_light(seed, bright, light):
    picture, truth = drawn(seed, bright=bright, light=light)
    labels = Auto()(Image(picture))
    assert f1_at(match_objects(labels.data, truth)) > 0.97
    found = labels.steps[0].options
    assert found["chosen"]["polarity"] == ("bright" if bright else "dark")


def test_the_reason_is_one_plain_sentence_and_the_history_is_json():
    step = Auto()(Image(drawn(0, bright=True)[0])).steps[0]
    assert step.name == "auto"
    reason = step.options["reason"]
    assert reason.startswith("Chosen: ")
    assert "bright objects" in reason
    assert reason.count(". ") == 0
    assert reason.endswith(".")
    json.dumps(dict(step.options))


def test_ragged_objects_are_a_reason_for_doubt_and_round_ones_are_not():
    texture = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(200, 240)), 3)
    scaled = 255 * (texture - texture.min()) / np.ptp(texture)
    with pytest.warns(SegmetryWarning, match=r"auto is in doubt.*look at the overlay"):
        Auto()(Image(scaled.astype(np.uint8)))
    Auto()(Image(drawn(0, bright=True)[0]))  # a warning would be an error


@pytest.mark.parametrize(
    ("regular", "warned"), [(1.0, False), (0.955, False), (0.9449, True), (0.8, True)]
)
def test_the_limit_of_doubt_lies_below_rectangles(regular, warned):
    found = Traits(regular=regular, largest=0.2, filled=0, uneven=0.3, small=0)
    assert bool(_doubt(found)) == warned
    assert not _doubt(None)


@pytest.mark.slow
def test_auto_doubts_where_it_fails_more_often_than_where_it_succeeds(data):
    folder = data("emps/train")
    failed = ("34864e691e", "74ef917e76", "50a4901372")
    right = ("226dc58f03", "0a55e7c93f", "b78f5fdc22")
    for stem in (*failed, *right):
        (path,) = (folder / "images").glob(f"{stem}*")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            Auto()(read(path))
        assert bool(caught) == (stem in failed), stem


def test_the_chosen_options_repeat_the_result():
    from segmetry.segment import segmenter

    image = Image(drawn(1, bright=False, light=60)[0])
    labels = Auto()(image)
    chosen = dict(labels.steps[0].options["chosen"])
    again = segmenter(chosen.pop("segmenter"), **chosen)(image)
    assert np.array_equal(again.data, labels.data)


@pytest.mark.slow
def test_a_large_picture_is_tried_reduced_and_segmented_in_full():
    picture, truth = drawn(2, bright=True, shape=(640, 900))
    labels = Auto()(Image(picture))
    assert labels.data.shape == (640, 900)
    assert f1_at(match_objects(labels.data, truth), threshold=0.7) > 0.97


def test_only_the_polarity_asked_for_is_tried():
    image = Image(drawn(3, bright=True)[0])
    trials = Auto(polarity="dark").trials(image)
    assert {trial.segmenter.polarity for trial in trials} == {"dark"}
    assert Auto(polarity="dark")(image).steps[0].options["found_polarity"] == "dark"


def test_specks_are_dropped_unless_all_objects_are_asked_for():
    picture, _ = drawn(4, bright=True)
    rng = np.random.default_rng(0)
    for y, x in rng.integers(4, 230, (60, 2)):
        picture[y : y + 3, x : x + 3] = 250
    keep_all = Auto(min_share=0, min_area=1)(Image(picture))
    by_itself = Auto(min_area=1)(Image(picture))
    assert keep_all.steps[0].options["chosen"].get("min_share", 0) == 0
    assert "without specks" in by_itself.steps[0].options["reason"]
    assert len(by_itself.ids) < len(keep_all.ids)


def test_every_trial_has_its_traits_or_none_and_a_score():
    trials = Auto().trials(Image(drawn(5, bright=True)[0]))
    assert {trial.segmenter.name for trial in trials} == {"threshold", "local"}
    for trial in trials:
        assert isinstance(trial.found, Traits) or trial.score == -np.inf


def test_the_shared_options_reach_the_chosen_method():
    image = Image(drawn(0, bright=True)[0])
    assert len(Auto(min_area=500)(image).ids) < len(Auto()(image).ids)
    trials = Auto(separate=False, waist=0.5, fill_holes=False).trials(image)
    assert not any(trial.segmenter.separate for trial in trials)
    assert {trial.segmenter.waist for trial in trials} == {0.5}


@pytest.mark.slow
def test_no_object_is_found_in_the_excluded_area_of_a_large_picture():
    picture, _ = drawn(2, bright=True, shape=(640, 900))
    excluded = np.zeros(picture.shape, dtype=bool)
    excluded[-100:] = True
    picture[-100:] = np.random.default_rng(0).choice([0, 255], (100, 900))
    labels = Auto()(Image(picture, excluded=excluded))
    assert not labels.data[excluded].any()
    assert labels.steps[0].options["chosen"]["polarity"] == "bright"


def test_a_picture_without_objects_says_so():
    picture = drawn(0, bright=True)[0]
    labels = Auto(min_area=50_000, fill_holes=False)(Image(picture[:100, :100]))
    assert labels.ids.size == 0
    assert "No candidate finds objects" in labels.steps[0].options["reason"]


def test_a_flat_picture_is_refused():
    with pytest.raises(PictureError, match="one flat value"):
        Auto()(Image(np.zeros((40, 40), np.uint8)))


def test_the_map_is_that_of_the_chosen_method():
    image = Image(drawn(1, bright=True)[0])
    labels, maps = Auto().labels_and_maps(image)
    assert np.array_equal(Auto().maps(image).foreground, maps.foreground)
    assert (maps.foreground[labels.data > 0] > 0.5).mean() > 0.99


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The method auto is in doubt")
def test_auto_beats_otsu_on_training_pictures(data):
    from segmetry.io import read, read_labels
    from segmetry.segment.threshold import Threshold

    folder = data("emps/train")
    pairs = list(
        zip(
            sorted((folder / "images").iterdir()),
            sorted((folder / "masks").iterdir()),
            strict=True,
        )
    )[:12]
    scores = []
    for path, mask in pairs:
        image, truth = read(path), read_labels(mask)
        scores.append(
            [
                f1_at(match_objects(method(image).data, truth))
                for method in (Auto(), Threshold())
            ]
        )
    auto, otsu = np.mean(scores, axis=0)
    assert auto > otsu + 0.1


@pytest.mark.parametrize("rows", [slice(5, 6), slice(0, 2), slice(700, 720)])
def test_a_thin_strip_of_a_large_picture_is_segmented(rows):
    pixels = np.full((1400, 1400), 40, np.uint8)
    pixels[:, 300:340] = 200
    pixels[:, 900:960] = 200
    excluded = np.ones(pixels.shape, dtype=bool)
    excluded[rows] = False
    labels = Auto(polarity="bright")(Image(pixels, excluded=excluded))
    assert len(labels.ids) == 2
