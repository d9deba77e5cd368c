"""Worker processes of this machine, each with a line of its own."""

import contextlib
import multiprocessing
import pickle
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, Self, TypeVar

from segmetry.errors import WorkersError
from segmetry.workers.lost import Lost, tried_again
from segmetry.workers.messages import answer, loaded

__all__ = ["Processes"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_TICK = 1.0  # seconds between two words to who waits
_PATIENCE = 5.0  # seconds that an idle worker gets to leave
_MOST_BAD_STARTS = 3  # in a row


class Processes:
    """Worker processes of this machine, started when there is work.

    Parameters
    ----------
    n : int
        How many.
    """

    def __init__(self, n: int) -> None:
        self.told = f"in {n} processes"
        self.n = n
        self._idle: list[_Worker] = []

    def run_all(
        self,
        work: Callable[[_Item], _Result],
        items: Iterable[_Item],
        *,
        retries: int = 1,
        tick: Callable[[], None] | None = None,
    ) -> Iterator[tuple[_Item, _Result | Lost]]:
        """Yield each item with its result, as `segmetry.workers.run_all` does."""
        pickled = pickle.dumps(work)

        def each(some: Iterable[_Item], most: int | None) -> Iterator[Any]:
            return _Round(pickled, some, most or self.n, self._idle).results(tick)

        return tried_again(each, items, retries)

    def ask_elsewhere(self, question: Callable[[], _Result]) -> dict[str, _Result]:  # noqa: ARG002
        """Return nothing: all are on this machine."""
        return {}

    def close(self) -> None:
        """End the processes."""
        while self._idle:
            self._idle.pop().leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Round(Generic[_Item]):
    """One pass over items.

    Parameters
    ----------
    work : bytes
        The function, pickled.
    items : iterable
    most : int
        So many are worked on at a time.
    idle : list of _Worker
        Workers come from here, and go back.
    """

    def __init__(
        self, work: bytes, items: Iterable[_Item], most: int, idle: list["_Worker"]
    ) -> None:
        self._work, self._most, self._idle = work, most, idle
        self._items = iter(items)
        self._busy: dict[_Worker, _Item] = {}
        self._bad_starts = 0

    def results(self, tick: Callable[[], None] | None) -> Iterator[tuple[_Item, Any]]:
        """Yield items and what became of them."""
        try:
            self._hand_out()
            while self._busy:
                for worker in _heard(self._busy):
                    yield from self._result_of(worker)
                if tick is not None:
                    tick()
        finally:
            for worker in self._busy:
                worker.end()

    def _hand_out(self) -> None:
        while len(self._busy) < self._most:
            for item in self._items:
                worker = self._idle.pop() if self._idle else _Worker()
                self._busy[worker] = item
                worker.give(self._work, item)
                break
            else:
                return

    def _result_of(self, worker: "_Worker") -> Iterator[tuple[_Item, Any]]:
        kind, result = worker.receive()
        if kind == "ready":
            self._bad_starts = 0
            return
        item = self._busy.pop(worker)
        if kind != "died":
            self._idle.append(worker)
        elif not worker.has_item:
            self._count_bad_start()
            self._items = chain([item], self._items)
        if kind == "raised":
            raise result
        self._hand_out()  # before the caller sees to this result
        if kind == "done" or worker.has_item:
            yield item, result

    def _count_bad_start(self) -> None:
        self._bad_starts += 1
        if self._bad_starts >= _MOST_BAD_STARTS:
            msg = (
                "Worker processes end before they can begin; a script must start them "
                'under `if __name__ == "__main__":`, and memory must not be full. One '
                "job (--jobs 1) needs none."
            )
            raise WorkersError(msg)


class _Worker:
    """A process, and the line to it."""

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.line, other = spawn.Pipe()
        self.process = spawn.Process(target=_serve, args=(other,), daemon=True)
        with _ignoring_interrupts():
            self.process.start()
        other.close()
        self.has_item = False
        self._work = b""
        self._item: Any = None

    def give(self, work: bytes, item: Any) -> None:
        """Give it an item, and before, if it has another one, the work."""
        self._item, self.has_item = item, False
        if work != self._work:
            self._work = work
            self._send("work", work)
        else:
            self._send_item()

    def receive(self) -> tuple[str, Any]:
        """Return "ready", "done", "raised" or "died", and what came with it."""
        try:
            said = self.line.recv_bytes() if self.line.poll() else b""
        except (EOFError, OSError):
            said = b""
        if not said:
            self.end()
            return "died", Lost()
        kind, result = pickle.loads(said)  # noqa: S301 - of our own process
        if kind == "ready":
            self._send_item()
        return kind, result

    def end(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self.line.close()

    def leave(self) -> None:
        """Let it end by itself."""
        self.line.close()
        self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def _send_item(self) -> None:
        self.has_item = True
        self._send("item", self._item)

    def _send(self, kind: str, message: Any) -> None:
        # Where the process has died, its line is found closed when it is heard.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.line.send((kind, message))


def _heard(workers: Iterable[_Worker]) -> list[_Worker]:
    """Return the workers that have something to say, or have died; wait a while."""
    of: dict[Any, _Worker] = {}
    for worker in workers:
        of[worker.line] = of[worker.process.sentinel] = worker
    return list(dict.fromkeys(of[one] for one in wait(list(of), _TICK)))


@contextlib.contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Let a process that is started here be deaf to Ctrl-C from its first moment."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say so
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _serve(line: Connection) -> None:
    """Do what comes over the line until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the caller, who ends us
    work = b""
    with contextlib.suppress(EOFError, OSError):
        while True:
            kind, message = line.recv()
            if kind == "work":
                work = message
                line.send_bytes(answer("ready", partial(_load, work)))
            else:
                line.send_bytes(answer("done", partial(loaded(work), message)))


def _load(work: bytes) -> None:
    loaded(work)
