"""The options of `archive` and `verify`, each with the one sentence that --help shows."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

__all__ = [
    "ArchiveFile",
    "ArchivedPictures",
    "Recompute",
    "ResultsOrArchive",
    "RoCrate",
    "WithPictures",
]

ResultsOrArchive = Annotated[
    Path, Argument(metavar="RUN", help="Folder of a run, or an archive of one.")
]
ArchiveFile = Annotated[
    Path | None,
    Option("--to", help="The zip; beside the folder, with its name, if left out."),
]
RoCrate = Annotated[
    bool,
    Option(
        "--ro-crate",
        help="Also describe the run for repositories and other programs, as an RO-Crate.",
    ),
]
WithPictures = Annotated[
    bool,
    Option(
        "--with-pictures",
        help="Also put the pictures into it; refused where they name a patient.",
    ),
]
Recompute = Annotated[
    bool,
    Option(
        "--recompute",
        help="Also run the recipe on the pictures again, and compare labels and tables.",
    ),
]
ArchivedPictures = Annotated[
    Path | None,
    Option(
        "--pictures",
        help="For --recompute: a folder in which pictures that are not in the archive are "
        "found by their content.",
    ),
]
