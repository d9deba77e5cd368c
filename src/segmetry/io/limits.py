"""How large a picture may be before it is read."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod

from segmetry.errors import ReadError

__all__ = ["MAX_PIXELS", "check_packing", "check_size", "for_strangers"]

# 32,768 x 32,768: eight times the largest single picture that microscopes store as one
# plane, and its grey values as float32 (4 GB) are still in reach of a workstation.
MAX_PIXELS = 2**30

# No lossless codec in use packs real pictures 2,000-fold (deflate cannot pass 1,032);
# blank pages of fax codecs can, so small pictures are not asked.
_MAX_PACKING = 2_000
_UNASKED_BYTES = 2**28

# What a server takes from a browser: 200 megapixels in colour.
_STRANGERS_VALUES = 600_000_000
_STRANGERS_BYTES = 2**31
_for_strangers: ContextVar[bool] = ContextVar("for_strangers", default=False)


@contextmanager
def for_strangers() -> Iterator[None]:
    """Let pictures be read only up to the size that is taken from a browser.

    Examples
    --------
    >>> with for_strangers():
    ...     check_size("small.tif", (480, 640))
    """
    before = _for_strangers.set(True)
    try:
        yield
    finally:
        _for_strangers.reset(before)


def check_size(
    name: str, shape: Iterable[int], *, itemsize: int = 1, stored: int | None = None
) -> None:
    """Refuse a picture that is too large or whose file is too small, before memory is used.

    Parameters
    ----------
    name : str
        The file's name, for the message.
    shape : iterable of int
        What the file's header says, channels included.
    itemsize : int
        Bytes per value.
    stored : int or None
        Bytes in the file. `None` where they are not known.

    Raises
    ------
    ReadError
        If the header asks for no pixels, for more than `MAX_PIXELS` (or, within
        `for_strangers`, 200 megapixels or 2 GiB), or for far more than the file can hold.

    Examples
    --------
    >>> check_size("small.tif", (480, 640))
    """
    sides = [int(side) for side in shape]
    text = " x ".join(f"{side:,}" for side in sides)
    if not sides or min(sides) < 1:
        msg = f"{name} has no pixels: its header says {text or 'nothing'}"
        raise ReadError(msg)
    pixels = prod(sides)
    if pixels > MAX_PIXELS:
        msg = (
            f"{name} has {text} values by its header, more than the {MAX_PIXELS:,} that "
            f"one picture may have; check the file or cut it into parts"
        )
        raise ReadError(msg)
    needed = pixels * itemsize
    is_large = pixels > _STRANGERS_VALUES or needed > _STRANGERS_BYTES
    if is_large and _for_strangers.get():
        msg = (
            f"{name} has {text} values by its header, more than 200 megapixels or 2 GiB; "
            f"open it from a folder of this computer instead, or cut it into parts"
        )
        raise ReadError(msg)
    if stored is not None:
        check_packing(name, sides, needed, stored=stored)


def check_packing(name: str, shape: Iterable[int], needed: int, *, stored: int) -> None:
    """Refuse a picture whose file is far too small for it, whatever its size.

    Parameters
    ----------
    name : str
        The file's name, for the message.
    shape : iterable of int
        What the file's header says, channels included.
    needed : int
        Bytes of its pixels.
    stored : int
        Bytes in the file.

    Raises
    ------
    ReadError
        If the header asks for no pixels, or for far more than the file can hold.

    Examples
    --------
    >>> check_packing("small.tif", (480, 640), 480 * 640, stored=90_000)
    """
    sides = [int(side) for side in shape]
    text = " x ".join(f"{side:,}" for side in sides)
    if not sides or min(sides) < 1:
        msg = f"{name} has no pixels: its header says {text or 'nothing'}"
        raise ReadError(msg)
    if needed > max(_UNASKED_BYTES, stored * _MAX_PACKING):
        msg = (
            f"{name} has {text} values by its header but only {stored:,} bytes; "
            f"the file is damaged or cut off, copy it again"
        )
        raise ReadError(msg)
