"""CPU time of matching objects, beside stardist.matching on the same pictures.

Both run in this one process. StarDist's matching needs no tensorflow:
`pip install --no-deps stardist==0.9.2 csbdeep`, with numpy, numba, scipy, scikit-image and
tqdm. Run it with `python benchmarks/match_speed.py --write docs/evaluation.md`.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pages import put
from stardist.matching import matching

from segmetry.evaluate import DSB_THRESHOLDS, dsb_precision, match_objects
from segmetry.evaluate.matching import panoptic_quality

ROUNDS = 5


def picture(n: int, *, side: int, gaps: bool) -> NDArray[np.uint32]:
    """Return about n discs of random size and place; later ones over earlier ones."""
    rng = np.random.default_rng(n)
    labels = np.zeros((side, side), np.uint32)
    pitch = side / np.ceil(np.sqrt(n))
    numbers = rng.permutation(50 * n)[:n] + 1 if gaps else np.arange(1, n + 1)
    columns = int(np.ceil(np.sqrt(n)))
    y, x = np.mgrid[-int(pitch) : int(pitch) + 1, -int(pitch) : int(pitch) + 1]
    for place, number in enumerate(numbers):
        row, column = divmod(place, columns)
        radius = rng.uniform(0.3, 0.5) * pitch
        ys = y[y**2 + x**2 <= radius**2] + int((row + 0.5) * pitch)
        xs = x[y**2 + x**2 <= radius**2] + int((column + 0.5) * pitch)
        inside = (ys >= 0) & (ys < side) & (xs >= 0) & (xs < side)
        labels[ys[inside], xs[inside]] = number
    return labels


def predicted_from(truth: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the truth moved by two pixels, some objects gone, some joined."""
    rng = np.random.default_rng(1)
    moved = np.roll(truth, (1, 2), axis=(0, 1))
    ids = np.unique(moved[moved > 0])
    lut = np.arange(int(moved.max()) + 1, dtype=np.uint32)
    fate = rng.random(ids.size)
    lut[ids[fate < 0.1]] = 0
    joined = np.flatnonzero((fate > 0.9) & (np.arange(ids.size) > 0))
    lut[ids[joined]] = ids[joined - 1]
    return lut[moved]


def ours(predicted: NDArray[np.uint32], truth: NDArray[np.uint32]) -> list[float]:
    matches = match_objects(predicted, truth)
    return [dsb_precision(matches, threshold=level) for level in DSB_THRESHOLDS]


def theirs(predicted: NDArray[np.uint32], truth: NDArray[np.uint32]) -> list[float]:
    found = matching(truth, predicted, thresh=DSB_THRESHOLDS)
    return [one.accuracy for one in found]


def seconds(
    contender: Callable[..., list[float]], *pictures: NDArray[np.uint32]
) -> tuple[float, list[float]]:
    start = time.process_time()
    scores = contender(*pictures)
    return time.process_time() - start, scores


def race(n: int, *, side: int, gaps: bool) -> str:
    """Return a row of the table: both run in turns, the best time of each counts."""
    truth = picture(n, side=side, gaps=gaps)
    predicted = predicted_from(truth)
    matches = match_objects(predicted, truth)
    # StarDist counts an IoU equal to the threshold, the Data Science Bowl does not.
    assert not np.isin(matches.iou, DSB_THRESHOLDS).any()
    quality = matching(truth, predicted, thresh=0.5).panoptic_quality
    assert abs(panoptic_quality(matches) - quality) < 5e-5
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(ROUNDS):
        own, scores = seconds(ours, predicted, truth)
        other, expected = seconds(theirs, predicted, truth)
        assert np.allclose(scores, expected, rtol=0, atol=5e-5)
        times["ours"].append(own)
        times["theirs"].append(other)
    own, other = min(times["ours"]), min(times["theirs"])
    name = f"{matches.n_true:,}{', numbers with gaps' if gaps else ''}"
    return (
        f"| {side} × {side} | {name} | {1e3 * own:.2f} | {1e3 * other:.0f} "
        f"| {other / own:.0f} | yes |"
    )


def table() -> str:
    rows = [
        "| picture | objects | Segmetry, CPU ms | StarDist, CPU ms | ratio | equal |",
        "|---|---|---|---|---|---|",
        race(40, side=256, gaps=False),
        race(500, side=1024, gaps=False),
        race(500, side=1024, gaps=True),
        race(2000, side=1024, gaps=False),
    ]
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page in which to replace the table")
    options = parser.parse_args()
    put(options.write, table(), script=__file__)


if __name__ == "__main__":
    main()
