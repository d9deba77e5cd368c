import json

import numpy as np
import pytest

from segmetry.errors import ModelError
from segmetry.models.tensors import arrays_from_bytes, arrays_to_bytes

ARRAYS = {
    "b": np.arange(6, dtype=np.int32).reshape(2, 3),
    "a": np.float32([[0.5], [-1e30]]),
    "none": np.zeros((0, 4), np.float32),
}


def test_arrays_come_back_as_they_were():
    back = arrays_from_bytes(arrays_to_bytes(ARRAYS), name="x")
    assert set(back) == set(ARRAYS)
    for name, values in ARRAYS.items():
        assert np.array_equal(back[name], values)
        assert (back[name].dtype, back[name].shape) == (values.dtype, values.shape)


def test_equal_arrays_are_equal_bytes_whatever_their_order():
    other = {name: np.asfortranarray(ARRAYS[name]) for name in sorted(ARRAYS)}
    assert arrays_to_bytes(other) == arrays_to_bytes(ARRAYS)


def test_the_package_safetensors_reads_them_and_writes_what_is_read():
    numpy_files = pytest.importorskip("safetensors.numpy")
    back = numpy_files.load(arrays_to_bytes(ARRAYS))
    assert all(np.array_equal(back[name], values) for name, values in ARRAYS.items())
    theirs = arrays_from_bytes(numpy_files.save(ARRAYS), name="x")
    assert np.array_equal(theirs["b"], ARRAYS["b"])


@pytest.mark.parametrize("kind", ["F64", "F16", "BF16", "I64", "U8"])
def test_other_types_are_refused(kind):
    width = {"F64": 8, "F16": 2, "BF16": 2, "I64": 8, "U8": 1}[kind]
    head = {"a": {"dtype": kind, "shape": [1], "data_offsets": [0, width]}}
    text = json.dumps(head).encode()
    content = len(text).to_bytes(8, "little") + text + bytes(width)
    with pytest.raises(ModelError, match="x has numbers of another type"):
        arrays_from_bytes(content, name="x")


@pytest.mark.parametrize("shape", [[2**40], [2, 3], [-1], [True], [1.0]])
def test_sizes_that_do_not_fit_are_refused(shape):
    head = {"a": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4]}}
    text = json.dumps(head).encode()
    content = len(text).to_bytes(8, "little") + text + bytes(4)
    with pytest.raises(ModelError, match="no proper safetensors file"):
        arrays_from_bytes(content, name="x")
