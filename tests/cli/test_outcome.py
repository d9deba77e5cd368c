import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.cli.outcome import Request, judge_request
from segmetry.dataset.truths import find_truths
from segmetry.errors import DatasetError
from segmetry.io import write_png, write_probability

N = 6
SHAPE = (60, 80)


def lines(k):
    """A cross of a line 2 px wide and one 6 px wide, elsewhere in each picture."""
    truth = np.zeros(SHAPE, bool)
    truth[20 + k : 22 + k] = True
    truth[:, 30 + k : 36 + k] = True
    return truth


def person(k):
    """What a second observer marks: the thin line ends early."""
    marked = lines(k)
    marked[20 + k : 22 + k, 50 + k :] = False
    return marked


def view():
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.hypot(y - 30, x - 40) < 29


def save(path, mask):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, mask.astype(np.uint8) * 255)


@pytest.fixture
def drawn(tmp_path):
    """Six pictures with maps that know all but the second half of the thin line."""
    for k in range(N):
        save(tmp_path / "first" / f"p{k}.png", lines(k))
        save(tmp_path / "second" / f"p{k}.png", person(k))
        save(tmp_path / "fov" / f"p{k}.png", view())
        light = np.where(lines(k), 0.9, 0.1)
        light[20 + k : 22 + k, 60 + k :] = 0.4
        noise = np.random.default_rng(k).uniform(-0.05, 0.05, SHAPE)
        (tmp_path / "maps").mkdir(exist_ok=True)
        write_probability(tmp_path / "maps" / f"p{k}.tif", light + noise)
    return tmp_path


def asked(folder, **options):
    return Request(
        folder / "maps",
        folder / "first",
        "pixels",
        fov=folder / "fov",
        **{
            "second_observer": folder / "second",
            "thin": True,
            **options,
        },
    )


def judged(request):
    truths = find_truths(
        request.truth, task=request.task, fov=request.fov, thin=request.thin
    )
    return judge_request(request, truths)


def told(folder, *words):
    paths = (folder / "maps", folder / "first", "--fov", folder / "fov")
    words = ("evaluate", *paths, "--task", "pixels", *words)
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_prediction_stands_beside_a_second_observer(drawn):
    outcome = judged(asked(drawn))
    observer = outcome.others["second_observer"]
    inside = view()
    shares = [
        (person(k) & lines(k) & inside).sum() / (lines(k) & inside).sum() for k in range(N)
    ]
    assert observer.scores["sensitivity"].value == pytest.approx(np.mean(shares))
    assert observer.scores["specificity"].value == 1
    assert "auc_roc_pooled" not in observer.scores
    gains = outcome.gains["second_observer"]
    assert {"dice", "sensitivity", "cldice"} <= set(gains)
    assert "auc_roc" not in gains
    assert gains["sensitivity"].low > 0  # it lost less of the thin line


def test_every_score_is_told_against_both_observers(drawn):
    outcome = judged(asked(drawn))
    first, second = outcome.evaluation, outcome.second.evaluation
    assert set(first.scores) == set(second.scores)
    assert second.scores["sensitivity"].value == 1
    assert first.scores["sensitivity"].value < 1
    assert first.scores["specificity"].value == 1
    assert second.scores["specificity"].value < 1
    assert first.scores["auc_roc_pooled"].value == 1
    assert "second_observer" not in outcome.second.others
    assert "baseline" in outcome.second.others


def test_at_the_specificity_of_the_person_the_map_finds_more(drawn):
    beside = judged(asked(drawn)).beside
    assert beside.specificity == 1
    assert beside.prediction.value == 1
    assert beside.difference.low > 0


def test_another_prediction_is_judged_against_both_observers_too(drawn):
    outcome = judged(asked(drawn, against=drawn / "second"))
    assert outcome.second.others["against"].scores["dice"].value == 1
    assert outcome.others["against"].scores["dice"].value < 1


def test_masks_are_compared_with_a_person_but_have_no_other_operating_point(drawn):
    outcome = judge_request(
        Request(
            drawn / "first", drawn / "first", "pixels", second_observer=drawn / "second"
        ),
        find_truths(drawn / "first", task="pixels"),
    )
    assert outcome.beside is None
    assert outcome.evaluation.scores["dice"].value == 1
    assert "cldice" not in outcome.evaluation.scores


