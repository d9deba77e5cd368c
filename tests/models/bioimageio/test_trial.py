"""Test arrays of packages: read, or told to be none."""

from types import SimpleNamespace

import numpy as np
import pytest

from segmetry.errors import ModelError
from segmetry.models.bioimageio.package import opened_package
from segmetry.models.bioimageio.trial import _array

NYXC = ("batch", "y", "x", "channel")


@pytest.fixture
def read(pack, describe):
    """Return the array of axes NCYX that is made of a file in a package."""
    tensor = SimpleNamespace(test_tensor=SimpleNamespace(source="array.npy"))

    def reading(content):
        with opened_package(pack(describe(), **{"array.npy": content})) as package:
            return _array(tensor, package, NYXC)

    return reading


def promised(shape):
    """A file whose header promises an array of some shape, and holds none."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def test_axes_are_put_in_order(read, as_array_file):
    array = np.arange(24, dtype=np.float32).reshape(1, 2, 4, 3)
    assert np.array_equal(read(as_array_file(array)), np.moveaxis(array, -1, 1))


@pytest.mark.parametrize("shape", [(4, 4), (1, 0, 0, 1)])
def test_what_is_no_picture_is_no_test(read, as_array_file, shape):
    assert read(as_array_file(np.zeros(shape, np.float32))) is None


@pytest.mark.parametrize(
    "shape",
    [
        (1, 10**7, 10**7, 1),
        (1, 10**20, 1, 1),
        (1, -4, 4, 1),
        (1, 4, 4, 1),
        "-" * 9000 + "1",
        "(" * 9000,
    ],
)
def test_a_header_that_promises_what_is_not_there_is_told(read, shape):
    with pytest.raises(ModelError, match="damaged, or no file of NumPy"):
        read(promised(shape))
