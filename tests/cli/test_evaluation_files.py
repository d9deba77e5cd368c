import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.cli.evaluation_files import pictures_table, scores_table
from segmetry.io import read, write_png, write_probability
from segmetry.report.error_picture import INVENTED, MISSED, RIGHT

N = 10
SHAPE = (40, 60)
SCORE = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9}


def save(path, mask):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, mask.astype(np.uint8) * 255)


def line():
    truth = np.zeros(SHAPE, bool)
    truth[10:14, 5:55] = True
    return truth


@pytest.fixture
def folder(tmp_path):
    """Ten pictures; of picture k the first k x 4 columns of the line are missed."""
    for k in range(N):
        found = line()
        found[:, : 5 + 4 * k] = False
        found[30:32, :k] = True
        save(tmp_path / "truth" / f"p{k}.png", line())
        save(tmp_path / "found" / f"p{k}.png", found)
        save(tmp_path / "person" / f"p{k}.png", line() & (np.arange(60) > 7))
        view = np.ones(SHAPE, bool)
        view[:, :8] = False
        save(tmp_path / "fov" / f"p{k}.png", view)
    return tmp_path


def evaluated(folder, *words):
    paths = ("evaluate", folder / "found", folder / "truth", "--task", "pixels")
    words = (*paths, "--out", folder / "out", *words)
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return folder / "out"


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_picture_has_a_picture_of_its_errors(folder):
    out = evaluated(folder, "--fov", folder / "fov")
    assert {path.name for path in (out / "errors").iterdir()} == {
        f"p{k}.png" for k in range(N)
    }
    pixels = read(out / "errors" / "p6.png").pixels
    assert tuple(pixels[11, 20]) == MISSED
    assert tuple(pixels[11, 40]) == RIGHT
    # Columns 0 to 7 lie outside: what was invented there is dim.
    assert pixels[31, 3].max() < max(INVENTED) / 2
    assert pixels[2, 3].max() < pixels[2, 30].max()


def test_the_page_shows_the_worst_and_the_best(folder):
    page = (evaluated(folder) / "evaluation.html").read_text(encoding="utf-8")
    worst, best = page.index("Worst pictures"), page.index("Best pictures")
    shown = {k: page.find(f"<h3>p{k}</h3>") for k in range(N)}
    assert worst < shown[9] < shown[8] < shown[7] < best
    assert best < shown[0] < shown[1] < shown[2]
    assert {shown[k] for k in (3, 4, 5, 6)} == {-1}
    assert page.count("data:image/jpeg") == 6
    assert "</span>missed</span>" in page
    assert "true outline" not in page


def test_a_single_picture_is_shown_once(folder):
    words = ("evaluate", folder / "found/p3.png", folder / "truth/p3.png", "--task",
             "pixels", "--out", folder / "out")  # fmt: skip
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    page = (folder / "out" / "evaluation.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg") == 1


def test_stacks_have_scores_but_no_error_pictures(tmp_path):
    stack = np.zeros((3, 12, 12), np.float32)
    stack[1, 3:8] = 0.9
    for name in ("maps", "true"):
        (tmp_path / name).mkdir()
    write_probability(tmp_path / "maps" / "s.tif", stack)
    write_probability(tmp_path / "true" / "s.tif", (stack > 0.5).astype(np.float32))
    words = ("evaluate", tmp_path / "maps", tmp_path / "true", "--task", "pixels",
             "--out", tmp_path / "out")  # fmt: skip
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    assert not list((tmp_path / "out" / "errors").iterdir())


def test_the_tables_hold_both_observers(folder):
    out = evaluated(folder, "--second-observer", folder / "person", "--thin")
    told = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    (row,) = [row for row in rows(out / "pictures.csv") if row["image"] == "p4"]
    observer, against = told["second_observer"], told["against_second_observer"]
    assert float(row["cldice"]) == told["pictures"]["p4"]["cldice"]
    assert float(row["second_observer_dice"]) == observer["pictures"]["p4"]["dice"]
    assert float(row["dice_against_second_observer"]) == against["pictures"]["p4"]["dice"]
    scores = {
        (row["prediction"], row["truth"], row["score"]): row
        for row in rows(out / "scores.csv")
    }
    pooled = scores["prediction", "second observer", "dice_pooled"]
    assert float(pooled["value"]) == against["dice_pooled"]["value"]
    assert float(pooled["low"]) == against["dice_pooled"]["low"]
    ceiling = scores["second_observer", "first", "sensitivity"]
    assert float(ceiling["value"]) == observer["sensitivity"]["value"]
    assert ("second_observer", "second observer", "dice") not in scores
    assert ("baseline", "second observer", "dice") in scores


def test_the_page_has_a_table_against_the_second_observer(folder):
    out = evaluated(folder, "--second-observer", folder / "person")
    page = (out / "evaluation.html").read_text(encoding="utf-8")
    assert "<h3>Against the second observer</h3>" in page
    assert "masks for truth, 10 pictures" in page


def test_groups_and_unknown_values_are_in_the_table_of_scores():
    unknown = {"value": None, "low": None, "high": None, "n": 0}
    told = {
        "dice": SCORE,
        "groups": {"dark": {"dice": unknown}},
        "pictures": {},
        "baseline": None,
        "notes": [],
    }
    lines = scores_table(told).splitlines()
    assert lines == [
        "prediction,truth,group,score,value,low,high,n",
        "prediction,first,,dice,0.5,0.4,0.6,9",
        "prediction,first,dark,dice,,,,0",
    ]


def test_pictures_without_a_second_observer_have_plain_columns():
    told = {"pictures": {"a": {"group": "dark", "dice": 0.5}, "b": {"dice": None}}}
    assert pictures_table(told).splitlines() == ["image,group,dice", "a,dark,0.5", "b,,"]