def test_what_lies_outside_the_field_of_view_changes_nothing(drawn):
    before = judged(asked(drawn))
    for k in range(N):
        for folder, mask in (("first", lines(k)), ("second", person(k))):
            save(drawn / folder / f"p{k}.png", mask ^ ~view())
    after = judged(asked(drawn))
    assert after.evaluation.pictures == before.evaluation.pictures
    assert after.second.evaluation.pictures == before.second.evaluation.pictures


@pytest.mark.parametrize("task", ["objects", "counts", "detection"])
def test_a_second_observer_is_judged_like_a_prediction_whatever_the_task(drawn, task):
    """Two bars are seen apart; the second person sees one of them."""
    for k in range(N):
        both = np.zeros(SHAPE, bool)
        both[10:30, 10:20] = both[10:30, 40 + k : 50 + k] = True
        save(drawn / "first" / f"p{k}.png", both)
        save(drawn / "maps" / f"p{k}.png", both)
        (drawn / "maps" / f"p{k}.tif").unlink()
        both[10:30, 10:20] = False
        save(drawn / "second" / f"p{k}.png", both)
    distance = "5px" if task == "detection" else None
    truths = find_truths(drawn / "first", task=task, distance=distance)
    request = Request(
        drawn / "maps", drawn / "first", task, second_observer=drawn / "second"
    )
    outcome = judge_request(request, truths)
    person = outcome.others["second_observer"]
    assert person.scores["count_bias"].value == -1
    assert outcome.evaluation.scores["count_bias"].value == 0
    assert outcome.second.evaluation.scores["count_bias"].value == 1
    assert outcome.beside is None
    if task == "detection":
        assert person.scores["recall_centres"].value == 0.5
        assert person.scores["f1_40_pooled"].value == pytest.approx(2 / 3)
        assert outcome.gains["second_observer"]["f1_centres"].low > 0


def test_a_request_of_which_nothing_can_be_judged_is_refused(drawn):
    for k in range(N):
        save(drawn / "second" / f"p{k}.png", person(k)[:10])
    with pytest.raises(DatasetError, match="No picture could be judged"):
        judged(asked(drawn))


def test_json_has_the_observer_and_the_scores_against_that_person(drawn):
    done = told(drawn, "--second-observer", drawn / "second", "--thin", "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    keys = {"value", "low", "high", "n"}
    assert set(answer["skeleton_recall_1_2"]) == keys
    assert set(answer["second_observer"]["dice"]) == keys
    assert answer["second_observer"]["name"] == "second"
    assert answer["second_observer"]["verdict"]["says"] == "better"
    at = answer["second_observer"]["at_their_specificity"]
    assert at["specificity"] == 1
    assert "it finds more" in at["sentence"]
    against = answer["against_second_observer"]
    assert set(against["auc_roc_pooled"]) == keys
    assert against["sensitivity"]["value"] == 1
    assert answer["notes"] == []
    assert "against_second_observer" not in json.loads(told(drawn, "--json").stdout)


def test_people_get_two_tables_and_a_sentence(drawn):
    done = told(drawn, "--second-observer", drawn / "second", "--thin")
    assert done.exit_code == 0, done.output
    assert "against the second observer, 6 pictures" in done.stdout
    assert "clDice" in done.stdout
    assert "As specific as the second observer (1.0000" in done.stdout
    assert "Second observer: second, masks: one point of a curve" in done.stdout


def test_a_picture_that_the_second_observer_left_out_is_told(drawn):
    Path(drawn / "second" / "p3.png").unlink()
    done = told(drawn, "--second-observer", drawn / "second", "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["dice"]["n"] == N
    assert answer["against_second_observer"]["dice"]["n"] == N - 1
    assert "The second observer has no result for p3." in answer["notes"]


def test_a_mask_of_another_size_ends_with_status_1_and_a_reason(drawn):
    save(drawn / "second" / "p3.png", person(3)[:10])
    done = told(drawn, "--second-observer", drawn / "second", "--json")
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    (note,) = [each for each in answer["notes"] if "against the second observer:" in each]
    assert "80 x 60 pixels and its truth 80 x 10" in note
    assert answer["dice"]["n"] == N
