import pytest

from segmetry.measure.error_budget import Budget, Part
from segmetry.report.estimate import (
    EstimateContent,
    bias_sentence,
    count_text,
    estimate_html,
    estimate_rows,
    group_lines,
    scores_sentence,
)

NOTHING = {"value": None, "low": None, "high": None, "n": 6}


def number(value, low, high):
    return {"value": value, "low": low, "high": high, "n": 6}


def told(**changes):
    count = number(2012.0, 1890.0, 2134.0)
    parts = {"segmentation": Part(0.02, 5, -0.06, "From 6 corrected pictures.")}
    return {
        "seed": 0,
        "unit": "um",
        "level": 0.95,
        "n_pictures": 60,
        "n_corrected": 6,
        "corrected": ["a", "<b>"],
        "automatic_count": 1890,
        "automatic_density": 0.00189,
        "automatic_mean": 0.012,
        "count": count,
        "bias_percent": number(-6.1, -11.0, 0.01),
        "density": number(0.002012, 0.0018, 0.0022),
        "mean": number(0.0123, 0.0121, 0.0125),
        "precision": number(0.93, 0.9, 0.96),
        "recall": number(0.88, 0.8, 0.94),
        "methods": {
            "prediction-powered": count,
            "difference": count,
            "ratio": NOTHING,
            "corrected alone": number(2100.0, 1500.0, 2700.0),
        },
        "plan": {"sentence": "6 corrected pictures give ±6 %."},
        "error_budget": {"count": Budget(2012.0, parts).as_json()},
        "groups": [],
        "notes": [],
        **changes,
    }


def test_rows_are_in_units_for_reading():
    rows = [
        (row.name, row.value, row.interval, row.unit, row.meaning)
        for row in estimate_rows(told())
    ]
    assert rows == [
        ("objects", "2010", "1890 to 2130", "", "1890"),
        ("number per area", "2010", "1800 to 2200", "per mm²", "1890 per mm²"),
        ("mean diameter", "12.30", "12.10 to 12.50", "nm", "12.0 nm"),
    ]


@pytest.mark.parametrize(
    ("estimate", "texts"),
    [
        (number(2012.0, 1890.0, 2134.0), ("2010", "1890 to 2130")),
        (number(3.2, 2.7, 3.9), ("3", "3 to 4")),
        (number(3.2, None, None), ("3", "")),
        (NOTHING, ("–", "")),
    ],
)
def test_there_are_no_parts_of_objects(estimate, texts):
    assert count_text(estimate) == texts


def test_the_bias_says_which_way():
    assert bias_sentence(told()) == (
        "Automatic counts are 6.1 % low (95 % interval: 11 % low to right)."
    )
    high = bias_sentence(told(bias_percent=number(12.0, 3.0, 22.0)))
    assert high.startswith("Automatic counts are 12 % high (95 % interval: 3.0 % high")
    alone = bias_sentence(told(bias_percent=number(12.0, None, None)))
    assert alone == "Automatic counts are 12 % high."
    assert bias_sentence(told(bias_percent=NOTHING)) == ""


def test_precision_and_recall_are_told_where_there_are_any():
    assert scores_sentence(told()) == (
        "Automatic objects: precision 0.93 (0.90 to 0.96), recall 0.88 (0.80 to 0.94), at "
        "an IoU over 0.5."
    )
    one = told(precision=number(0.9, None, None), recall=NOTHING)
    assert scores_sentence(one) == (
        "Automatic objects: precision 0.90, at an IoU over 0.5."
    )
    assert scores_sentence(told(precision=NOTHING, recall=NOTHING)) == ""


def test_groups_without_enough_corrected_pictures_say_so():
    keys = ("count", "density", "mean", "automatic_count", "automatic_density")
    full = {key: told()[key] for key in (*keys, "automatic_mean")}
    groups = [
        {"name": "drug=a", "n_pictures": 30, "n_corrected": 4, **full},
        {"name": "drug=b", "n_pictures": 30, "n_corrected": 1},
    ]
    first, second = group_lines(groups, "um")
    assert first[:3] == ("drug=a", "4 of 30 pictures corrected", "2010 (1890 to 2130)")
    assert second == ("drug=b", "1 of 30 pictures corrected", "too few corrected", "", "")


def page(**changes):
    return estimate_html(EstimateContent("Corrected", told(**changes), "1.0"))


def test_the_page_tells_all_and_escapes_names():
    text = page()
    for words in ("6 of 60 pictures corrected", "prediction-powered", "corrected alone"):
        assert words in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    assert 'src="http' not in text


def test_the_page_stands_without_budget_groups_seed_or_mean():
    text = page(error_budget={}, seed=None, mean=NOTHING, automatic_mean=None)
    assert "Error budget" not in text
    assert "with seed" not in text


@pytest.mark.parametrize("note", ["Nobody knows.", "3 pictures are left out."])
def test_the_page_warns_first(note):
    text = page(notes=[note])
    assert text.index(note) < text.index("Numbers of all pictures")
