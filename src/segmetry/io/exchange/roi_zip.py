"""Objects as a zip of ImageJ's selections, a file for each picture.

The ROI Manager of ImageJ and Fiji opens it. Each selection is called by the number of its
object, so that what is drawn, deleted or changed there comes back under the same numbers.
"""

import io
import zipfile
import zlib
from os import PathLike
from pathlib import Path, PurePosixPath

import numpy as np

from segmetry.errors import ReadError, RegionError
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.filling import fill_polygons
from segmetry.io.exchange.numbering import numbers_of
from segmetry.io.exchange.outlines import trace_outlines
from segmetry.io.imagej_roi import decoded, encoded
from segmetry.io.names import plain_stem
from segmetry.io.writing import write_bytes

__all__ = ["read_roi_zip", "write_roi_zip"]

_DIGITS = 4  # at least: 0001 sorts as people expect
_MOST_BYTES = 2**30  # unpacked
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError, OSError),
    *(NotImplementedError, LookupError, OverflowError),
)


def write_roi_zip(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write the objects of a picture as selections of ImageJ.

    Outlines run along the corners of pixels, so ImageJ counts the same pixels. An object
    with holes or in several parts is one composite selection.

    Parameters
    ----------
    path : path
        A file that is there is replaced, not added to.
    annotation : Annotation
        Of axes Y, X.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> cells = Annotation("a", np.array([[0, 7, 7], [0, 7, 0]]))
    >>> with TemporaryDirectory() as folder:
    ...     write_roi_zip(Path(folder, "a_rois.zip"), cells)
    ...     read_roi_zip(Path(folder, "a_rois.zip"), shape=(2, 3)).labels
    array([[0, 7, 7],
           [0, 7, 0]], dtype=uint32)
    """
    outlines = trace_outlines(annotation.labels)
    digits = max(_DIGITS, len(str(max(outlines, default=0))))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for number, polygons in outlines.items():
            name = f"{number:0{digits}}"
            rings = [ring.astype(np.float64) for rings in polygons for ring in rings]
            # Without the time of day, so that the same objects give the same bytes.
            entry = zipfile.ZipInfo(f"{name}.roi")
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, encoded(name, rings))
    write_bytes(path, packed.getvalue())


def read_roi_zip(path: str | PathLike[str], *, shape: tuple[int, int]) -> Annotation:
    """Read the objects of a picture from selections of ImageJ.

    Parameters
    ----------
    path : path
        A zip, or a single .roi file. An empty zip is that of a picture without objects.
    shape : tuple of int
        (Y, X) of the picture, which the file does not tell.

    Returns
    -------
    Annotation
        Numbers are the names of the selections, where these are numbers; see `numbers_of`.

    Raises
    ------
    ReadError
        If it is no such file, is damaged, or holds a selection without an area.
    """
    path = Path(path)
    try:
        files = _files(path)
        rois = [decoded(data, file=name) for name, data in files]
    except _DAMAGED as error:
        msg = f"{path.name} is not a zip of ImageJ selections that can be read: {error}"
        raise ReadError(msg) from error
    except RegionError as error:
        msg = f"{path.name}: {error}"
        raise ReadError(msg) from error
    named = [
        name or PurePosixPath(file).stem
        for (name, _), (file, _) in zip(rois, files, strict=True)
    ]
    numbers, unnamed = numbers_of(named)
    polygons = [(number, rings) for number, (_, rings) in zip(numbers, rois, strict=True)]
    labels = fill_polygons(polygons, shape)
    return Annotation(plain_stem(path), labels, unnamed=unnamed)


def _files(path: Path) -> list[tuple[str, bytes]]:
    if path.suffix.lower() == ".roi":
        return [(path.name, path.read_bytes())]
    with zipfile.ZipFile(path) as packed:
        entries = [one for one in packed.infolist() if one.filename.endswith(".roi")]
        if packed.infolist() and not entries:  # an empty zip is a picture without objects
            msg = f"{path.name} holds no selection of ImageJ; save it in the ROI Manager"
            raise ReadError(msg)
        if sum(one.file_size for one in entries) > _MOST_BYTES:
            msg = f"{path.name} unpacks to more than {_MOST_BYTES:,} bytes"
            raise ReadError(msg)
        return [(one.filename, packed.read(one)) for one in entries]
