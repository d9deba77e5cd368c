"""What a run on a cluster needs besides: files that all machines see, the same models."""

import contextlib
import platform
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from segmetry.batch.inputs import Picture
from segmetry.batch.manifest import fingerprint
from segmetry.batch.pictures import PictureResult
from segmetry.errors import WorkersError, WriteError
from segmetry.recipe import Recipe
from segmetry.workers import Workers

__all__ = ["Far", "see_to_sharing", "wait_for_results"]

_PATIENCE = 60.0  # seconds; network file systems tell of new folders late
_PROBE = ".shared-"


@dataclass(frozen=True)
class Far:
    """The work on one picture, for another machine.

    Parameters
    ----------
    out : Path
        Folder of the run.
    recipe : Recipe
    fingerprint : str
        Of recipe and models, where the run was started.
    work : callable
    """

    out: Path
    recipe: Recipe
    fingerprint: str
    work: Callable[[Picture], PictureResult]

    def __call__(self, picture: Picture) -> PictureResult:
        """Return what becomes of a picture.

        Raises
        ------
        WorkersError
            If this machine has another model file of that name.
        """
        if self._fingerprint_here != self.fingerprint:
            msg = (
                f"The machine {platform.node()} of the cluster has another model file "
                f"of the name {self.recipe.segmentation.called} than this one; install the "
                "same on all."
            )
            raise WorkersError(msg)
        return self.work(picture)

    @cached_property
    def _fingerprint_here(self) -> str:
        return fingerprint(self.recipe)


def see_to_sharing(workers: Workers, out: Path, picture: Path) -> None:
    """See that each worker has the folder of the results and the pictures before it.

    Parameters
    ----------
    workers : Workers
    out : Path
        Folder of the run.
    picture : Path
        One of the pictures.

    Raises
    ------
    WorkersError
        If a worker sees another folder, or does not see the picture.
    """
    probe = out / f"{_PROBE}{secrets.token_hex(8)}"
    try:
        probe.mkdir()
        answers = workers.ask_elsewhere(partial(_look, probe, picture))
        for worker, (mark, sees_picture) in answers.items():
            if not mark or not _appears(probe / mark):
                msg = (
                    f"The worker at {worker} does not write into the folder {out.name} "
                    "that this machine sees; choose an --out on storage that all share, "
                    "under the same path."
                )
                raise WorkersError(msg)
            if picture.exists() and not sees_picture:
                msg = (
                    f"The worker at {worker} does not see {picture.name}; put the pictures "
                    "on storage that all share, under the same path."
                )
                raise WorkersError(msg)
    finally:
        _remove(probe)


def _look(probe: Path, picture: Path) -> tuple[str, bool]:
    """Leave a file in a folder, on a worker; return its name, and if a picture is seen."""
    mark = secrets.token_hex(8)
    try:
        (probe / mark).touch()
    except OSError:
        mark = ""
    return mark, picture.exists()


def _remove(probe: Path) -> None:
    with contextlib.suppress(OSError):
        for file in probe.iterdir():
            file.unlink()
        probe.rmdir()


def wait_for_results(folder: Path) -> None:
    """Wait until the results of a picture, made by another machine, are seen here.

    Raises
    ------
    WriteError
        If they do not appear.
    """
    if not _appears(folder / "picture.json"):
        msg = (
            f"A worker has written the results of {folder.name} where this machine does "
            "not see them; choose an --out on storage that all share, and --resume."
        )
        raise WriteError(msg)


def _appears(path: Path) -> bool:
    end = time.monotonic() + _PATIENCE
    while not path.exists():
        if time.monotonic() > end:
            return False
        list(path.parent.parent.iterdir())  # has a network file system look anew
        time.sleep(0.2)
    return True
