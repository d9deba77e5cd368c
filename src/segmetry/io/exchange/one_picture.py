"""The objects of one picture, from a file that another program saved."""

from pathlib import Path

from segmetry.errors import ReadError
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.cellpose import SEG_ENDING
from segmetry.io.exchange.geojson import read_geojson
from segmetry.io.exchange.masks import read_mask_image
from segmetry.io.exchange.roi_zip import read_roi_zip

__all__ = ["read_edited"]

_OUTLINES = {
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".roi": read_roi_zip,
    ".zip": read_roi_zip,
}


def read_edited(path: Path, *, shape: tuple[int, int]) -> Annotation:
    """Read all objects of a picture, edited in ImageJ, QuPath, napari or Cellpose.

    Parameters
    ----------
    path : Path
        Selections of ImageJ, GeoJSON, or a label image. Its ending tells which.
    shape : tuple of int
        (Y, X) of the picture.

    Raises
    ------
    ReadError
        If it cannot be read, is a pickle, or is of a picture of another size.

    Examples
    --------
    >>> import numpy as np
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import write_labels
    >>> with TemporaryDirectory() as folder:
    ...     write_labels(Path(folder, "a.tif"), np.array([[0, 7]]))
    ...     read_edited(Path(folder, "a.tif"), shape=(1, 2)).labels
    array([[0, 7]], dtype=uint32)
    """
    if path.name.lower().endswith(SEG_ENDING):
        msg = (
            f"{path.name} is a pickle, which could run any program when it is opened; save "
            f"the masks as PNG or TIFF in Cellpose (File menu), and take those"
        )
        raise ReadError(msg)
    read = _OUTLINES.get(path.suffix.lower())
    if read is not None:
        return read(path, shape=shape)
    found = read_mask_image(path)
    if found.labels.shape != shape:
        given, wanted = (
            " x ".join(str(side) for side in sides) for sides in (found.labels.shape, shape)
        )
        msg = f"{path.name} has {given} pixels and the picture {wanted}; take another file"
        raise ReadError(msg)
    return found
