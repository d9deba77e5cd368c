"""What is told of an item whose workers died."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Lost", "tried_again"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_ENDED = "The process that worked on it ended, as it does when memory runs out."


@dataclass(frozen=True)
class Lost:
    """An item that has no result, since each worker that had it died.

    Parameters
    ----------
    reason : str
        A sentence.
    """

    reason: str = _ENDED


def tried_again(
    each: Callable[[Iterable[_Item], int | None], Iterator[tuple[_Item, _Result | Lost]]],
    items: Iterable[_Item],
    retries: int,
) -> Iterator[tuple[_Item, _Result | Lost]]:
    """Yield results, and try what was lost again, one at a time, when all else is done.

    An item that takes all memory ends the workers beside its own as well; alone, it ends
    its own only, and the others are done.

    Parameters
    ----------
    each : callable
        Yields items and results; takes items, and how many may be worked on at a time.
    items : iterable
    retries : int

    Yields
    ------
    tuple
        Item, and result or `Lost`.
    """
    again = []
    for item, result in each(items, None):
        if isinstance(result, Lost) and retries > 0:
            again.append(item)
        else:
            yield item, result
    for item in again:
        last: _Result | Lost = Lost()
        for _ in range(retries):
            (_, last) = next(each([item], 1))
            if not isinstance(last, Lost):
                break
        yield item, last
