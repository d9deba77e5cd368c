"""Arrays as bytes in the format safetensors, without the package of that name.

The format is eight bytes that tell the length of a header, a header in JSON with name,
type, shape and place of each array, and the arrays one after the other [1]_.

References
----------
.. [1] https://github.com/huggingface/safetensors#format
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ModelError
from segmetry.models.contents import check_safetensors

__all__ = ["arrays_from_bytes", "arrays_to_bytes"]

_TYPES = {"F32": np.dtype("<f4"), "I32": np.dtype("<i4")}
_NAMES = {kind: name for name, kind in _TYPES.items()}
_ALIGNED = 8  # bytes


def arrays_to_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays of float32 or int32 as a safetensors file; equal ones, equal bytes.

    Parameters
    ----------
    arrays : mapping of str to ndarray

    Examples
    --------
    >>> back = arrays_from_bytes(arrays_to_bytes({"a": np.float32([1, 2])}), name="b")
    >>> back["a"].tolist()
    [1.0, 2.0]
    """
    header, parts, end = {}, [], 0
    for name in sorted(arrays):
        little = arrays[name].astype(arrays[name].dtype.newbyteorder("<"))
        content = little.tobytes()
        header[name] = {
            "dtype": _NAMES[little.dtype],
            "shape": list(little.shape),
            "data_offsets": [end, end + len(content)],
        }
        parts.append(content)
        end += len(content)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % _ALIGNED)
    return len(head).to_bytes(8, "little") + head + b"".join(parts)


def arrays_from_bytes(content: bytes, *, name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays in a safetensors file that may come from anyone.

    Parameters
    ----------
    content : bytes
    name : str
        For messages.

    Returns
    -------
    dict of str to ndarray
        Of float32 or int32.

    Raises
    ------
    ModelError
        If it is no proper safetensors file, or has arrays of other types.
    """
    check_safetensors(content, name=name)
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    header.pop("__metadata__", None)
    found = {}
    for key, tensor in header.items():
        if tensor["dtype"] not in _TYPES:
            msg = f"{name} has numbers of another type than a classifier's; get it again"
            raise ModelError(msg)
        start, stop = (8 + size + place for place in tensor["data_offsets"])
        kind = _TYPES[tensor["dtype"]]
        values = np.frombuffer(content[start:stop], kind).astype(kind.newbyteorder("="))
        found[key] = values.reshape(tensor["shape"])
    return found
