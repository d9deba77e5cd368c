"""Leica LIF: many pictures in one file."""

from typing import Any

from segmetry.errors import ReadError
from segmetry.image import PixelSize
from segmetry.io.limits import check_size
from segmetry.io.source import Source
from segmetry.io.stored import Stored, taken

__all__ = ["read_lif"]

_AXES = {"1": "x", "2": "y", "3": "z"}  # DimID of the format


def read_lif(source: Source, page: int | None) -> Stored:
    """Read one picture of a Leica file; wavelengths become channels.

    Parameters
    ----------
    source : Source
    page : int or None
        Number of the picture, from 0. `None` reads the first.

    Returns
    -------
    Stored
    """
    from liffile import LifFile

    with LifFile(source.stream, squeeze=False) as lif:
        pictures = lif.images
        n_pictures = len(pictures)
        if not 0 <= (page or 0) < n_pictures:
            msg = f"{source.name} has {n_pictures} pictures: no picture {page or 0}"
            raise ReadError(msg)
        blocks = [part.memory_block for part in pictures]
        if max(block.offset + block.size for block in blocks) > source.size:
            msg = (
                f"{source.name} is cut off: pixels of a picture are missing, copy it again"
            )
            raise ReadError(msg)
        picture = pictures[page or 0]
        check_size(
            source.name, picture.shape, itemsize=picture.itemsize, stored=source.size
        )
        stored = Stored(
            picture.asarray(),
            "".join(picture.dims),
            "Leica LIF",
            _pixel_size(picture.xml_element),
        )
        if n_pictures > 1 and page is None:
            stored = stored.noted(f"the first of {n_pictures} pictures is read")
        return taken(source.name, stored, None)


def _pixel_size(element: Any) -> PixelSize | None:
    """Read the distance of pixels; lengths in the file run from centre to centre."""
    steps: dict[str, float] = {}
    for part in element.iter("DimensionDescription"):
        axis = _AXES.get(part.get("DimID", ""))
        n_elements = int(part.get("NumberOfElements", "0"))
        length = abs(float(part.get("Length", "0")))
        if axis and n_elements > 1 and length > 0 and part.get("Unit") == "m":
            steps.setdefault(axis, length / (n_elements - 1))
    if "x" not in steps or "y" not in steps:
        return None
    y, x, z = steps["y"], steps["x"], steps.get("z")
    return PixelSize(y=y, x=x, unit="m", source="leica", z=z).in_um
