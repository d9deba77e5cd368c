import json
import math
from pathlib import Path

from segmetry.dataset import Finding
from segmetry.evaluate import MeanScore
from segmetry.learn.gate import compare
from segmetry.learn.outcome import LearningPoint, Outcome
from segmetry.models import Card


def test_a_refused_model_is_told_with_all_figures_as_json():
    outcome = Outcome(
        path=None,
        card=None,
        verdict=compare([0.4], [0.5], name="nuclei"),
        findings=(Finding("p1", "empty", "The mask marks no object."),),
        choices=("One.", "Two."),
        pictures={"p0": {"dsb_score": 0.4, "old": 0.5}},
        learning_curve=[LearningPoint(3, MeanScore(0.5, math.nan, math.nan, 1))],
        seconds=1.5,
    )
    assert not outcome.accepted
    told = json.loads(json.dumps(outcome.as_json(), allow_nan=False))
    assert told["model"] is None
    assert told["accepted"] is False
    assert told["comparison"]["old"] == 0.5
    assert told["comparison"]["sentence"].startswith("Refused")
    assert told["findings"][0]["name"] == "p1"
    assert told["pictures"]["p0"]["old"] == 0.5
    assert told["learning_curve"] == [
        {"n_pictures": 3, "value": 0.5, "low": None, "high": None, "n": 1}
    ]


def test_an_accepted_model_is_told_with_its_scores(tmp_path):
    card = Card(
        name="cells",
        created="2026-01-31",
        architecture={"kind": "unet"},
        outputs=["foreground", "border", "distance"],
        channels=1,
        multiple=4,
        scale="native",
        scores={"all": {"dsb_score": {"value": 0.5, "n": 3}}},
    )
    path = Path(tmp_path, "cells.segmodel")
    told = Outcome(path=path, card=card, verdict=None).as_json()
    assert told["accepted"] is True
    assert told["model"] == str(path)
    assert told["name"] == "cells"
    assert told["scores"]["all"]["dsb_score"]["value"] == 0.5
    assert told["comparison"] is None
