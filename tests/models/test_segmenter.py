"""Objects that a network shows are found, at any scale, and told with their confidence."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from scipy.ndimage import uniform_filter

from segmetry import segment
from segmetry.errors import ModelError, PictureError, RecipeError, SegmetryWarning
from segmetry.image import Image, PixelSize
from segmetry.models import segmenter as segmenter_module
from segmetry.models.segmenter import NetworkSegmenter

UNSURE = pytest.mark.filterwarnings("ignore:The model .*(to be wrong|found nothing)")


def drawn(shape, *discs, bright=1.0):
    """Return a picture with discs, each given by its middle and radius, in 0 to 1."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = np.zeros(shape, np.float32)
    for row, column, radius in discs:
        picture[(y - row) ** 2 + (x - column) ** 2 <= radius**2] = bright
    return picture


def areas(labels):
    return sorted(np.bincount(labels.data.ravel())[1:].tolist())


@pytest.fixture
def opened(make_model):
    """Return a segmenter with a small network; changes of its card are given by name."""

    def make(network=None, *, card=None, **options):
        model = make_model(network, **(card or {}))
        return NetworkSegmenter(model=str(model.path), **options)

    return make


FOUR = [(20, 20, 9), (20, 60, 9), (60, 20, 9), (60, 60, 9)]


def test_discs_are_found_where_they_were_drawn(opened):
    picture = drawn((80, 90), *FOUR)
    labels = opened()(Image(picture))
    assert labels.ids.tolist() == [1, 2, 3, 4]
    # The network calls foreground what is over a half in the mean of 3 x 3 pixels.
    expected = uniform_filter(picture, 3) > 0.5
    np.testing.assert_array_equal(labels.data > 0, expected)


def test_the_step_tells_model_options_and_scale(opened):
    step = opened()(Image(drawn((80, 90), *FOUR))).steps[0]
    assert step.name == "network"
    told = step.options
    assert (told["found_model"], told["found_precision"], told["scale"]) == (
        "blur",
        "fp32",
        1,
    )
    assert told["found_diameter"] == pytest.approx(18, abs=1)
    assert len(told["model_sha256"]) == 64
    assert told["flips"] is False
    assert told["reason"] == "Chosen: the model blur."


@pytest.mark.parametrize(
    ("axes", "channels"), [("YX", 1), ("YX", 3), ("YXC", 1), ("YXC", 3)]
)
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_grey_and_coloured_pictures_suit_every_network(
    opened, small_networks, axes, channels, n
):
    picture = drawn((80, 90), *FOUR)
    pixels = picture if axes == "YX" else np.repeat(picture[..., None], n, axis=2)
    network = small_networks.blur(channels=channels)
    segmenter = opened(network, card={"channels": channels})
    assert areas(segmenter(Image(pixels, axes=axes))) == areas(opened()(Image(picture)))


def matching(diameter=12, **changes):
    return {"scale": "match", "diameter_px": diameter, **changes}


@pytest.mark.parametrize("radius", [4, 9, 24, 50])
def test_objects_are_brought_to_the_diameter_of_the_training(opened, radius):
    middles = 3 * radius * (np.arange(3) + 1)
    discs = [(row, column, radius) for row in middles for column in middles]
    picture = drawn((12 * radius, 12 * radius), *discs)
    labels = opened(card=matching())(Image(picture))
    told = labels.steps[0].options
    assert told["scale"] == pytest.approx(12 / (2 * radius), rel=0.2)
    assert told["found_diameter"] == pytest.approx(2 * radius, rel=0.15)
    assert len(labels.ids) == 9
    assert np.median(areas(labels)) == pytest.approx(np.pi * radius**2, rel=0.2)


def test_a_typed_diameter_is_taken_as_it_is(opened):
    picture = Image(drawn((160, 180), *(np.array(FOUR) * 2)))
    told = opened(card=matching(), diameter=36)(picture).steps[0].options
    assert (told["scale"], told["found_diameter"]) == (pytest.approx(1 / 3, abs=1e-4), 36)
    native = opened(card={"scale": "native", "diameter_px": 12}, diameter=24)
    assert native(picture).steps[0].options["scale"] == 0.5


def test_a_model_without_a_diameter_cannot_take_one(opened):
    with pytest.raises(RecipeError, match="blur does not know how large its objects were"):
        opened(diameter=20)(Image(drawn((80, 90), *FOUR)))


