"""Arrays that NumPy saved."""

import numpy as np
from numpy.lib import format as npy

from segmetry.errors import ReadError
from segmetry.io.limits import check_size
from segmetry.io.source import Source
from segmetry.io.stored import Stored, taken

__all__ = ["read_npy"]


def read_npy(source: Source, page: int | None) -> Stored:
    """Read an NPY file of plain numbers; never a pickle, which could run a program.

    Parameters
    ----------
    source : Source
        Of two axes (rows, columns), or three: colours where the last has a length of 3 or
        4, else slices first. Numbers of 32 bits without a sign are labels, never colours.
    page : int or None
        Number of one slice.

    Returns
    -------
    Stored
    """
    is_first = npy.read_magic(source.stream) == (1, 0)
    read_header = npy.read_array_header_1_0 if is_first else npy.read_array_header_2_0
    shape, _, dtype = read_header(source.stream)
    if len(shape) not in (2, 3) or dtype.hasobject:
        msg = (
            f"{source.name} holds an array of shape {shape} and type {dtype}; a picture "
            f"has rows, columns and plain numbers"
        )
        raise ReadError(msg)
    check_size(source.name, shape, itemsize=dtype.itemsize)
    n_bytes = int(np.prod(shape)) * dtype.itemsize
    if source.stream.tell() + n_bytes > source.size:
        msg = f"{source.name} is cut off: its header promises more numbers than it has"
        raise ReadError(msg)
    source.stream.seek(0)
    array = np.load(source.stream, allow_pickle=False)
    is_labels = array.dtype == np.uint32
    if array.ndim == 3 and shape[-1] in (3, 4) and not is_labels:
        return taken(source.name, Stored(array[..., :3], "YXS", "NPY"), page)
    dims = "ZYX"[-array.ndim :]
    return taken(source.name, Stored(array, dims, "NPY", kept_ids=is_labels), page)
