"""How often the interval of "expected errors left" holds what is truly left.

Populations are drawn: four pictures, a method whose doubts are off by a level and a slope
of their own, in half of them pictures of different quality. A person looks at a share of
the objects, in the order of the queue or at random.
`python benchmarks/review_coverage.py --write docs/review.md` takes some minutes.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from segmetry.evaluate.review import review_objects
from segmetry.evaluate.review_queue import review_order
from segmetry.evaluate.verdicts import RIGHT, UNSEEN, WRONG

SHARES = (0.02, 0.1, 0.3, 0.6)
N_PICTURES, N_EACH = 4, 100
_MARK = "<!-- made by benchmarks/review_coverage.py -->"


def population(
    rng: np.random.Generator, *, n_each: int = N_EACH
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """Draw doubts, which objects are truly wrong, and the picture of each."""
    picture = np.repeat(np.arange(N_PICTURES), n_each)
    doubt = expit(rng.normal(rng.uniform(-4, -2), rng.uniform(1, 2.2), len(picture)))
    odds = rng.normal(0, 0.7) + np.exp(rng.normal(0, 0.25)) * logit(doubt)
    odds += rng.choice([0, 0.5]) * rng.standard_normal(N_PICTURES)[picture]
    return doubt, rng.random(len(picture)) < expit(odds), picture


def trial(seed: int, share: float, *, is_queue: bool) -> tuple[float, int, int, int]:
    """Return expected errors left, the ends of the interval, and the true number."""
    rng = np.random.default_rng(seed)
    doubt, wrong, picture = population(rng)
    order = rng.permutation(len(doubt))
    if is_queue:
        order = review_order(doubt, names=rng.permutation(len(doubt)))
    seen = np.zeros(len(doubt), bool)
    seen[order[: round(share * len(doubt))]] = True
    verdict = np.where(seen, np.where(wrong, WRONG, RIGHT), UNSEEN)
    left = review_objects(doubt, verdict, picture=picture).errors_left()
    return left.value, left.low, left.high, int(wrong[~seen].sum())


def row(name: str, share: str, told: list[tuple[float, int, int, int]]) -> str:
    """Return a row of the table."""
    value, low, high, truth = np.array(told).T
    held = 100 * np.mean((low <= truth) & (truth <= high))
    numbers = f"{truth.mean():.1f} | {value.mean():.1f} | {held:.1f} % "
    return f"| {name} | {share} | {len(told)} | {numbers}| {np.mean(high - low):.1f} |"


def table(n_trials: int) -> str:
    """Return the table of the page; each share of the objects has as many reviews."""
    lines = [
        "| order | looked at | reviews | truly left | expected | held | width |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in ("queue", "random"):
        told = {
            share: [
                trial(seed, share, is_queue=name == "queue")
                for seed in range(n_trials // len(SHARES))
            ]
            for share in SHARES
        }
        lines += [row(name, f"{100 * share:.0f} %", told[share]) for share in SHARES]
        lines.append(
            row(f"**{name}**", "all", [one for each in told.values() for one in each])
        )
        print("\n".join(lines), flush=True)
    return "\n".join(lines)


def main() -> None:
    """Print the table, or write it into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    made = table(chosen.trials)
    if chosen.write:
        before, _, after = chosen.write.read_text(encoding="utf-8").split(_MARK)
        page = f"{before}{_MARK}\n{made}\n{_MARK}{after}"
        chosen.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
