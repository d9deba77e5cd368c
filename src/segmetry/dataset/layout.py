"""Where the pictures and masks of a set lie, from the names of its folders."""

from pathlib import Path

from segmetry.dataset.names import MASK_WORDS, PICTURE_WORDS, has_mask_name
from segmetry.dataset.pairs import Pairing, find_pairs, list_pictures
from segmetry.errors import DatasetError

__all__ = ["find_parts"]


def find_parts(
    folder: Path | str, *, masks: Path | str | None = None
) -> dict[str, Pairing]:
    """Find the parts of a set, each with its pictures and masks.

    A folder holds pictures; or sub-folders such as images and masks; or sub-folders such as
    train and test, each of which holds images and masks.

    Parameters
    ----------
    folder : path
    masks : path or None
        Folder of the masks. `None`: a sub-folder named with one of the words for
        masks (`segmetry.dataset.names`), or files with such a word in their name; without
        these the pictures have no masks.

    Returns
    -------
    dict
        Pairing by name of the part; the name is empty if there is but one. Pictures without
        a mask are in `images_alone`.

    Raises
    ------
    DatasetError
        If there are no pictures, or there are masks and none belongs to a picture.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from segmetry.io import write_png
    >>> with TemporaryDirectory() as folder:
    ...     for side in ("train/images", "train/masks", "test/images"):
    ...         Path(folder, side).mkdir(parents=True)
    ...         write_png(Path(folder, side, "a.png"), np.eye(4, dtype=np.uint8))
    ...     {name: len(part.pairs) for name, part in find_parts(folder).items()}
    {'test': 0, 'train': 1}
    """
    folder = Path(folder)
    if not folder.is_dir():
        msg = f"{folder} is no folder; give the folder of a set of pictures"
        raise DatasetError(msg)
    images = _inside(folder, PICTURE_WORDS)
    if masks is not None:
        return {"": find_pairs(images or folder, masks)}
    if images is not None:
        return {"": _pairing(images, _inside(folder, MASK_WORDS))}
    parts = {}
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        images = _inside(part, PICTURE_WORDS)
        if images is not None:
            parts[part.name] = _pairing(images, _inside(part, MASK_WORDS))
    return parts or {"": _pairing(folder, None)}


def _inside(folder: Path, names: tuple[str, ...]) -> Path | None:
    """Return the sub-folder of one of these names, whatever its case."""
    found = [path for path in sorted(folder.iterdir()) if path.name.casefold() in names]
    return next((path for path in found if path.is_dir()), None)


def _pairing(images: Path, masks: Path | None) -> Pairing:
    if masks is not None:
        return find_pairs(images, masks)
    pictures = list_pictures(images)
    if not pictures:
        msg = (
            f"The folder {images.name or images} holds no pictures of a known format; give "
            f"one with pictures, or with the folders images and masks in it"
        )
        raise DatasetError(msg)
    if any(has_mask_name(path) for path in pictures):
        return find_pairs(images, images)
    return Pairing((), tuple(pictures))
