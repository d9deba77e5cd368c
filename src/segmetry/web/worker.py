"""A process of its own for work that is long, that may be ended, or that may crash."""

import contextlib
import multiprocessing
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from segmetry.errors import PictureError, SegmetryError, SegmetryWarning

__all__ = ["TooLongError", "WorkError", "Worker", "limited_memory"]

_TICK = 1.0  # seconds between two words on how far it is
_MOST_MEMORY = 16 * 2**30  # bytes of addresses: a picture of 2 GiB and its copies

_Answer = TypeVar("_Answer")


class WorkError(PictureError):
    """The work failed, or its process ended."""


class TooLongError(WorkError):
    """The work took longer than it may, and was ended."""


class Worker:
    """A process that starts with the first piece of work and stays for the next.

    It does one piece at a time, and is safe to use from several threads.

    Examples
    --------
    >>> worker = Worker()
    >>> worker.do(sum, [1, 2])
    3
    >>> worker.end()
    """

    def __init__(self) -> None:
        self._turn, self._working = threading.Lock(), threading.Lock()
        self._process: BaseProcess | None = None
        self._line: Connection | None = None

    def do(
        self,
        function: Callable[..., _Answer],
        argument: Any,
        *,
        tick: Callable[[], None] = lambda: None,
        hear: Callable[[Any], None] | None = None,
        most_seconds: float = inf,
    ) -> _Answer:
        """Return what a function makes of an argument there, once others are done.

        Parameters
        ----------
        function : callable
            Of a module, so that the process finds it by name.
        argument : object
        tick : callable
            Called about once a second while the work says nothing.
        hear : callable or None
            Gets what the function tells on its way: then it is called with a second
            argument, a function that tells.
        most_seconds : float
            That the function may take and say nothing, once others are done.

        Raises
        ------
        TooLongError
            If it takes longer: then it is ended.
        WorkError
            If the function refuses or fails, or the process ends.
        """
        with self._working:
            try:
                line = self._started()
                line.send((function, argument, hear is not None))
                while True:
                    end = time.monotonic() + most_seconds
                    while not line.poll(_TICK):
                        self._end_late(end, most_seconds)
                        tick()
                    kind, answer = line.recv()
                    if hear is None or kind != "told":
                        break
                    hear(answer)
            except (EOFError, OSError) as error:
                self.end()
                msg = (
                    "The process that worked on it ended, as it does when memory runs out."
                )
                raise WorkError(msg) from error
        if kind == "failed":
            raise WorkError(answer)
        return answer

    def end(self) -> None:
        """End the process, whatever it does; the next piece of work gets a new one."""
        with self._turn:
            process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.join()

    def _end_late(self, end: float, most_seconds: float) -> None:
        if time.monotonic() > end:
            self.end()
            msg = f"It took over {most_seconds:.0f} seconds and was ended."
            raise TooLongError(msg)

    def _started(self) -> Connection:
        with self._turn:
            if self._process is None or self._line is None:
                spawn = multiprocessing.get_context("spawn")
                self._line, other = spawn.Pipe()
                self._process = spawn.Process(target=_work, args=(other,), daemon=True)
                self._process.start()
                other.close()
            return self._line


def _work(line: Connection) -> None:
    """Do what comes over the line until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    # A run keeps them for the window, where they are read; the terminal tells them nobody.
    warnings.simplefilter("ignore", SegmetryWarning)
    while True:
        try:
            function, argument, is_heard = line.recv()
        except EOFError:
            return
        more = (lambda told: line.send(("told", told)),) if is_heard else ()
        line.send(_answer(function, argument, *more))


def _answer(function: Callable[..., Any], *arguments: Any) -> tuple[str, Any]:
    try:
        return "done", function(*arguments)
    except SegmetryError as error:
        return "failed", str(error)
    except MemoryError:
        return "failed", "The computer has too little memory for this picture."
    except Exception as error:  # noqa: BLE001 - told to the person, in the other process
        kind = type(error).__name__
        return "failed", f"Unexpected {kind}: {error}. This is a fault in Segmetry."


@contextmanager
def limited_memory() -> Iterator[None]:
    """Let this process have no more addresses for a while; Windows has no such limit."""
    try:
        import resource
    except ImportError:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    most = min([_MOST_MEMORY, *(limit for limit in before if limit > 0)])
    _set_limits(resource, (most, before[1]))
    try:
        yield
    finally:
        _set_limits(resource, before)


def _set_limits(resource: Any, limits: tuple[int, int]) -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS refuses limits below its use
        resource.setrlimit(resource.RLIMIT_AS, limits)
