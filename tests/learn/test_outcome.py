import csv
import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from segmetry.dataset import Finding
from segmetry.errors import WriteError
from segmetry.evaluate import MeanScore
from segmetry.learn.gate import compare
from segmetry.learn.outcome import (
    LearningPoint,
    Outcome,
    write_curves,
    write_learning_curve,
)
from segmetry.models import Card

RUNS = {
    "fold 1 of 2": [{"step": 10, "loss": 1.5, "score": 0.25}],
    "all pictures": [{"step": 10, "loss": 1.25}],
}


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
        outputs=["foreground", "flow_y", "flow_x"],
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


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_curves_are_written_beside_the_model_as_table_and_figures(tmp_path):
    write_curves(tmp_path / "my.cells.segmodel", RUNS)
    assert rows_of(tmp_path / "my.cells.curves.csv") == [
        ["training", "step", "loss", "dsb_score"],
        ["fold 1 of 2", "10", "1.5", "0.25"],
        ["all pictures", "10", "1.25", ""],
    ]
    assert (tmp_path / "my.cells.curves.png").read_bytes()[:4] == b"\x89PNG"
    drawn = ET.parse(tmp_path / "my.cells.curves.svg").getroot()
    assert drawn.tag.endswith("svg")


def test_the_learning_curve_is_written_the_same_way(tmp_path):
    points = [
        LearningPoint(3, MeanScore(0.5, math.nan, math.nan, 4)),
        LearningPoint(6, MeanScore(0.75, 0.5, 1.0, 8)),
    ]
    write_learning_curve(tmp_path / "cells.segmodel", points)
    assert rows_of(tmp_path / "cells.learning_curve.csv") == [
        ["pictures", "dsb_score", "low", "high"],
        ["3", "0.5", "", ""],
        ["6", "0.75", "0.5", "1.0"],
    ]
    assert (tmp_path / "cells.learning_curve.png").stat().st_size > 1000
    ET.parse(tmp_path / "cells.learning_curve.svg")


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(WriteError, match="folder does not exist"):
        write_curves(tmp_path / "none" / "cells.segmodel", RUNS)
