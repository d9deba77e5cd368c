"""Workers on a Dask cluster."""

import contextlib
import pickle
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from segmetry.errors import WorkersError
from segmetry.workers.dask_client import connect, refuse_versions
from segmetry.workers.lost import Lost, tried_again
from segmetry.workers.remote import carry_out, versions_here

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["Cluster"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_TICK = 1.0  # seconds between two words to who waits
_A_WORKER = 2  # items: one that is worked on, and the next
_FEWEST = 4  # items that wait even without workers, so that a cluster that grows does so


class Cluster:
    """Workers on a Dask cluster, each with one item at a time.

    Parameters
    ----------
    cluster : str or int
        See `segmetry.workers.open_workers`.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    WorkersError
        If no scheduler answers there, or it runs other versions.
    """

    def __init__(self, cluster: str | int) -> None:
        with contextlib.ExitStack() as stack:
            self._client = connect(cluster, stack)
            self._stack = stack.pop_all()
        self.n = len(self._client.nthreads())
        self.told = f"on a cluster of {self.n} worker{'' if self.n == 1 else 's'}"

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
            return _Round(self._client, pickled, some, most).results(tick)

        return tried_again(each, items, retries)

    def ask_elsewhere(self, question: Callable[[], _Result]) -> dict[str, _Result]:
        """Return what a function returns at each worker, by its address."""
        answers: dict[str, _Result] = self._client.run(question, on_error="ignore")
        return answers

    def close(self) -> None:
        """Leave the cluster; end it where it was started here."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Round(Generic[_Item]):
    """One pass over items.

    Parameters
    ----------
    client : distributed.Client
    work : bytes
        The function, pickled.
    items : iterable
    most : int or None
        So many wait or are worked on at a time; `None` suits the number of workers.
    """

    def __init__(
        self, client: "Client", work: bytes, items: Iterable[_Item], most: int | None
    ) -> None:
        self._client, self._work, self._most = client, work, most
        self._items = iter(items)
        self._versions = versions_here()
        self._open: dict[Future[bytes], _Item] = {}
        self._done: queue.SimpleQueue[Future[bytes]] = queue.SimpleQueue()
        self._ahead, self._counted = 0, 0.0

    def results(self, tick: Callable[[], None] | None) -> Iterator[tuple[_Item, Any]]:
        """Yield items and what became of them."""
        try:
            self._hand_out()
            while self._open:
                with contextlib.suppress(queue.Empty):
                    future = self._done.get(timeout=_TICK)
                    item, result = self._open.pop(future), self._result_of(future)
                    self._hand_out()  # before the caller sees to this result
                    yield item, result
                self._see_to_cluster()
                if tick is not None:
                    tick()
        finally:
            if self._client.status == "running":
                self._client.cancel(list(self._open))

    def _hand_out(self) -> None:
        self._count()
        while len(self._open) < self._ahead:
            for item in self._items:
                future = self._client.submit(
                    carry_out, self._work, pickle.dumps(item), self._versions, pure=False
                )
                self._open[future] = item
                future.add_done_callback(self._done.put)
                break
            else:
                return

    def _count(self) -> None:
        """Take so many items ahead as suit the workers of now."""
        now = time.monotonic()
        if self._most is not None:
            self._ahead = self._most
        elif now - self._counted > _TICK:
            self._ahead = max(_A_WORKER * len(self._client.nthreads()), _FEWEST)
            self._counted = now

    def _see_to_cluster(self) -> None:
        if self._client.status != "running":
            raise _gone()
        local = self._client.cluster
        if local is not None:  # its workers that are gone for good are replaced
            local.scale(len(local.worker_spec))

    def _result_of(self, future: "Future[bytes]") -> Any:
        from distributed import CancelledError, KilledWorker

        try:
            kind, result = pickle.loads(future.result())  # noqa: S301 - of our own work
        except KilledWorker:
            return Lost()
        except (CancelledError, OSError) as error:  # nobody answers any more
            raise _gone() from error
        except Exception as error:
            msg = f"The cluster cannot run Segmetry: {error}."
            raise WorkersError(msg) from error
        if kind == "versions":
            refuse_versions("A worker of the cluster", result, self._versions)
        if kind == "raised":
            raise result
        return result


def _gone() -> WorkersError:
    return WorkersError(
        "The scheduler of the cluster has gone; what was done until then is kept. Start it "
        "again, and go on with --resume."
    )
