"""One interface to workers, wherever they are."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, Self, TypeVar

from segmetry.workers.lost import Lost
from segmetry.workers.processes import Processes

__all__ = ["Lost", "Workers", "open_workers", "run_all"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Workers(Protocol):
    """Workers that stay for several runs; a context manager, which ends them."""

    @property
    def told(self) -> str:
        """Who works, in words: "in 4 processes"."""

    @property
    def n(self) -> int:
        """How many they are; of a cluster, how many they were when it was reached."""

    def run_all(
        self,
        work: Callable[[_Item], _Result],
        items: Iterable[_Item],
        *,
        retries: int = 1,
        tick: Callable[[], None] | None = None,
    ) -> Iterator[tuple[_Item, _Result | Lost]]:
        """Yield each item with its result, as `segmetry.workers.run_all` does."""

    def ask_elsewhere(self, question: Callable[[], _Result]) -> dict[str, _Result]:
        """Return what a function returns at each worker on other machines, by address."""

    def close(self) -> None:
        """End the workers; those of a cluster that was there before stay."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """Close."""


class Here:
    """The calling process as the only worker; what ends it ends all."""

    told, n = "in this process", 1

    def run_all(
        self,
        work: Callable[[_Item], _Result],
        items: Iterable[_Item],
        *,
        retries: int = 1,  # noqa: ARG002 - who dies here tries nothing again
        tick: Callable[[], None] | None = None,
    ) -> Iterator[tuple[_Item, _Result | Lost]]:
        """Yield each item with its result, in their order."""
        for item in items:
            if tick is not None:
                tick()
            yield item, work(item)

    def ask_elsewhere(self, question: Callable[[], _Result]) -> dict[str, _Result]:  # noqa: ARG002
        """Return nothing: there is no elsewhere."""
        return {}

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_workers(*, jobs: int = 1, cluster: str | int | None = None) -> Workers:
    """Return workers for several runs, to be used in a `with` block.

    Processes of this machine start when there is work for them, and stay until the block
    ends: several steps of one job then pay for their start once.

    Parameters
    ----------
    jobs : int
        Number of processes; 1 takes this process itself.
    cluster : str, int or None
        Of Dask: the address of a scheduler ("tcp://host:8786", or "tls://..."), the file in
        which a scheduler has left it ("scheduler.json"), or a number (4, "4", "local:4")
        of workers that are started here. `None` takes processes.

    Returns
    -------
    Workers

    Raises
    ------
    MissingExtraError
        If the extra `cluster` is not installed.
    RecipeError
        If the cluster's address is none.
    WorkersError
        If the cluster cannot be reached, or runs other versions.

    Examples
    --------
    >>> with open_workers() as workers:
    ...     print(dict(workers.run_all(abs, [-1, 2])))
    {-1: 1, 2: 2}
    """
    if cluster is not None:
        from segmetry.workers.cluster import Cluster

        return Cluster(cluster)
    return Here() if jobs <= 1 else Processes(jobs)


def run_all(
    work: Callable[[_Item], _Result],
    items: Iterable[_Item],
    *,
    jobs: int = 1,
    cluster: str | int | None = None,
    retries: int = 1,
) -> Iterator[tuple[_Item, _Result | Lost]]:
    """Yield each item with what the work makes of it, in the order in which they are done.

    Items are taken only a few ahead of the workers. A worker that dies is replaced, and
    the others go on; its item is tried again, alone, when all else is done. Where the
    iterator is closed, or an exception goes through it, the workers and what waits end.

    Parameters
    ----------
    work : callable
        Takes one item. It is sent to the workers by pickle, as items and results are: a
        function of a module, or a `functools.partial` of one. An exception that it raises
        ends all, and is raised here.
    items : iterable
    jobs, cluster
        As in `open_workers`.
    retries : int
        How often an item is tried again whose worker died.

    Yields
    ------
    tuple
        The item, and its result, or `Lost` with a reason.

    Raises
    ------
    WorkersError
        If workers die before they can begin, or the cluster is gone.

    Notes
    -----
    Processes are started afresh ("spawn") on all systems. A script that calls this with
    more than one job must do so under `if __name__ == "__main__":`.

    Examples
    --------
    >>> list(run_all(len, ["a", "bc"]))
    [('a', 1), ('bc', 2)]
    """
    with open_workers(jobs=jobs, cluster=cluster) as workers:
        yield from workers.run_all(work, items, retries=retries)
