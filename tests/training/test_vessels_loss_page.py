"""The section says what its numbers say, and takes the place of an older one alone."""

import numpy as np
import pytest
from vessels_comparison_page import LAST_SECTION, section_of
from vessels_loss_page import (
    ALONE,
    AS_SPECIFIC,
    AT_HALF,
    POOLED,
    RANKED,
    WITH_CLDICE,
    rows,
    verdict,
    with_section,
)

N = 20
NAMES = [f"{k}.png" for k in range(N)]
KEYS = {**RANKED, **AT_HALF, **AS_SPECIFIC}


def half(count, **extra):
    """Scores of a half: pictures differ far more than the two losses."""
    hard = np.random.default_rng(4).normal(0, 0.02, count)
    scores = {key: (0.8 + hard + extra.get(key, 0)).tolist() for key in KEYS.values()}
    return {**scores, "pooled": 0.97 + extra.get("pooled", 0), "cpu_s": 60.0}


def starts(**extra):
    """Three starts that differ by less than 0.001."""
    return [
        [half(N // 2, **{key: value + k * 1e-4 for key, value in extra.items()})] * 2
        for k in range(3)
    ]


def table(**extra):
    return rows({ALONE: starts(), WITH_CLDICE: starts(**extra)}, NAMES)


@pytest.mark.parametrize("gain", [-0.02, 0.004, 0.03])
def test_differences_are_of_the_same_picture_and_start(gain):
    one = table(cldice_specific=gain)["clDice, equal specificity"]
    for difference in (one.over, one.between):
        assert difference.value == pytest.approx(gain + 1e-4)
        assert difference.low <= difference.value <= difference.high
    assert one.over.high - one.over.low < 1e-6  # all pictures gained the same
    assert one.means[1] - one.means[0] == pytest.approx(gain + 1e-4)
    assert one.says() == f"after this training it {'helps' if gain > 0 else 'harms'}"


def test_what_is_pooled_has_no_interval_over_pictures():
    one = table(pooled=0.002)[POOLED]
    assert one.means == pytest.approx((0.97, 0.9721))
    assert one.cells().split(" | ")[3] == ""
    assert one.says() == "after this training it helps"
    assert len(one.cells().split(" | ")) == 6


def test_a_difference_that_other_starts_turn_round_is_not_shown():
    jumping = [[half(N // 2, thin_specific=gain)] * 2 for gain in (0.03, -0.02, 0.02)]
    one = rows({ALONE: starts(), WITH_CLDICE: jumping}, NAMES)
    says = one["recall of 1 to 2 px, equal specificity"].says()
    assert says == "not shown, as other starts may turn it round"


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"thin_specific": 0.02}, "worth having: with it *recall of 1 to 2 px, equal"),
        ({"thin_half": 0.02, "cldice_half": 0.02}, "nothing is shown for clDice"),
        ({"thin_specific": 0.02, "auc_roc": -0.01}, "clDice trades"),
        ({"cldice_specific": 0.02, "dice_specific": -0.01}, "clDice trades"),
        ({"pooled": -0.01}, "not worth having: *AUC-ROC, pooled* fell"),
        ({}, "nothing is shown for clDice"),
    ],
)
def test_clDice_is_praised_only_for_what_a_brighter_map_would_not_find(extra, words):  # noqa: N802
    assert words in verdict(table(**extra))


def test_the_section_takes_the_place_of_an_older_one_and_of_nothing_else():
    results = {ALONE: starts(), WITH_CLDICE: starts(thin_specific=0.02)}
    once = with_section("# Title\n\nText.\n", results, names=NAMES, steps=1000)
    assert once.startswith(f"# Title\n\nText.\n\n{LAST_SECTION}\n\n## ")
    assert "12 trainings of 1,000 steps took 12 CPU" in once
    assert "3 starts of each" in once
    assert with_section(once, results, names=NAMES, steps=1000) == once
    older = with_section(once, {name: starts() for name in results}, names=NAMES, steps=9)
    assert older.count(LAST_SECTION) == 1
    assert with_section(older, results, names=NAMES, steps=1000) == once


def test_the_comparison_keeps_the_section_of_its_page(tmp_path):
    path = tmp_path / "page.md"
    assert section_of(path) == ""
    path.write_text("# Title\n")
    assert section_of(path) == ""
    results = {name: starts() for name in (ALONE, WITH_CLDICE)}
    whole = with_section("# Title\n", results, names=NAMES, steps=1000)
    path.write_text(whole, encoding="utf-8")
    assert "# Title\n" + section_of(path) == whole
