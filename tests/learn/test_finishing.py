"""A trained network becomes a model file that finds objects, with an honest card."""

from dataclasses import replace

import numpy as np
import pytest

from segmetry.evaluate import f1_at, match_objects
from segmetry.image import Image, PixelSize
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example
from segmetry.learn.export import onnx_bytes, start_weights
from segmetry.learn.finishing import Origin, _Look, finish, with_fidelity
from segmetry.learn.fitting import fit
from segmetry.learn.networks import FLOW_OUTPUTS, build
from segmetry.learn.plan import Plan, Schedule
from segmetry.models import read_model, write_model
from segmetry.models.outputs import cutoffs_of
from segmetry.models.segmenter import NetworkSegmenter

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning"),
]

PLAN = Plan(
    architecture={
        "kind": "unet",
        "channels": 1,
        "outputs": list(FLOW_OUTPUTS),
        "base": 8,
        "levels": 3,
    },
    diameter=14.0,
    side=64,
    batch=4,
    schedule=Schedule(steps=80, validate_every=40, learning_rate=1e-2, warm_up=5),
    geometry=Geometry(octaves=0.2),
    precision="float32",
)


def drawn(seed, side=96, radius=7):
    """Discs that do not overlap, some of them touching, with noise."""
    random = np.random.default_rng(seed)
    labels = np.zeros((side, side), np.uint32)
    y, x = np.mgrid[:side, :side]
    centres = []
    for _ in range(400):
        centre = random.uniform(radius, side - radius, 2)
        if all(np.hypot(*(centre - other)) > 2 * radius for other in centres):
            centres.append(centre)
            labels[(y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2] = len(centres)
    pixels = 40 + 150 * (labels > 0) + random.normal(0, 12, labels.shape)
    size = PixelSize(y=0.5, x=0.5, unit="um", source="typed")
    picture = Image(pixels.astype(np.float32), pixel_size=size, name=f"discs {seed}")
    return Example(picture, labels, name=f"discs {seed}", group=f"{seed}", kind="discs")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    training = [drawn(seed) for seed in range(6)]
    validation = [drawn(seed) for seed in range(10, 16)]
    state = fit(training, validation, PLAN)
    told = []
    origin = Origin(name="discs", commit="abc", steps=80, seconds=2.5)
    card, files = finish(state.best_weights, PLAN, validation, origin, tell=told.append)
    path = tmp_path_factory.mktemp("models") / "discs.segmodel"
    write_model(path, card, files)
    return path, card, state, told


def test_the_model_finds_discs_that_it_has_never_seen(made):
    path, _, _, _ = made
    example = drawn(99)
    labels = NetworkSegmenter(model=str(path))(example.image)
    assert f1_at(match_objects(labels.data, example.labels)) > 0.8


def test_discs_of_twice_the_size_are_found_at_their_own_scale(made):
    path, _, _, _ = made
    example = drawn(98, side=192, radius=14)
    labels = NetworkSegmenter(model=str(path))(example.image)
    assert f1_at(match_objects(labels.data, example.labels)) > 0.8


def test_the_card_tells_what_was_done(made):
    _, card, _, _ = made
    assert card.training.commit == "abc"
    assert card.training.options["schedule"]["steps"] == 80
    assert (card.diameter_px, card.scale, card.multiple) == (14.0, "match", 4)
    assert card.pixel_size_um == 0.5
    assert card.outputs == FLOW_OUTPUTS
    assert (card.normalization.low, card.normalization.high) == (0.5, 99.8)


def test_scores_are_those_of_the_model_as_it_runs(made):
    path, card, _, _ = made
    segmenter = NetworkSegmenter(model=str(path), precision="fp32")
    examples = [drawn(seed) for seed in range(10, 16)]
    scores = [
        f1_at(match_objects(segmenter(one.image).data, one.labels)) for one in examples
    ]
    told = card.scores["all"]["f1_50"]
    assert told.value == pytest.approx(np.mean(scores))
    assert told.n == 6
    assert told.low <= told.value <= told.high
    assert card.scores["discs"]["f1_50"].value == told.value


@pytest.mark.parametrize("radius", [7, 4])
def test_cutoffs_are_chosen_on_the_objects_that_the_model_then_finds(
    made, tmp_path, radius
):
    path, card, _, _ = made
    drawn_image = drawn(97, radius=radius)
    excluded = np.zeros(drawn_image.labels.shape, bool)
    excluded[30:60, 30:60] = True
    example = replace(drawn_image, image=replace(drawn_image.image, excluded=excluded))
    model = read_model(path)
    cutoffs = {**card.cutoffs, "min_confidence": 0.0}
    changed = tmp_path / "changed.segmodel"
    write_model(
        changed,
        card.model_copy(update={"cutoffs": cutoffs}),
        {name: model.read(name) for name in model.card.files},
    )
    segmenter = NetworkSegmenter(model=str(changed), precision="fp32")
    labels, maps = segmenter.labels_and_maps(example.image)
    chosen_on = _Look(maps, example).objects(cutoffs_of(card))
    assert labels.data.max() > 10
    assert np.array_equal(chosen_on, labels.data)


def test_lighter_variants_pass_only_where_they_cost_little(made):
    path, card, _, _ = made
    assert set(card.fidelity) == {"bf16", "int8"}
    for checked in card.fidelity.values():
        assert checked["passed"] == (checked["dsb_score_loss"] <= 0.005)
    assert "model_int8.onnx" in read_model(path).card.files


@pytest.mark.parametrize("is_good", [True, False])
def test_lighter_variants_are_checked_anew_with_the_weights_at_hand(made, is_good):
    path, card, _, _ = made
    model = read_model(path)
    files = {name: model.read(name) for name in ("model.onnx", "weights.safetensors")}
    untrained = onnx_bytes(build(card.architecture), channels=1, multiple=card.multiple)
    files["model_int8.onnx"] = files["model.onnx"] if is_good else untrained
    stale = card.model_copy(update={"fidelity": {"int8": {"passed": not is_good}}})
    again, kept = with_fidelity(stale, files, [drawn(seed) for seed in (0, 1)])
    assert again.fidelity["int8"]["passed"] == ("model_int8.onnx" in kept) == is_good
    assert (again.fidelity["int8"]["dsb_score_loss"] == 0) == is_good
    assert set(again.fidelity) == {"bf16", "int8"}


def test_each_choice_is_told_in_a_sentence(made):
    *_, told = made
    assert [sentence.split()[0] for sentence in told] == [
        *["scale"] * 3,
        "cutoffs",
        *(["confidence:"] if len(told) == 6 else []),
        "dsb_score",
    ]


def test_training_can_go_on_from_the_model_file(made):
    path, _, state, _ = made
    start = start_weights(read_model(path))
    assert start.keys() == state.best_weights.keys()
    again = fit(
        [drawn(0)],
        [drawn(10)],
        Plan(**{**vars(PLAN), "schedule": Schedule(steps=1, learning_rate=1e-6)}),
        start=start,
    )
    assert again.curve[-1]["score"] > 0.5
