"""What is known of a picture in work, on disk: after a kill, the work goes on from it."""

import shutil
import uuid
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import WriteError

__all__ = ["Store"]

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Store:
    """A folder of arrays, each piece written whole or not at all.

    Parameters
    ----------
    folder : Path

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = Store(Path(folder))
    ...     store.write("tile-3", {"runs": np.zeros((2, 4))})
    ...     store.has("tile-3"), store.has("tile-4"), store.read("tile-3")["runs"].shape
    (True, False, (2, 4))
    """

    folder: Path

    def path(self, name: str) -> Path:
        """Return where a piece is kept."""
        return self.folder / f"{name}.npz"

    def has(self, name: str) -> bool:
        """Return whether a piece is there."""
        return self.path(name).is_file()

    def read(self, name: str) -> Arrays:
        """Return all arrays of a piece."""
        with np.load(self.path(name), allow_pickle=False) as kept:
            return {key: kept[key] for key in kept.files}

    def read_one(self, name: str, key: str) -> NDArray[Any]:
        """Return one array of a piece."""
        with np.load(self.path(name), allow_pickle=False) as kept:
            return np.asarray(kept[key])

    def write(self, name: str, arrays: Arrays) -> None:
        """Write a piece.

        Raises
        ------
        WriteError
            If the disk is full, or the folder cannot be written to.
        """
        path = self.path(name)
        unfinished = path.with_name(f".{uuid.uuid4().hex}.npz")
        with self._writing(unfinished):
            np.savez(unfinished, allow_pickle=False, **arrays)
            unfinished.replace(path)

    def write_runs(self, name: str, runs: NDArray[np.int32]) -> None:
        """Write a table of runs, of which a part can be read; see `read_runs`."""
        path = self.folder / f"{name}.npy"
        unfinished = path.with_name(f".{uuid.uuid4().hex}.npy")
        with self._writing(unfinished):
            np.save(unfinished, runs, allow_pickle=False)
            unfinished.replace(path)

    def read_runs(self, name: str, rows: slice) -> NDArray[np.int32]:
        """Return those runs of a table that lie in some rows of the picture."""
        runs = np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        first, last = (
            bisect_left(range(len(runs)), row, key=lambda k: runs[k, 0])
            for row in (rows.start, rows.stop)
        )
        return np.array(runs[first:last])

    def begin(self, mark: str) -> None:
        """Make the folder ready for the work that a mark names; other work is removed.

        Parameters
        ----------
        mark : str
            Of all that decides what is found.
        """
        known = self.folder / "mark.txt"
        with self._writing(known):
            if known.is_file() and known.read_text(encoding="utf-8") == mark:
                return
            self.remove()
            self.folder.mkdir(parents=True)
            known.write_text(mark, encoding="utf-8")

    @contextmanager
    def _writing(self, unfinished: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink()
            reason = error.strerror or error
            msg = f"Cannot keep what was found so far in {self.folder.name}: {reason}."
            raise WriteError(msg) from error

    def remove(self) -> None:
        """Remove all that is kept."""
        shutil.rmtree(self.folder, ignore_errors=True)
