"""Work of the app that is done on a cluster, in place of a process of this machine."""

import platform
from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

from segmetry.errors import PictureError
from segmetry.project import Order
from segmetry.web.worker import Worker, WorkError
from segmetry.workers import Lost, Workers

__all__ = ["FarWorker", "seen_here"]


class FarWorker(Worker):
    """Does one piece of work at a time on a cluster, as `segmetry.web.worker.Worker` here.

    Parameters
    ----------
    workers : Workers
        Of the cluster; several may share it.
    """

    def __init__(self, workers: Workers) -> None:
        super().__init__()
        self._workers = workers

    def do(
        self,
        function: Callable[..., Any],
        argument: Any,
        *,
        tick: Callable[[], None] = lambda: None,
        hear: Callable[[Any], None] | None = None,
        most_seconds: float = inf,
    ) -> Any:
        """Return what a function makes of an order on the cluster.

        Parameters
        ----------
        function : callable
            Of a module.
        argument : Order
        tick : callable
            Called about once a second; where it raises an error, the work is given up.
        hear, most_seconds
            Not to be given: nothing is told on the way, and a cluster may let work wait.

        Raises
        ------
        WorkError
            If each worker that had it died.
        SegmetryError
            If the function refuses, or the cluster is gone.
        """
        if hear is not None or most_seconds < inf:
            msg = "work on a cluster neither tells on its way nor has a time limit"
            raise ValueError(msg)
        work = partial(seen_here, function)
        _, result = next(self._workers.run_all(work, [argument], tick=tick))
        if isinstance(result, Lost):
            raise WorkError(result.reason)
        return result

    def end(self) -> None:
        """Do nothing: a tick gives up what is cancelled."""


def seen_here(function: Callable[[Order], Any], order: Order) -> Any:
    """Return what a function makes of an order, on a machine that sees its picture.

    Raises
    ------
    PictureError
        If it does not.
    """
    if not order.path.exists():
        msg = (
            f"The machine {platform.node()} of the cluster does not see {order.name}; "
            "put the pictures, and the app's own folder, on storage that all share."
        )
        raise PictureError(msg)
    return function(order)
