"""The page that `vessels_comparison.py` writes: its table, and what the table says."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from comparison import Compared, compared, with_interval
from scipy.stats import t as student

from segmetry.evaluate import MeanScore, paired_difference

PRETRAINED = "pretrained encoder, augmented"
AUGMENTED = "from scratch, augmented"
PLAIN = "from scratch, not augmented"
RIDGE = "`ridge`, nothing learnt"

PUBLISHED = {PRETRAINED: 0.9811, AUGMENTED: 0.9820, PLAIN: 0.9806}
# What, of which variant, and of which one it is taken away.
CLAIMS = (
    ("The pretrained encoder", PRETRAINED, AUGMENTED),
    ("Augmentation", AUGMENTED, PLAIN),
)
DIGITS = 4
LAST_SECTION = "<!-- From here on made by training/vessels_loss.py. -->"

# Of a variant, for each start and each half: the result of `vessels_comparison.judged`.
Results = Mapping[str, Sequence[Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a page says of its trainings.

    Parameters
    ----------
    source : str
        What the pretrained encoder is.
    names : sequence of str
        Of the pictures, in the order of their scores.
    steps, parameters : int
    is_full : bool
        Whether the size is the published one.
    """

    source: str
    names: Sequence[str]
    steps: int
    parameters: int
    is_full: bool


def page(results: Results, ridge: Sequence[Mapping[str, Any]], told: Told) -> str:
    """Return the page.

    Parameters
    ----------
    results : mapping
        Of each variant, for each start and each half of the pictures.
    ridge : sequence of mapping
        Of each half, the same of the classical method.
    told : Told
    """
    everything = {**results, RIDGE: [ridge]}
    both = compared(
        {name: per_picture(starts, "auc_roc") for name, starts in everything.items()},
        reference=AUGMENTED,
        groups=told.names,
    )
    rows = "\n".join(row(name, everything[name], one, both) for name, one in both.items())
    runs = [run for starts in results.values() for halves in starts for run in halves]
    minutes = [run["cpu_s"] / 60 for run in runs]
    return TEMPLATE.format(
        source=told.source,
        n_pictures=len(told.names),
        steps=f"{told.steps:,}",
        parameters=f"{told.parameters / 1e6:.1f}",
        size=FULL if told.is_full else QUICK,
        starts=len(results[AUGMENTED]),
        rows=rows,
        n_runs=len(runs),
        minutes=f"{sum(minutes):.0f}",
        each=f"{np.mean(minutes):.1f}",
        verdict="\n".join([*(claim(*one, results, told) for one in CLAIMS), luck(results)]),
    )


