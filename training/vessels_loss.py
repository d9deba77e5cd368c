"""What a loss that knows of centrelines (clDice) is worth on retinas.

Trains as `vessels_comparison.py` does its best variant, from the same starts on the same
pictures, with cross-entropy alone and with clDice beside it; the test pictures are not
opened. Each training's result is kept, so a stopped script goes on. Writes a section into
the page of that comparison.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from making import ROOT, comparison_options, speaker
from sets import DATA, retinas
from vessels_comparison import (
    FOLDS,
    STEPS,
    Run,
    fingerprint,
    held_out,
    judged,
    source_of,
)
from vessels_comparison_page import PRETRAINED
from vessels_judged import SPECIFICITY
from vessels_loss_page import LOSSES, with_section

from segmetry.evaluate import Ranking, count_thin, dice, merge_rankings, rank_pixels
from segmetry.learn.examples import Example
from segmetry.segment import Maps


def main() -> None:
    options = asked()
    say = speaker()
    pictures = retinas(options.data)
    source = source_of("nuclei", encoder="vgg16", full=False)
    shown = fingerprint(pictures)
    results: dict[str, list[list[dict[str, Any]]]] = {name: [] for name in LOSSES}
    for seed in range(options.starts):
        for loss in LOSSES:
            halves = []
            for fold in range(FOLDS):
                run = Run(PRETRAINED, seed, fold, source, STEPS, loss)
                one = run.result(pictures, options.out, shown=shown, judge=judged_thin)
                halves.append(one)
                say(f"start {seed}, {loss}, half {fold}: {one['pooled']:.4f}")
            results[loss].append(halves)
    names = [one.name for fold in range(FOLDS) for one in held_out(pictures, fold)]
    page = options.write.read_text(encoding="utf-8")
    options.write.write_text(
        with_section(page, results, names=names, steps=STEPS), encoding="utf-8"
    )
    say(f"{options.write.name} is written")


def asked() -> argparse.Namespace:
    parser = comparison_options(__doc__, "vessels_loss")
    parser.add_argument("--data", type=Path, default=DATA / "drive", help="copy of DRIVE")
    parser.add_argument(
        "--write",
        type=Path,
        default=ROOT / "docs" / "vessels_comparison.md",
        help="page whose last section it is",
    )
    return parser.parse_args()


def judged_thin(answers: Sequence[Maps], held: Sequence[Example]) -> dict[str, Any]:
    """Return what `judged` says, and scores of the vessels found at two cutoffs.

    One is 0.5, the other gives all pixels of the half a specificity of `SPECIFICITY`: a
    loss that only makes maps brighter finds more at the first, and no more at the second.
    """
    pairs = list(zip(answers, held, strict=True))
    together = merge_rankings(
        [
            rank_pixels(maps.foreground, one.labels > 0, included=one.image.included)
            for maps, one in pairs
        ]
    )
    cutoffs = {"half": 0.5, "specific": cutoff_for(together, SPECIFICITY)}
    scores: dict[str, Any] = judged(answers, held)
    for name, cutoff in cutoffs.items():
        rows = [found_at(cutoff, maps, one) for maps, one in pairs]
        for score in rows[0]:
            scores[f"{score}_{name}"] = [row[score] for row in rows]
    return {**scores, "cutoff": cutoffs["specific"]}


def cutoff_for(ranking: Ranking, specificity: float) -> float:
    """Return the least value at which so much of the background is not found."""
    taken = np.cumsum(ranking.negatives) / ranking.negatives.sum()
    n_allowed = int(np.searchsorted(taken, 1 - specificity, side="right"))
    return float(ranking.values[max(n_allowed - 1, 0)])


def found_at(cutoff: float, maps: Maps, one: Example) -> dict[str, float]:
    """Return Dice, clDice and the share of thin centrelines of pixels from a cutoff on."""
    found, truth = maps.foreground >= cutoff, one.labels > 0
    thin = count_thin(found, truth, included=one.image.included)
    return {
        "dice": dice(found, truth, included=one.image.included),
        "cldice": thin.cldice,
        "precision": thin.precision,
        "recall": thin.recall,
        "thin": thin.recall_of("1_2"),
    }


if __name__ == "__main__":
    main()
