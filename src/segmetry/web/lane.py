"""Tasks in a row, done one after another in a thread that has a process for the work."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from segmetry.web.worker import Worker

__all__ = ["Lane"]

_log = logging.getLogger(__name__)

_Task = TypeVar("_Task")
_Outcome = TypeVar("_Outcome")


class Lane(Generic[_Task]):
    """Does tasks in their order; safe to use from several threads.

    Parameters
    ----------
    name : str
        Of the thread.
    do : callable
        Does a task, as a rule with `worker`. What it returns is called once the task no
        longer counts as running.

    worker : Worker or None
        `None` takes a process of this machine.

    Attributes
    ----------
    worker : Worker
        Ended with the lane.
    is_open : bool

    Examples
    --------
    >>> done = threading.Event()
    >>> lane = Lane("an example", lambda task: done.set)
    >>> lane.add("a task")
    True
    >>> done.wait(9)
    True
    >>> lane.close()
    """

    def __init__(
        self,
        name: str,
        do: Callable[[_Task], Callable[[], object]],
        *,
        worker: Worker | None = None,
    ) -> None:
        self.worker, self.is_open = worker or Worker(), True
        self._name, self._do = name, do
        self._turn = threading.Condition(threading.RLock())
        self._waiting: deque[_Task] = deque()
        self._running: _Task | None = None
        self._began = 0.0
        self._thread: threading.Thread | None = None

    def add(self, task: _Task, *, first: Callable[[], object] = lambda: None) -> bool:
        """Let a task wait for its turn; return whether it does not wait or run already.

        Parameters
        ----------
        task : object
        first : callable
            Called before the task can begin.
        """
        with self._turn:
            if task in self.tasks:
                return False
            self._waiting.append(task)
            first()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name=self._name, daemon=True
                )
                self._thread.start()
            self._turn.notify_all()
        return True

    @property
    def tasks(self) -> list[_Task]:
        """What runs, and then what waits."""
        with self._turn:
            running = [] if self._running is None else [self._running]
            return [*running, *self._waiting]

    @property
    def running(self) -> tuple[_Task | None, float]:
        """The task that runs now, and for how many seconds."""
        with self._turn:
            return self._running, time.monotonic() - self._began

    def withdraw(self, task: _Task) -> bool:
        """Take out a task; return whether it had not begun yet."""
        with self._turn:
            if task not in self._waiting:
                return False
            self._waiting.remove(task)
            return True

    def close(self) -> None:
        """End the work; what waits is not begun."""
        with self._turn:
            self.is_open = False
            self._waiting.clear()
            self._turn.notify_all()
        self.worker.end()
        if self._thread is not None:
            self._thread.join()
        self.worker.end()  # the thread may just have begun another task

    def _work(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._waiting or not self.is_open)
                if not self.is_open:
                    return
                task = self._running = self._waiting.popleft()
                self._began = time.monotonic()
            done = self._guarded(partial(self._do, task))
            with self._turn:
                self._running = None
            if self.is_open and done is not None:
                self._guarded(done)

    def _guarded(self, step: Callable[[], _Outcome]) -> _Outcome | None:
        try:
            return step()
        except Exception:  # noqa: BLE001 - the thread must live on
            _log.exception("%s: a task failed", self._name)
            return None
