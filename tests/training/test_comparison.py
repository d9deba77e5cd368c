import numpy as np
import pytest
from comparison import cells, compared, kept, with_interval

GROUPS = [str(k) for k in range(20)]


def test_a_result_is_computed_once_and_read_after_that(tmp_path):
    path = tmp_path / "new" / "one.json"
    assert kept(path, lambda: {"scores": [0.1, 0.25]}) == {"scores": [0.1, 0.25]}
    assert kept(path, lambda: {"scores": []}) == {"scores": [0.1, 0.25]}
    assert [one.name for one in path.parent.iterdir()] == ["one.json"]


def test_a_computation_that_fails_leaves_no_result(tmp_path):
    with pytest.raises(ZeroDivisionError):
        kept(tmp_path / "one.json", lambda: {"score": 1 / 0})
    assert list(tmp_path.iterdir()) == []


def test_values_that_are_not_finite_are_read_as_they_were(tmp_path):
    for _ in range(2):
        assert kept(tmp_path / "one.json", lambda: {"error": float("inf")}) == {
            "error": float("inf")
        }


@pytest.mark.parametrize("seed", range(5))
def test_a_difference_is_paired_picture_by_picture(seed):
    hard = np.random.default_rng(seed).random(20)  # pictures differ far more than variants
    starts = [(hard + 0.01 * k).tolist() for k in range(3)]
    better = [(hard + 0.01 * k + 0.05).tolist() for k in range(3)]
    both = compared({"old": starts, "new": better}, reference="old", groups=GROUPS)
    assert both["old"].apart is None
    assert both["new"].apart.value == pytest.approx(0.05)
    assert both["new"].apart.low == pytest.approx(0.05)
    assert both["new"].score.low < both["old"].score.value < both["new"].score.value
    assert np.diff(both["old"].starts) == pytest.approx([0.01, 0.01])


def test_a_row_shows_the_score_each_start_and_the_signed_difference():
    scores = {"old": [[0.5] * 20, [0.3] * 20], "new": [[0.25] * 20, [0.25] * 20]}
    both = compared(scores, reference="old", groups=GROUPS)
    assert cells(both["old"]) == "0.400 (0.400 to 0.400) | 0.500, 0.300 | "
    assert cells(both["new"]).endswith("| 0.250, 0.250 | -0.150 (-0.150 to -0.150)")
    assert with_interval(both["old"].score, sign="+") == "+0.400 (+0.400 to +0.400)"


def test_small_differences_are_shown_with_as_many_digits_as_are_asked_for():
    scores = {"old": [[0.98123] * 20], "new": [[0.98223] * 20]}
    both = compared(scores, reference="old", groups=GROUPS)
    assert with_interval(both["old"].score) == "0.981 (0.981 to 0.981)"
    shown = "0.9822 (0.9822 to 0.9822) | 0.9822 | +0.0010 (+0.0010 to +0.0010)"
    assert cells(both["new"], digits=4) == shown
