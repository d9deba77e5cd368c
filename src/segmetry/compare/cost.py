"""What a call costs: seconds of the processor, of the clock, and memory."""

import ctypes
import gc
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

__all__ = ["Cost", "measured"]

T = TypeVar("T")

_RESET = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"  # what the kernel of Linux takes for "forget the peak"


@dataclass(frozen=True)
class Cost:
    """What a call took.

    Parameters
    ----------
    cpu_s : float
        Seconds of all processors together.
    wall_s : float
        Seconds of the clock.
    memory_mb : float or None
        Most memory that was held during the call beyond what was held before it; `None`
        where the system does not tell (all but Linux).
    """

    cpu_s: float
    wall_s: float
    memory_mb: float | None


def measured(work: Callable[[], T]) -> tuple[T, Cost]:
    """Call a function, and say what it took.

    Parameters
    ----------
    work : callable
        Without arguments. What it does in other processes is not counted.

    Returns
    -------
    result
        What the function returned.
    Cost

    Examples
    --------
    >>> measured(lambda: 7)[0]
    7
    """
    _give_back()
    before = _held("VmRSS") if _peak_forgotten() else None
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = _held("VmHWM") if before is not None else None
    memory = None if before is None or peak is None else max(0.0, peak - before)
    return result, Cost(cpu, wall, memory)


def _give_back() -> None:
    """Give back memory that is held for later: it would hide what a call takes."""
    gc.collect(1)  # what lives long is no garbage of the last call, and takes long to see
    with suppress(OSError, AttributeError, TypeError):  # only the C library of GNU has it
        ctypes.CDLL(None).malloc_trim(0)


def _peak_forgotten() -> bool:
    try:
        _RESET.write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return False
    return True


def _held(key: str) -> float | None:
    """Return a line of the process's state, in MB."""
    try:
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) / 1024
    return None
