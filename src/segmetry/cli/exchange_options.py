"""The options of `export` and `import`."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

__all__ = [
    "AllowPickle",
    "Anonymous",
    "ExportFormat",
    "ExportOut",
    "ExportScan",
    "ExportSource",
    "ImportInto",
    "ImportOut",
    "ImportPictures",
    "ImportSource",
    "ImportUndo",
]

# Named here too, so that --help need not load what writes them; a test compares.
_Format = Literal[
    "masks",
    "masks-png",
    "masks-npy",
    "black-and-white",
    "boxes",
    "dots",
    "counts",
    "rle",
    "submission",
    "coco",
    "coco-rle",
    "voc",
    "imagej",
    "qupath",
    "qupath-annotations",
    "cellpose",
    "cellpose-png",
    "cellpose-seg",
    "cellprofiler",
    "nifti",
    "ome-zarr",
    "ome-zarr-0.5",
    "dicom-seg",
]

ExportSource = Annotated[
    Path,
    Argument(
        metavar="FROM",
        help="Folder of a run, of label images or masks, or of images and masks; for nifti "
        "and dicom-seg also one label image.",
    ),
]
ExportFormat = Annotated[_Format, Option("--to", help="In which format.")]
ExportOut = Annotated[
    Path,
    Option("--out", help="Folder for the files; of one file for all, also its name."),
]
ExportScan = Annotated[
    Path | None,
    Option(
        "--scan",
        help="For nifti and dicom-seg: the volume that was segmented, a NIfTI file or the "
        "folder of a DICOM series.",
    ),
]
Anonymous = Annotated[
    bool,
    Option(
        "--anonymous",
        help="Leave what tells of the patient out of dicom-seg; its series is then found "
        "by its numbers only.",
    ),
]
ImportSource = Annotated[
    Path | None,
    Argument(
        metavar="FROM",
        help="A file, or a folder of files, with objects: COCO, run lengths, dots, ImageJ "
        "ROIs, GeoJSON, label images (OME-Zarr too) or masks, files of Cellpose.",
    ),
]
AllowPickle = Annotated[
    bool,
    Option(
        "--allow-pickle",
        help="Open NAME_seg.npy of Cellpose too, which can run any program that somebody "
        "hid in it: only say this if you know who made the file.",
    ),
]
ImportOut = Annotated[Path | None, Option("--out", help="Folder for the label images.")]
ImportInto = Annotated[
    Path | None,
    Option(
        "--into",
        help="Folder of the run whose objects were edited elsewhere: its labels and tables "
        "become what they are in FROM, under the same numbers.",
    ),
]
ImportUndo = Annotated[
    bool,
    Option("--undo", help="With --into: take back what was brought in last, without FROM."),
]
ImportPictures = Annotated[
    Path | None,
    Option(
        "--images",
        help="Folder of the pictures, where the files do not tell their size, and to check "
        "names and sizes.",
    ),
]
