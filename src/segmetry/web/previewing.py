"""What is looked at, made in a process of its own; only the newest of a picture counts."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any, Generic, Protocol, TypeVar

from segmetry.models.pixel_classifier import PixelClassifier
from segmetry.project import Order, Preview, PreviewOrder, prepare, preview
from segmetry.project.taught import (
    ClassMap,
    ClassMapOrder,
    Lesson,
    class_map,
    look_ahead,
    taught_classifier,
)
from segmetry.recipe import Rectangle
from segmetry.web.refusals import RefusedError
from segmetry.web.worker import TooLongError, Worker, WorkError, limited_memory

__all__ = ["ClassMaps", "Looks", "Previews"]

_MOST_SECONDS = 20.0
_MOST_SECONDS_TO_LEARN = 300.0  # all pictures that were painted on may have to be read
_MOST_SECONDS_TO_READ = 60.0  # while a preview may wait for it
_PATIENCE = 2.0  # seconds; to end a process costs as much as the next one needs to begin
_TOO_LONG = (
    "For the visible part, this takes over 20 seconds: look at a smaller one, or run the "
    "method on the picture."
)


class _Order(Protocol):
    @property
    def order(self) -> Order: ...


_Asked = TypeVar("_Asked", bound=_Order)
_Made = TypeVar("_Made")


class Looks(Generic[_Asked, _Made]):
    """Makes what is looked at; safe to use from several threads.

    Parameters
    ----------
    make : callable
        Makes it in the process.
    ready : callable
        Does there what makes the first one quick.
    """

    def __init__(
        self, make: Callable[[_Asked], _Made], ready: Callable[[Any], None]
    ) -> None:
        self._make, self._ready = make, ready
        self._worker = Worker()
        self._turn = threading.Condition()
        self._is_busy = False
        self._newest: dict[str, _Asked] = {}

    @property
    def _limits(self) -> tuple[float, float]:
        """Seconds that one may take, and after which it makes room for a newer one."""
        return _MOST_SECONDS, _PATIENCE

    def make(self, asked: _Asked) -> _Made:
        """Return what is to be shown.

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
            most_seconds, patience = self._limits

            def tick() -> None:
                passed = time.monotonic() - begun
                if passed > patience and not self._is_newest(asked):
                    self._worker.end()

            try:
                return self._worker.do(
                    self._make, asked, tick=tick, most_seconds=most_seconds
                )
            except TooLongError as error:
                raise WorkError(_TOO_LONG) from error

    def prepare(self, asked: object) -> None:
        """Let the process start and read a picture, so that the first look is quick.

        Nothing is waited for, and nothing told: what is wrong, that look will say.
        """

        def work() -> None:
            with contextlib.suppress(WorkError):
                self._worker.do(self._ready, asked, most_seconds=_MOST_SECONDS_TO_READ)

        threading.Thread(target=work, name="preparing", daemon=True).start()

    def close(self) -> None:
        """End the work."""
        self._worker.end()

    @contextmanager
    def _alone(self, asked: _Asked) -> Iterator[None]:
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

    def _is_newest(self, asked: _Asked) -> bool:
        return self._newest[asked.order.picture] is asked

    def _refuse_older(self, asked: _Asked) -> None:
        if not self._is_newest(asked):
            told = "A newer preview of this picture was asked for meanwhile."
            raise RefusedError(409, "superseded", told)


class Previews(Looks[PreviewOrder, Preview]):
    """Makes previews of methods."""

    def __init__(self) -> None:
        super().__init__(_preview, _prepare)


class ClassMaps(Looks[ClassMapOrder, ClassMap]):
    """Makes class maps of what strokes teach.

    None is ended because a newer one waits: what it learns on its way, the newer one needs.
    """

    def __init__(self) -> None:
        super().__init__(_class_map, _look_ahead)

    @property
    def _limits(self) -> tuple[float, float]:
        return _MOST_SECONDS_TO_LEARN, inf

    def learn(self, lesson: Lesson) -> PixelClassifier:
        """Return what all strokes teach.

        Raises
        ------
        WorkError
            If a picture cannot be read, or it takes too long.
        """
        return self._worker.do(_learn, lesson, most_seconds=_MOST_SECONDS_TO_LEARN)


def _class_map(asked: ClassMapOrder) -> ClassMap:
    with limited_memory():
        return class_map(asked)


def _learn(lesson: Lesson) -> PixelClassifier:
    with limited_memory():
        return taught_classifier(lesson)


def _look_ahead(asked: tuple[Order, Rectangle]) -> None:
    with limited_memory():
        look_ahead(*asked)


def _prepare(order: Order) -> None:
    with limited_memory():
        prepare(order)


def _preview(asked: PreviewOrder) -> Preview:
    with limited_memory():
        return preview(asked)