@pytest.mark.parametrize("factor", [1, 2])
def test_objects_are_where_the_map_is_over_the_cutoff(opened, factor):
    picture = Image(drawn((80 * factor, 90 * factor), *(np.array(FOUR) * factor)))
    options = {"diameter": 18 * factor, "min_area": 1, "separate": False}
    card = {"cutoffs": {"foreground": 0.6}, "diameter_px": 18}
    before, totals = np.ones(picture.spatial_shape, bool), []
    for cutoff in (0.1, 0.4, 0.6, 0.9):
        labels, maps = opened(card=card, cutoff=cutoff, **options).labels_and_maps(picture)
        found = labels.data > 0
        assert maps.cutoff == cutoff
        assert np.array_equal(found, maps.foreground > cutoff)
        assert not (found & ~before).any()
        before, totals = found, [*totals, found.sum()]
    assert totals[0] > totals[-1] > 0
    usual = opened(card=card, **options)(picture).data > 0
    assert np.array_equal(usual, maps.foreground > 0.6)


@pytest.fixture
def climbing(opened, small_networks):
    """Return a segmenter whose network tells flows."""

    def make(*, card=None, **options):
        changes = {"outputs": small_networks.flow_outputs, **(card or {})}
        return opened(small_networks.climbing(), card=changes, **options)

    return make


def test_flows_part_discs_that_touch(climbing):
    picture = drawn((60, 90), (30, 24, 9), (30, 41, 9), (30, 70, 9))
    labels = climbing()(Image(picture))
    assert areas(labels) == pytest.approx([249] * 3, abs=12)
    assert climbing(separate=False)(Image(picture)).data.max() == 2


@pytest.mark.parametrize("flip", [(0,), (1,), (0, 1)])
def test_averaging_over_flips_turns_flows_round(climbing, flip):
    picture = drawn((60, 70), (20, 24, 9), (35, 45, 8))
    plain = climbing().maps(Image(picture)).flows
    averaged = climbing(flips=True).maps(Image(picture)).flows
    np.testing.assert_allclose(averaged, plain, atol=1e-5)  # the network has no side
    there = climbing(flips=True).maps(Image(np.flip(picture, flip).copy())).flows
    sign = [-1 if axis in flip else 1 for axis in (0, 1)]
    np.testing.assert_allclose(np.flip(there, flip) * sign, averaged, atol=1e-5)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_flows_stay_in_the_grid_of_the_network(climbing, factor):
    picture = drawn((80, 90), *FOUR)
    maps = climbing(card=matching(18), diameter=18 / factor).maps(Image(picture))
    assert maps.foreground.shape == (80, 90)
    assert maps.flows.shape == (80 * factor, 90 * factor, 2)


@pytest.mark.parametrize("seed", range(3))
def test_tiles_give_the_same_flows_as_the_whole_picture(climbing, monkeypatch, seed):
    rng = np.random.default_rng(seed)
    middles = rng.random((40, 2)) * (300, 250)
    image = Image(drawn((300, 250), *((*middle, 9) for middle in middles)))
    whole, whole_maps = climbing().labels_and_maps(image)
    sizes = segmenter_module.tile_sizes

    def smaller(card):
        return {**sizes(card), "tile": 96, "overlap": 32}

    monkeypatch.setattr(segmenter_module, "tile_sizes", smaller)
    tiled, tiled_maps = climbing().labels_and_maps(image)
    assert np.abs(tiled_maps.flows - whole_maps.flows).max() < 1e-4
    assert len(tiled.ids) == len(whole.ids) > 5
    assert (tiled.data != whole.data).mean() < 1e-3


@pytest.mark.parametrize("pooling", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_tiles_give_the_same_objects_as_the_whole_picture(
    opened, small_networks, monkeypatch, pooling, seed
):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(150, 420, 2))
    middles = rng.random((int(rng.integers(20, 90)), 2)) * shape
    discs = [(*middle, rng.uniform(4, 12)) for middle in middles]
    image = Image(drawn(shape, *discs) + rng.normal(0, 0.05, shape).astype(np.float32))
    network = small_networks.pooling(seed) if pooling else None
    outputs = small_networks.flow_outputs if pooling else ("foreground",)
    card = {"multiple": 2 if pooling else 1, "outputs": outputs}
    segmenter = opened(network, card=card)
    whole, whole_maps = segmenter.labels_and_maps(image)
    sizes = segmenter_module.tile_sizes

    def smaller(card):
        return {**sizes(card), "tile": 96, "overlap": 32}

    monkeypatch.setattr(segmenter_module, "tile_sizes", smaller)
    tiled, tiled_maps = segmenter.labels_and_maps(image)
    assert pooling or len(whole.ids) > 1  # what made-up flows lead to may be nothing
    assert np.abs(tiled_maps.foreground - whole_maps.foreground).max() < 1e-5
    assert len(tiled.ids) == len(whole.ids)
    # A pixel within rounding of the cutoff may fall on either side of it.
    assert (tiled.data != whole.data).mean() < 1e-4


