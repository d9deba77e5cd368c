"""Cells are judged by the command line's own figures, which make the tables."""

import neurons_judged as script
import numpy as np
import pytest
from drawn_slices import drawn_slice
from PIL import Image as Picture
from vessels_judged import Method, written


def score(value, low=None, high=None):
    return {"value": value, "low": low, "high": high, "n": 2}


def told(tp, fp, fn, low=None, high=None):
    """What is told of two pictures, the second of them without any cell."""
    keys = ("tp_centres", "fp_centres", "fn_centres")
    row = dict(zip(keys, (tp, fp, fn), strict=True))
    empty = {**dict.fromkeys(keys, 0), "n_true": 0, "n_predicted": 0, "f1_centres": None}
    f1 = 2 * tp / (2 * tp + fp + fn)
    return {
        "f1_centres_pooled": score(f1, low, high),
        "precision_centres_pooled": score(tp / (tp + fp)),
        "recall_centres_pooled": score(tp / (tp + fn)),
        "count_mae": score(abs(fp - fn) / 2),
        "pictures": {
            "b": {**row, "n_true": tp + fn, "n_predicted": tp + fp, "f1_centres": f1},
            "a": empty,
        },
    }


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_holds_the_score_and_narrows_with_more_cells(seed):
    rng = np.random.default_rng(seed)
    right, wrong = rng.integers(1, 80, 2)
    low, high = script.bounds(right, wrong)
    more_low, more_high = script.bounds(10 * right, 10 * wrong)
    assert 0 <= low < more_low < 2 * right / (2 * right + wrong) < more_high < high <= 1


def test_the_interval_is_known_at_its_ends():
    assert script.bounds(0, 0) == (0, 1)
    low, high = script.bounds(50, 0)
    assert (round(low, 3), high) == (0.963, pytest.approx(1))
    assert script.bounds(0, 50)[0] == pytest.approx(0)


def test_the_interval_covers_the_true_score_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    share = 0.8
    right = rng.binomial(60, share, 400)
    covers = [low <= 2 * share / (1 + share) <= high for low, high in map_bounds(right, 60)]
    assert 0.92 < np.mean(covers) < 0.98


def map_bounds(right, n):
    return [script.bounds(k, n - k) for k in right]


def test_few_pictures_have_an_interval_over_cells_and_many_one_over_pictures():
    assert script.interval_text(told(9, 1, 1)).endswith("over cells)")
    text = script.interval_text(told(9, 1, 1, low=0.8, high=0.95))
    assert text == "0.900 (0.800 to 0.950, over pictures)"


def test_pictures_without_cells_count_in_the_total():
    lines = script.pooled_table({"`a`": told(8, 4, 2), "b": told(10, 0, 0)})
    assert lines[2].startswith("| `a` | 10 | 12 | +20.0 % | 0.727 (")
    assert lines[3].startswith("| b | 10 | 10 | +0.0 % | 1.000 (")
    assert {line.count("|") for line in lines} == {9}


def test_every_picture_has_a_row_and_one_without_cells_no_f1():
    lines = script.picture_table({"`a`": told(8, 4, 2), "b": told(10, 0, 0)})
    assert lines[0] == "| picture | cells | `a`: found | `a`: F1 | b: found | b: F1 |"
    assert lines[2:] == ["| a | 0 | 0 |  | 0 |  |", "| b | 10 | 12 | 0.73 | 10 | 1.00 |"]


def test_a_drawn_slice_is_judged_by_its_own_cells():
    method = Method("otsu", "threshold", ("min_area=200",))
    row = script.judged_slice(method, 3)
    assert row["n_true"] == drawn_slice(3).labels.max()
    assert row["tp_centres"] + row["fp_centres"] == row["n_predicted"]
    assert row["tp_centres"] + row["fn_centres"] == row["n_true"]


def test_a_slice_with_nothing_to_segment_has_no_cells(monkeypatch):
    flat = np.full((40, 40), 9, np.uint8), np.zeros((40, 40), np.uint32), "grey"
    monkeypatch.setattr(script, "drawn_slice", lambda _: flat)
    row = script.judged_slice(Method("otsu", "threshold"), 0)
    assert (row["n_predicted"], row["n_true"], row["f1_centres"]) == (0, 0, 1)


@pytest.mark.slow
def test_the_exam_goes_on_where_it_was(tmp_path):
    method = Method("otsu", "threshold")
    first = script.judged_drawn(method, [3], tmp_path)
    (kept,) = tmp_path.glob("drawn-otsu-*.jsonl")
    before = kept.read_text()
    both = script.judged_drawn(method, [3, 4], tmp_path)
    assert kept.read_text().startswith(before)
    assert first["pictures"]["00003"] == both["pictures"]["00003"]
    true = [drawn_slice(seed).labels.max() for seed in (3, 4)]
    assert script.sums(both)["n_true"] == sum(true)
    assert len(script.picture_table({"otsu": both})) == 4


@pytest.mark.slow
def test_real_slices_are_run_and_judged_once(tmp_path):
    pictures, runs = tmp_path / "set", tmp_path / "runs"
    runs.mkdir()
    for kind in ("images", "masks"):
        (pictures / kind).mkdir(parents=True)
    pixels, labels, _ = drawn_slice(3)
    Picture.fromarray(pixels).save(pictures / "images" / "a.png")
    Picture.fromarray(labels.astype(np.uint16)).save(pictures / "masks" / "a.png")
    method = Method("otsu", "threshold")
    told = script.judged(method, pictures, runs, pixel_size="0.5um")
    assert script.sums(told)["n_true"] == labels.max()
    (kept,) = runs.glob("*.json")
    kept.write_text('{"kept": 1}')
    again = script.judged(method, pictures, runs, pixel_size="0.5um")
    assert again == {"kept": 1}
    assert script.judged(method, pictures, runs) != again


def test_the_size_is_looked_for_as_well_where_it_is_known(tmp_path):
    known, unknown = (script.methods(name, tmp_path) for name in ("yellow", "red"))
    assert len(known) == len(unknown) + 1
    assert {one.name for one in unknown.values()} < {one.name for one in known.values()}


def test_tables_are_replaced_between_marks_of_this_script():
    mark = script.MARK.format("drawn")
    page = f"before\n{mark}\nold\n{mark}\nafter"
    assert written(page, "drawn", ["| new |"], mark=script.MARK).split("\n")[2] == "| new |"
