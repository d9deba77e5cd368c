"""Reading files of regions in a process of its own: a hostile file ends that, not us."""

import re
import tempfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from segmetry.io.regions import read_regions
from segmetry.region import Region
from segmetry.web.worker import Worker, limited_memory

__all__ = ["RegionFiles"]

_MOST_SECONDS = 60.0  # of one file; 10 MB of GeoJSON take about one
_LONGEST_NAME = 100


class RegionFiles:
    """Reads one file of regions after another; safe to use from several threads.

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

    def close(self) -> None:
        """End the work."""
        self._worker.end()


def _read(file: tuple[str, bytes]) -> tuple[Region, ...]:
    name, content = file
    last = PureWindowsPath(PurePosixPath(name).name).name
    safe = re.sub(r"[^\w .()-]", "_", last)[-_LONGEST_NAME:].strip(" .") or "regions"
    with limited_memory(), tempfile.TemporaryDirectory(prefix="segmetry-") as folder:
        path = Path(folder, safe)
        path.write_bytes(content)
        return read_regions(path)
