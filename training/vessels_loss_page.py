"""The section that `vessels_loss.py` writes into the page of the comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from vessels_comparison_page import (
    DIGITS,
    LAST_SECTION,
    Results,
    over_starts,
    per_picture,
    pooled,
    shown,
    span,
)

from segmetry.evaluate import MeanScore, paired_difference

ALONE, WITH_CLDICE = "bce", "bce_cldice"
LOSSES = (ALONE, WITH_CLDICE)

POOLED = "AUC-ROC, pooled"
# Names as a reader sees them, and keys of `vessels_loss.judged_thin`.
RANKED = {"AUC-ROC, per picture": "auc_roc", "AUC-PR": "auc_pr"}
AT_HALF = {
    "Dice, cutoff 0.5": "dice_half",
    "clDice, cutoff 0.5": "cldice_half",
    "recall of 1 to 2 px, cutoff 0.5": "thin_half",
}
AS_SPECIFIC = {
    "Dice, equal specificity": "dice_specific",
    "clDice, equal specificity": "cldice_specific",
    "recall of 1 to 2 px, equal specificity": "thin_specific",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One score of both losses.

    Parameters
    ----------
    means : tuple of float
        Of the losses.
    over, between : MeanScore
        Their difference, with its interval over pictures and over starts.
    """

    means: tuple[float, ...]
    over: MeanScore
    between: MeanScore

    def says(self) -> str:
        """Say whether the difference is more than chance."""
        return shown(self.over, self.between)

    def cells(self) -> str:
        """Return the cells of the table."""
        means = " | ".join(f"{value:.{DIGITS}f}" for value in self.means)
        over = "" if self.over is self.between else span(self.over)
        return (
            f"{means} | {self.between.value:+.{DIGITS}f} | {over} | {span(self.between)} | "
            f"{self.says()}"
        )


def with_section(page: str, results: Results, *, names: Sequence[str], steps: int) -> str:
    """Return a page with this section as its last, in place of an older one.

    Parameters
    ----------
    page : str
    results : mapping
        Of each loss, for each start and each half: what `vessels_loss.judged_thin` says.
    names : sequence of str
        Of the pictures, in the order of their scores.
    steps : int
    """
    table = rows(results, names)
    runs = {
        loss: [run["cpu_s"] / 60 for halves in starts for run in halves]
        for loss, starts in results.items()
    }
    section = TEMPLATE.format(
        starts=len(results[ALONE]),
        n_runs=sum(map(len, runs.values())),
        steps=f"{steps:,}",
        minutes=f"{sum(map(sum, runs.values())):.0f}",
        each=" and ".join(f"{np.mean(minutes):.1f}" for minutes in runs.values()),
        rows="\n".join(f"| {name} | {one.cells()} |" for name, one in table.items()),
        verdict=verdict(table),
    )
    before = page.partition(LAST_SECTION)[0].rstrip("\n")
    return f"{before}\n\n{LAST_SECTION}\n\n{section}"


def rows(results: Results, names: Sequence[str]) -> dict[str, Row]:
    """Return the rows of the table; what is pooled has no interval over pictures."""
    every = [pooled(results[loss]) for loss in LOSSES]
    between = over_starts(np.subtract(every[1], every[0]).tolist())
    found = {
        POOLED: Row(
            means=tuple(float(np.mean(values)) for values in every),
            over=between,
            between=between,
        )
    }
    for name, key in {**RANKED, **AT_HALF, **AS_SPECIFIC}.items():
        scores = [np.array(per_picture(results[loss], key)) for loss in LOSSES]
        before, after = (one.mean(axis=0).tolist() for one in scores)
        by_start = (scores[1] - scores[0]).mean(axis=1)
        found[name] = Row(
            means=tuple(float(one.mean()) for one in scores),
            over=paired_difference(after, before, clusters=names),
            between=over_starts(by_start.tolist()),
        )
    return found


def verdict(table: Mapping[str, Row]) -> str:
    """Say what the table means for a choice of the loss."""
    helped = [name for name in AS_SPECIFIC if table[name].says().endswith("helps")]
    harmed = [
        name
        for name in (POOLED, *RANKED, *AS_SPECIFIC)
        if table[name].says().endswith("harms")
    ]
    if helped and not harmed:
        means = (
            f"clDice is worth having: with it {_listed(helped)} rose, and nothing is shown "
            "to fall"
        )
    elif helped:
        means = (
            f"clDice trades: {_listed(helped)} rose, and {_listed(harmed)} fell. It is for "
            "pictures in which gaps do more harm than false pixels"
        )
    elif harmed:
        means = (
            f"clDice is not worth having: {_listed(harmed)} fell, and at equal specificity "
            "vessels are not shown to be found better"
        )
    else:
        means = (
            "nothing is shown for clDice or against it: neither are vessels found better "
            "at equal specificity, nor does an area under a curve fall"
        )
    return f"After this training {means}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"*{name}*" for name in names)


TEMPLATE = """## A loss that knows of centrelines

The best of these variants, trained again by `python training/vessels_loss.py` with two
losses: cross-entropy alone (`bce`), and with
[clDice](https://doi.org/10.1109/CVPR46437.2021.01629) beside it (`bce_cldice`), for which a
gap in a thin vessel costs as much as one in a thick vessel, and edges cost nothing.
{starts} starts of each; starts, pictures and halves are as above, so both losses see the
same crops from the same weights. {n_runs} trainings of {steps} steps took {minutes} CPU
minutes, {each} each. Nothing was chosen, and the test pictures stay closed.

| score | `bce` | `bce_cldice` | difference | other pictures | other starts | it says |
|---|---|---|---|---|---|---|
{rows}

All but the first are means over pictures; intervals are 95 %. A map that is only brighter
finds more at a cutoff of 0.5. *Equal specificity* is free of that: in each half the cutoff
is the one at which 0.9725 of the background is left out, for either loss. Recall is the
share of the observer's centrelines, where vessels are 1 to 2 pixels wide, that was found.

{verdict}

Other weights of clDice than 1 beside cross-entropy were not tried. The shipped model was
trained without clDice, with other losses and for longer; it was not trained again for this.

<!-- It trains for long, on pictures that are no part of Segmetry. -->
<!-- skip: next -->

```bash
python training/vessels_loss.py --data DRIVE
```
"""