def test_nothing_is_found_where_the_picture_is_excluded(opened):
    picture = drawn((80, 90), *FOUR)
    excluded = np.zeros(picture.shape, bool)
    excluded[:, 40:] = True
    labels = opened(card=matching(18))(Image(picture, excluded=excluded))
    assert len(labels.ids) == 2
    assert not labels.data[excluded].any()


@pytest.mark.parametrize(
    ("pixels", "axes", "message"),
    [
        (np.full((20, 20), 7, np.uint8), "YX", "one flat value"),
        (np.zeros((1, 1), np.uint8), "YX", "1 x 1 pixels is too small"),
        (np.zeros((4, 9, 9), np.uint8), "ZYX", "volume of 4 slices"),
        (np.array([[np.nan, 1, 2]] * 3), "YX", "NaN or infinite"),
    ],
)
def test_pictures_without_anything_to_segment_are_refused(opened, pixels, axes, message):
    with pytest.raises(PictureError, match=message):
        opened()(Image(pixels, axes=axes))


@pytest.mark.parametrize("shape", [(3, 5), (3, 3), (5, 70)])
def test_tiny_pictures_are_segmented(opened, shape):
    picture = np.zeros(shape, np.float32)
    picture[1:, 1:4] = 1
    for card in ({}, matching(4, multiple=16)):
        labels = opened(card=card)(Image(picture))
        assert labels.data.shape == shape


def test_a_picture_without_objects_gives_none(opened):
    noise = np.random.default_rng(0).random((50, 60)).astype(np.float32)
    noise[0, 0], noise[0, 1] = -5, 5  # all else is grey between them
    assert opened(card=matching(cutoffs={"foreground": 0.99}))(Image(noise)).ids.size == 0


def test_the_smallest_area_is_the_models_unless_typed_and_waists_are_cut(opened):
    picture = Image(drawn((60, 90), (30, 20, 3), (30, 40, 8), (30, 56, 8)))
    by_model = opened(card={"cutoffs": {"min_area": 100}})
    assert len(by_model(picture).ids) == 2
    assert len(by_model.__class__(model=by_model.model, min_area=9)(picture).ids) == 3
    joined = by_model.__class__(model=by_model.model, waist=0)
    assert len(joined(picture).ids) == 1
    whole = by_model.__class__(model=by_model.model, separate=False)
    assert len(whole(picture).ids) == 1


def test_the_cutoff_of_the_model_counts(opened):
    blurred = uniform_filter(drawn((80, 90), *FOUR), 9)
    low, high = (
        opened(card={"cutoffs": {"foreground": cutoff}})(Image(blurred))
        for cutoff in (0.1, 0.9)
    )
    assert (low.data > 0).sum() > (high.data > 0).sum() > 0


LEARNT = {
    "features": ["log_area"],
    "coefficients": [1.0],
    "intercept": -float(np.log(100)),
}


@UNSURE
def test_each_object_has_the_confidence_that_the_model_gives_it(opened):
    picture = Image(drawn((80, 90), (20, 20, 12), (20, 60, 4), (60, 30, 7)))
    labels, maps = opened(card={"confidence": LEARNT}).labels_and_maps(picture)
    area = np.bincount(labels.data.ravel())[1:]
    np.testing.assert_allclose(maps.confidence, area / (area + 100), rtol=1e-5)
    assert opened().labels_and_maps(picture)[1].confidence is None


@UNSURE
@pytest.mark.parametrize("by_model", [True, False])
def test_objects_below_the_least_confidence_are_dropped(opened, by_model):
    picture = Image(drawn((80, 90), (20, 20, 12), (20, 60, 4), (60, 30, 7)))
    cutoffs = {"min_area": 4, "min_confidence": 0.5 if by_model else 0.9}
    segmenter = opened(
        card={"confidence": LEARNT, "cutoffs": cutoffs},
        min_confidence=-1 if by_model else 0.5,
    )
    labels, maps = segmenter.labels_and_maps(picture)
    assert labels.ids.tolist() == [1, 2]
    assert min(areas(labels)) > 100
    assert (maps.confidence >= 0.5).all()
    assert len(maps.confidence) == 2


def test_cutoffs_that_earlier_versions_chose_do_no_harm(opened):
    picture = Image(drawn((80, 90), *FOUR))
    earlier = opened(card=matching(18, cutoffs={"small_px": 0.0}))(picture)
    np.testing.assert_array_equal(earlier.data, opened(card=matching(18))(picture).data)


