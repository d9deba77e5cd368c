"""Published trainings, value by value, so that they can be done again.

`NEURONS_2021` follows the c-ResUnet [1]_, with what is known to be wrong in its programs
mended: pictures are parted by animal before they are cut into crops, so that no crop's
neighbour or copy judges it, the network gives logits, and its cutoff is chosen on pictures
that it did not learn from. What it does otherwise than the paper: values are normalised as
for all models here, changes of the crops are drawn anew in each step instead of stored,
and the score that is watched is the Dice of held-out pictures instead of their loss.

References
----------
.. [1] R. Morelli, L. Clissa et al., "Automating cell counting in fluorescent microscopy
       through deep learning with c-ResUnet", Scientific Reports 11, 22920, 2021.
       doi:10.1038/s41598-021-01929-5
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry, grid_places
from segmetry.learn.crowding import Crowding
from segmetry.learn.examples import Example
from segmetry.learn.options import TrainingOptions
from segmetry.learn.plan import Plan, Schedule

__all__ = ["NEURONS_2021", "TrainingRecipe", "oversampled", "recipe_plan"]


_MULTIPLE = 32  # pixels: sides that any network here can take


@dataclass(frozen=True, kw_only=True)
class TrainingRecipe:
    """Every value of a published training.

    Parameters
    ----------
    base : int
        Features of the c-ResUnet at full resolution.
    loss : str
        A name of `segmetry.learn.losses.LOSSES`.
    side, stride, batch : int
        Of crops: pixels a side, pixels from one to the next, and crops in a step.
    learning_rate : float
    rounds, patience : int
        Each crop is drawn as often as its `draws` in a round, and training ends after so
        many rounds, or so many without a better score.
    slower_after : int
    slower_by : float
        After so many rounds without a better score the rate falls by this factor.
    draws, draws_by_hand, draws_of_artefacts : int
        How often a crop is drawn in a round: one itself, the others changed at random. Of
        a picture whose mask began with a threshold, of one drawn by hand, and of crops
        whose artefacts look like cells.
    cutoffs : tuple of float
        Tried for the foreground.
    min_area : float
        Smaller objects are dropped, in pixels of the size that `crowding` names.
    crowding : Crowding
    geometry : Geometry
    appearance : Appearance
    """

    base: int
    loss: str
    side: int
    stride: int
    batch: int
    learning_rate: float
    rounds: int
    patience: int
    slower_after: int
    slower_by: float
    draws: int
    draws_by_hand: int
    draws_of_artefacts: int
    cutoffs: tuple[float, ...]
    min_area: float
    crowding: Crowding
    geometry: Geometry
    appearance: Appearance


NEURONS_2021 = TrainingRecipe(
    base=16,
    loss="weighted_bce",
    side=512,
    stride=400,
    batch=4,
    learning_rate=1e-3,
    rounds=200,
    patience=20,
    slower_after=5,
    slower_by=0.7,
    draws=1 + 4,
    draws_by_hand=1 + 10,
    draws_of_artefacts=1 + 80 + 35 + 13,
    cutoffs=tuple(np.arange(0.5, 0.98, 0.025).round(3).tolist()),
    min_area=200.0,
    crowding=Crowding(),
    # Turns, mirrors, and a bend that shears and stretches far but hardly waves; darker and
    # paler, blurred, and a little more of one colour.
    geometry=Geometry(octaves=0.1, shear=0.15, stretch=0.15, elastic=0.2),
    appearance=Appearance(
        brightness=0.05,
        contrast=0.35,
        gamma=0.0,
        colour=0.06,
        shuffle=0.0,
        invert=0.0,
        blur=0.2,
        noise=0.0,
    ),
)


def oversampled(
    example: Example, recipe: TrainingRecipe, *, by_hand: bool, artefacts: Sequence[int]
) -> Example:
    """Return an example whose crops are drawn as often as a recipe says.

    Parameters
    ----------
    example : Example
    recipe : TrainingRecipe
    by_hand : bool
        Whether its mask was drawn by a person from nothing, as those of hard pictures.
    artefacts : sequence of int
        Places, in the order of `grid_places`, of crops that hold artefacts.
    """
    height, width = example.labels.shape
    n_crops = len(grid_places((height, width), side=recipe.side, stride=recipe.stride))
    often = float(recipe.draws_by_hand if by_hand else recipe.draws)
    odd = float(recipe.draws_of_artefacts)
    draws = tuple(odd if place in artefacts else often for place in range(n_crops))
    return replace(example, draws=draws)


def recipe_plan(
    examples: Sequence[Example],
    options: TrainingOptions,
    *,
    outputs: Sequence[str],
    recipe: TrainingRecipe = NEURONS_2021,
) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan of a recipe for some pictures, and what it says in sentences.

    Parameters
    ----------
    examples : sequence of Example
        As `oversampled` gives them; `options` say which share is held out.
    options : TrainingOptions
        Its loss, steps, learning rate and seed are kept, where they are given.
    outputs : sequence of str
        The maps that the network shall give.
    recipe : TrainingRecipe
    """
    n_draws = sum(sum(one.draws) for one in examples) * (1 - options.held_out_share)
    a_round = max(round(n_draws / recipe.batch), 1)
    sizes = [one.image.pixel_size for one in examples]
    pixel_um = None if None in sizes else float(np.median([s.in_um.x for s in sizes if s]))
    own = recipe.crowding.scaled(pixel_um)
    coloured = any(one.image.axes == "YXC" for one in examples)
    longest = max(max(one.labels.shape) for one in examples)
    plan = Plan(
        architecture={
            "kind": "c_resunet",
            "channels": 3 if coloured else 1,
            "outputs": list(outputs),
            "base": recipe.base,
        },
        diameter=None,
        side=min(recipe.side, _MULTIPLE * math.ceil(longest / _MULTIPLE)),
        batch=recipe.batch,
        schedule=Schedule(
            steps=options.steps or recipe.rounds * a_round,
            learning_rate=options.learning_rate or recipe.learning_rate,
            warm_up=0,
            weight_decay=0.0,
            averaging=0.0,
            validate_every=a_round,
            patience=recipe.patience,
            slower_after=recipe.slower_after,
            slower_by=recipe.slower_by,
        ),
        geometry=recipe.geometry if options.augmentation else Geometry.none(),
        appearance=recipe.appearance if options.augmentation else Appearance.none(),
        loss=options.loss or recipe.loss,
        seed=options.seed,
        stride=recipe.stride,
        crowding=recipe.crowding,
        cutoffs=recipe.cutoffs,
        min_area=max(round(recipe.min_area * (own.width / recipe.crowding.width) ** 2), 1),
    )
    return plan, _told(plan, own, a_round)


def _told(plan: Plan, own: Crowding, a_round: int) -> tuple[str, ...]:
    schedule = plan.schedule
    n_rounds = math.ceil(schedule.steps / a_round)
    known = "" if own is NEURONS_2021.crowding else ", by their pixel size"
    rounds = (
        f"Each step learns from {plan.batch} crops of {plan.side} x {plan.side} px from a "
        f"grid of {plan.stride} px. A round has {a_round} steps; there are at most "
        f"{n_rounds}, or {schedule.patience} without a better score."
    )
    return (
        "The network is the c-ResUnet, from random weights; pixels stay as they are.",
        rounds,
        f"Pixels between cells count more (a bell of {own.width:.3g} px{known}).",
    )
