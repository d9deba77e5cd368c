"""The tasks learn from the same, and are judged on the same, by counts and by places."""

import json
import sys
from dataclasses import replace

import neurons_tasks
import numpy as np
import pytest
from drawn_slices import EXAM, EXAM_SEEDS
from neurons_tasks import TASKS, box_f1, boxes, judged, main, n_cells, plan_for, slices
from neurons_tasks_page import NAMES, count_errors, says

from segmetry.image import Image
from segmetry.learn.examples import Example
from segmetry.learn.judging import Answer
from segmetry.learn.plan import plan_from_json
from segmetry.learn.tasks import task_of
from segmetry.models.outputs import Cutoffs


def squares(*places, side=10, shape=(80, 90)):
    labels = np.zeros(shape, np.uint32)
    for number, (row, column) in enumerate(places, start=1):
        labels[row : row + side, column : column + side] = number
    return labels


def perfect(labels, outputs):
    task = task_of(outputs)
    one = Example(Image(np.zeros(labels.shape)), labels)
    return Answer(one, task.wanted(labels), task)


PLACES = [(5, 5), (5, 40), (40, 20), (60, 70)]


@pytest.fixture(scope="module")
def parts():
    return slices(6)


def test_no_slice_of_the_exam_is_looked_at(monkeypatch):
    assert not set(neurons_tasks.SEEDS) & set(EXAM_SEEDS)
    monkeypatch.setattr(neurons_tasks, "SEEDS", range(499, 520))
    with pytest.raises(ValueError, match="slices of the exam"):
        slices(3)


def test_the_maps_are_all_in_which_the_plans_differ(parts):
    plans = [plan_for(task, 3, parts, steps=20) for task in TASKS]
    assert [plan.task.name for plan in plans] == list(TASKS)
    for plan in plans:
        same = replace(plan, architecture=plans[0].architecture, loss=plans[0].loss)
        assert same == plans[0]
        assert plan.geometry.octaves == 0
    assert plans[0].seed == 3


@pytest.mark.parametrize(
    "outputs", [("foreground",), ("foreground", "flow_y", "flow_x"), ("density:3.0",)]
)
def test_perfect_maps_have_the_true_counts_and_places(outputs):
    told = judged(perfect(squares(*PLACES), outputs), Cutoffs())
    assert told["true"] == 4
    assert told["found"] == pytest.approx(4, rel=1e-3)
    if len(told) > 2:
        scores = {
            name: value for name, value in told.items() if name not in {"found", "true"}
        }
        assert scores == dict.fromkeys(("f1_centres", "f1_masks", "f1_boxes", "dice"), 1)


@pytest.mark.parametrize("shift", [(0, 0), (2, 1), (5, 5)])
def test_boxes_are_paired_by_their_overlap(shift):
    moved = squares(*(np.add(place, shift) for place in PLACES))
    shared = (10 - shift[0]) * (10 - shift[1])
    is_near = shared / (200 - shared) > 0.4
    assert box_f1(moved, squares(*PLACES)) == float(is_near)


def test_a_box_over_two_cells_is_one_of_them_at_most():
    pair, joined = squares((10, 10), (10, 20)), squares((10, 10))
    joined[10:20, 10:24] = 1
    assert box_f1(joined, pair) == pytest.approx(2 / 3)
    assert box_f1(squares(), squares()) == 1
    assert box_f1(squares(), pair) == 0
    assert boxes(pair).tolist() == [[10, 10, 20, 20], [10, 20, 20, 30]]


def test_a_tie_or_a_difference_is_told_as_such():
    random = np.random.default_rng(0)
    noise = random.normal(0, 1, (3, 60))
    assert "it is better" in says(0.1 * noise, 5 + noise)
    assert "it is worse" in says(5 + noise, 0.1 * noise)
    assert "no difference is shown" in says(noise, noise[:, ::-1])
    turned = 5 + noise
    turned[0] = 0
    assert "not in every start" in says(turned, 2 + 0.1 * noise)


@pytest.mark.slow
def test_the_page_is_written_and_a_second_run_reads_what_the_first_found(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(neurons_tasks, "SIDE", 32)
    monkeypatch.setattr(neurons_tasks, "BATCH", 2)
    small = replace(EXAM, shape=(96, 96), cells=(1, 5))
    monkeypatch.setattr(neurons_tasks, "EXAM", small)
    write, out = tmp_path / "page.md", tmp_path / "runs"
    words = ["--starts", "2", "--steps", "2", "--slices", "16"]
    line = ["neurons_tasks.py", "--out", str(out), "--write", str(write), *words]
    monkeypatch.setattr(sys, "argv", line)
    main()
    kept = sorted(path.name for path in out.iterdir())
    assert kept == sorted(f"{task}_{seed}_2_6.json" for task in TASKS for seed in (0, 1))
    text = write.read_text()
    assert all(name in text for name in NAMES.values())
    found = [json.loads((out / name).read_text()) for name in kept]
    assert all(len(one["pictures"]) == 6 for one in found)
    assert count_errors(found[:2]).shape == (2, 6)
    true = [n_cells(one) for one in slices(16).judging]
    assert [row["true"] for row in found[0]["pictures"]] == true
    monkeypatch.setattr(neurons_tasks, "fit", None)
    write.unlink()
    main()
    assert write.read_text() == text


def test_one_start_alone_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["neurons_tasks.py", "--starts", "1"])
    with pytest.raises(SystemExit):
        main()
    assert "one run of each says nothing" in capsys.readouterr().err


def test_plans_can_be_stored(parts):
    plan = plan_for("counts", 0, parts, steps=9)
    assert plan_from_json(plan.as_json()) == plan
