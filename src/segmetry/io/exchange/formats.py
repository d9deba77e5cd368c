"""The formats that objects can be given out in, and how each is written.

A format is a row of `EXCHANGE_FORMATS`: the command line, the app and the documentation
take their lists from there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from segmetry.errors import PictureError, WriteError
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.cellpose import SEG_ENDING
from segmetry.io.exchange.origins import (
    MASKS_TABLE,
    OBJECTS_TABLE,
    MaskOrigin,
    write_origins,
)
from segmetry.io.masks import CELLPOSE_MASKS

__all__ = ["EXCHANGE_FORMATS", "ExchangeFormat", "write_annotations", "written_paths"]


@dataclass(frozen=True)
class ExchangeFormat:
    """A format of files that other programs read.

    Parameters
    ----------
    title : str
        What people call it.
    ending : str
        Of a picture's file, after the picture's name; of a set, the file's whole name.
    is_of_set : bool
        Whether one file tells of all pictures.
    writer : str
        Where its function is: "module:function" below this package.
    loses : str
        In one sentence what it cannot tell. Empty: nothing is lost.
    can_import : bool
        Whether `segmetry import` makes objects of it again.
    takes_stacks : bool
        Whether labels may have shape (Z, Y, X).
    tells_measurements : bool
        Whether what was measured of an object is written.
    beside : tuple of str
        Names of further files that the writer of a set puts beside the first.
    """

    title: str
    ending: str
    is_of_set: bool
    writer: str
    loses: str = ""
    can_import: bool = True
    takes_stacks: bool = False
    tells_measurements: bool = False
    beside: tuple[str, ...] = ()

    @property
    def is_folder(self) -> bool:
        """Whether what one picture has is a folder of files."""
        return self.ending.endswith(".zarr")

    def write(self, path: Path, content: Annotation | Iterable[Annotation]) -> None:
        """Write one picture's objects, or those of a set, to a file."""
        module, _, name = self.writer.partition(":")
        function: Callable[[Path, Any], None] = getattr(
            import_module(f"{__package__}.{module}"), name
        )
        function(path, content)


_OUTLINES = "Outlines are lost, and an object in several parts has one box."

EXCHANGE_FORMATS: Mapping[str, ExchangeFormat] = {
    "masks": ExchangeFormat(
        "Label images (TIFF)",
        *("_labels.tif", False, "masks:write_label_image"),
        takes_stacks=True,
    ),
    "masks-png": ExchangeFormat(
        *("Label images (PNG)", "_labels.png", False, "masks:write_label_png"),
    ),
    "masks-npy": ExchangeFormat(
        *("Label images (NumPy)", "_labels.npy", False, "masks:write_label_array"),
        takes_stacks=True,
    ),
    "black-and-white": ExchangeFormat(
        "Masks in black and white (PNG)",
        *("_mask.png", False, "masks:write_black_and_white"),
        "Numbers are lost, and objects that touch become one.",
    ),
    "boxes": ExchangeFormat(
        *("Boxes (CSV)", "boxes.csv", True, "tables:write_boxes", _OUTLINES),
        can_import=False,
    ),
    "dots": ExchangeFormat(
        *("Centres (CSV)", "dots.csv", True, "tables:write_dots"),
        "Outlines and numbers are lost: dots come back as objects of one pixel.",
    ),
    "counts": ExchangeFormat(
        *("Counts (CSV)", "counts.csv", True, "tables:write_counts"),
        "Only the number of objects is told.",
        can_import=False,
        takes_stacks=True,
    ),
    "rle": ExchangeFormat(
        *("Run lengths of Kaggle (CSV)", "rle.csv", True, "kaggle:write_rle"),
    ),
    "submission": ExchangeFormat(
        *("Submission to Kaggle (CSV)", "submission.csv", True),
        "kaggle:write_submission",
        "Numbers are lost: objects come back in their order, from 1.",
    ),
    "coco": ExchangeFormat(
        *("COCO with polygons (JSON)", "coco.json", True, "coco:write_coco"),
    ),
    "coco-rle": ExchangeFormat(
        *("COCO with run lengths (JSON)", "coco.json", True, "coco:write_coco_rle"),
    ),
    "voc": ExchangeFormat(
        *("Boxes of Pascal VOC (XML)", ".xml", False, "voc:write_voc", _OUTLINES),
        can_import=False,
    ),
    "imagej": ExchangeFormat(
        *("ImageJ ROIs (ZIP)", "_rois.zip", False, "roi_zip:write_roi_zip"),
    ),
    "qupath": ExchangeFormat(
        *("QuPath detections (GeoJSON)", ".geojson", False, "geojson:write_geojson"),
        tells_measurements=True,
    ),
    "qupath-annotations": ExchangeFormat(
        *("QuPath annotations (GeoJSON)", ".geojson", False),
        "geojson:write_geojson_annotations",
        tells_measurements=True,
    ),
    "cellpose": ExchangeFormat(
        *("Cellpose masks (TIFF)", f"{CELLPOSE_MASKS}.tif", False),
        "cellpose:write_cellpose_masks",
        takes_stacks=True,
    ),
    "cellpose-png": ExchangeFormat(
        *("Cellpose masks (PNG)", f"{CELLPOSE_MASKS}.png", False),
        "cellpose:write_cellpose_png",
    ),
    "cellpose-seg": ExchangeFormat(
        *("For Cellpose's window (NPY)", SEG_ENDING, False),
        "cellpose:write_cellpose_seg",
    ),
    "cellprofiler": ExchangeFormat(
        *("Tables of CellProfiler (CSV)", "Objects.csv", True),
        "cellprofiler:write_cellprofiler",
        "Outlines are lost.",
        can_import=False,
        tells_measurements=True,
        beside=("Image.csv",),
    ),
    "nifti": ExchangeFormat(
        *("Label images (NIfTI)", "_labels.nii.gz", False, "nifti:write_nifti_labels"),
        takes_stacks=True,
    ),
    "ome-zarr": ExchangeFormat(
        *("Label images (OME-Zarr 0.4)", "_labels.ome.zarr", False),
        "ome_zarr:write_label_zarr",
        takes_stacks=True,
        tells_measurements=True,
    ),
    "ome-zarr-0.5": ExchangeFormat(
        *("Label images (OME-Zarr 0.5)", "_labels.ome.zarr", False),
        "ome_zarr:write_label_zarr_05",
        takes_stacks=True,
        tells_measurements=True,
    ),
}
_MASKS = ("masks", "masks-png", "masks-npy", "black-and-white")


