"""How often a new model is accepted in place of its start, by chance and by merit.

The differences of two models on held-out pictures are drawn from a normal distribution, for
two spreads: that of a model that went on learning for some hundred steps, and that of two
trainings apart. `python benchmarks/model_gate.py` prints the table of docs/training.md.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

from segmetry.learn.gate import compare

SPREADS = (0.03, 0.07)  # standard deviations of the difference in dsb_score on a picture
GAIN = 0.03
PICTURES = (3, 4, 5, 10, 20)


def accepted(apart: NDArray[np.float64]) -> bool:
    """Judge one new model by its differences from the old."""
    old = np.full(len(apart), 0.5)
    return compare(old + apart, old, name="old").accepted


def higher_mean(apart: NDArray[np.float64]) -> bool:
    """Judge as was done before: higher on average, and on no fewer pictures than lower."""
    return bool(apart.mean() > 0 and (apart > 0).sum() >= (apart < 0).sum())


def main() -> None:
    """Print the shares of accepted models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=4000)
    repeats = parser.parse_args().repeats
    told = ("only as good", "better by 0.03", "higher mean, only as good")
    print(f"| spread | held-out pictures | rule, {told[0]} | rule, {told[1]} | {told[2]} |")
    print("|---:|---:|---:|---:|---:|")
    for spread in SPREADS:
        for n in PICTURES:
            chance = np.random.default_rng(n).normal(0, spread, (repeats, n))
            shares = [
                np.mean([accepted(row) for row in chance]),
                np.mean([accepted(row + GAIN) for row in chance]),
                np.mean([higher_mean(row) for row in chance]),
            ]
            cells = " | ".join(f"{100 * share:.0f} %" for share in shares)
            print(f"| {spread} | {n} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
