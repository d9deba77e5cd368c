"""A plain network taught on pictures at hand, for methods that are compared."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.learn.choices import configure
from segmetry.learn.examples import Example
from segmetry.learn.finishing import Origin, finish
from segmetry.learn.fitting import fit
from segmetry.learn.forecast import with_duration
from segmetry.learn.options import TrainingOptions
from segmetry.learn.tasks import outputs_for
from segmetry.models import model_name, write_model

__all__ = ["teach_plain_network"]

_CHOOSING = 3  # pictures on which the cutoff is chosen; more take longer


def teach_plain_network(
    images: Sequence[Image],
    truths: Sequence[NDArray[np.integer]],
    path: str | PathLike[str],
    *,
    steps: int,
    seed: int,
) -> None:
    """Teach a plain network the foreground of pictures, and write its model file.

    None of the pictures is held out: the cutoff is chosen on some of those that taught it,
    and the card's scores are of them, too. `segmetry train` says what a model is worth.

    Parameters
    ----------
    images : sequence of Image
    truths : sequence of ndarray of int, shape (Y, X)
        Objects by whatever numbers; 0 is the background.
    path : path
        NAME.segmodel.
    steps : int
        Of the training.
    seed : int

    Raises
    ------
    RecipeError
        If there is not one truth for each picture, or nothing is marked.
    """
    if not images or len(images) != len(truths):
        msg = f"expected a truth for each picture, got {len(truths)} for {len(images)}"
        raise RecipeError(msg)
    if not any(truth.any() for truth in truths):
        msg = "no truth marks any object, so there is nothing to learn"
        raise RecipeError(msg)
    examples = [
        Example(image, np.asarray(truth, np.uint32), name=f"picture {number}")
        for number, (image, truth) in enumerate(zip(images, truths, strict=True), start=1)
    ]
    options = TrainingOptions(network="cnn", task="pixels", seed=seed, steps=steps)
    outputs = outputs_for("pixels", examples)
    plan = configure(examples, options, outputs=outputs).plan
    plan = with_duration(plan, steps, stops_early=False)
    # To the last step: nothing is held out on which a better one could be seen.
    plan = replace(plan, schedule=replace(plan.schedule, validate_every=steps))
    state = fit(examples, examples[:1], plan)
    origin = Origin(name=model_name(Path(path).stem), steps=steps, precision=plan.precision)
    few = examples[:_CHOOSING]
    card, files = finish(state.best_weights, plan, few, origin, training=examples)
    told = "pictures that it learned from: not what it is worth on others"
    write_model(path, card.model_copy(update={"scores_on": told}), files)
