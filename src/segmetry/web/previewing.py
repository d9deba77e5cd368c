"""Previews, made in a process of their own; only the newest of a picture counts."""

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from segmetry.project import Order, Preview, PreviewOrder, prepare, preview
from segmetry.web.refusals import RefusedError
from segmetry.web.worker import TooLongError, Worker, WorkError, limited_memory

__all__ = ["Previews"]

_MOST_SECONDS = 20.0
_MOST_SECONDS_TO_READ = 60.0  # while a preview may wait for it
_PATIENCE = 2.0  # seconds; to end a process costs as much as the next one needs to begin
_TOO_LONG = (
    "For the visible part, this takes over 20 seconds: look at a smaller one, or run the "
    "method on the picture."
)


class Previews:
    """Makes previews; safe to use from several threads."""

    def __init__(self) -> None:
        self._worker = Worker()
        self._turn = threading.Condition()
        self._is_busy = False
        self._newest: dict[str, PreviewOrder] = {}

    def make(self, asked: PreviewOrder) -> Preview:
        """Return what a preview shows.

        Raises
        ------
        RefusedError
            If a newer one of the same picture was asked for meanwhile.
        WorkError
            If the method refuses or fails, or takes too long.
        """
        with self._turn:
            self._newest[asked.order.picture] = asked
            self._turn.notify_all()  # who waits with an older one need not any more
        with self._alone(asked):
            begun = time.monotonic()

            def tick() -> None:
                passed = time.monotonic() - begun
                if passed > _PATIENCE and not self._is_newest(asked):
                    self._worker.end()

            try:
                return self._worker.do(
                    _preview, asked, tick=tick, most_seconds=_MOST_SECONDS
                )
            except TooLongError as error:
                raise WorkError(_TOO_LONG) from error

    def prepare(self, order: Order) -> None:
        """Let the process start and read a picture, so that its first preview is quick.

        Nothing is waited for, and nothing told: what is wrong, a preview will say.
        """

        def work() -> None:
            with contextlib.suppress(WorkError):
                self._worker.do(_prepare, order, most_seconds=_MOST_SECONDS_TO_READ)

        threading.Thread(target=work, name="preparing", daemon=True).start()

    def close(self) -> None:
        """End the work."""
        self._worker.end()

    @contextmanager
    def _alone(self, asked: PreviewOrder) -> Iterator[None]:
        """Wait until no other is made, unless a newer one makes that needless."""
        with self._turn:
            self._turn.wait_for(lambda: not self._is_busy or not self._is_newest(asked))
            self._refuse_older(asked)
            self._is_busy = True
        try:
            yield
        except WorkError:
            self._refuse_older(asked)
            raise
        finally:
            with self._turn:
                self._is_busy = False
                self._turn.notify_all()
        self._refuse_older(asked)

    def _is_newest(self, asked: PreviewOrder) -> bool:
        return self._newest[asked.order.picture] is asked

    def _refuse_older(self, asked: PreviewOrder) -> None:
        if not self._is_newest(asked):
            told = "A newer preview of this picture was asked for meanwhile."
            raise RefusedError(409, "superseded", told)


def _prepare(order: Order) -> None:
    with limited_memory():
        prepare(order)


def _preview(asked: PreviewOrder) -> Preview:
    with limited_memory():
        return preview(asked)
