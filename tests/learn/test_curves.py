import csv
import math
import xml.etree.ElementTree as ET

import pytest

from segmetry.errors import WriteError
from segmetry.evaluate import MeanScore
from segmetry.learn.curves import write_curves, write_learning_curve
from segmetry.learn.outcome import LearningPoint

RUNS = {
    "fold 1 of 2": [{"step": 10, "loss": 1.5, "score": 0.25}],
    "all pictures": [{"step": 10, "loss": 1.25}],
}


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
