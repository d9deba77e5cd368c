"""A small training to be killed: python killed_training.py FOLDER STEP MINUTES."""

import sys
import time
from pathlib import Path

import numpy as np
import torch

from segmetry import Image
from segmetry.learn.augment import Appearance
from segmetry.learn.batches import Batches
from segmetry.learn.checkpoint import State
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example, prepare
from segmetry.learn.loop import Aim, train
from segmetry.learn.losses import flow_loss
from segmetry.learn.networks import FLOW_OUTPUTS, build
from segmetry.learn.plan import Schedule

SMALL = {
    "kind": "unet",
    "channels": 1,
    "outputs": list(FLOW_OUTPUTS),
    "base": 2,
    "levels": 2,
}


def batches(seed=0):
    """Batches of a picture of discs."""
    y, x = np.mgrid[:48, :48]
    away = np.hypot(y % 16 - 8, x % 16 - 8)
    labels = np.where(away < 6, y // 16 * 3 + x // 16 + 1, 0).astype(np.uint32)
    image = Image(np.where(labels > 0, 200, 30).astype(np.uint8))
    return Batches(
        sources=prepare(
            [Example(image, labels)], channels=1, diameter=None, has_flows=True
        ),
        channels=1,
        size=2,
        side=16,
        geometry=Geometry(),
        appearance=Appearance(),
        seed=seed,
    )


def state(seed=0):
    torch.manual_seed(seed)
    return State.new(build(SMALL), weight_decay=0.01)


def near_half(network):
    """Score how near the foreground of a grey picture is to one half."""
    with torch.no_grad():
        foreground = torch.sigmoid(network(torch.full((1, 1, 16, 16), 0.5))[:, 0])
    return 1 - float((foreground - 0.5).abs().mean())


def schedule(minutes, steps=24):
    return Schedule(steps=steps, warm_up=4, validate_every=8, checkpoint_minutes=minutes)


def main():
    folder, last, minutes = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    n_done = 0

    def loss(*tensors):
        nonlocal n_done
        if n_done == last:
            (folder / "ready").touch()
            time.sleep(120)
        n_done += 1
        return flow_loss(*tensors)

    torch.set_num_threads(1)
    aim = Aim(loss=loss, score=near_half)
    train(state(), batches(), schedule(minutes), aim, checkpoint=folder / "checkpoint")


if __name__ == "__main__":
    main()