def section_of(path: Path) -> str:
    """Return the last section of a page, which another script writes; "" without one."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    _, mark, section = text.partition(LAST_SECTION)
    return f"\n{mark}{section}" if mark else ""


def per_picture(
    starts: Sequence[Sequence[Mapping[str, Any]]], score: str
) -> list[list[float]]:
    """Return, of each start, the score of each picture by the net that did not see it."""
    return [[value for half in halves for value in half[score]] for halves in starts]


def pooled(starts: Sequence[Sequence[Mapping[str, Any]]]) -> list[float]:
    """Return, of each start, the AUC of all pixels that a net judges, mean of halves."""
    return [float(np.mean([half["pooled"] for half in halves])) for halves in starts]


def row(
    name: str,
    starts: Sequence[Sequence[Mapping[str, Any]]],
    one: Compared,
    both: Mapping[str, Compared],
) -> str:
    """Return a row of the table."""
    every = pooled(starts)
    apart, between = "", ""
    if one.apart is not None:
        apart = with_interval(one.apart, sign="+", digits=DIGITS)
    if one.apart is not None and len(starts) > 1:
        differences = np.subtract(one.starts, both[AUGMENTED].starts)
        between = ", ".join(f"{value:+.{DIGITS}f}" for value in differences)
    cost = [half["cpu_s"] / 60 for halves in starts for half in halves]
    cells = [
        name,
        f"{np.mean(every):.{DIGITS}f}",
        ", ".join(f"{value:.{DIGITS}f}" for value in every) if len(every) > 1 else "",
        with_interval(one.score, digits=DIGITS),
        apart,
        between,
        f"{np.mean(per_picture(starts, 'auc_pr')):.3f}",
        f"{sum(cost):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def over_starts(differences: Sequence[float]) -> MeanScore:
    """Return the mean difference, with Student's interval over the random starts.

    Two or more starts are needed; each counts once, whatever its pictures.
    """
    n = len(differences)
    value = float(np.mean(differences))
    if n < 2:
        return MeanScore(value, math.nan, math.nan, n)
    half = student.ppf(0.975, n - 1) * np.std(differences, ddof=1) / math.sqrt(n)
    return MeanScore(value, value - float(half), value + float(half), n)


def claim(what: str, one: str, other: str, results: Results, told: Told) -> str:
    """Say what one thing is worth, and whether that is more than chance explains."""
    scores = [per_picture(results[name], "auc_roc") for name in (one, other)]
    means = [np.mean(starts, axis=0).tolist() for starts in scores]
    over = paired_difference(*means, clusters=told.names)
    differences = np.mean(scores[0], axis=1) - np.mean(scores[1], axis=1)
    between = over_starts(differences.tolist())
    together = over_starts(
        np.subtract(pooled(results[one]), pooled(results[other])).tolist()
    )
    return (
        f"- **{what}** changes the AUC of a picture by {over.value:+.{DIGITS}f} "
        f"({span(over)} for other pictures, {span(between)} for other starts): "
        f"{shown(over, between)}. Pooled it is {together.value:+.{DIGITS}f} "
        f"({span(together)} for other starts)."
    )


def span(one: MeanScore) -> str:
    """Return an interval as text."""
    return f"{one.low:+.{DIGITS}f} to {one.high:+.{DIGITS}f}"


def shown(over: MeanScore, between: MeanScore) -> str:
    """Say whether differences over pictures and over starts are more than chance."""
    for word, sign in (("helps", 1), ("harms", -1)):
        if all(min(sign * one.low, sign * one.high) > 0 for one in (over, between)):
            return f"after this training it {word}"
    if over.low <= 0 <= over.high:
        return "no difference is shown"
    return "not shown, as other starts may turn it round"


def luck(results: Results) -> str:
    """Say what one run of each, as published, would have told."""
    every = {name: pooled(results[name]) for name in PUBLISHED}
    means = {name: float(np.mean(values)) for name, values in every.items()}
    drawn = [
        _order(dict(zip(every, values, strict=True))) for values in product(*every.values())
    ]
    n_other = sum(order != _order(means) for order in drawn)
    n_starts = len(every[AUGMENTED])
    same = sum(
        _order({name: values[k] for name, values in every.items()}) == _order(PUBLISHED)
        for k in range(n_starts)
    )
    spread = max(max(values) - min(values) for values in every.values())
    apart, published = (max(of) - min(of) for of in (means.values(), PUBLISHED.values()))
    return (
        f"- **One run of each**, as was published: runs of one variant that differ in the "
        f"start alone are up to {spread:.{DIGITS}f} of pooled AUC apart, the means of the "
        f"variants {apart:.{DIGITS}f}, the published runs {published:.{DIGITS}f}. Of the "
        f"{len(drawn)} ways to take one run of each, {n_other} put the variants in another "
        f"order than their means. The published order (from scratch with augmentation, "
        f"pretrained, without augmentation) comes out in {same} of {n_starts} starts."
    )


def _order(values: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(values, key=lambda name: -values[name]))


QUICK = """The size is that of a small budget: fewer steps and features than were published.
A good start saves steps and augmentation takes more of them, so what helps here may be
worth nothing after many steps, and the reverse; `--full` trains the published size"""
FULL = """The size is the published one"""

TEMPLATE = """# What a pretrained encoder and augmentation are worth on retinas

