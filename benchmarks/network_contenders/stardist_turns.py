"""StarDist's turns; it is trained first where its folder does not exist yet.

A few minutes of training on drawn pictures give a network that finds the nuclei of
another drawn picture, so that there is real work for what follows the network. A model
trained elsewhere can be used too: its folder holds config.json and weights.
"""

import argparse
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from csbdeep.utils import normalize
from drawn_nuclei import draw
from stardist.models import Config2D, StarDist2D
from turns import Clock, take_turns

_DIAMETERS = (20.0, 24.0, 28.0, 32.0)  # pixels, of the nuclei in training pictures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path, nargs="?")
    parser.add_argument("labels", type=Path, nargs="?")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=500)
    options = parser.parse_args()
    if not (options.model / "thresholds.json").exists():  # what training writes last
        train(options.model, steps=options.steps)
    if options.picture is None:
        return
    with np.load(options.picture) as drawn:
        pixels = normalize(drawn["picture"], 1, 99.8)
    model = StarDist2D(None, name=options.model.name, basedir=options.model.parent)

    def turn(clock: Clock) -> dict[str, Any]:
        with clock.part("predict_instances"):
            labels, _ = model.predict_instances(pixels)
        np.save(options.labels, labels)
        return {"n_objects": int(labels.max())}

    about = {name: version(name) for name in ("stardist", "tensorflow-cpu", "numpy")}
    take_turns(turn, about=about)


def train(folder: Path, *, steps: int) -> None:
    """Train on drawn pictures, none of which is the one that is judged."""
    drawn = [
        draw(side=384, n=70 if diameter < 30 else 45, diameter=diameter, seed=1000 + number)
        for number, diameter in enumerate(_DIAMETERS * 6)
    ]
    pictures = [normalize(one.picture, 1, 99.8) for one in drawn]
    masks = [one.truth for one in drawn]
    config = Config2D(
        n_rays=32,
        grid=(2, 2),
        n_channel_in=1,
        train_patch_size=(128, 128),
        train_batch_size=8,
        train_epochs=max(steps // 50, 1),
        train_steps_per_epoch=50,
        train_learning_rate=5e-4,
        train_tensorboard=False,
    )
    tf.random.set_seed(0)
    model = StarDist2D(config, name=folder.name, basedir=folder.parent)
    held_out = (pictures[-4:], masks[-4:])
    model.train(
        pictures[:-4], masks[:-4], validation_data=held_out, augmenter=turned, seed=0
    )
    model.optimize_thresholds(*held_out)


def turned(picture: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture and its mask turned and mirrored at random, brighter or darker."""
    rng = np.random.default_rng(np.random.randint(2**31))  # noqa: NPY002  # StarDist's seed
    quarter, mirrored = rng.integers(4), rng.random() < 0.5
    picture, mask = np.rot90(picture, quarter), np.rot90(mask, quarter)
    if mirrored:
        picture, mask = picture[:, ::-1], mask[:, ::-1]
    return picture * rng.uniform(0.6, 1.6) + rng.uniform(-0.1, 0.1), mask


if __name__ == "__main__":
    main()
