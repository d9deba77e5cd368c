"""What augmentation, a trained start and the scale are each worth, on few pictures.

Every variant is trained three times from other random numbers and compared with the
reference on the same held-out pictures. Each training's result is kept, so a stopped
script goes on. Writes docs/ablations.md.
"""

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from comparison import cells, compared, kept
from making import ROOT, speaker
from sets import nuclei, particles, summary
from skimage.transform import resize

from segmetry.dataset import split_by_group
from segmetry.image import Image
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example
from segmetry.learn.fitting import fit
from segmetry.learn.judging import Held, hold, map_pictures
from segmetry.learn.networks import FLOW_OUTPUTS, SIZES
from segmetry.learn.plan import Plan, Schedule
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
    "pixels not folded",
)
NETWORK = {"kind": "unet", "channels": 3, "outputs": list(FLOW_OUTPUTS), **SIZES["small"]}
PRECISION = torch.bfloat16


def plan(steps: int, seed: int) -> Plan:
    return Plan(
        architecture=NETWORK,
        side=128,
        schedule=Schedule(
            steps=steps, validate_every=steps, learning_rate=3e-3, warm_up=50
        ),
        precision="bfloat16",  # "auto" could give variants different ones
        seed=seed,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=350)
    parser.add_argument("--pictures", type=int, help="use so many only, to try the script")
    parser.add_argument(
        "--runs", type=Path, default=ROOT / "training" / "runs" / "ablations"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "ablations.md")
    options = parser.parse_args()
    say = speaker()
    everything, held = (part[: options.pictures] for part in nuclei())
    few = split_by_group(
        [one.group for one in everything], SHARE, classes=[one.kind for one in everything]
    )
    training = [one for one, chosen in zip(everything, few, strict=True) if chosen]
    say(f"training: {summary(training)}; judged on: {summary(held)}")
    scores: dict[str, list[list[float]]] = {variant: [] for variant in VARIANTS}
    for seed in SEEDS:
        for variant in VARIANTS:
            chosen = plan(options.steps, seed)

            def computed(variant: str = variant, chosen: Plan = chosen) -> dict[str, Any]:
                return {"scores": judged(variant, training, held, chosen)}

            # A result of another plan must not be taken for one of this.
            identity = hashlib.sha256(repr(chosen).encode()).hexdigest()[:8]
            name = f"{variant.replace(' ', '-')}-{seed}-{identity}.json"
            rows = kept(options.runs / name, computed)["scores"]
            scores[variant].append(rows)
            say(f"start {seed}, {variant}: dsb_score {np.mean(rows):.4f}")
    text = page(scores, held, summary(training), options.steps)
    options.out.write_text(text, encoding="utf-8")


def judged(
    variant: str, training: Sequence[Example], held: Sequence[Example], chosen: Plan
) -> list[float]:
    """Train one variant and return its score of each held-out picture."""
    start = None
    if variant == "no augmentation":
        chosen = replace(chosen, geometry=Geometry.none(), appearance=Appearance.none())
    if variant == "start from particles":
        source = source_pictures()
        start = fit(source, source[:1], chosen).averaged.state_dict()
    if variant in {"fixed 256 x 256", "pixels as they are"}:
        chosen = replace(chosen, diameter=None)
    if variant == "pixels not folded":
        chosen = replace(chosen, architecture={**NETWORK, "fold": 1})
    if variant == "fixed 256 x 256":
        training = [resized(one) for one in training]
        seen = [Held(normalized(resized(one).image, channels=3), one) for one in held]
    else:
        seen = hold(held, channels=3, diameter=chosen.diameter)
    # The schedule's end is fixed, so nothing is chosen on the picture held out here.
    network = fit(training, held[:1], chosen, start=start).averaged
    network = network.to(memory_format=torch.channels_last)
    task = chosen.task
    maps = map_pictures(network, seen, task, precision=PRECISION)
    return [task.value(answer, one.example) for answer, one in zip(maps, seen, strict=True)]


@cache
def source_pictures() -> list[Example]:
    return [one for part in particles() for one in part]


def resized(one: Example) -> Example:
    """Bring a picture to one size, whatever its shape, as the published notebooks do.

    They call `resize(..., mode="constant", preserve_range=True)` of the scikit-image of
    2018: linear interpolation, no smoothing before, 0 beyond the frame, and values cut to
    integers. Their masks hold no numbers of objects; ours take the nearest pixel's.
    """
    pixels = one.image.pixels
    squeezed = resize(
        pixels,
        (SIDE, SIDE, *pixels.shape[2:]),
        order=1,
        mode="constant",
        preserve_range=True,
        anti_aliasing=False,
    )
    rows, columns = (
        ((np.arange(SIDE) + 0.5) * length / SIDE).astype(np.intp)
        for length in one.labels.shape
    )
    labels = one.labels[np.ix_(rows, columns)]
    image = Image(squeezed.astype(pixels.dtype), axes=one.image.axes)
    return replace(one, image=image, labels=labels)


def page(
    scores: Mapping[str, list[list[float]]], held: Sequence[Example], told: str, steps: int
) -> str:
    """Return the page of the documentation."""
    both = compared(scores, reference="reference", groups=[one.group for one in held])
    rows = "\n".join(f"| {variant} | {cells(one)} |" for variant, one in both.items())
    return TEMPLATE.format(told=told, held=summary(held), steps=steps, rows=rows)


TEMPLATE = """# What each part of training is worth

Made by `python training/ablations.py`. Training: {told} of the 2018 Data Science Bowl's
train part; judged on {held} of groups that were not trained on. The small U-Net,
{steps} steps of 8 crops, three random starts each; the last step is judged, so nothing is
chosen. The score is `dsb_score`, the mean over pictures; intervals are 95 %, with pictures
of one group resampled together. Unless said, objects are brought to one size by their true
diameter.

| variant | dsb_score (mean of the starts) | each start | against the reference, paired |
|---|---|---|---|
{rows}

- **reference**: random start, all augmentation, every picture brought to the scale at
  which its typical object is 24 px wide.
- **no augmentation**: shifted crops only.
- **start from particles**: weights of a net that was trained as long on electron
  micrographs of particles (EMPS and AMPIS). ImageNet weights were not at hand;
  `segmetry train --encoder-weights` takes them from a file.
- **fixed 256 x 256**: every picture squeezed into 256 x 256 pixels, whatever its shape,
  with the resize of the published notebooks; the network's answer is stretched back. Their
  network, loss and lack of cutting are not copied: only the size differs here.
- **pixels as they are**: full resolution, no change of scale.
- **pixels not folded**: the U-Net as published, with its first convolutions at full
  resolution; all others see blocks of 2 x 2 pixels as channels, in a third of the time.

Other maps than flows are [compared on their own](heads.md).

An interval that holds 0 shows no difference at this number of pictures. Few pictures and a
short training say nothing about long ones.
"""

if __name__ == "__main__":
    main()
