import zipfile

import numpy as np
import pytest
import roifile
from skimage.draw import polygon2mask

from segmetry.errors import ReadError
from segmetry.io.exchange import Annotation, read_roi_zip, write_roi_zip


def pixels_of(roi, shape):
    """The pixels within a selection, by the outlines that roifile reads."""
    rings = roi.coordinates(multi=True) if roi.composite else [roi.coordinates()]
    inside = np.zeros(shape, dtype=bool)
    for ring in rings:
        inside ^= polygon2mask(shape, ring[:, ::-1] - 0.5)
    return inside


@pytest.mark.parametrize("seed", range(60))
def test_objects_come_back_with_their_numbers(tmp_path, random_labels, seed):
    labels = random_labels(seed)
    write_roi_zip(tmp_path / "a_rois.zip", Annotation("a", labels))
    found = read_roi_zip(tmp_path / "a_rois.zip", shape=labels.shape)
    assert np.array_equal(found.labels, labels)


def test_roifile_reads_the_same_names_and_pixels(tmp_path, labels):
    write_roi_zip(tmp_path / "a.zip", Annotation("a", labels))
    rois = roifile.roiread(tmp_path / "a.zip")
    assert [roi.name for roi in rois] == [
        "00002",
        "00005",
        "00007",
        "00008",
        "00300",
        "70000",
    ]
    for roi in rois:
        assert np.array_equal(pixels_of(roi, labels.shape), labels == int(roi.name))


def test_what_roifile_writes_is_read(tmp_path):
    corners = np.array([[1, 1], [4, 1], [4, 3], [1, 3]])
    rois = [roifile.ImagejRoi.frompoints(corners, name="0012")]
    roifile.roiwrite(tmp_path / "a.zip", rois, name=["0012"], mode="w")
    found = read_roi_zip(tmp_path / "a.zip", shape=(4, 5))
    expected = np.zeros((4, 5), int)
    expected[1:3, 1:4] = 12
    assert found.labels.tolist() == expected.tolist()


def test_a_picture_without_objects_comes_back_too(tmp_path):
    write_roi_zip(tmp_path / "a.zip", Annotation("a", np.zeros((2, 3), int)))
    assert read_roi_zip(tmp_path / "a.zip", shape=(2, 3)).labels.tolist() == [[0] * 3] * 2


def test_a_zip_of_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("notes.txt", "x")
    with pytest.raises(ReadError, match="holds no selection"):
        read_roi_zip(tmp_path / "a.zip", shape=(2, 2))


def test_a_single_selection_will_do(tmp_path):
    corners = np.array([[0, 0], [2, 0], [2, 1], [0, 1]])
    roifile.ImagejRoi.frompoints(corners, name="cell").tofile(tmp_path / "a.roi")
    assert read_roi_zip(tmp_path / "a.roi", shape=(1, 3)).labels.tolist() == [[1, 1, 0]]


def test_a_file_is_replaced_and_the_same_objects_give_the_same_bytes(tmp_path, labels):
    path = tmp_path / "a.zip"
    write_roi_zip(path, Annotation("a", labels))
    first = path.read_bytes()
    write_roi_zip(path, Annotation("a", labels * 0))
    write_roi_zip(path, Annotation("a", labels))
    assert path.read_bytes() == first


def test_objects_beyond_16_bits_keep_their_place(tmp_path):
    labels = np.zeros((3, 70_000), np.uint8)
    labels[1, 66_000:66_010] = 3
    write_roi_zip(tmp_path / "a.zip", Annotation("a", labels))
    found = read_roi_zip(tmp_path / "a.zip", shape=labels.shape)
    assert np.array_equal(found.labels, labels)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"Iout"])
def test_what_is_no_zip_is_refused(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ReadError, match="not a zip of ImageJ selections"):
        read_roi_zip(tmp_path / "a.zip", shape=(2, 2))


def test_a_damaged_selection_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("0001.roi", b"Iout and no more")
    with pytest.raises(ReadError, match=r"a\.zip: .*0001\.roi"):
        read_roi_zip(tmp_path / "a.zip", shape=(2, 2))


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("segmetry.io.exchange.roi_zip._MOST_BYTES", 10)
    write_roi_zip(tmp_path / "a.zip", Annotation("a", np.ones((2, 2), int)))
    with pytest.raises(ReadError, match="unpacks to more than 10 bytes"):
        read_roi_zip(tmp_path / "a.zip", shape=(2, 2))
