"""What augmentation, a trained start and the scale are each worth, on few pictures.

Every variant is trained three times from other random numbers and compared with the
reference on the same held-out pictures. Writes docs/ablations.md.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from making import ROOT, speaker
from sets import nuclei, particles, summary

from segmetry.dataset import split_by_group
from segmetry.evaluate import mean_score, paired_difference
from segmetry.image import Image
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example
from segmetry.learn.fitting import fit
from segmetry.learn.judging import Held, hold, map_pictures
from segmetry.learn.networks import OBJECT_OUTPUTS, SIZES, build
from segmetry.learn.plan import Plan, Schedule
from segmetry.learn.tasks import OBJECTS
from segmetry.models.normalization import normalized

SHARE = 0.15  # of the training pictures: learning from few is what is asked
SIDE = 256  # of the published fixed-size resize
SEEDS = (0, 1, 2)
VARIANTS = (
    "reference",
    "no augmentation",
    "start from particles",
    "fixed 256 x 256",
    "pixels as they are",
)
NETWORK = {"kind": "unet", "channels": 3, "outputs": list(OBJECT_OUTPUTS), **SIZES["small"]}


def plan(steps: int, seed: int) -> Plan:
    schedule = Schedule(steps=steps, validate_every=steps, learning_rate=3e-3, warm_up=50)
    return Plan(architecture=NETWORK, side=128, schedule=schedule, seed=seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "ablations.md")
    options = parser.parse_args()
    say = speaker()
    everything, held = nuclei()
    few = split_by_group(
        [one.group for one in everything], SHARE, classes=[one.kind for one in everything]
    )
    training = [one for one, chosen in zip(everything, few, strict=True) if chosen]
    say(f"training: {summary(training)}; judged on: {summary(held)}")
    source = [one for part in particles() for one in part]
    scores: dict[str, list[list[float]]] = {variant: [] for variant in VARIANTS}
    for seed in SEEDS:
        chosen = plan(options.steps, seed)
        start = fit(source, source[:1], chosen).averaged.state_dict()
        for variant in VARIANTS:
            rows = judged(variant, training, held, chosen, start)
            scores[variant].append(rows)
            say(f"start {seed}, {variant}: dsb_score {np.mean(rows):.4f}")
    text = page(scores, held, summary(training), options.steps)
    options.out.write_text(text, encoding="utf-8")


def judged(
    variant: str,
    training: list[Example],
    held: list[Example],
    chosen: Plan,
    start: Mapping[str, torch.Tensor],
) -> list[float]:
    """Train one variant and return its score of each held-out picture."""
    if variant == "no augmentation":
        chosen = replace(chosen, geometry=Geometry.none(), appearance=Appearance.none())
    if variant in {"fixed 256 x 256", "pixels as they are"}:
        chosen = replace(chosen, diameter=None)
    if variant == "fixed 256 x 256":
        training = [resized(one) for one in training]
    trained = fit(
        training,
        held[:1],  # the schedule's end is fixed, so nothing is chosen on it
        chosen,
        start=start if variant == "start from particles" else None,
    )
    network = build(NETWORK)
    network.load_state_dict(trained.averaged.state_dict())
    network = network.to(memory_format=torch.channels_last)
    if variant == "fixed 256 x 256":
        seen = [Held(normalized(resized(one).image, channels=3), one) for one in held]
    else:
        seen = hold(held, channels=3, diameter=chosen.diameter)
    maps = map_pictures(network, seen, precision=torch.float32)
    pairs = zip(maps, seen, strict=True)
    return [OBJECTS.value(its_maps, one.example) for its_maps, one in pairs]


def resized(one: Example) -> Example:
    """Bring a picture to one size, whatever its shape, as published code does."""
    pixels = cv2.resize(one.image.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    rows, columns = (
        ((np.arange(SIDE) + 0.5) * length / SIDE).astype(np.intp)
        for length in one.labels.shape
    )
    labels = one.labels[np.ix_(rows, columns)]
    return replace(one, image=Image(pixels, axes=one.image.axes), labels=labels)


def page(
    scores: Mapping[str, list[list[float]]], held: list[Example], told: str, steps: int
) -> str:
    """Return the page of the documentation."""
    clusters = [one.group for one in held]
    reference = np.mean(scores["reference"], axis=0)
    lines = []
    for variant, starts in scores.items():
        mean = np.mean(starts, axis=0)
        each = ", ".join(f"{np.mean(rows):.3f}" for rows in starts)
        score = mean_score(mean.tolist(), clusters=clusters)
        interval = f"{score.low:.3f} to {score.high:.3f}"
        row = f"| {variant} | {score.value:.3f} ({interval}) | {each} |"
        if variant == "reference":
            lines.append(f"{row} |")
            continue
        difference = paired_difference(mean.tolist(), reference.tolist(), clusters=clusters)
        lines.append(
            f"{row} {difference.value:+.3f} ({difference.low:+.3f} to "
            f"{difference.high:+.3f}) |"
        )
    return TEMPLATE.format(
        told=told, held=summary(held), steps=steps, rows="\n".join(lines)
    )


TEMPLATE = """# What each part of training is worth

Made by `python training/ablations.py`. Training: {told} of the 2018 Data Science Bowl's
train part; judged on {held} of groups that were not trained on. The small U-Net,
{steps} steps of 8 crops, three random starts each; the last step is judged, so nothing is
chosen. The score is `dsb_score`, the mean over pictures; intervals are 95 %, with pictures
of one group resampled together. Objects are brought to one size by their true diameter.

| variant | dsb_score (mean of the starts) | each start | against the reference, paired |
|---|---|---|---|
{rows}

- **reference**: random start, all augmentation, every picture brought to the scale at
  which its typical object is 24 px wide.
- **no augmentation**: shifted crops only.
- **start from particles**: weights of a net that was trained as long on electron
  micrographs of particles (EMPS and AMPIS). ImageNet weights were not at hand;
  `segmetry train --encoder-weights` takes them from a file.
- **fixed 256 x 256**: every picture squeezed into 256 x 256 pixels, as in the published
  notebooks.
- **pixels as they are**: full resolution, no change of scale.

An interval that holds 0 shows no difference at this number of pictures. Few pictures and a
short training say nothing about long ones.
"""

if __name__ == "__main__":
    main()
