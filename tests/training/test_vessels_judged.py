"""Models of vessels are judged by the command line's own figures, which make the tables."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import vessels_judged as script
from PIL import Image as Picture
from vessels_judged import MARK, Method, judged, start_table, written

from segmetry.models import find_model, read_model, write_model


def score(value, low=None, high=None):
    return {"value": value, "low": low, "high": high, "n": 20}


KEYS = (
    *("auc_roc", "auc_roc_pooled", "auc_pr_pooled", "dice_pooled", "sensitivity_pooled"),
    *("sensitivity_at_specificity_pooled", "accuracy_pooled", "cldice_pooled"),
    *(f"skeleton_recall_{width}_pooled" for width in ("1_2", "2_4", "4_8", "over_8")),
)


def told(first, second, person=0.78):
    return {
        **{key: score(first, first - 0.01, first + 0.01) for key in KEYS},
        "against_second_observer": {key: score(second) for key in KEYS},
        "second_observer": {key: score(person) for key in KEYS},
    }


def test_a_score_is_told_with_its_interval_where_it_has_one():
    assert script.number(score(0.98765, 0.97, 0.991), 4) == "0.9877 (0.9700 to 0.9910)"
    assert script.number(score(0.98765)) == "0.988"


def test_both_observers_have_columns_and_the_second_one_a_row():
    lines = script.score_table({"`a`": told(0.9, 0.95), "`b`": told(0.8, 0.85)})
    rows = {line.split(" | ")[0]: line for line in lines}
    assert list(rows)[2:] == ["| `a`", "| `b`", "| second observer"]
    assert "| 0.9000 (0.8900 to 0.9100) | 0.9500 | 0.900" in rows["| `a`"]
    person = rows["| second observer"].split("|")[2:-1]
    assert [cell.strip() for cell in person[:3]] == ["", "", ""]
    assert "0.780" in person[3]
    assert {line.count("|") for line in lines} == {10}


def test_recall_is_told_by_width():
    lines = script.width_table({"`a`": told(0.9, 0.95)})
    assert lines[0] == "| method | 1 to 2 px | 2 to 4 | 4 to 8 | over 8 |"
    assert lines[2].count("0.900 (0.890 to 0.910)") == 4
    assert lines[3].count("0.780") == 4


def test_each_start_has_its_own_rows():
    held, test = (
        {
            f"{stage}{start}-flips-{flips}": told(level + start / 100, level)
            for start in script.STARTS
            for flips in ("yes", "no")
        }
        for stage, level in (("before", 0.9), ("after", 0.95))
    )
    lines = start_table(held, test)
    assert len(lines) == 2 + 2 * len(script.STARTS)
    assert lines[4].startswith("| 1 | yes | 0.9100 | 0.91000 | 0.9600 | 0.9600 | 0.9500 |")


def test_a_table_is_replaced_between_its_marks():
    mark = MARK.format("starts")
    page = f"before\n{mark}\nold\n{mark}\nafter\n"
    assert written(page, "starts", ["| a |"]) == f"before\n{mark}\n| a |\n{mark}\nafter\n"
    with pytest.raises(ValueError, match="unpack"):
        written("no marks", "starts", ["| a |"])


def test_each_start_is_run_with_and_without_flips_and_ridge_beside(tmp_path):
    names = [one.name for one in script.methods(tmp_path, "after")]
    assert len(set(names)) == 2 * len(script.STARTS) + 1
    assert names[-1] == "after-ridge"


@pytest.fixture
def drawn(tmp_path):
    """A method with a model's file, and a folder of pictures."""
    pictures = tmp_path / "set"
    for kind in ("images", "masks", "masks2", "fov"):
        (pictures / kind).mkdir(parents=True)
        (pictures / kind / "1.png").write_bytes(kind.encode())
    model = tmp_path / "a" / "vessels.segmodel"
    model.parent.mkdir()
    model.write_bytes(b"weights")
    return Method("after0", "vessels", ("flips=no",), model), pictures


@pytest.mark.parametrize("kind", ["images", "masks", "masks2", "fov"])
def test_a_result_is_not_taken_for_one_of_other_pictures(drawn, kind):
    method, pictures = drawn
    before = method.identity(pictures)
    (pictures / kind / "1.png").write_bytes(b"other")
    assert method.identity(pictures) != before


def test_a_result_is_not_taken_for_one_of_another_model_or_other_options(drawn):
    method, pictures = drawn
    others = replace(method, options=("flips=yes",)), replace(method, segmenter="ridge")
    before = {method.identity(pictures), *(one.identity(pictures) for one in others)}
    method.model.write_bytes(b"other weights")
    assert len({method.identity(pictures), *before}) == 4


def test_a_result_counts_wherever_the_model_and_the_pictures_lie(drawn, tmp_path):
    method, pictures = drawn
    moved = replace(method, model=tmp_path / "b" / "vessels.segmodel")
    method.model.parent.rename(tmp_path / "b")
    before = moved.identity(pictures)
    assert moved.identity(pictures.rename(tmp_path / "c")) == before
    assert replace(moved, model=None).identity(tmp_path / "c") != before


def test_the_shipped_start_is_found_by_its_network_whatever_its_card_says(tmp_path):
    for start, name in enumerate(("nuclei", "vessels", "particles")):
        (tmp_path / f"after{start}").mkdir()
        shutil.copy(find_model(name), tmp_path / f"after{start}" / script.MODEL)
    model = read_model(find_model("vessels"))
    card = model.card.model_copy(update={"scores_on": "other words"})
    again = tmp_path / "shipped.segmodel"
    write_model(again, card, {name: model.read(name) for name in card.files})
    assert script.shipped(tmp_path, again) == 1
    shutil.copy(find_model("nuclei"), tmp_path / "after1" / script.MODEL)
    with pytest.raises(SystemExit, match=r"shipped\.segmodel .* none of the starts in"):
        script.shipped(tmp_path, again)


@pytest.mark.slow
def test_a_method_is_run_and_scored_by_the_command_line_once(tmp_path, monkeypatch):
    y, x = np.mgrid[:160, :170]
    eye = np.hypot(y - 80, x - 85) < 75
    for k in range(2):
        line = eye & (np.abs(y - 0.3 * x - 40 - 9 * k) < 2)
        parts = {"masks": line, "masks2": np.roll(line, 1, axis=0), "fov": eye}
        parts = {name: part * np.uint8(255) for name, part in parts.items()}
        parts["images"] = np.where(line, 70, np.where(eye, 120, 3)).astype(np.uint8)
        for name, pixels in parts.items():
            (tmp_path / "set" / name).mkdir(parents=True, exist_ok=True)
            Picture.fromarray(pixels).save(tmp_path / "set" / name / f"{k}.png")
    (tmp_path / "runs").mkdir()
    method = Method("drawn", "ridge", ("widest=5",))
    found = judged(method, tmp_path / "set", tmp_path / "runs")
    assert found["auc_roc_pooled"]["value"] > 0.99
    assert found["against_second_observer"]["auc_roc_pooled"]["value"] > 0.9
    assert found["second_observer"]["dice_pooled"]["value"] < 0.95
    assert found["settings"]["specificity"] == script.SPECIFICITY
    assert script.score_table({"`ridge`": found})
    monkeypatch.setattr(script, "segmetry", None)  # what is kept is not done again
    assert judged(method, tmp_path / "set", tmp_path / "runs") == found
    kept = tmp_path / "runs" / f"drawn-{method.identity(tmp_path / 'set')}.json"
    assert json.loads(kept.read_text(encoding="utf-8")) == found
