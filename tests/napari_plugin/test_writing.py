import numpy as np
import pytest

from segmetry.errors import WriteError
from segmetry.io import read, read_labels


def test_labels_are_saved_with_their_numbers_and_their_pixel_size(labels_layer, tmp_path):
    path = tmp_path / "objects.tif"
    assert labels_layer.save(str(path), plugin="segmetry") == [str(path)]
    assert np.array_equal(read_labels(path), labels_layer.data)
    assert read(path).pixel_size.in_um.x == pytest.approx(0.5)


def test_a_file_that_cannot_be_written_is_named(labels_layer, tmp_path):
    with pytest.raises(WriteError, match=r"objects\.tif"):
        labels_layer.save(str(tmp_path / "none" / "objects.tif"), plugin="segmetry")
