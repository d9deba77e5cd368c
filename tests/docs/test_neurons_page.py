"""What the page on neurons says is what its tables and the shipped model's card tell."""

import re

import pytest


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.\d+", text)]


@pytest.mark.parametrize(("name", "cells"), [("yellow", 58), ("red", 188)])
def test_the_pictures_of_a_table_add_up_to_all(name, cells, rows_of):
    pictures = rows_of(f"{name}, picture by picture")
    assert len(pictures) == 4
    for row in rows_of(name):
        assert int(row["cells"]) == cells
        found = f"{row['method']}: found"
        if found in pictures[0]:
            assert sum(int(one[found]) for one in pictures) == int(row["found"])
    assert "`neurons`: found" in pictures[0]
    assert sum(int(one["cells"]) for one in pictures) == cells


@pytest.mark.parametrize("name", ["yellow", "red", "drawn"])
def test_intervals_hold_their_score(name, rows_of):
    for row in rows_of(name):
        value, low, high = numbers(row["F1"])
        assert low <= value <= high
        precision, recall = float(row["precision"]), float(row["recall"])
        assert value == pytest.approx(
            2 * precision * recall / (precision + recall), abs=0.002
        )


def test_the_pictures_that_taught_are_those_of_the_card(page, card):
    row = r"^\|[^|]*\| (\d+) \| [^|]*\d+[^|]* \|[^|]*\|$"
    rows = re.findall(row, page, flags=re.MULTILINE)
    assert [int(taught) for taught in rows] == [one.n_pictures for one in card.data]


def test_whether_the_floor_is_missed_follows_from_the_table(page, rows_of, in_one_line):
    value, _, high = numbers(rows_of("yellow")[0]["F1"])
    assert (value < 0.8) == ("an F1 of 0.80, is missed**" in page)
    assert (high < 0.8) == ("with the floor above its interval" in in_one_line)
    assert f"is missed**: {value:.3f}" in page


def test_the_confidence_from_which_cells_count_is_that_of_the_card(card, in_one_line):
    told = re.search(r"from a confidence of (\d\.\d+) on", in_one_line)
    assert float(told[1]) == card.cutoffs["min_confidence"]


def test_both_goals_of_the_exam_are_met_as_told(page, rows_of):
    row = rows_of("drawn")[0]
    error = int(row["found"]) / int(row["cells"]) - 1
    assert (numbers(row["F1"])[0] >= 0.92 and abs(error) <= 0.02) == (
        "Both goals of the exam are met" in page
    )


def test_otsu_stays_below_the_floor_of_the_exam(rows_of):
    assert numbers(rows_of("drawn")[-1]["F1"])[0] < 0.8
