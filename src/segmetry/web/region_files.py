"""Reading files of regions and objects in a process of its own.

A hostile file ends that process, not us.
"""

import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from segmetry.errors import SegmetryWarning
from segmetry.io.exchange import Annotation
from segmetry.io.exchange.one_picture import read_edited
from segmetry.io.regions import read_regions
from segmetry.region import Region
from segmetry.web.worker import Worker, limited_memory

__all__ = ["RegionFiles"]

_MOST_SECONDS = 60.0  # of one file; 10 MB of GeoJSON take about one
_LONGEST_NAME = 100


class RegionFiles:
    """Reads one file of regions or objects after another; safe from several threads.

    Parameters
    ----------
    most_seconds : float
        For one file.
    """

    def __init__(self, *, most_seconds: float = _MOST_SECONDS) -> None:
        self._worker, self._most_seconds = Worker(), most_seconds

    def read(self, name: str, content: bytes) -> tuple[Region, ...]:
        """Return the regions of a file.

        Parameters
        ----------
        name : str
            As people call it.
        content : bytes

        Raises
        ------
        WorkError
            If it cannot be read, or that takes too long.
        """
        return self._worker.do(_read, (name, content), most_seconds=self._most_seconds)

    def read_objects(
        self, name: str, content: bytes, shape: tuple[int, int]
    ) -> tuple[Annotation, str]:
        """Return the objects of a file, and what a person should know of them.

        See `segmetry.io.exchange.one_picture`.

        Parameters
        ----------
        name : str
            As people call it.
        content : bytes
        shape : tuple of int
            (Y, X) of the picture.

        Raises
        ------
        WorkError
            If it cannot be read, or that takes too long.
        """
        given = (name, content, shape)
        return self._worker.do(_read_objects, given, most_seconds=self._most_seconds)

    def close(self) -> None:
        """End the work."""
        self._worker.end()


def _read(file: tuple[str, bytes]) -> tuple[Region, ...]:
    with _written(*file) as path:
        return read_regions(path)


def _read_objects(given: tuple[str, bytes, tuple[int, int]]) -> tuple[Annotation, str]:
    name, content, shape = given
    with _written(name, content) as path, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SegmetryWarning)
        found = read_edited(path, shape=shape)
    said = [str(one.message) for one in caught if issubclass(one.category, SegmetryWarning)]
    return found, " ".join(said)


@contextmanager
def _written(name: str, content: bytes) -> Iterator[Path]:
    last = PureWindowsPath(PurePosixPath(name).name).name
    safe = re.sub(r"[^\w .()-]", "_", last)[-_LONGEST_NAME:].strip(" .") or "regions"
    with limited_memory(), tempfile.TemporaryDirectory(prefix="segmetry-") as folder:
        path = Path(folder, safe)
        path.write_bytes(content)
        yield path
