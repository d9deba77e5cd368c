"""The table of scores on a terminal: what is told, what is left out, what stands beside."""

import numpy as np
import pytest

from segmetry.cli.tell_evaluation import tell_evaluation
from segmetry.evaluate import (
    SCORES,
    evaluate_set,
    judge_objects,
    judge_pixels,
    match_objects,
)


def counts(n=6, *, off=1):
    """Pictures of ten objects in which some are found too many."""
    return {f"p{k}": (10 + off * (k + 1), 10) for k in range(n)}


def squares(n=6, *, shift=0):
    """Pictures of a square of which the left or right part was found."""
    truth = np.zeros((20, 30), np.uint32)
    truth[5:15, 5:15] = 1
    found = np.roll(truth, shift, axis=1)
    return {f"p{k}": (found, truth) for k in range(n)}


def objects(**more):
    return {
        name: judge_objects(match_objects(*pair)) for name, pair in squares(**more).items()
    }


def pixels(**more):
    return {
        name: judge_pixels(found > 0, truth > 0)
        for name, (found, truth) in squares(**more).items()
    }


@pytest.fixture
def told(capsys):
    """Tell an evaluation; get what was printed on stdout and on stderr."""

    def tell(evaluation, **more):
        nothing = {"others": {}, "second": None, "meanings": {}, "comparisons": ()}
        tell_evaluation(evaluation, **nothing | {"notes": ()} | more)
        return capsys.readouterr()

    return tell


def row(text, name):
    """The line of a score: its value and what stands behind."""
    (line,) = [line for line in text.splitlines() if line.lstrip().startswith(name)]
    return line.strip().removeprefix(name).split()


def test_every_score_stands_in_a_row_with_its_interval_and_formula(told):
    text = told(evaluate_set(counts(), task="counts")).out
    assert "counts of 6 pictures" in text
    for name in ("count_mae", "count_bias"):
        cells = row(text, f"{SCORES[name].title} ")
        assert float(cells[0]) == 3.5  # the mean of 1 to 6
        assert cells[2] == "to"
    assert SCORES["count_mae"].formula.split()[0] in text


def test_one_picture_is_no_pictures_and_has_no_interval(told):
    out = told(evaluate_set(counts(1), task="counts")).out
    assert "counts of 1 picture\n" in out.replace(" \n", "\n").replace("  ", "")
    assert " to " not in row(out, f"{SCORES['count_mae'].title} ")
    assert "interval" in out.splitlines()[-1]


def test_of_ten_levels_of_overlap_two_are_told(told):
    text = told(evaluate_set(objects(), task="objects")).out
    titles = [SCORES[f"dsb_precision_{level}"].title for level in range(50, 100, 5)]
    assert [title in text for title in titles] == [k in (0, 5) for k in range(10)]


def test_others_stand_beside_with_their_values(told):
    good, bad = (evaluate_set(counts(off=off), task="counts") for off in (1, 2))
    text = told(good, others={"a baseline": bad, "[none]": good}).out
    assert "a baseline" in text
    assert "[none]" in text  # no markup of the terminal
    cells = row(text, f"{SCORES['count_mae'].title} ")
    assert [float(cells[k]) for k in (0, 4, 5)] == [3.5, 7, 3.5]


def test_groups_have_a_table_of_their_own_with_their_sizes(told):
    groups = {f"p{k}": "odd" if k % 2 else "even [sic]" for k in range(6)}
    evaluation = evaluate_set(counts(), task="counts", groups=groups)
    text = told(evaluation).out
    assert "groups of pictures" in text
    assert "even [sic] (3 pictures)" in text
    assert "odd (3 pictures)" in text
    assert "groups of pictures" not in told(evaluate_set(counts(), task="counts")).out


def test_a_second_observer_has_the_scores_that_sum_up(told):
    evaluation = evaluate_set(pixels(shift=3), task="pixels")
    other = evaluate_set(pixels(shift=5), task="pixels")
    text = told(evaluation, second=(other, {"the first": evaluation})).out
    _, _, second = text.partition("against the second observer, 6 pictures")
    assert row(second, f"{SCORES['dice'].title} ")[0].startswith("0.5")  # half is shared
    assert row(text.partition("against")[0], f"{SCORES['dice'].title} ")[0][:3] == "0.7"
    assert SCORES["specificity"].title in second


def test_words_come_last_and_notes_go_to_stderr(told):
    said = told(
        evaluate_set(counts(), task="counts"),
        meanings={"baseline": "every picture has the mean"},
        comparisons=["It is better."],
        notes=["A picture was left out."],
    )
    assert said.out.endswith("Baseline: every picture has the mean.\nIt is better.\n")
    assert said.err == "A picture was left out.\n"


@pytest.mark.parametrize(("columns", "has_formulas"), [(60, False), (200, True)])
def test_formulas_are_told_where_there_is_room(told, monkeypatch, columns, has_formulas):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal
    text = told(evaluate_set(counts(), task="counts")).out
    assert ("formula" in text) == has_formulas
