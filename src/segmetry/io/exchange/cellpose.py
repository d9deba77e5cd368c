"""Objects as the files of Cellpose, a file for each picture.

Cellpose keeps results as label images called `NAME_cp_masks`, and its window as
`NAME_seg.npy`: a dictionary in a pickle. A pickle can run any program when it is opened, so
such a file is only read when a person says that it can be trusted. Even then no class that
it names is loaded, not NumPy's either: arrays are made from their bytes here, and all else
is an empty shell. When a person saves in its window, Cellpose numbers objects anew, so its
numbers are not those that it got.
"""

import pickle
import re
import struct
from collections.abc import Iterable
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
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
# The name of the format, its version, the length of the header, and the header itself.
_HEAD = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '\|O', 'fortran_order': \w+, 'shape': \(\), \} *\n",
    re.DOTALL,
)
_NUMBERS = re.compile(r"[iu][1248]|b1")  # NumPy's names of types that labels may have
_DAMAGED = (
    struct.error,
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
        masks = _opened(path)
    except _DAMAGED as error:
        told = error.strerror if isinstance(error, OSError) else str(error)
        msg = f"{path.name} is not what Cellpose's window saves, masks by name: {told}"
        raise ReadError(msg) from error
    masks = masks.squeeze() if masks.ndim > 2 else masks
    if masks.ndim not in (2, 3) or not masks.size:
        msg = f"{path.name} has masks of shape {masks.shape}; expected rows and columns"
        raise ReadError(msg)
    check_size(path.name, masks.shape, itemsize=4)
    lowest = min(int(masks.min()), 0)
    if lowest < -1 or masks.max() > np.iinfo(np.uint32).max:
        msg = f"{path.name} has masks from {lowest} to {masks.max()}; expected 0 and up"
        raise ReadError(msg)
    labels = (masks.astype(np.int64) - lowest).astype(np.uint32)  # old files begin at -1
    unnamed = frozenset(np.unique(labels).tolist())
    return Annotation(plain_stem(path), labels, unnamed=unnamed)


def _opened(path: Path) -> NDArray[Any]:
    """Return the masks of a file, without loading anything that it names."""
    file = BytesIO(path.read_bytes())  # read in pieces, it could ask for any length
    head = _HEAD.match(file.getbuffer())
    if head is None:
        msg = "it is no NPY file of one object"
        raise ValueError(msg)
    file.seek(head.end())
    whole = _Harmless(file).load()
    content = whole.values[0] if isinstance(whole, _Array) else None
    if not isinstance(content, dict):
        msg = f"it holds a {type(content).__name__}"
        raise TypeError(msg)
    masks = content["masks"]
    if not (isinstance(masks, _Array) and isinstance(masks.values, np.ndarray)):
        msg = "its masks are no whole numbers"
        raise TypeError(msg)
    return masks.values


# The unpickler in C reserves as much memory as a number in the file says.
class _Harmless(pickle._Unpickler):  # noqa: SLF001
    """Makes numbers, texts and arrays of a pickle, and of all else an empty shell."""

    # This would reserve memory too, and Cellpose never writes it.
    dispatch: ClassVar = {
        code: load
        for code, load in pickle._Unpickler.dispatch.items()  # noqa: SLF001
        if code != pickle.BYTEARRAY8[0]
    }

    def find_class(self, module: str, name: str) -> Any:
        if module in _ARRAYS and name == "_reconstruct":
            return _Array
        if (module, name) == ("_codecs", "encode"):  # bytes, in pickles of old
            return _bytes
        return _Type if (module, name) == ("numpy", "dtype") else _Shell


def _bytes(text: object, *_: object) -> bytes:
    if not isinstance(text, str):  # lists of lists of one list would be a text without end
        msg = "bytes that are made of no text"
        raise TypeError(msg)
    return text.encode("latin-1")


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


class _Type(_Shell):
    """Stands for the type of an array."""

    def __init__(self, code: object = "", *_arguments: object) -> None:
        self.code, self.order = code if isinstance(code, str) else "", "="

    def __setstate__(self, state: Any) -> None:
        order = state[1] if isinstance(state[1], str) else ""
        self.order = order.strip("|") or "="

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """NumPy's type; `None` where it is none of whole numbers."""
        is_known = _NUMBERS.fullmatch(self.code) and self.order in "<>="
        return np.dtype(self.order + self.code) if is_known else None


class _Array(_Shell):
    """Stands for an array: whole numbers as such, objects as a list, others not at all."""

    def __init__(self, *_arguments: object) -> None:
        self.values: Any = (None,)

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, is_fortran, held = state
        if isinstance(held, list):
            self.values = held or (None,)
        elif isinstance(held, bytes) and isinstance(kind, _Type) and kind.dtype:
            flat = np.frombuffer(held, kind.dtype)
            self.values = flat.reshape(shape, order="F" if is_fortran else "C")


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
