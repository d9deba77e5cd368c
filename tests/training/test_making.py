"""A model is made from the best of its random starts, and says so on its card."""

import sys
from dataclasses import replace

import making
import numpy as np
import pytest
import torch
from nuclei import NETWORK

from segmetry.image import Image
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example
from segmetry.learn.finishing import with_fidelity
from segmetry.learn.networks import FLOW_OUTPUTS, build
from segmetry.learn.plan import Plan, Schedule
from segmetry.models import TrainingData, read_model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning"),
]
PLAN = Plan(
    architecture={
        "kind": "unet",
        "channels": 1,
        "outputs": ["foreground"],
        "base": 4,
        "levels": 2,
    },
    diameter=None,
    side=32,
    batch=2,
    schedule=Schedule(steps=12, warm_up=2, validate_every=6, learning_rate=1e-2),
    geometry=Geometry.none(),
    appearance=Appearance.none(),
    precision="float32",
)
DATA = TrainingData(
    name="drawn", license="CC0-1.0", source="drawn", n_pictures=3, sha256="0" * 64
)


def drawn(seed):
    random = np.random.default_rng(seed)
    labels = np.kron(random.integers(0, 2, (6, 6)), np.ones((8, 8), int))
    pixels = (100 + 80 * labels + random.normal(0, 5, labels.shape)).astype(np.float32)
    return Example(Image(pixels), labels.astype(np.uint32), name=f"d{seed}")


def test_the_best_of_several_starts_is_shipped_and_goes_on_where_it_was(
    tmp_path, monkeypatch, capsys
):
    runs, shipped = tmp_path / "runs", tmp_path / "shipped"
    words = ["drawn.py", "--runs", str(runs), "--out", str(shipped)]
    monkeypatch.setattr(sys, "argv", words)
    parts = [drawn(seed) for seed in range(3)], [drawn(9), drawn(10)]
    second = replace(PLAN, schedule=replace(PLAN.schedule, steps=6), loss="bce")
    making.make("drawn", parts, (PLAN, second), data=[DATA], seeds=(0, 1))
    told = capsys.readouterr().out
    ends = {
        seed: float(told.partition(f"start {seed}: auc_roc ")[2].split()[0])
        for seed in (0, 1)
    }
    card = read_model(shipped / "drawn.segmodel").card
    assert ends[card.training.seed] == max(ends.values())
    assert [turn["loss"] for turn in card.training.options["turns"]] == ["bce_dice", "bce"]
    assert sorted(path.name for path in runs.iterdir()) == [
        "drawn.1.checkpoint",
        "drawn.2.checkpoint",
        "drawn.csv",
        "drawn.seed1.1.checkpoint",
        "drawn.seed1.2.checkpoint",
    ]
    making.make("drawn", parts, (PLAN, second), data=[DATA], seeds=(0, 1))
    again = read_model(shipped / "drawn.segmodel").card
    assert again.scores == card.scores
    assert "step 6 of 12" not in capsys.readouterr().out


def test_a_last_turn_learns_from_all_pictures_and_leaves_what_was_chosen_and_judged(
    tmp_path, monkeypatch, capsys
):
    words = ["drawn.py", "--runs", str(tmp_path / "runs"), "--note", "Stopped twice."]
    before_last = ["--without-last", "--out", str(tmp_path / "before")]
    monkeypatch.setattr(sys, "argv", [*words, *before_last])
    last = replace(PLAN, schedule=replace(PLAN.schedule, steps=9), loss="bce")
    parts = [drawn(seed) for seed in range(3)], [drawn(9), drawn(10)]
    making.make("drawn", parts, (PLAN,), data=[DATA], last=last)
    monkeypatch.setattr(sys, "argv", [*words, "--out", str(tmp_path / "after")])
    fitted = []
    usual = making.fit
    monkeypatch.setattr(
        making, "fit", lambda *told, **more: fitted.append(told) or usual(*told, **more)
    )
    made = making.model_files
    lighter = []
    monkeypatch.setattr(
        making, "model_files", lambda *told: lighter.append(made(*told)) or lighter[-1]
    )
    making.make("drawn", parts, (PLAN,), data=[DATA], last=last)
    assert {one.name for one in fitted[-1][0]} == {"d0", "d1", "d2", "d9", "d10"}
    before, after = (
        read_model(tmp_path / folder / "drawn.segmodel").card
        for folder in ("before", "after")
    )
    assert (after.scores, after.cutoffs) == (before.scores, before.cutoffs)
    assert after.scores_on.endswith("before a last turn of training that saw them too")
    last_turn = read_model(tmp_path / "after" / "drawn.segmodel")
    files = {name: last_turn.read(name) for name in after.files}
    stale = after.model_copy(update={"fidelity": {}})
    checked, kept = with_fidelity(stale, {**lighter[-1], **files}, [*parts[0], *parts[1]])
    assert after.fidelity == checked.fidelity
    assert {*after.files} == {*kept}
    assert after.files["weights.safetensors"] != before.files["weights.safetensors"]
    assert after.training.steps == before.training.steps + 9
    turns = after.training.options["turns"]
    assert [turn["loss"] for turn in turns] == ["bce_dice", "bce"]
    assert after.training.options["note"] == "Stopped twice."
    assert "step 9 of 9" in capsys.readouterr().out


def test_weights_of_colour_become_those_that_see_grey_so():
    colour, grey = (
        {**NETWORK, "channels": channels, "outputs": list(FLOW_OUTPUTS)}
        for channels in (3, 1)
    )
    seeing = {}
    for channels, architecture in ((3, colour), (1, grey)):
        seeing[channels] = build(architecture).eval()
        seeing[channels].load_state_dict(making.weights_of("nuclei", architecture))
    picture = torch.rand(1, 1, 64, 80, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        in_colour = seeing[3](picture.expand(1, 3, 64, 80))
        assert torch.allclose(seeing[1](picture), in_colour, atol=1e-4)