def test_a_model_of_classes_takes_all_but_the_background_for_objects(
    opened, small_networks
):
    picture = drawn((80, 90), *FOUR)
    labels, maps = opened(
        small_networks.classes(),
        card={"task": "classes", "outputs": ("class:background", "class:cell")},
    ).labels_and_maps(Image(picture))
    assert len(labels.ids) == 4
    assert maps.classes.shape == (80, 90, 2)
    assert labels.steps[0].options["classes"] == ["background", "cell"]
    np.testing.assert_allclose(maps.foreground, maps.classes[..., 1], atol=1e-6)


@pytest.mark.parametrize(
    ("task", "filled"), [("objects", True), ("pixels", False), ("classes", False)]
)
def test_only_models_of_objects_fill_holes(opened, small_networks, task, filled):
    ring = drawn((80, 90), (40, 40, 20))
    ring -= drawn((80, 90), (40, 40, 10))
    network, card = small_networks.blur(), {}
    if task == "classes":
        outputs = ("class:background", "class:cell")
        network, card = small_networks.classes(), {"outputs": outputs}
    segmenter = opened(network, card={"task": task, **card})
    labels = segmenter(Image(ring))
    assert bool(labels.data[40, 40]) is filled
    assert labels.steps[0].options["fill_holes"] is filled
    kept = segmenter.__class__(model=segmenter.model, fill_holes=False)
    assert not kept(Image(ring)).data[40, 40]


def test_a_picture_unlike_the_training_warns(opened):
    size = PixelSize(y=1, x=1, unit="mm", source="typed")
    image = Image(drawn((80, 90), *FOUR), pixel_size=size)
    segmenter = opened(card=matching(18, pixel_size_um=0.5))
    with pytest.warns(SegmetryWarning, match="check that the pixel size is right"):
        segmenter(image)


def test_the_network_is_opened_once_for_many_pictures(opened):
    segmenter_module._opened.cache_clear()
    segmenter = opened()
    for seed in range(3):
        segmenter(Image(drawn((80, 90), *FOUR[seed:])))
    assert segmenter_module._opened.cache_info().misses == 1


def test_a_model_that_is_not_there_is_refused_before_the_run(tmp_path):
    with pytest.raises(RecipeError, match="needs a model: --set model=NAME or a file"):
        NetworkSegmenter()
    with pytest.raises(RecipeError, match="nowhere"):
        segment.segmenter("network", model=str(tmp_path / "nowhere.segmodel"))


def test_a_file_that_is_no_model_is_refused_before_the_run(tmp_path):
    picture = tmp_path / "picture.segmodel"
    PillowImage.fromarray(np.zeros((9, 9), np.uint8)).save(picture, format="png")
    with pytest.raises(RecipeError, match=r"picture\.segmodel"):
        NetworkSegmenter(model=str(picture))


def test_a_file_may_stand_in_the_place_of_a_segmenters_name(make_model):
    path = str(make_model().path)
    chosen = segment.segmenter(path, min_area="20")
    assert chosen == NetworkSegmenter(model=path, min_area=20)


def test_a_damaged_model_is_told_of(opened):
    segmenter = opened()
    path = Path(segmenter.model)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError):
        segmenter(Image(drawn((80, 90), *FOUR)))
    with pytest.raises(ModelError):
        segmenter.files()


def test_options_tell_what_they_do():
    options = {option.name: option for option in segment.segmenter_options("nuclei")}
    assert options["model"].default == "nuclei"
    assert segment.segmenter_options("particles") != segment.segmenter_options("nuclei")
    assert {"diameter", "flips", "precision", "min_confidence"} < set(options)
    assert options["min_confidence"].default == -1


def bounded_network():
    """ONNX of a network: grey over a half is foreground, over three halves a boundary."""
    weight = np.zeros((2, 1, 1, 1), np.float32)
    weight[:] = 40
    return weight, np.array([-20, -60], np.float32)


def test_a_map_of_boundaries_parts_what_no_waist_parts(opened, small_networks):
    picture = np.zeros((40, 60), np.float32)
    picture[10:30, 10:50] = 1
    picture[10:30, 29:31] = 2
    card = {
        "outputs": ("foreground", "boundary"),
        "normalization": {"kind": "none"},
    }
    network = small_networks.as_onnx(*bounded_network())
    labels, maps = opened(network, card=card).labels_and_maps(Image(picture))
    assert areas(labels) == [400, 400]
    assert np.array_equal(maps.boundary > 0.5, picture == 2)
    joined = opened(network, card=card, separate=False)(Image(picture))
    assert areas(joined) == [800]
