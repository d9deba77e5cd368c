"""Checks of large objects that a correction may have parted, made when hands rest."""

import logging
import threading
import uuid

from segmetry.errors import SegmetryError
from segmetry.project import OpenLabels
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
    rest : float
        Seconds to wait.
    """

    def __init__(self, events: Events, *, rest: float = _REST) -> None:
        self._events, self._rest = events, rest
        self._turn = threading.Lock()
        self._timers: dict[str, threading.Timer] = {}

    def soon(self, identifier: str, labels: OpenLabels) -> None:
        """Let labels be settled once no correction has come for a moment."""
        timer = threading.Timer(self._rest, self._settle, (identifier, labels))
        timer.daemon = True
        with self._turn:
            before = self._timers.get(identifier)
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

    def _settle(self, identifier: str, labels: OpenLabels) -> None:
        try:
            answer = labels.settle(op_id=uuid.uuid4().hex)
        except SegmetryError as error:  # closed meanwhile, or the disk is full
            _log.warning("labels were not settled: %s", error)
            return
        self._events.publish("labels", {"label": identifier, "rev": answer.rev})
