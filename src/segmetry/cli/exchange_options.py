"""The options of `export` and `import`."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

__all__ = [
    "ExportFormat",
    "ExportOut",
    "ExportSource",
    "ImportOut",
    "ImportPictures",
    "ImportSource",
]

# Named here too, so that --help need not load what writes them; a test compares.
_Format = Literal[
    "masks",
    "black-and-white",
    "boxes",
    "dots",
    "counts",
    "rle",
    "coco",
    "coco-rle",
    "voc",
    "imagej",
    "qupath",
    "qupath-annotations",
]

ExportSource = Annotated[
    Path,
    Argument(
        metavar="FROM",
        help="Folder of a run, of label images or masks, or of images and masks.",
    ),
]
ExportFormat = Annotated[_Format, Option("--to", help="In which format.")]
ExportOut = Annotated[
    Path,
    Option("--out", help="Folder for the files; of one file for all, also its name."),
]
ImportSource = Annotated[
    Path,
    Argument(
        metavar="FROM",
        help="A file, or a folder of files, with objects: COCO, run lengths, dots, ImageJ "
        "ROIs, GeoJSON, label images or masks.",
    ),
]
ImportOut = Annotated[Path, Option("--out", help="Folder for the label images.")]
ImportPictures = Annotated[
    Path | None,
    Option(
        "--images",
        help="Folder of the pictures, where the files do not tell their size, and to check "
        "names and sizes.",
    ),
]
