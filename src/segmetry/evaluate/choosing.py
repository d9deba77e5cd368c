"""Pictures chosen by chance, to be corrected for all the others."""

from collections.abc import Sequence

import numpy as np

__all__ = ["choose_pictures"]


def choose_pictures(
    names: Sequence[str], n: int, *, groups: Sequence[str] = (), seed: int = 0
) -> tuple[str, ...]:
    """Return pictures chosen at random, each as likely as any other.

    A larger choice holds each smaller one of the same seed.

    Parameters
    ----------
    names : sequence of str
        Names of all pictures; their order plays no part.
    n : int
        How many to choose.
    groups : sequence of str
        Group of each picture: the choice is spread over the groups by their sizes, so
        that none of them is left out whose share of `n` is one picture or more. Empty:
        each set of n pictures is as likely as any other.
    seed : int
        The same names and seed give the same choice.

    Returns
    -------
    tuple of str
        In the order of the alphabet.

    Raises
    ------
    ValueError
        If `n` is not from 1 to the number of names, or groups are not as many as names.

    Examples
    --------
    >>> choose_pictures(["c", "a", "b"], 2) == choose_pictures(["a", "b", "c"], 2)
    True
    >>> chosen = choose_pictures(["a1", "a2", "b1", "b2"], 2, groups=["a", "a", "b", "b"])
    >>> [name[0] for name in chosen]
    ['a', 'b']
    """
    if not 1 <= n <= len(names):
        msg = f"n must be from 1 to the number of pictures, {len(names)}, got {n}"
        raise ValueError(msg)
    if groups and len(groups) != len(names):
        msg = f"expected a group for each of {len(names)} pictures, got {len(groups)}"
        raise ValueError(msg)
    ordered = sorted(zip(names, groups or [""] * len(names), strict=True))
    generator = np.random.default_rng(seed)
    members: dict[str, list[int]] = {group: [] for _, group in ordered}
    for index in generator.permutation(len(ordered)):
        members[ordered[index][1]].append(int(index))
    # Each group's pictures lie evenly from 0 to 1, from a start of its own: up to any place
    # each group has its share of pictures, and each picture is there equally often.
    starts = dict(zip(sorted(members), generator.random(len(members)), strict=True))
    places = [
        ((rank + starts[group]) / len(its), index)
        for group, its in members.items()
        for rank, index in enumerate(its)
    ]
    return tuple(
        ordered[index][0] for index in sorted(one for _, one in sorted(places)[:n])
    )
