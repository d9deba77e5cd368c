"""How annotated pictures are divided into those that teach and those that judge."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from segmetry.dataset import k_folds, leave_one_out, split_by_group
from segmetry.errors import DatasetError
from segmetry.learn.examples import Example
from segmetry.learn.options import TrainingOptions

__all__ = ["Part", "divide", "nested"]

FEWEST_HELD_OUT = 5  # pictures; a comparison with fewer says little
_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Part:
    """One training and the pictures that judge it, which it never sees.

    Parameters
    ----------
    training, held_out : tuple of Example
    """

    training: tuple[Example, ...]
    held_out: tuple[Example, ...]


def divide(
    examples: Sequence[Example], options: TrainingOptions
) -> tuple[tuple[Part, ...], str]:
    """Divide pictures by their groups, in one part or in folds.

    Parameters
    ----------
    examples : sequence of Example
    options : TrainingOptions
        Its folds, share and seed. Without folds, a share is held out where this gives at
        least five pictures; of fewer, each is held out once, in at most five folds.

    Returns
    -------
    tuple of Part
    str
        What was chosen and why, in a sentence.

    Raises
    ------
    DatasetError
        If the pictures form fewer groups than needed.
    """
    groups = [example.group or example.name for example in examples]
    n_groups = len(set(groups))
    if n_groups < 2:
        msg = (
            "There is only one picture, or one group of pictures that belong together: "
            "none is left to judge the model. Add pictures, or give validation pictures."
        )
        raise DatasetError(msg)
    folds = options.folds
    share = options.held_out_share
    if folds is None and share * len(examples) >= FEWEST_HELD_OUT:
        held = split_by_group(groups, share, seed=options.seed)
        part = _part(examples, held.tolist())
        sentence = (
            f"{len(part.held_out)} of {len(examples)} pictures are held out to judge the "
            "model."
        )
        return (part,), sentence
    why = "" if folds else f": {len(examples)} are too few to hold out enough of them"
    if folds == "leave-one-out" or (folds is None and n_groups <= _FOLDS):
        fold_of = leave_one_out(groups)
    else:
        fold_of = k_folds(groups, folds or _FOLDS, seed=options.seed)
    parts = tuple(
        _part(examples, (fold_of == fold).tolist()) for fold in range(fold_of.max() + 1)
    )
    sentence = (
        f"Every picture is held out once, in {len(parts)} trainings{why}. One more, on all "
        "pictures, makes the model."
    )
    return parts, sentence


def nested(examples: Sequence[Example], share: float, *, seed: int) -> tuple[Example, ...]:
    """Return a share of the pictures, by whole groups; a smaller share is part of it.

    Parameters
    ----------
    examples : sequence of Example
    share : float
        From 0 to 1; at least one group is taken.
    seed : int
        Another number, another choice.

    Examples
    --------
    >>> import numpy as np
    >>> from segmetry.image import Image
    >>> blank = np.zeros((4, 4), np.uint32)
    >>> some = [Example(Image(blank), blank, name=name) for name in "abcd"]
    >>> half = {one.name for one in nested(some, 0.5, seed=0)}
    >>> quarter = {one.name for one in nested(some, 0.25, seed=0)}
    >>> len(half), quarter < half
    (2, True)
    """

    def place(group: str) -> bytes:
        return hashlib.sha256(f"{seed}:{group}".encode("utf-8", "replace")).digest()

    of_group: dict[str, list[Example]] = {}
    for example in examples:
        of_group.setdefault(example.group or example.name, []).append(example)
    chosen: list[Example] = []
    for group in sorted(of_group, key=place):
        if chosen and len(chosen) >= share * len(examples) - 1e-9:
            break
        chosen += of_group[group]
    return tuple(chosen)


def _part(examples: Sequence[Example], held: Sequence[bool]) -> Part:
    sides: tuple[list[Example], list[Example]] = ([], [])
    for example, out in zip(examples, held, strict=True):
        sides[out].append(example)
    return Part(tuple(sides[0]), tuple(sides[1]))
