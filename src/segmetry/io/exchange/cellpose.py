"""Objects as the files of Cellpose, a file for each picture.

Cellpose keeps results as label images called `NAME_cp_masks`, and its window as
`NAME_seg.npy`: a dictionary in a pickle. A pickle can run any program when it is opened, so
such a file is only read when a person says that it can be trusted, and even then nothing in
it but numbers, texts and arrays becomes more than an empty shell. When a person saves in
its window, Cellpose numbers all objects anew, so its numbers are not those that it got.
"""

import pickle
from collections.abc import Iterable
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from segmetry.errors import ReadError
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.masks import write_label_image, write_label_png
from segmetry.io.limits import check_size
from segmetry.io.names import plain_stem
from segmetry.io.writing import write_bytes

__all__ = [
    "SEG_ENDING",
    "read_cellpose_seg",
    "write_cellpose_masks",
    "write_cellpose_png",
    "write_cellpose_seg",
]

SEG_ENDING = "_seg.npy"
_ARRAYS = ("numpy._core.multiarray", "numpy.core.multiarray")
_BUFFERS = ("numpy._core.numeric", "numpy.core.numeric")
_HARMLESS = {
    *((module, name) for module in _ARRAYS for name in ("_reconstruct", "scalar")),
    *((module, "_frombuffer") for module in _BUFFERS),
    *(("numpy", name) for name in ("ndarray", "dtype")),
    *(("builtins", name) for name in ("complex", "set", "frozenset", "slice", "range")),
    ("collections", "OrderedDict"),
}
_DAMAGED = (
    *(pickle.UnpicklingError, EOFError, OSError, ValueError, TypeError, KeyError),
    *(IndexError, AttributeError, ImportError, MemoryError, OverflowError),
)


def write_cellpose_masks(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write objects as a label image (TIFF) under the name that Cellpose looks for.

    Parameters
    ----------
    path : path
        `NAME_cp_masks.tif`.
    annotation : Annotation

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    write_label_image(path, annotation)


def write_cellpose_png(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write objects as a label image (PNG) under the name that Cellpose looks for.

    Parameters
    ----------
    path : path
        `NAME_cp_masks.png`.
    annotation : Annotation
        Of axes Y, X.

    Raises
    ------
    WriteError
        If a number is above 65,535, or the file cannot be written.
    """
    write_label_png(path, annotation)


def write_cellpose_seg(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write objects as Cellpose's window opens them.

    The picture is named without its folder: it is to lie beside the file.

    Parameters
    ----------
    path : path
        `NAME_seg.npy`.
    annotation : Annotation
        Of axes Y, X.

    Raises
    ------
    WriteError
        If it cannot be written.

    References
    ----------
    `_load_seg` in cellpose/gui/io.py of https://github.com/MouseLand/cellpose

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> cells = Annotation("a", np.array([[0, 7, 7], [0, 7, 0]]))
    >>> with TemporaryDirectory() as folder:
    ...     write_cellpose_seg(Path(folder, "a_seg.npy"), cells)
    ...     read_cellpose_seg(Path(folder, "a_seg.npy"), is_trusted=True).labels
    array([[0, 7, 7],
           [0, 7, 0]], dtype=uint32)
    """
    labels = annotation.labels
    # As Cellpose chooses it: one number below what 16 bits hold.
    small = labels.max(initial=0) < np.iinfo(np.uint16).max
    masks = labels.astype(np.uint16 if small else np.uint32)
    content = {
        "outlines": np.where(_at_rim(masks), masks, 0),
        "masks": masks,
        "chan_choose": [0, 0],
        "ismanual": np.zeros(np.unique(labels[labels > 0]).size, bool),
        "filename": annotation.file_name,
        "flows": [[], [], [], [], [[]]],  # as its window has them where there are none
        "diameter": np.nan,
    }
    packed = BytesIO()
    # The window knows no other form; pickles are dangerous to read, not to write.
    np.save(packed, np.array(content, dtype=object), allow_pickle=True)
    write_bytes(path, packed.getvalue())


def read_cellpose_seg(path: str | PathLike[str], *, is_trusted: bool) -> Annotation:
    """Read the objects of a picture that Cellpose's window has saved.

    Parameters
    ----------
    path : path
    is_trusted : bool
        Whether a person said that the file comes from somebody who can be trusted.

    Returns
    -------
    Annotation
        All numbers are `unnamed`.

    Raises
    ------
    ReadError
        If it is not trusted, is no such file, or is damaged.
    """
    path = Path(path)
    if not is_trusted:
        msg = (
            f"{path.name} is a pickle, and opening a pickle can run any program that "
            f"somebody hid in it; save the masks as PNG or TIFF in Cellpose (File menu), "
            f"or say --allow-pickle if you know who made the file"
        )
        raise ReadError(msg)
    try:
        with path.open("rb") as file:
            content = _opened(file)
        masks = np.asarray(content["masks"])
    except _DAMAGED as error:
        told = error.strerror if isinstance(error, OSError) else str(error)
        msg = f"{path.name} is not what Cellpose's window saves, masks by name: {told}"
        raise ReadError(msg) from error
    masks = masks.squeeze() if masks.ndim > 2 else masks
    if masks.dtype.kind not in "iu" or masks.ndim not in (2, 3) or not masks.size:
        msg = (
            f"{path.name} has masks of the type {masks.dtype} and shape {masks.shape}; "
            f"expected whole numbers in rows and columns"
        )
        raise ReadError(msg)
    check_size(path.name, masks.shape, itemsize=4)
    lowest = min(int(masks.min()), 0)
    if lowest < -1 or masks.max() > np.iinfo(np.uint32).max:
        msg = f"{path.name} has masks from {lowest} to {masks.max()}; expected 0 and up"
        raise ReadError(msg)
    labels = (masks.astype(np.int64) - lowest).astype(np.uint32)  # old files begin at -1
    unnamed = frozenset(np.unique(labels).tolist())
    return Annotation(plain_stem(path), labels, unnamed=unnamed)


def _opened(file: BinaryIO) -> dict[str, Any]:
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if shape or not dtype.hasobject:
        msg = f"it holds an array of shape {shape} and type {dtype}"
        raise ValueError(msg)
    content = _Harmless(file).load().item()
    if not isinstance(content, dict):
        msg = f"it holds a {type(content).__name__}"
        raise TypeError(msg)
    return content


class _Harmless(pickle.Unpickler):
    """Makes arrays, numbers and texts of a pickle, and of all else an empty shell."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _HARMLESS:
            return super().find_class(module, name)
        return _Shell


class _Shell:
    """Stands for an object that was not made, whatever is done to it."""

    def __init__(self, *_arguments: object) -> None: ...

    def __call__(self, *_arguments: object) -> "_Shell":
        return self

    def __setstate__(self, _state: object) -> None: ...

    def __setitem__(self, _key: object, _value: object) -> None: ...

    def append(self, _item: object) -> None: ...

    def extend(self, _items: Iterable[object]) -> None: ...

    def add(self, _item: object) -> None: ...


def _at_rim(masks: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which pixels border on another number, or on the frame of the picture."""
    framed = np.pad(masks, 1)
    inside = framed[1:-1, 1:-1]
    rim = np.zeros(masks.shape, dtype=bool)
    for shifted in (
        framed[:-2, 1:-1],
        framed[2:, 1:-1],
        framed[1:-1, :-2],
        framed[1:-1, 2:],
    ):
        rim |= shifted != inside
    return rim & (inside > 0)
