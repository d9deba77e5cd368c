"""CPU time of matching centres one to one, beside the Hungarian method on all pairs.

The obvious way builds the table of all distances and solves it with SciPy's
`linear_sum_assignment`. Both run in this one process and must find as many pairs of the
same total distance. Run it with
`python benchmarks/centre_speed.py --write docs/evaluation.md`.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pages import put
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from segmetry.evaluate import match_centres

ROUNDS = 3
CROWDING = (1, 6)  # mean numbers of true centres within the distance of a place
_BYTES = 8  # of a distance

Points = NDArray[np.float64]
Pairs = NDArray[np.intp]


def cells(n: int, crowding: float) -> tuple[Points, Points, float]:
    """Return n true centres in a field, as many found ones, and a distance."""
    rng = np.random.default_rng(n)
    truth = rng.random((n, 2)) * np.sqrt(n)
    found = truth + rng.normal(0, 0.3, truth.shape)
    lost = rng.random(n) < 0.1
    found[lost] = rng.random((int(lost.sum()), 2)) * np.sqrt(n)
    return found, truth, float(np.sqrt(crowding / np.pi))


def ours(found: Points, truth: Points, distance: float) -> Pairs:
    return match_centres(found, truth, max_distance=distance)


def theirs(found: Points, truth: Points, distance: float) -> Pairs:
    apart = cdist(found, truth)
    # Too far costs more than all that is near together, so the most pairs are near.
    dear = (len(truth) + 1) * distance
    rows, columns = linear_sum_assignment(np.where(apart <= distance, apart, dear))
    near = apart[rows, columns] <= distance
    return np.stack([rows[near], columns[near]], axis=1)


def seconds(
    contender: Callable[[Points, Points, float], Pairs], *scene: Points | float
) -> tuple[float, int, float]:
    """Return CPU seconds, the number of pairs, and their total distance."""
    found, truth, _ = scene
    start = time.process_time()
    pairs = contender(*scene)  # type: ignore[arg-type]
    spent = time.process_time() - start
    apart = found[pairs[:, 0]] - truth[pairs[:, 1]]  # type: ignore[index]
    return spent, len(pairs), float(np.hypot(*apart.T).sum())


def race(n: int, crowding: float) -> str:
    """Return a row of the table: both run in turns, the best time of each counts."""
    scene = cells(n, crowding)
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(ROUNDS):
        own, number, distance = seconds(ours, *scene)
        other, other_number, other_distance = seconds(theirs, *scene)
        assert number == other_number
        assert np.isclose(distance, other_distance)
        times["ours"].append(own)
        times["theirs"].append(other)
    own, other = min(times["ours"]), min(times["theirs"])
    table = _BYTES * n * n / 1e6
    return (
        f"| {n:,} × {n:,} | {crowding} | {number:,} | {1e3 * own:.1f} | {1e3 * other:,.0f} "
        f"| {table:,.0f} MB | {other / own:.0f} | yes |"
    )


def table() -> str:
    rows = [
        "| centres | near | pairs | Segmetry, ms | all, CPU ms | table | ratio | equal |",
        "|---|---|---|---|---|---|---|---|",
        *(race(n, near) for near in CROWDING for n in (100, 1000, 10_000)),
    ]
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page in which to replace the table")
    options = parser.parse_args()
    put(options.write, table(), script=__file__)


if __name__ == "__main__":
    main()
