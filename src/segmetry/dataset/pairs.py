"""Pictures and the masks that belong to them, paired by name and read one at a time.

A picture and its mask have the same name but for the ending. Words that only say what a
file is (`PICTURE_WORDS`, `MASK_WORDS`) may stand before or after that name, set off by `_`,
`-`, `.` or a space: `cell_7.tif` pairs with `cell_7.png`, `cell_7-labels.tif` and
`mask_cell_7.png`. Capital letters do not matter. What is left over pairs without words for
parts of a set (`PART_WORDS`), where only one part has that name: `21_training.tif` with
`21_manual1.gif`, but never `01_training.tif` with `01_test.png`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.dataset.names import (
    bare_name,
    folded_name,
    has_mask_name,
    key_without_parts,
)
from segmetry.errors import DatasetError
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.io.listing import pictures_in
from segmetry.io.names import plain_stem
from segmetry.io.zarr_files import is_zarr

__all__ = [
    "AnnotatedPicture",
    "Pair",
    "Pairing",
    "find_pairs",
    "list_pictures",
    "read_pair",
    "read_pairs",
]

_EXAMPLES = 3  # names in a message: enough to see how they differ


@dataclass(frozen=True)
class Pair:
    """A picture's file and its mask's.

    Parameters
    ----------
    image_path, mask_path : Path
    stem : str
        Name of the picture without ending, as the file has it; unique in a set.
    """

    image_path: Path
    mask_path: Path
    stem: str


@dataclass(frozen=True)
class Pairing:
    """What pairing two folders gave.

    Parameters
    ----------
    pairs : tuple of Pair
        Ordered by name.
    images_alone, masks_alone : tuple of Path
        Files for which the other side has none.
    """

    pairs: tuple[Pair, ...]
    images_alone: tuple[Path, ...] = ()
    masks_alone: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False)
class AnnotatedPicture:
    """A picture with its numbered objects.

    Parameters
    ----------
    image : Image
    labels : ndarray of uint32, shape of the picture's spatial axes
        0 is background.
    name : str
        The stem of the pair.
    group : str
        Pictures of one group stay together in a split.

    Raises
    ------
    DatasetError
        If picture and mask differ in shape.
    """

    image: Image
    labels: NDArray[np.uint32]
    name: str
    group: str

    def __post_init__(self) -> None:
        """Refuse a mask of another shape."""
        if self.labels.shape != self.image.spatial_shape:
            msg = (
                f"{self.name}: the picture is {_size(self.image.spatial_shape)} pixels and "
                f"its mask {_size(self.labels.shape)}; they must be equal, so check that "
                f"the mask is of this picture and was neither turned nor resized"
            )
            raise DatasetError(msg)


def find_pairs(images: Path | str, masks: Path | str) -> Pairing:
    """Pair the pictures of one folder with the masks of another by their names.

    Parameters
    ----------
    images, masks : path
        Folders, or single files. If both are the same folder, the files whose name has
        one of `segmetry.dataset.names.MASK_WORDS` are the masks.

    Returns
    -------
    Pairing

    Raises
    ------
    DatasetError
        If a folder is not there or holds no pictures, nothing pairs, or two files of a
        side have the same name.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import write_png
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("a.png", "a_mask.png", "b.png"):
    ...         write_png(Path(folder, name), np.eye(4, dtype=np.uint8) * 255)
    ...     paired = find_pairs(folder, folder)
    >>> [pair.stem for pair in paired.pairs], [path.name for path in paired.images_alone]
    (['a'], ['b.png'])
    """
    images, masks = Path(images), Path(masks)
    image_paths, mask_paths = _files(images), _files(masks)
    if images.is_dir() and masks.is_dir() and images.samefile(masks):
        mask_paths = [path for path in mask_paths if has_mask_name(path)]
        image_paths = [path for path in image_paths if not has_mask_name(path)]
    if len(image_paths) == 1 and len(mask_paths) == 1 and not images.is_dir():
        return Pairing((Pair(image_paths[0], mask_paths[0], plain_stem(image_paths[0])),))
    paired = _paired(image_paths, mask_paths)
    if not paired.pairs:
        msg = (
            f"No picture has a mask of its name: the pictures are {_some(image_paths)}, "
            f"the masks {_some(mask_paths)}; give both the same names, endings apart"
        )
        raise DatasetError(msg)
    return paired


def read_pair(pair: Pair, *, group: str = "") -> AnnotatedPicture:
    """Read a picture and its mask.

    Parameters
    ----------
    pair : Pair
    group : str
        Pictures of one group stay together in a split. Empty: a group of its own.

    Returns
    -------
    AnnotatedPicture
        A mask without any object gives zeros.

    Raises
    ------
    ReadError
        If a file cannot be read, or the mask is none.
    DatasetError
        If the shapes differ.
    """
    image = read(pair.image_path)
    labels = read_labels(pair.mask_path, allow_empty=True)
    return AnnotatedPicture(image, labels, pair.stem, group or pair.stem)


def read_pairs(
    pairs: Iterable[Pair], *, groups: Mapping[str, str] | None = None
) -> Iterator[AnnotatedPicture]:
    """Read pairs one at a time; memory holds only what the caller keeps.

    Parameters
    ----------
    pairs : iterable of Pair
        Leave out those that `check_pairs` calls unusable: the first of them would end
        the reading.
    groups : mapping or None
        Group by stem. `None`: every picture is a group of its own.

    Yields
    ------
    AnnotatedPicture

    Raises
    ------
    ReadError, DatasetError
        As `read_pair`.
    """
    for pair in pairs:
        yield read_pair(pair, group=(groups or {}).get(pair.stem, ""))


def list_pictures(folder: Path) -> list[Path]:
    """List the pictures directly in a folder, by the endings of known formats.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
        Ordered by name; hidden files are left out.

    Raises
    ------
    DatasetError
        If the folder cannot be listed.
    """
    try:
        return pictures_in(folder)
    except OSError as error:
        msg = f"Cannot list the folder {folder.name}: {error.strerror or error}"
        raise DatasetError(msg) from error


def _files(source: Path) -> list[Path]:
    if source.is_file() or is_zarr(source):
        return [source]
    if not source.exists():
        msg = f"{source} is not there; give a folder of pictures, or one picture"
        raise DatasetError(msg)
    found = list_pictures(source)
    if not found:
        msg = f"The folder {source.name or source} holds no pictures of a known format"
        raise DatasetError(msg)
    return found


def _paired(image_paths: Sequence[Path], mask_paths: Sequence[Path]) -> Pairing:
    """Pair by the names as they are first, then by the names without words."""
    pairs = []
    images, masks = list(image_paths), list(mask_paths)
    without_parts = key_without_parts(plain_stem(path) for path in [*images, *masks])
    for key in (folded_name, bare_name, without_parts):
        of_image, of_mask = _by_key(images, key), _by_key(masks, key)
        both = [name for name in of_image if name in of_mask]
        for name in both:
            image, mask = _only(of_image[name]), _only(of_mask[name])
            pairs.append(Pair(image, mask, plain_stem(image)))
        images = [path for path in images if key(plain_stem(path)) not in both]
        masks = [path for path in masks if key(plain_stem(path)) not in both]
    pairs.sort(key=lambda pair: pair.stem)
    return Pairing(tuple(pairs), tuple(images), tuple(masks))


def _by_key(paths: Iterable[Path], key: Callable[[str], str]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in paths:
        found.setdefault(key(plain_stem(path)), []).append(path)
    return found


def _only(paths: Sequence[Path]) -> Path:
    if len(paths) > 1:
        msg = (
            f"{paths[0].name} and {paths[1].name} have the same name but for the ending "
            f"or for words such as mask, so pairs are not clear; keep one of them"
        )
        raise DatasetError(msg)
    return paths[0]


def _some(paths: Sequence[Path]) -> str:
    names = ", ".join(path.name for path in paths[:_EXAMPLES])
    return f"{names}, ..." if len(paths) > _EXAMPLES else names or "none"


def _size(shape: Sequence[int]) -> str:
    return " x ".join(str(length) for length in shape)
