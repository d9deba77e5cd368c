"""What workers send back: a result, or the error that was raised, pickled."""

import pickle
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from segmetry.errors import SegmetryError, WorkersError

__all__ = ["answer", "loaded"]


@lru_cache(maxsize=2)  # one run, and the one before
def loaded(work: bytes) -> Callable[[Any], Any]:
    """Return pickled work; it comes from the process that this one works for."""
    function: Callable[[Any], Any] = pickle.loads(work)  # noqa: S301 - see above
    return function


def answer(kind: str, do: Callable[[], Any]) -> bytes:
    """Return a word and what a function returns, or "raised" and its error, pickled.

    Examples
    --------
    >>> pickle.loads(answer("done", lambda: 6 * 7))
    ('done', 42)
    """
    try:
        return pickle.dumps((kind, do()))
    except Exception as error:  # noqa: BLE001 - raised again in the calling process
        return _raised(error)


def _raised(error: Exception) -> bytes:
    try:
        pickled = pickle.dumps(("raised", error))
        pickle.loads(pickled)  # noqa: S301 - our own; some errors cannot be made again
    except Exception:  # noqa: BLE001 - of any class that does not pickle
        is_plain = isinstance(error, SegmetryError)
        plain = WorkersError(str(error) if is_plain else f"{type(error).__name__}: {error}")
        return pickle.dumps(("raised", plain))
    return pickled
