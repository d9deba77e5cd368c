import numpy as np
import pytest
from comparison import compared
from heads import CUTS, HEADS, heads_told, verdict

GROUPS = [str(k) for k in range(20)]


def both(flows, stars):
    """Compare heads that differ from the first by so much, give or take 0.01."""
    noise = np.random.default_rng(0).normal(0, 0.01, 20)
    scores = {
        "maps": [0.5] * 20,
        "flows": 0.5 + flows + noise,
        "stars": 0.5 + stars - noise,
    }
    return compared(
        {name: [list(rows)] for name, rows in scores.items()},
        reference="maps",
        groups=GROUPS,
    )


def test_the_verdict_says_which_head_is_higher_and_at_which_cost():
    seconds = {"maps": 1.0, "flows": 2.0, "stars": 0.5}
    lines = verdict(both(0.12, -0.12), seconds).splitlines()
    assert "flows**: scores higher, +0.1" in lines[0]
    assert "at 2.00 times the CPU time" in lines[0]
    assert "0.31 of score per CPU second and megapixel, against 0.50" in lines[0]
    assert "rays**: scores lower, -0.1" in lines[1]
    assert "at 0.50 times the CPU time" in lines[1]
    assert "Better than the first row: foreground, flows." in lines[-1]


def test_the_verdict_sees_no_difference_where_the_interval_holds_0():
    said = verdict(both(0.0, 0.0), dict.fromkeys(HEADS, 1.0))
    assert said.count("no difference is shown") == 2
    assert "Neither scores higher" in said


@pytest.mark.parametrize("n_starts", [1, 3])
def test_the_table_has_a_row_for_each_head_with_its_cost(ellipses, n_starts):
    class Picture:
        labels = ellipses((30, 30, 9, 9), shape=(100, 1000))

    held = [Picture() for _ in range(10)]
    for k, one in enumerate(held):
        one.group = str(k)
    run = {"scores": [0.5] * 10, "network_s": 0.2, "cutting_s": 0.05}
    rows, said = heads_told({name: [run] * n_starts for name in HEADS}, held)
    assert len(rows.splitlines()) == len(HEADS)
    assert rows.splitlines()[0].endswith("|  | 200 | 50 | 2.00 |")
    assert "at 1.00 times" in said


def test_every_cut_gives_numbered_objects(ellipses):
    from segmetry.learn.tasks import OBJECTS

    labels = ellipses((30, 30, 12, 12), (30, 70, 12, 12))
    told = OBJECTS.wanted(labels)
    for cut in CUTS.values():
        assert np.array_equal(cut(labels > 0, told), labels)
