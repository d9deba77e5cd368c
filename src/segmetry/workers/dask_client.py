"""Connections to Dask clusters: those that are there, and those that are started here."""

import logging
import re
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segmetry.errors import MissingExtraError, RecipeError, WorkersError
from segmetry.workers.remote import CONNECTING, versions_here

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["connect", "refuse_versions"]

_PATIENCE = 15.0  # seconds until a scheduler must answer
_LOCAL_SETTINGS = {
    # What ends a worker is not given to others: it is tried again alone.
    "distributed.scheduler.allowed-failures": 0,
    # On a busy machine a worker takes so long to start again; then it is given up.
    "distributed.deploy.lost-worker-timeout": "60s",
}
_LOCAL = re.compile(r"(?:local:)?([1-9]\d{0,3})")
_ADDRESS = re.compile(r"(?:[a-z]+://)?[^/\s:]+(?::[^/\s:]*)*:\d+/?")


def connect(cluster: str | int, stack: ExitStack) -> "Client":
    """Return a client of a cluster; the stack closes what is opened.

    Parameters
    ----------
    cluster : str or int
        See `segmetry.workers.open_workers`.
    stack : ExitStack

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    RecipeError
        If it is no address.
    WorkersError
        If no scheduler answers there, or it runs other versions.
    """
    try:
        import cryptography  # noqa: F401 - for connections that are ciphered
        from distributed import Client
        from distributed.utils import silence_logging_cmgr
    except ImportError as error:
        purpose = "Working on a cluster"
        raise MissingExtraError(purpose, "cluster") from error
    # It tells at length, and with tracebacks, of what we tell in a sentence.
    stack.enter_context(silence_logging_cmgr(logging.CRITICAL))
    where = _where(str(cluster), stack)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions, which we compare ourselves
            client = Client(**where, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        msg = (
            f"No Dask scheduler of this version answers at {cluster} ({error}); see that "
            "it runs, and that this machine may reach it."
        )
        raise WorkersError(msg) from error
    stack.callback(client.close)
    _compare_versions(client)
    return client


def _where(cluster: str, stack: ExitStack) -> dict[str, Any]:
    """Return the arguments that lead a client to a cluster."""
    if local := _LOCAL.fullmatch(cluster):
        return {"address": _started(int(local[1]), stack)}
    if cluster.endswith(".json"):
        if not Path(cluster).is_file():
            msg = f"The scheduler's file {cluster} is not there; is the scheduler running?"
            raise WorkersError(msg)
        return {"scheduler_file": cluster}
    if not _ADDRESS.fullmatch(cluster) or cluster.startswith("local:"):
        msg = (
            "Expected a Dask cluster as tcp://host:8786, scheduler.json or local:4, got "
            f"{cluster!r}."
        )
        raise RecipeError(msg)
    return {"address": cluster}


def _started(n_workers: int, stack: ExitStack) -> Any:
    """Start a cluster on this machine that nobody else can use."""
    import dask
    from distributed import LocalCluster

    stack.enter_context(dask.config.set(_LOCAL_SETTINGS))
    return stack.enter_context(
        LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            memory_limit=None,
            dashboard_address="127.0.0.1:0",
            protocol="tls",  # who can speak to a scheduler can run anything
            security=True,
            silence_logs=logging.CRITICAL,
            preload=["segmetry.workers.remote"],  # it calls `dask_setup`
        )
    )


def _compare_versions(client: "Client") -> None:
    """Refuse a scheduler, or workers that are there already, of other versions."""
    ours = versions_here()
    try:
        theirs = client.run_on_scheduler(versions_here)
        refuse_versions("The scheduler", theirs, {name: ours[name] for name in CONNECTING})
        for address, versions in client.run(versions_here).items():
            refuse_versions(f"The worker at {address}", versions, ours)
    except WorkersError:
        raise
    except Exception as error:
        msg = (
            f"The cluster cannot run Segmetry ({error}); install it, in the same version "
            "as here, where the scheduler and each worker run."
        )
        raise WorkersError(msg) from error


def refuse_versions(who: str, theirs: Mapping[str, str], ours: Mapping[str, str]) -> None:
    """Raise an error where versions are not ours.

    Raises
    ------
    WorkersError

    Examples
    --------
    >>> refuse_versions("The worker", {"python": "3.11"}, {"python": "3.11"})
    """
    other = {
        name: theirs.get(name, "none") for name in ours if theirs.get(name) != ours[name]
    }
    if other:
        parts = [f"{name} {version}, not {ours[name]}" for name, version in other.items()]
        msg = (
            f"{who} runs other versions than this machine ({'; '.join(parts)}), so results "
            "might differ; install the same versions on all."
        )
        raise WorkersError(msg)
