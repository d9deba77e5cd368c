"""The card of a model that tells pixels apart, made with a network of a few weights."""

import numpy as np
import pytest

from segmetry.evaluate import dice
from segmetry.image import Image
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example
from segmetry.learn.export import onnx_bytes
from segmetry.learn.finishing import Origin, finish, with_fidelity
from segmetry.learn.fitting import fit
from segmetry.learn.networks import build
from segmetry.learn.plan import Plan, Schedule
from segmetry.models import read_model, write_model
from segmetry.models.segmenter import NetworkSegmenter

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning"),
]


def drawn(seed):
    """Bright and dark squares on grey: classes 1 and 4."""
    random = np.random.default_rng(seed)
    labels = np.kron(random.choice([0, 1, 4], (6, 6)), np.ones((8, 8), int))
    grey = np.choose(np.searchsorted([0, 1, 4], labels), [110, 200, 20])
    pixels = (grey + random.normal(0, 5, grey.shape)).astype(np.float32)
    kind = "even" if seed % 2 == 0 else "odd"
    return Example(Image(pixels), labels.astype(np.uint32), name=f"d{seed}", kind=kind)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    plan = Plan(
        architecture={
            "kind": "unet",
            "channels": 1,
            "outputs": ["class:background", "class:1", "class:4"],
            "base": 4,
            "levels": 2,
        },
        diameter=None,
        side=32,
        batch=4,
        schedule=Schedule(
            steps=60, warm_up=2, learning_rate=3e-2, validate_every=30, averaging=0.8
        ),
        geometry=Geometry.none(),
        appearance=Appearance.none(),
        loss="classes",
        precision="float32",
    )
    held_out = [drawn(seed) for seed in range(20, 24)]
    state = fit([drawn(seed) for seed in range(5)], held_out, plan)
    told = []
    card, files = finish(
        state.best_weights, plan, held_out, Origin(name="squares"), tell=told.append
    )
    path = tmp_path_factory.mktemp("models") / "squares.segmodel"
    write_model(path, card, files)
    return path, card, told


def test_scores_are_those_of_the_model_as_it_runs(made):
    path, card, _ = made
    segmenter = NetworkSegmenter(model=str(path), precision="fp32")
    scores = []
    for seed in range(20, 24):
        one = drawn(seed)
        found = segmenter.maps(one.image).classes.argmax(axis=-1)
        scores.append(
            np.mean([dice(found == 1, one.labels == 1), dice(found == 2, one.labels == 4)])
        )
    assert card.scores["all"]["dice"].value == pytest.approx(np.mean(scores))
    assert card.scores["even"]["dice"].value == pytest.approx(np.mean(scores[::2]))
    assert card.scores["odd"]["dice"].n == 2
    assert card.scores["all"]["dice"].value > 0.9


def test_the_cutoff_is_one_of_those_tried_and_told(made):
    _, card, told = made
    assert told[0].startswith(
        f"cutoff {card.cutoffs['foreground']}: Dice of the foreground"
    )
    assert told[1].startswith("dice 0.9")
    assert "small_px" not in card.cutoffs
    assert card.cutoffs["min_area"] == 16


def test_lighter_variants_pass_only_where_they_cost_little(made):
    path, card, _ = made
    kept = "model_int8.onnx" in read_model(path).card.files
    assert kept == card.fidelity["int8"]["passed"]
    assert set(card.fidelity) == {"bf16", "int8"}
    for checked in card.fidelity.values():
        assert checked["passed"] == (checked["dice_loss"] <= 0.005)


@pytest.mark.parametrize("is_good", [True, False])
def test_lighter_variants_are_checked_anew_with_the_weights_at_hand(made, is_good):
    """The model itself as a variant costs nothing, one that never learned too much."""
    path, card, _ = made
    model = read_model(path)
    files = {name: model.read(name) for name in ("model.onnx", "weights.safetensors")}
    untrained = build(card.architecture)
    random = onnx_bytes(untrained, channels=1, multiple=card.multiple, classes=True)
    files["model_int8.onnx"] = files["model.onnx"] if is_good else random
    stale = card.model_copy(update={"fidelity": {"int8": {"passed": not is_good}}})
    again, kept = with_fidelity(stale, files, [drawn(seed) for seed in range(5)])
    assert again.fidelity["int8"]["passed"] == ("model_int8.onnx" in kept) == is_good
    assert (again.fidelity["int8"]["dice_loss"] == 0) == is_good
    assert set(again.fidelity) == {"bf16", "int8"}
    assert again.scores == card.scores
