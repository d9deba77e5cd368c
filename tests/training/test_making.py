"""A model is made from the best of its random starts, and says so on its card."""

import sys
from dataclasses import replace

import making
import numpy as np
import pytest

from segmetry.image import Image
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example
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
    monkeypatch.setattr(making, "SHIPPED", shipped)
    monkeypatch.setattr(sys, "argv", ["drawn.py", "--runs", str(runs)])
    parts = [drawn(seed) for seed in range(3)], [drawn(9), drawn(10)]
    last = replace(PLAN, schedule=replace(PLAN.schedule, steps=6), loss="bce")
    making.make("drawn", parts, (PLAN, last), data=[DATA], seeds=(0, 1), best_by="auc_roc")
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
    making.make("drawn", parts, (PLAN, last), data=[DATA], seeds=(0, 1), best_by="auc_roc")
    again = read_model(shipped / "drawn.segmodel").card
    assert again.scores == card.scores
    assert "step 6 of 12" not in capsys.readouterr().out
