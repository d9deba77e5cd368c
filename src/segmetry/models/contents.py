"""Checks of what a model file holds, without the packages that will use it.

An ONNX network may say that its weights lie in other files, by name. OpenVINO opens files
of the current folder so, even for a network that it is given as bytes. So a network must
hold all its weights; the walk below knows every place of the format [1]_ where another file
can be named.

References
----------
.. [1] onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
.. [2] https://github.com/huggingface/safetensors#format
"""

import json
import math
from collections.abc import Iterator
from typing import Any

from segmetry.errors import ModelError

__all__ = ["check_onnx", "check_safetensors"]

# For each kind of message: those of its fields in which a tensor can lie, however deep.
_INNER = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {
        5: "tensor",
        6: "graph",
        10: "tensor",
        11: "graph",
        22: "sparse",
        23: "sparse",
    },
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_IR_VERSION = 1  # fields of a model
_GRAPH = 7
_DATA_LOCATION = 14  # field of a tensor
_ELSEWHERE = {13, _DATA_LOCATION}  # 13 is the name and place of another file
_MOST_FIELDS = 300_000  # a network of 500 layers has about 20,000
_VARINT, _EIGHT_BYTES, _SIZED, _FOUR_BYTES = 0, 1, 2, 5

_MAX_HEADER = 2**20  # bytes; a network of 500 layers has about 50,000
_ITEM_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "U8": 1}


def check_onnx(content: bytes, *, name: str) -> None:
    """Refuse an ONNX network that is damaged or would have other files opened.

    Parameters
    ----------
    content : bytes
    name : str
        For messages.

    Raises
    ------
    ModelError

    Examples
    --------
    >>> check_onnx(b"weights", name="model.onnx")
    Traceback (most recent call last):
    segmetry.errors.ModelError: model.onnx is no ONNX network; get it again
    """
    seen = set()
    try:
        for kind, field, wire, value in _walk(content):
            here = field == _DATA_LOCATION and value == b"\0"  # said of a usual tensor
            if kind == "tensor" and field in _ELSEWHERE and not here:
                msg = f"{name} keeps weights in another file, which no model file may"
                raise ModelError(msg)
            if kind == "model":
                seen.add((field, wire))
    except ValueError as error:
        msg = f"{name} is no ONNX network; get it again"
        raise ModelError(msg) from error
    if not {(_IR_VERSION, _VARINT), (_GRAPH, _SIZED)} <= seen:
        msg = f"{name} is no ONNX network; get it again"
        raise ModelError(msg)


def _walk(content: bytes) -> Iterator[tuple[str, int, int, bytes]]:
    """Yield message kind, field number, wire type and value, of small fields only."""
    todo = [("model", 0, len(content))]
    n_fields = 0
    while todo:
        kind, start, stop = todo.pop()
        while start < stop:
            field, wire, first, start = _field(content, start, stop)
            yield kind, field, wire, content[first : min(start, first + 10)]
            if wire == _SIZED and field in _INNER[kind]:
                todo.append((_INNER[kind][field], first, start))
            n_fields += 1
            if n_fields > _MOST_FIELDS:
                msg = "too many fields"
                raise ValueError(msg)


def _field(content: bytes, start: int, stop: int) -> tuple[int, int, int, int]:
    """Return number and wire type of the field at `start`, and its value's bounds."""
    key, first = _varint(content, start, stop)
    wire = key & 7
    if wire == _VARINT:
        last = _varint(content, first, stop)[1]
    elif wire == _SIZED:
        size, first = _varint(content, first, stop)
        last = first + size
    elif wire in {_FOUR_BYTES, _EIGHT_BYTES}:
        last = first + (8 if wire == _EIGHT_BYTES else 4)
    else:
        last = stop + 1
    # Larger keys are cut to 32 bits by some readers, and would then be other fields.
    if last > stop or not 8 <= key < 2**32:
        msg = "no field of a message"
        raise ValueError(msg)
    return key >> 3, wire, first, last


def _varint(content: bytes, start: int, stop: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where it ends."""
    value = 0
    for position in range(start, min(stop, start + 10)):
        byte = content[position]
        value |= (byte & 0x7F) << (7 * (position - start))
        if byte < 0x80:
            return value, position + 1
    msg = "a number without an end"
    raise ValueError(msg)


def check_safetensors(content: bytes, *, name: str) -> None:
    """Refuse a safetensors file [2]_ whose header does not fit its content.

    Parameters
    ----------
    content : bytes
    name : str
        For messages.

    Raises
    ------
    ModelError

    Examples
    --------
    >>> empty = (2).to_bytes(8, "little") + b"{}"
    >>> check_safetensors(empty, name="weights.safetensors")
    """
    try:
        _check_tensors(content)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        msg = f"{name} is no proper safetensors file; get it again"
        raise ModelError(msg) from error


def _check_tensors(content: bytes) -> None:
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 + size or size > _MAX_HEADER:
        msg = "the header is longer than the file, or than any network needs"
        raise ValueError(msg)
    header: dict[str, Any] = json.loads(content[8 : 8 + size])
    header.pop("__metadata__", None)
    end = 0
    # In order and without gaps, as the format asks: nothing can hide between tensors.
    for tensor in sorted(header.values(), key=lambda tensor: tensor["data_offsets"]):
        start, stop = tensor["data_offsets"]
        whole = all(type(n) is int and n >= 0 for n in (start, stop, *tensor["shape"]))
        n_bytes = math.prod(tensor["shape"]) * _ITEM_BYTES[tensor["dtype"]]
        if not whole or start != end or stop - start != n_bytes:
            msg = "a tensor does not fit its place"
            raise ValueError(msg)
        end = stop
    if end != len(content) - 8 - size:
        msg = "the tensors do not fill the file"
        raise ValueError(msg)
