"""News for the open windows: what changed, in the order in which it did."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Event", "Events"]

_KEPT = 1000  # a window that was away for longer than these asks for all anew


@dataclass(frozen=True)
class Event:
    """One piece of news.

    Parameters
    ----------
    id : int
        Rises by one with each.
    kind : str
        "job", "labels", "picture" or "removed" (a picture).
    content : dict
        JSON values, as `ServerEvent` of the client says without its `type`.
    """

    id: int
    kind: str
    content: Mapping[str, Any]


class Events:
    """The newest events; safe to use from several threads.

    Attributes
    ----------
    last : int
        Number of the newest event.
    is_closed : bool
        Whether the server stops, and with it all streams.

    Examples
    --------
    >>> events = Events()
    >>> events.publish("labels", {"label": "01J", "rev": 3})
    >>> [event.content["rev"] for event in events.after(0)]
    [3]
    """

    def __init__(self) -> None:
        self._kept: deque[Event] = deque(maxlen=_KEPT)
        self._turn = threading.Lock()
        # A window that outlives the server compares its last number with ours.
        self.last = time.time_ns() // 1_000_000
        self.is_closed = False

    def publish(self, kind: str, content: Mapping[str, Any]) -> None:
        """Tell all windows."""
        with self._turn:
            self.last += 1
            self._kept.append(Event(self.last, kind, content))

    def after(self, last: int) -> list[Event]:
        """Return what is newer than the event that was heard last."""
        with self._turn:
            return [event for event in self._kept if event.id > last]

    def close(self) -> None:
        """Let all streams end."""
        self.is_closed = True
