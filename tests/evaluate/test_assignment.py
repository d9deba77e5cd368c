from itertools import combinations

import numpy as np
import pytest

from segmetry.evaluate.assignment import assign


def best_by_force(first, second, cost):
    """Number of pairs and total cost of the best choice, from all choices."""
    best = (0, 0.0)
    for size in range(len(cost) + 1):
        for choice in combinations(range(len(cost)), size):
            members = [first[i] for i in choice], [second[i] for i in choice]
            if all(len(set(side)) == size for side in members):
                total = sum(cost[i] for i in choice)
                if size > best[0] or total < best[1]:
                    best = (size, total)
    return best


def allowed(seed):
    """A few allowed pairs at random, with some equal costs and some of 0."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 5, 2)
    pairs = np.argwhere(rng.random((n, m)) < 0.6)[:10]
    cost = rng.choice([0.0, 0.5, 1.0, 3.0], len(pairs)) * rng.choice([1, rng.random()])
    return pairs[:, 0], pairs[:, 1], cost


@pytest.mark.parametrize("seed", range(60))
def test_no_other_choice_has_more_pairs_or_as_many_at_less_cost(seed):
    first, second, cost = allowed(seed)
    chosen = assign(first, second, cost)
    assert len(set(first[chosen])) == len(set(second[chosen])) == chosen.sum()
    number, total = best_by_force(first.tolist(), second.tolist(), cost.tolist())
    assert chosen.sum() == number
    assert cost[chosen].sum() == pytest.approx(total)


def test_one_more_pair_is_worth_any_cost():
    chosen = assign(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0.0, 1e6, 1e6]))
    assert chosen.tolist() == [False, True, True]


def test_a_long_chain_is_matched_whole_though_each_cheap_pair_blocks_two_dear_ones():
    # 0-0 1-1 ... are cheap, yet only the dear 0-1 1-2 ... leave place for the extra row.
    n = 500
    first = np.concatenate([np.arange(n), np.arange(n), [n]])
    second = np.concatenate([np.arange(n), np.arange(1, n + 1), [0]])
    cost = np.concatenate([np.zeros(n), np.ones(n), [1.0]])
    chosen = assign(first, second, cost)
    assert chosen.sum() == n + 1
    assert not chosen[:n].any()


def test_without_allowed_pairs_none_is_chosen():
    nothing = np.empty(0, int)
    assert assign(nothing, nothing, np.empty(0)).shape == (0,)


def test_numbers_with_gaps_are_as_good_as_places():
    chosen = assign(np.array([7, 7, 90]), np.array([5, 800, 5]), np.array([1.0, 2.0, 9.0]))
    assert chosen.tolist() == [False, True, True]
