import numpy as np
import pytest

from segmetry.errors import ReadError
from segmetry.io import write_labels
from segmetry.io.exchange import (
    Annotation,
    write_cellpose_seg,
    write_geojson,
    write_label_png,
    write_roi_zip,
)
from segmetry.io.exchange.one_picture import read_edited

WRITERS = {
    "a.zip": write_roi_zip,
    "a.geojson": write_geojson,
    "a.JSON": write_geojson,
    "a.png": write_label_png,
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_ending_tells_how_a_file_is_read(tmp_path, labels, name):
    labels = labels % 65_521
    WRITERS[name](tmp_path / name, Annotation("a", labels))
    assert np.array_equal(read_edited(tmp_path / name, shape=labels.shape).labels, labels)


def test_labels_of_another_size_are_refused(tmp_path, labels):
    write_labels(tmp_path / "a.tif", labels)
    with pytest.raises(ReadError, match="14 x 17 pixels and the picture 3 x 4"):
        read_edited(tmp_path / "a.tif", shape=(3, 4))


def test_a_pickle_is_never_opened(tmp_path, labels):
    write_cellpose_seg(tmp_path / "a_seg.npy", Annotation("a", labels))
    with pytest.raises(ReadError, match="could run any program"):
        read_edited(tmp_path / "a_seg.npy", shape=labels.shape)
