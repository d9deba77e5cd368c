"""The field of view of a picture: found in it, or read from a mask."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry import io
from segmetry.errors import ReadError, RecipeError
from segmetry.image import Image
from segmetry.prepare import exclude_outside, find_field_of_view

__all__ = ["AUTO", "NONE", "mask_hashes", "within_field_of_view"]

AUTO, NONE = "auto", "none"


def within_field_of_view(image: Image, choice: str, *, wanted: bool) -> Image:
    """Return a picture in which all beyond its field of view is excluded.

    Parameters
    ----------
    image : Image
    choice : str
        "auto" finds the field of view in the picture where it is wanted, "none" excludes
        nothing; else the path of a mask, or of a folder of masks named like the pictures.
    wanted : bool
        Whether the segmenter is one for pictures with a field of view.

    Returns
    -------
    Image
        The same where there is no field of view.

    Raises
    ------
    RecipeError
        If there is no such mask, or none or several for this picture.
    ReadError
        If the mask cannot be read.
    PictureError
        If the mask is not of the picture's height and width, or leaves nothing of it.
    """
    if choice == NONE or (choice == AUTO and not wanted):
        return image
    if choice == AUTO:
        found = find_field_of_view(image)
        return image if found is None else exclude_outside(image, found, source="found")
    path = _mask_of(image.name, Path(choice))
    return exclude_outside(image, _inside(path), source=path.name)


def mask_hashes(choice: str) -> dict[str, str]:
    """Return the SHA-256 of each mask that a choice names, by the name of its file.

    Raises
    ------
    RecipeError
        If there is no such mask or folder.
    """
    if choice in {AUTO, NONE}:
        return {}
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _masks(Path(choice))
    }


def _masks(path: Path) -> list[Path]:
    """Return a mask, or all masks of a folder."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        msg = (
            f"There is no field-of-view mask {path.name}; give a mask or a folder of masks."
        )
        raise RecipeError(msg)
    return sorted(one for one in path.iterdir() if one.is_file() and one.name[0] != ".")


def _mask_of(name: str, path: Path) -> Path:
    """Return the mask of a picture: its name may say more, as in "07_mask.png"."""
    stem, masks = Path(name).stem, _masks(path)
    if path.is_file():
        return path
    fitting = [mask for mask in masks if mask.stem == stem]
    fitting = fitting or [mask for mask in masks if mask.stem.startswith(f"{stem}_")]
    if len(fitting) != 1:
        got = ", ".join(mask.name for mask in fitting) or "none"
        msg = (
            f"Expected one field-of-view mask for {name} in {path.name}, got {got}; name "
            f"it {stem}.png."
        )
        raise RecipeError(msg)
    return fitting[0]


def _inside(path: Path) -> NDArray[np.bool_]:
    labels = io.read_labels(path, allow_empty=True)
    if labels.ndim != 2:
        msg = f"{path.name} is a stack; expected a mask of one picture."
        raise ReadError(msg)
    return np.asarray(labels > 0)
