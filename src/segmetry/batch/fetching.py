"""Work on pictures behind URLs: each is fetched by who works on it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from segmetry.batch.folders import remove_results
from segmetry.batch.inputs import Picture
from segmetry.batch.pictures import PictureResult, failure
from segmetry.errors import SegmetryError
from segmetry.io.remote_files import fetched, is_remote_file

__all__ = ["Fetching"]


@dataclass(frozen=True)
class Fetching:
    """The work on one picture, which may lie behind a URL.

    Parameters
    ----------
    work : callable
        Makes a result of a picture that is on this machine.
    out : Path
        Folder of the run.
    earlier : callable or None
        Gives what an earlier run made of a picture, or `None`. It is asked here, since the
        picture must be fetched to know whether it is still the same.
    """

    work: Callable[[Picture], PictureResult]
    out: Path
    earlier: Callable[[Picture], PictureResult | None] | None = None

    def __call__(self, picture: Picture) -> PictureResult:
        """Return what becomes of a picture; where it cannot be fetched, it has failed."""
        if not is_remote_file(picture.path):
            return self.work(picture)
        try:
            with fetched(picture.path) as copy:
                here = replace(picture, path=copy)
                kept = None if self.earlier is None else self.earlier(here)
                return self.work(here) if kept is None else kept
        except SegmetryError as error:
            remove_results(self.out / picture.key)
            return failure(picture, str(error))
