"""Names on disk and in the database that never clash and say nothing about their owner."""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segmetry.errors import SegmetryError

__all__ = ["called", "is_identifier", "new_identifier"]

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
_RANDOM_BITS = 80
_PATTERN = re.compile(f"[0-7][{_DIGITS}]{{25}}")


def new_identifier() -> str:
    """Return a new ULID: 26 letters and digits that sort by the time they were made.

    Examples
    --------
    >>> len(new_identifier()), new_identifier() != new_identifier()
    (26, True)
    """
    number = time.time_ns() // 1_000_000 << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))


def is_identifier(text: str) -> bool:
    """Return whether a text can be an identifier: nothing else may become a path.

    Examples
    --------
    >>> is_identifier("01JD3M0XZ6W8RT5Q4N7YV2KCAB"), is_identifier("../secret")
    (True, False)
    """
    return _PATTERN.fullmatch(text) is not None


@contextmanager
def called(path: Path, name: str) -> Iterator[None]:
    """Let errors about a file tell the name that people know, not that of an upload.

    Parameters
    ----------
    path : Path
    name : str

    Examples
    --------
    >>> from segmetry.errors import PictureError
    >>> with called(Path("01JD3M0XZ6W8RT5Q4N7YV2KCAB"), "cells.tif"):
    ...     raise PictureError("01JD3M0XZ6W8RT5Q4N7YV2KCAB is cut off")
    Traceback (most recent call last):
    segmetry.errors.PictureError: cells.tif is cut off
    """
    try:
        yield
    except SegmetryError as error:
        error.args = tuple(
            told.replace(path.name, name) if isinstance(told, str) else told
            for told in error.args
        )
        raise
