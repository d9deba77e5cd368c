"""Opening labels from elsewhere once on trial, in a process that may be ended."""

from contextlib import closing, suppress
from pathlib import Path

from segmetry.errors import PictureError, SegmetryError
from segmetry.io.limits import for_strangers
from segmetry.project.database import Database
from segmetry.project.volume_labels import ReadLabels, opened

__all__ = ["try_labels"]


def try_labels(folder: Path, picture: str) -> None:
    """Open all labels of an upload, with every correction and version, and let go of them.

    A project that came as a file may hold labels that take all memory or never end. What
    has been opened here can be opened by the program itself; until then, it refuses to.

    Parameters
    ----------
    folder : Path
        The project's own folder; the project may be open in another process.
    picture : str
        Its identifier.

    Raises
    ------
    PictureError
        If labels hold what no project of Segmetry does. A file that is missing or damaged
        raises nothing: that is told to whoever opens the labels.
    """
    path = folder / "uploads" / picture
    with closing(Database(folder / "project.db")) as database, for_strangers():
        for row in database.rows("SELECT * FROM label_set WHERE picture = ?", picture):
            try:
                with suppress(SegmetryError):
                    _use(opened(database, row, path, folder / "labels" / row["id"]))
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                msg = (
                    "What is told of this picture's labels, no project of Segmetry does; "
                    "get the project again, or add the picture to another one."
                )
                raise PictureError(msg) from None


def _use(labels: ReadLabels) -> None:
    """Do all that reads a file or an entry; what is damaged must not hide what follows."""
    names = (None, *(version.name for version in labels.versions()))
    with suppress(SegmetryError):
        labels.since(0)
    for name in names:
        with suppress(SegmetryError):
            labels.data_of(name)
