"""Which numbers objects get that come from a file."""

import re
from collections.abc import Iterable
from itertools import chain

__all__ = ["numbers_of"]

_LARGEST = 2**32 - 1


def numbers_of(names: Iterable[object]) -> tuple[list[int], frozenset[int]]:
    """Return a number for each object, its own where its name is one.

    Parameters
    ----------
    names : iterable
        Whole numbers from 1 up, or texts of such, also "0007". All others, and numbers
        that came before, get numbers above the largest, in their order: so objects that
        were drawn elsewhere join those that were written with their numbers. Where there
        are none above it, they get the smallest that are free.

    Returns
    -------
    numbers : list of int
        No number twice.
    unnamed : frozenset of int
        Those that are not the object's own name.

    Examples
    --------
    >>> numbers_of(["0007", "a new one", "3", "7"])
    ([7, 8, 3, 9], frozenset({8, 9}))
    """
    found: list[int | None] = []
    taken: set[int] = set()
    for name in names:
        text = str(name) if isinstance(name, str | int) else ""
        number = int(text) if re.fullmatch(r"[0-9]{1,10}", text) else 0
        is_free = 0 < number <= _LARGEST and number not in taken
        found.append(number if is_free else None)
        taken |= {number} if is_free else set()
    largest = max(taken, default=0)
    free = chain(range(largest + 1, _LARGEST + 1), range(1, largest))
    following = (number for number in free if number not in taken)
    numbers = [next(following) if known is None else known for known in found]
    both = zip(numbers, found, strict=True)
    return numbers, frozenset(number for number, known in both if known is None)
