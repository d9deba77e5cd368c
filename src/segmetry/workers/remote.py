"""What is done on a machine of a cluster."""

import pickle
import platform
import signal
import threading
import time
from collections.abc import Mapping
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, version

from segmetry import __version__
from segmetry.workers.messages import answer, loaded

__all__ = ["CONNECTING", "carry_out", "dask_setup", "versions_here"]

CONNECTING = ("python", "segmetry", "dask", "distributed")
_COMPUTING = ("numpy", "scipy", "scikit-image", "opencv-python-headless", "numba", "pandas")

_SETTLING = 0.25  # seconds
# A worker may have several threads, but steps of Segmetry that catch warnings have none.
_TURN = threading.Lock()


@lru_cache(maxsize=1)
def versions_here() -> dict[str, str]:
    """Return the versions that decide whether results here are those of elsewhere."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    found["segmetry"] = __version__
    for name in (*CONNECTING[2:], *_COMPUTING):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # it came by another way, as with conda
            found[name] = "unknown"
    return found


def carry_out(work: bytes, item: bytes, versions: Mapping[str, str]) -> bytes:
    """Return what pickled work makes of a pickled item, as `answer` packs it.

    Parameters
    ----------
    work, item : bytes
        Pickled: what passes through the scheduler needs nothing of ours there.
    versions : dict
        Of who asks; where they are others here, "versions" and those of here come back.
    """
    here = versions_here()
    if here != versions:
        return answer("versions", lambda: here)
    with _TURN:
        _settle()
        return answer("done", partial(_carry_out, work, item))


def dask_setup(worker: object) -> None:  # noqa: ARG001 - Dask calls it so
    """Let a worker that was started here leave Ctrl-C to the program that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@lru_cache(maxsize=1)
def _settle() -> None:
    """Wait once: Dask does not replace a worker that dies in its very first moments."""
    time.sleep(_SETTLING)


def _carry_out(work: bytes, item: bytes) -> object:
    return loaded(work)(pickle.loads(item))  # noqa: S301 - of who may run anything here
