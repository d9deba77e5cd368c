"""Checks of large objects that a correction may have parted, made when hands rest."""

import logging
import threading
import uuid
from collections.abc import Callable

from segmetry.errors import SegmetryError
from segmetry.project import Answer, OpenLabels
from segmetry.web.events import Events

__all__ = ["Settling"]

_log = logging.getLogger(__name__)

_REST = 0.7  # seconds without a correction; the check may take one or two


class Settling:
    """Settles labels a moment after the last correction; safe to use from several threads.

    Parameters
    ----------
    events : Events
        Hears of labels that a check has changed.
    labels_of : callable
        Opens labels by their identifier: those of then may be closed when it is time.
    rest : float
        Seconds to wait.
    """

    def __init__(
        self,
        events: Events,
        labels_of: Callable[[str], OpenLabels],
        *,
        rest: float = _REST,
    ) -> None:
        self._events, self._labels_of, self._rest = events, labels_of, rest
        self._turn = threading.Lock()
        self._timers: dict[str, threading.Timer] = {}

    def heed(self, identifier: str, answer: Answer, *, is_new: bool = True) -> None:
        """Let labels with pending objects be settled once nothing new came for a moment.

        Parameters
        ----------
        identifier : str
            Of the labels.
        answer : Answer
        is_new : bool
            Whether it answers a correction. Who only looks puts nothing off.
        """
        if not answer.pending:
            return
        timer = threading.Timer(self._rest, self._settle, (identifier,))
        timer.daemon = True
        with self._turn:
            before = self._timers.get(identifier)
            if before is not None and not is_new:
                return
            self._timers[identifier] = timer
        if before is not None:
            before.cancel()
        timer.start()

    def close(self) -> None:
        """Settle nothing more; what is pending stays so."""
        with self._turn:
            timers, self._timers = list(self._timers.values()), {}
        for timer in timers:
            timer.cancel()
            timer.join()

    def _settle(self, identifier: str) -> None:
        try:
            answer = self._labels_of(identifier).settle(op_id=uuid.uuid4().hex)
            self._events.publish("labels", {"label": identifier, "rev": answer.rev})
        except SegmetryError as error:  # removed meanwhile, or the disk is full
            _log.warning("labels were not settled: %s", error)
        finally:
            with self._turn:
                if self._timers.get(identifier) is threading.current_thread():
                    del self._timers[identifier]