Made by `python training/vessels_comparison.py`. An
[article of 2019](https://github.com/CVxTz/medical_image_segmentation) trained a U-Net on
DRIVE in three ways, once each, and found areas under the ROC curve (AUC) of 0.9811 with a
pretrained encoder, 0.9820 from scratch, and 0.9806 from scratch without augmentation. Its
order rests on a difference of 0.0014, while the choice of the observer who counts as the
truth moves the AUC of one and the same map by [0.004 to 0.010](vessels.md). Here the three
are trained again so that their differences have intervals.

- **Several starts**: {starts} of each variant. Those of one number share the random
  weights (of the pretrained, all but the encoder's) and the pictures of each batch.
- **Nothing chosen**: the last step is judged. Steps, rates and loss were set before.
- **Held out**: a net learns from one half of DRIVE's {n_pictures} training pictures and
  judges the other, so each picture is judged by a net that did not see it. The test
  pictures stay closed: the [shipped model](vessels.md) is judged on them.
- **Inside the field of view**, against the first observer, on pictures as they are: sides
  are mirrored up to a multiple of 16 (or what the network needs), and the answer is cut
  back. The article squeezed pictures to 576 x 576, and had the second observer for truth,
  so its figures and these are not to be put in a row.
- **One network for all three**, with {parameters} million parameters: only augmentation
  and the weights to start from differ. The article's pretrained one was another network
  (VGG16) than its other two.

The pretrained encoder is {source}.

| variant | AUC pooled | each start | per picture | paired | each start | AUC-PR | CPU min |
|---|---|---|---|---|---|---|---|
{rows}

*Pooled* takes all pixels that one net judges together, as the article did, and is the mean
of halves and starts; it also falls where the map of one picture is brighter as a whole than
that of another. *Per picture* is the mean over pictures, with intervals of 95 % from
resampled pictures. *Paired* is how much that differs from the second row, picture by
picture, with its interval, and after it for each start. AUC-PR is the mean over pictures.

## What the differences are worth

{verdict}

{size}.

A variant is said to help or harm only where both intervals leave out 0. That over starts
is Student's, and wide where starts are few. All pictures come from one camera, and the
nets of the two halves are judged on what the others learned from, so they are not fully
independent.

## How it was trained, and how to do it again

{n_runs} trainings of {steps} steps, {minutes} CPU minutes in all, {each} each, in bfloat16.
A step takes 16 crops of 64 x 64 pixels; the loss is binary cross-entropy. Augmentation has
the published kinds and ranges: mirror images, turns by quarters and by up to 10 degrees, a
zoom of about a tenth, a shear of up to 5 degrees, brightness, contrast and colour up to a
tenth. The article drew most of them for one crop in twenty; here each crop has them. As
interpolation blurs, the last third of the steps has only those that move whole pixels.

With your own copy of [DRIVE](https://drive.grand-challenge.org) in the folder `DRIVE`, as
its publishers lay it out:

<!-- It trains for long, on pictures that are no part of Segmetry. -->
<!-- skip: next -->

```bash
python training/vessels_comparison.py --data DRIVE --out comparison
```

Stopped, it goes on where it was; the page is then in `comparison`. `--full` trains the
published size: widths of 32 to 512, 7.8 million parameters, 12,500 steps, about half an
hour for each training on one core that computes in bfloat16. `--starts 5` takes more
starts, which narrows intervals. `--weights` takes another pretrained network: a `.segmodel`
file, or ImageNet weights as torchvision publishes them (`--weights vgg16-397923af.pth
--encoder vgg16`, about eight times as slow); all three variants then have its network.
ImageNet weights are published for VGG and ResNet: the U-Net of the shipped models has
other layers, and cannot take them.
"""
