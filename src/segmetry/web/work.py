"""What jobs do: run a method on a picture, or train a model."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from segmetry.errors import PictureError
from segmetry.project import Order, Project, carry_out
from segmetry.project.checkpoints import Checkpoint
from segmetry.recipe import Segmentation, read_recipe_text
from segmetry.segment import segmenter
from segmetry.web.job_table import JobRow
from segmetry.web.training import Training, Wishes
from segmetry.web.worker import Worker, limited_memory

__all__ = ["Work", "work_of"]


class Work(Protocol):
    """Something long."""

    @property
    def told(self) -> dict[str, Any] | None:
        """What is to be shown of it, as JSON values."""

    @property
    def seconds_left(self) -> float | None:
        """Its own forecast, where it has one."""

    def do(self, worker: Worker, tick: Callable[[], None]) -> None:
        """Do it, and keep what comes of it; `tick`, called now and then, may end it."""


@dataclass(frozen=True)
class Run:
    """A recipe that is run on a picture.

    Parameters
    ----------
    project : Project
    order : Order
    """

    project: Project
    order: Order
    told: None = None
    seconds_left: None = None

    def do(self, worker: Worker, tick: Callable[[], None]) -> None:
        """Find the objects, and keep the labels."""
        found = worker.do(_carry_out, self.order, tick=tick)
        self.project.labels.keep(self.order, found)


def _carry_out(order: Order) -> Checkpoint:
    with limited_memory() if order.is_upload else nullcontext():
        return carry_out(order)


def work_of(project: Project, row: JobRow) -> Work:
    """Return what a job does.

    Raises
    ------
    PictureError
        If the picture is a volume and the method is for single pictures.
    SegmetryError
        If it cannot be done for another reason.
    """
    if row.kind == "training":
        return Training(project, Wishes.from_json(row.asked))
    recipe = read_recipe_text(row.asked)
    order = project.labels.order(row.picture, recipe)
    _refuse_volume(project, order)
    return Run(project, order)


def _refuse_volume(project: Project, order: Order) -> None:
    """Refuse a volume to a method for single pictures, before it waits for its turn."""
    recipe = read_recipe_text(order.recipe)
    if not project.pictures.record(order.picture).is_volume:
        return
    chosen = recipe.segmentation
    if recipe.reading.page is None and not _takes_volumes(chosen):
        msg = (
            f"{order.name} is a volume and was left out: the method {chosen.called} is for "
            "single pictures. For volumes, choose threshold or lungs."
        )
        raise PictureError(msg)


def _takes_volumes(chosen: Segmentation) -> bool:
    return segmenter(chosen.name, **chosen.options).takes_volumes