def written_paths(out: Path, name: str) -> list[Path]:
    """Return the files of a format that are in the way of writing it there.

    Parameters
    ----------
    out : Path
        A folder, or the file of a format of sets.
    name : str
        One of `EXCHANGE_FORMATS`.
    """
    chosen = EXCHANGE_FORMATS[name]
    if chosen.is_of_set:
        return sorted(path for path in _set_files(out, chosen) if path.exists())
    tables = (MASKS_TABLE, OBJECTS_TABLE) if name in _MASKS else ()
    beside = [out / table for table in tables if (out / table).exists()]
    return sorted([*out.glob(f"*{chosen.ending}"), *beside]) if out.is_dir() else []


def write_annotations(
    out: Path, annotations: Iterable[Annotation], *, to: str = "masks"
) -> list[Path]:
    """Write the objects of pictures in one of `EXCHANGE_FORMATS`.

    Beside masks lies where each comes from: see `segmetry.io.exchange.origins`.

    Parameters
    ----------
    out : Path
        A folder, made if it is not there. Of a format of sets of one file also the file,
        with the ending of the format.
    annotations : iterable of Annotation
        Read one at a time.
    to : str
        Name of the format.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    PictureError
        If a format of pictures is given a stack, or two pictures have the same name.
    WriteError
        If a file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> cells = Annotation("a", np.array([[0, 7, 7]]))
    >>> with TemporaryDirectory() as folder:
    ...     [path.name for path in write_annotations(Path(folder), [cells], to="voc")]
    ['a.xml']
    """
    chosen = EXCHANGE_FORMATS[to]
    checked = _checked(annotations, chosen)
    if chosen.is_of_set:
        paths = _set_files(out, chosen)
        _make(paths[0].parent)
        chosen.write(paths[0], checked)
        return paths
    _make(out)
    written: list[Path] = []
    origins: list[tuple[str, int, MaskOrigin]] = []
    for one in checked:
        written.append(out / f"{one.name}{chosen.ending}")
        chosen.write(written[-1], one)
        if one.origin is not None and to in _MASKS:
            n_objects = int((np.unique(one.labels) > 0).sum())
            origins.append((one.name, n_objects, one.origin))
    # An earlier table would tell of masks that are replaced.
    if origins or (to in _MASKS and (out / MASKS_TABLE).exists()):
        written += write_origins(out, origins)
    return written


def _set_files(out: Path, chosen: ExchangeFormat) -> list[Path]:
    if chosen.beside:  # several files need a folder
        return [out / name for name in (chosen.ending, *chosen.beside)]
    is_file = out.suffix == Path(chosen.ending).suffix
    return [out if is_file else out / chosen.ending]


def _checked(
    annotations: Iterable[Annotation], chosen: ExchangeFormat
) -> Iterator[Annotation]:
    names = set()
    for one in annotations:
        if one.name.casefold() in names:
            msg = (
                f"two pictures are called {one.name}, and files are named by it; rename one"
            )
            raise PictureError(msg)
        names.add(one.name.casefold())
        if one.labels.ndim != 2 and not chosen.takes_stacks:
            msg = (
                f"{one.name} is a stack of slices, and {chosen.title} holds single "
                f"pictures; export it as masks"
            )
            raise PictureError(msg)
        yield one


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"Cannot make the folder {folder.name}: {error.strerror or error}"
        raise WriteError(msg) from error
