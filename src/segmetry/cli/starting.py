"""The first words on a terminal, said before heavy packages are loaded."""

import os
import sys
from pathlib import Path

__all__ = ["say_starting"]


def say_starting(*, as_json: bool) -> None:
    """Say on a terminal that work begins, and that its first time takes longer.

    Parameters
    ----------
    as_json : bool
        Say nothing, as where nobody looks.
    """
    if as_json or not sys.stderr.isatty():
        return
    words = "Getting ready ..."
    if not _has_compiled_code():
        words = "Getting ready; the first run compiles its loops, up to a minute or two ..."
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _has_compiled_code() -> bool:
    """Return whether an earlier run left compiled code of measuring."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named:
        return any(Path(named).rglob("*.nbi"))
    beside = Path(__file__).parents[1] / "measure" / "__pycache__"
    return any(beside.glob("*.nbi"))
