"""Compiling loops over pixels, and keeping the machine code.

Compiled code is kept in the package's own ``__pycache__``, beside Python's byte code.
Where that folder cannot be written (an installation for all users, a zip), the loops are
compiled anew in each process, which costs some seconds, rather than written to a folder
the user did not name. Setting the environment variable ``NUMBA_CACHE_DIR`` names one.

A loop calls only compiled functions of its own file: the kept code is renewed when its
file changes, and would not notice a change elsewhere.
"""

import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba

__all__ = ["can_keep_compiled_code", "compiled"]


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` compiled on its first call, without bounds checks.

    Parameters
    ----------
    function : callable
        A loop in the subset of Python that numba compiles. Arrays have to be given
        C-contiguous, and always either read-only or writable: each kind is compiled anew.

    Examples
    --------
    >>> @compiled
    ... def sum_of_squares(n):
    ...     total = 0
    ...     for k in range(n):
    ...         total += k * k
    ...     return total
    >>> sum_of_squares(4)
    14
    """
    keep = can_keep_compiled_code(Path(function.__code__.co_filename))
    return numba.njit(function, cache=keep, nogil=True, error_model="numpy")


@cache
def can_keep_compiled_code(source: Path) -> bool:
    """Tell whether machine code of a source file can be kept on disk.

    Parameters
    ----------
    source : Path
        The source file.

    Examples
    --------
    >>> can_keep_compiled_code(Path("no such file.py"))
    False
    """
    if not source.is_file():
        return False
    if os.environ.get("NUMBA_CACHE_DIR"):
        return True
    folder = source.parent / "__pycache__"
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
