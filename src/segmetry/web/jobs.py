"""Long work, one piece after another, in a process of its own that can be ended."""

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from segmetry.errors import MissingError, SegmetryError
from segmetry.project import Order, Project, carry_out, new_identifier
from segmetry.recipe import Recipe, read_recipe_text, recipe_text
from segmetry.web.events import Events
from segmetry.web.job_table import JobRow, JobTable
from segmetry.web.worker import Worker, WorkError

__all__ = ["Jobs"]

_log = logging.getLogger(__name__)

_OPEN = ("waiting", "running")
_ALMOST = 0.95  # a forecast that was too short must not say that all is done


@dataclass(frozen=True)
class _Task:
    """A job that waits or runs, with all that it needs."""

    row: JobRow
    project: Project
    table: JobTable
    order: Order


class Jobs:
    """The jobs of all open projects; safe to use from several threads.

    What is done is written beside the project. A job that a program left unfinished is
    found "interrupted" by the next one, and can be resumed.

    Parameters
    ----------
    events : Events
        Hears of every step.
    shown_picture : callable
        Gives a picture of a project as the client knows it.
    """

    def __init__(
        self, events: Events, shown_picture: Callable[[Project, str], dict[str, Any]]
    ) -> None:
        self._events, self._shown_picture = events, shown_picture
        self._worker = Worker()
        self._turn = threading.Condition()
        self._waiting: deque[_Task] = deque()
        self._running: _Task | None = None
        self._began = 0.0
        self._tables: dict[str, tuple[Project, JobTable]] = {}
        self._cancelled: set[str] = set()
        self._is_open = True
        self._thread: threading.Thread | None = None

    def order(self, project: Project, picture: str, recipe: Recipe) -> dict[str, Any]:
        """Let a recipe be run on a picture, and return the job as the client knows it.

        Raises
        ------
        RecipeError
            If it would fail on every picture.
        PictureError
            If the picture's file is gone or has changed.
        """
        order = project.labels.order(picture, recipe)
        look = project.pictures.record(picture).look
        row = JobRow(
            id=new_identifier(),
            kind="run",
            title=order.name,
            status="waiting",
            message="",
            picture=picture,
            recipe=recipe_text(recipe),
            segmenter=recipe.segmentation.name,
            pixels=int(look.get("width_px", 0)) * int(look.get("height_px", 0)),
        )
        return self._queue(project, row, order)

    def listed(self, projects: Sequence[Project]) -> list[dict[str, Any]]:
        """Return the jobs of some projects, the newest first."""
        rows = [row for project in projects for row in self._table(project).rows()]
        rows.sort(key=lambda row: row.id, reverse=True)
        return [self._shown(row) for row in rows]

    def cancel(self, job: str) -> dict[str, Any]:
        """End a job that waits or runs; nothing happens to others."""
        with self._turn:
            running = self._running
            if running is not None and running.row.id == job:
                self._cancelled.add(job)
                self._worker.end()
                return self._shown(running.row)
            for task in self._waiting:
                if task.row.id == job:
                    self._waiting.remove(task)
                    return self._set(task, "cancelled")
        return self._shown(self._find(job)[2])

    def resume(self, job: str) -> dict[str, Any]:
        """Begin a job anew that was interrupted or cancelled or that failed."""
        project, table, row = self._find(job)
        if row.status in {*_OPEN, "done"}:
            return self._shown(row)
        recipe = read_recipe_text(row.recipe)
        order = project.labels.order(row.picture, recipe)
        table.remove(job)
        return self._queue(project, row.with_status("waiting"), order)

    def is_busy(self, picture: str) -> bool:
        """Return whether something waits or runs for a picture."""
        with self._turn:
            tasks = [*self._waiting, *([self._running] if self._running else [])]
        return any(task.row.picture == picture for task in tasks)

    def close(self) -> None:
        """End the work; what was not done is found interrupted."""
        with self._turn:
            self._is_open = False
            self._waiting.clear()
            self._turn.notify_all()
        self._worker.end()
        if self._thread is not None:
            self._thread.join()
        self._worker.end()  # the thread may just have begun another job
        for _, table in self._tables.values():
            table.close()

    def _queue(self, project: Project, row: JobRow, order: Order) -> dict[str, Any]:
        task = _Task(row, project, self._table(project), order)
        task.table.add(row)
        with self._turn:
            self._cancelled.discard(row.id)
            self._waiting.append(task)
            shown = self._shown(row)
            self._events.publish("job", {"job": shown})  # before any news that it runs
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
                self._thread.start()
            self._turn.notify_all()
        return shown

    def _work(self) -> None:
        while True:
            with self._turn:
                while self._is_open and not self._waiting:
                    self._turn.wait()
                if not self._is_open:
                    return
                task = self._running = self._waiting.popleft()
                self._began = time.monotonic()
            self._set(task, "running")
            status, message = self._carried_out(task)
            if not self._is_open:
                return
            seconds = time.monotonic() - self._began
            with self._turn:
                self._running = None
            self._set(task, status, message=message, seconds=seconds)

    def _carried_out(self, task: _Task) -> tuple[str, str]:
        """Return the status that a job ends with, and a sentence where it failed."""
        try:
            found = self._worker.do(carry_out, task.order, tick=lambda: self._tell(task))
            task.project.labels.keep(task.order, found)
        except WorkError as error:
            if task.row.id in self._cancelled:
                return "cancelled", ""
            return "failed", str(error)
        except SegmetryError as error:
            return "failed", str(error)
        except Exception:  # noqa: BLE001 - the thread must live on
            _log.exception("the job %s failed", task.row.id)
            return "failed", "Segmetry made a mistake with this picture and kept nothing."
        return "done", ""

    def _set(
        self, task: _Task, status: str, *, message: str = "", seconds: float | None = None
    ) -> dict[str, Any]:
        row = task.row.with_status(status, message=message)
        task.table.update(row, seconds=seconds)
        shown = self._shown(row)
        self._events.publish("job", {"job": shown})
        with contextlib.suppress(SegmetryError):  # it may have been removed meanwhile
            picture = self._shown_picture(task.project, task.row.picture)
            self._events.publish("picture", {"picture": picture})
        return shown

    def _tell(self, task: _Task) -> None:
        """Say how far a job is, unless it was cancelled before its work had begun."""
        if not self._is_open or task.row.id in self._cancelled:
            self._worker.end()
            return
        self._events.publish("job", {"job": self._shown(task.row.with_status("running"))})

    def _shown(self, row: JobRow) -> dict[str, Any]:
        left = self._forecast(row)
        is_running = self._running is not None and self._running.row.id == row.id
        expected = self._expected(row) if is_running else None
        share = None
        if expected:
            share = min((time.monotonic() - self._began) / expected, _ALMOST)
        return {
            "id": row.id,
            "kind": row.kind,
            "title": row.title,
            "status": "running" if is_running and row.status == "waiting" else row.status,
            "progress": 1.0 if row.status == "done" else share,
            "seconds_left": left if row.status in _OPEN else None,
            "message": row.message or None,
            "picture": row.picture,
        }

    def _forecast(self, row: JobRow) -> float | None:
        """Return the seconds until a job is done, from what similar ones took."""
        with self._turn:
            running, waiting = self._running, list(self._waiting)
        total = 0.0
        for task in ([running] if running else []) + waiting:
            expected = self._expected(task.row)
            if expected is None:
                return None
            if task is running:
                expected = max(expected - (time.monotonic() - self._began), 0.0)
            total += expected
            if task.row.id == row.id:
                return total
        return None

    def _expected(self, row: JobRow) -> float | None:
        rates = [table.rate(row.segmenter) for _, table in self._tables.values()]
        known = [rate for rate in rates if rate is not None]
        return min(known) * row.pixels if known and row.pixels else None

    def _table(self, project: Project) -> JobTable:
        key = str(project.folder)
        with self._turn:
            known = self._tables.get(key)
            if known is None or known[0] is not project:
                table = known[1] if known else JobTable(project.folder / "jobs.db")
                known = self._tables[key] = (project, table)
            return known[1]

    def _find(self, job: str) -> tuple[Project, JobTable, JobRow]:
        for project, table in list(self._tables.values()):
            for row in table.rows():
                if row.id == job:
                    return project, table, row
        msg = "There is no such job; it may be of a project that is not open."
        raise MissingError(msg)
