"""How much memory a run may take, and how a large picture is cut to fit it."""

import os
import re
import sys

from segmetry.errors import RecipeError

__all__ = [
    "LEAST",
    "default_memory",
    "jobs_within",
    "memory_of_whole",
    "parse_memory",
    "tile_side",
]

LEAST = 600 * 10**6  # bytes; Python and its libraries alone take a third of it

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_BINARY = {"ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_PROCESS = 230 * 10**6  # bytes that a process takes before it has a tile
_PIXEL = 75  # bytes for each pixel of a picture that is seen whole
_TILE_PIXEL = 100  # and of a tile, with what is around it
_STEP = 512  # pixels; a tile is so many chunks of the labels
_SIDES = (512, 4096)  # pixels: smaller tiles are mostly margin, larger ones save nothing
_MOST_WORKERS = 4
_SHARE = 0.5  # of the machine's memory, where nobody says how much


def parse_memory(text: str) -> int:
    """Return the bytes that a text such as "2GB" stands for.

    Raises
    ------
    RecipeError
        If it is no such text, or so little that nothing can be done with it.

    Examples
    --------
    >>> parse_memory("2GB"), parse_memory("1.5 GiB")
    (2000000000, 1610612736)
    """
    parts = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*", text.casefold())
    units = _UNITS | _BINARY
    if parts is None or parts[2] not in units:
        msg = f"expected an amount of memory such as 2GB or 800MB, got {text!r}"
        raise RecipeError(msg)
    amount = int(float(parts[1]) * units[parts[2]])
    if amount < LEAST:
        msg = f"{text} of memory is too little; expected {LEAST // 10**6}MB or more"
        raise RecipeError(msg)
    return amount


def default_memory() -> int | None:
    """Return the bytes that a run may take where nobody says; `None` if not known."""
    total = _machine_memory()
    return None if total is None else max(int(_SHARE * total), LEAST)


def memory_of_whole(shape: tuple[int, int], n_channels: int = 1) -> int:
    """Return about how many bytes it takes to see a picture whole.

    Examples
    --------
    >>> memory_of_whole((20_000, 20_000)) // 10**9
    30
    """
    return _PROCESS + shape[0] * shape[1] * (_PIXEL + 2 * (n_channels - 1))


def jobs_within(memory: int, jobs: int | None) -> int:
    """Return how many processes work on one picture; `None` takes as many as fit.

    Examples
    --------
    >>> jobs_within(10**12, 3), jobs_within(LEAST, None)
    (3, 1)
    """
    least = _PROCESS + _TILE_PIXEL * _SIDES[0] ** 2 * 4
    fitting = max((memory - _PROCESS) // least, 1)
    if jobs is not None:
        return max(min(jobs, fitting), 1)
    return int(min(fitting, os.cpu_count() or 1, _MOST_WORKERS))


def tile_side(memory: int, jobs: int) -> int:
    """Return rows and columns of a tile that the memory allows in each process.

    Examples
    --------
    >>> tile_side(2 * 10**9, 2), tile_side(LEAST, 1)
    (2048, 1536)
    """
    processes = jobs + 1 if jobs > 1 else 1
    free = max(memory - processes * _PROCESS, 0) / jobs
    side = int((free / _TILE_PIXEL) ** 0.5) // _STEP * _STEP
    return min(max(side, _SIDES[0]), _SIDES[1])


def _machine_memory() -> int | None:
    """Return the bytes of the machine's memory; `None` if it does not tell."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _windows_memory() -> int | None:  # pragma: no cover
    import ctypes

    class _Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            ("total", ctypes.c_ulonglong),
            ("others", ctypes.c_ulonglong * 6),
        )

    status = _Status()
    status.length = ctypes.sizeof(status)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - only there on Windows
    told = kernel.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.total) if told else None
