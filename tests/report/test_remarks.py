import pytest

from segmetry.measure.edge_rules import EDGE_RULES
from segmetry.report.remarks import (
    bias_text,
    group_remarks,
    other_intervals,
    rule_text,
)


def group(name, method="bootstrap by object", note="Too narrow.", warnings=()):
    intervals = {"method": method, "note": note}
    return {"name": name, "intervals": intervals, "warnings": list(warnings)}


def test_the_bias_is_told_with_its_sign():
    bias = {"mean": -0.041, "d50": 0.012}
    assert bias_text({"bias_removed": bias}) == (
        "Without this rule, the bias would be −4.1 % on the mean and +1.2 % on D50 "
        "(number)."
    )
    assert bias_text({"bias_removed": {"mean": None}}) == bias_text({}) == ""


def test_every_edge_rule_has_words_of_its_own():
    texts = {rule_text(name) for name in EDGE_RULES}
    assert len(texts) == len(EDGE_RULES)
    assert all(name not in text for name, text in zip(EDGE_RULES, texts, strict=True))


@pytest.mark.parametrize("name", ["keep", "drop"])
@pytest.mark.parametrize("bias", [None, {"mean": 0.1, "d50": 0.1}])
def test_a_rule_that_corrects_nothing_removes_no_bias(name, bias):
    edge = {"name": name, "bias_removed": bias}
    assert bias_text(edge) == "This rule does not correct for the edge."


def test_an_absurd_bias_is_capped():
    text = bias_text({"name": "two-sides", "bias_removed": {"mean": -4e27}})
    assert (
        text
        == "Without this rule, the bias would be more than a factor of ten on the mean."
    )


def test_remarks_of_groups_are_told_once_with_their_names():
    groups = [group("a"), group("b"), group("c", "bootstrap by image", "Whole.", ["Few."])]
    assert group_remarks(groups) == [
        "a; b: Intervals by bootstrap by object. Too narrow.",
        "c: Intervals by bootstrap by image. Whole.",
        "c: Few.",
    ]


def test_a_remark_on_all_groups_needs_no_names():
    assert group_remarks([group("a", "none"), group("b", "none")]) == [
        "All groups: No intervals. Too narrow."
    ]
    assert group_remarks([{"name": "a"}]) == group_remarks([]) == []


def test_only_intervals_made_in_another_way_are_named():
    pooled = group("all", "bootstrap by image", "Whole.")
    groups = [group("a"), group("b", "bootstrap by image", "Whole."), group("c")]
    assert other_intervals(pooled, groups) == {
        "Intervals by bootstrap by object. Too narrow.": ["a", "c"]
    }
    assert other_intervals(pooled, []) == {}
