"""Long work, one piece after another, in processes of their own that can be ended."""

import contextlib
import json
import logging
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import prod
from typing import Any

from segmetry.errors import MissingError, ProjectError, SegmetryError
from segmetry.project import Project, new_identifier
from segmetry.recipe import Recipe, recipe_text
from segmetry.web.events import Events
from segmetry.web.far_worker import FarWorker
from segmetry.web.job_table import JobRow, JobTable
from segmetry.web.lane import Lane
from segmetry.web.training import Wishes
from segmetry.web.work import Work, work_of
from segmetry.web.worker import Worker, WorkError
from segmetry.workers import Workers

__all__ = ["Jobs"]

_log = logging.getLogger(__name__)

_OPEN = ("waiting", "running")
_MOST_FAR = 32  # lanes to a cluster, each with a thread of its own
_SIDES = ("width", "height")
_ALMOST = 0.95  # a forecast that was too short must not say that all is done


@dataclass(frozen=True, eq=False)
class _Task:
    """A job that waits or runs, with all that it needs."""

    row: JobRow
    project: Project
    table: JobTable
    work: Work


class Jobs:
    """The jobs of all open projects; safe to use from several threads.

    What is done is written beside the project. A job that a program left unfinished is
    found "interrupted" by the next one, and can be resumed. Runs of methods and trainings
    do not wait for each other.

    Parameters
    ----------
    events : Events
        Hears of every step.
    shown_picture : callable
        Gives a picture of a project as the client knows it.
    identifier_of : callable
        Gives the identifier of a project.
    workers : Workers or None
        Of a cluster, which runs methods on as many pictures at a time as it has workers.
        `None` runs them here, one after another; models are trained here in any case.
    """

    def __init__(
        self,
        events: Events,
        shown_picture: Callable[[Project, str], dict[str, Any]],
        identifier_of: Callable[[Project], str],
        *,
        workers: Workers | None = None,
    ) -> None:
        self._events, self._shown_picture = events, shown_picture
        self._identifier_of = identifier_of
        far: list[Worker | None] = [None]
        if workers is not None:
            far = [FarWorker(workers) for _ in range(min(max(workers.n, 1), _MOST_FAR))]
        self._lanes: Mapping[str, Sequence[Lane[_Task]]] = {
            "run": [Lane("jobs: run", self._do, worker=worker) for worker in far],
            "training": [Lane("jobs: training", self._do)],
        }
        self._turn = threading.RLock()
        self._tables: dict[str, tuple[Project, JobTable]] = {}
        self._cancelled: set[str] = set()
        self._gone: weakref.WeakSet[Project] = weakref.WeakSet()

    def order(self, project: Project, picture: str, recipe: Recipe) -> dict[str, Any]:
        """Let a recipe be run on a picture, and return the job as the client knows it.

        Raises
        ------
        RecipeError
            If it would fail on every picture.
        PictureError
            If the picture's file is gone or has changed.
        """
        record = project.pictures.record(picture)
        row = JobRow(
            new_identifier(),
            "run",
            record.name,
            recipe_text(recipe),
            picture=picture,
            segmenter=recipe.segmentation.name,
            pixels=prod(int(record.look.get(f"{side}_px", 0)) for side in _SIDES)
            * int(record.look.get("n_slices", 1)),
        )
        return self._queue(project, row)

    def train(self, project: Project, wishes: Wishes) -> dict[str, Any]:
        """Let a model be trained on what was corrected in a project.

        Raises
        ------
        SegmetryError
            As `Training` says.
        """
        row = JobRow(new_identifier(), "training", wishes.name, wishes.as_json())
        return self._queue(project, row)

    def listed(self, projects: Sequence[Project]) -> list[dict[str, Any]]:
        """Return the jobs of some projects, the newest first."""
        with self._turn:  # none is let go meanwhile
            rows = [
                (project, row)
                for project in projects
                if project not in self._gone
                for row in self._table(project).rows()
            ]
        jobs = [self._shown(project, row) for project, row in rows]
        return sorted(jobs, key=lambda job: str(job["id"]), reverse=True)

    def cancel(self, job: str) -> dict[str, Any]:
        """End a job that waits or runs; nothing happens to others."""
        project, _, row = self._find(job)
        lane, task = self._lane(row), self._task(row)
        if task is not None:
            if lane.withdraw(task):
                return self._set(task, "cancelled")
            with self._turn:
                self._cancelled.add(job)
            if lane.running[0] is task:
                lane.worker.end()
        return self._shown(project, row)

    def resume(self, job: str) -> dict[str, Any]:
        """Begin a job anew that was interrupted or cancelled or that failed."""
        project, _, row = self._find(job)
        if row.status in {*_OPEN, "done"}:
            return self._shown(project, row)
        return self._queue(project, replace(row, status="waiting", message="", told=""))

    def is_busy(self, picture: str) -> bool:
        """Return whether something waits or runs for a picture."""
        return any(task.row.picture == picture for task in self._tasks("run"))

    def let_go(self, project: Project) -> None:
        """Let go of a project that is to be deleted; nothing is done for it any more.

        Raises
        ------
        ProjectError
            If something waits or runs for it.
        """
        with self._turn:
            tasks = [task for kind in self._lanes for task in self._tasks(kind)]
            if any(task.project is project for task in tasks):
                msg = (
                    "Something still runs in this project; wait for it, or cancel it there."
                )
                raise ProjectError(msg)
            self._gone.add(project)
            known = self._tables.pop(str(project.folder), None)
        if known is not None:
            known[1].close()

    def close(self) -> None:
        """End the work; what was not done is found interrupted."""
        for lane in chain.from_iterable(self._lanes.values()):
            lane.close()
        for _, table in self._tables.values():
            table.close()

    def _queue(self, project: Project, row: JobRow) -> dict[str, Any]:
        work = work_of(project, row)
        shown: list[dict[str, Any]] = []

        def tell() -> None:  # before any news that it runs
            shown.append(self._shown(project, row))
            self._events.publish("job", {"job": shown[0]})

        with self._turn:  # the project is not let go before the job is in its lane
            if project in self._gone:
                msg = "This project is being deleted; nothing more can be run in it."
                raise ProjectError(msg)
            self._cancelled.discard(row.id)
            task = _Task(row, project, self._table(project), work)
            task.table.add(row)
            lane = min(self._lanes[row.kind], key=lambda one: len(one.tasks))
            lane.add(task, first=tell)
        return shown[0]

    def _do(self, task: _Task) -> Callable[[], object]:
        lane = self._lane(task.row)
        self._set(task, "running")
        status, message = self._carried_out(task)
        seconds = lane.running[1]
        return lambda: self._set(task, status, message=message, seconds=seconds)

    def _carried_out(self, task: _Task) -> tuple[str, str]:
        """Return the status that a job ends with, and a sentence where it failed."""
        try:
            task.work.do(self._lane(task.row).worker, lambda: self._tell(task))
        except WorkError as error:
            if task.row.id in self._cancelled:
                return "cancelled", ""
            return "failed", str(error)
        except SegmetryError as error:
            return "failed", str(error)
        except Exception:  # noqa: BLE001 - the thread must live on
            _log.exception("the job %s failed", task.row.id)
            return "failed", "Segmetry made a mistake with this and kept nothing."
        return "done", ""

    def _set(
        self, task: _Task, status: str, *, message: str = "", seconds: float | None = None
    ) -> dict[str, Any]:
        told = "" if task.work.told is None else json.dumps(task.work.told)
        row = replace(task.row, status=status, message=message, told=told)
        task.table.update(row, seconds=seconds)
        shown = self._shown(task.project, row)
        self._events.publish("job", {"job": shown})
        with contextlib.suppress(SegmetryError):  # it may have been removed meanwhile
            if row.picture:
                picture = self._shown_picture(task.project, row.picture)
                self._events.publish("picture", {"picture": picture})
        return shown

    def _tell(self, task: _Task) -> None:
        """Say how far a job is; a `WorkError` where it was cancelled meanwhile."""
        lane = self._lane(task.row)
        if not lane.is_open or task.row.id in self._cancelled:
            lane.worker.end()
            msg = "It was cancelled."
            raise WorkError(msg)
        shown = self._shown(task.project, task.row.with_status("running"))
        self._events.publish("job", {"job": shown})

    def _shown(self, project: Project, row: JobRow) -> dict[str, Any]:
        task = self._task(row)
        running, seconds = self._lane(row).running
        is_running = task is not None and task is running
        share = None
        if is_running and (whole := self._whole(running, seconds)):
            share = min(seconds / whole, _ALMOST)
        told = json.loads(row.told) if row.told else None
        return {
            "id": row.id,
            "project": self._identifier_of(project),
            "kind": row.kind,
            "title": row.title,
            "status": "running" if is_running and row.status == "waiting" else row.status,
            "progress": 1.0 if row.status == "done" else share,
            "seconds_left": self._seconds_left(row) if row.status in _OPEN else None,
            "message": row.message or None,
            "picture": row.picture or None,
            "training": told if task is None else task.work.told,
        }

    def _task(self, row: JobRow) -> _Task | None:
        tasks = self._tasks(row.kind)
        return next((task for task in tasks if task.row.id == row.id), None)

    def _tasks(self, kind: str) -> list[_Task]:
        return [task for lane in self._lanes[kind] for task in lane.tasks]

    def _lane(self, row: JobRow) -> Lane[_Task]:
        """Return the lane in which a job waits or runs; any where it does neither."""
        lanes = self._lanes[row.kind]
        has_it = (any(task.row.id == row.id for task in lane.tasks) for lane in lanes)
        return next(
            (lane for lane, here in zip(lanes, has_it, strict=True) if here), lanes[0]
        )

    def _seconds_left(self, row: JobRow) -> float | None:
        """Return the seconds until a job is done, from what similar ones took."""
        lane = self._lane(row)
        running, passed = lane.running
        total = 0.0
        for task in lane.tasks:
            whole = self._whole(task, passed if task is running else 0.0)
            if whole is None:
                return None
            total += max(whole - passed, 0.0) if task is running else whole
            if task.row.id == row.id:
                return total
        return None

    def _whole(self, task: _Task | None, passed: float) -> float | None:
        """Return how many seconds a task takes from its beginning to its end."""
        if task is None:
            return None
        if task.work.seconds_left is not None:
            return passed + task.work.seconds_left
        row = task.row
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
            row = table.row(job)
            if row is not None:
                return project, table, row
        msg = "There is no such job; it may be of a project that is not open."
        raise MissingError(msg)
