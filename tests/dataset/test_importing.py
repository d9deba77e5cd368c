import numpy as np
import pytest

from segmetry.dataset.importing import read_annotations
from segmetry.errors import DatasetError, ReadError, SegmetryWarning
from segmetry.io import write_labels, write_png
from segmetry.io.exchange import Annotation, write_annotations

LABELS = np.array([[0, 3, 3, 0], [0, 0, 9, 9]], np.uint32)


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a", "b"):
        write_png(folder / f"{name}.png", np.zeros(LABELS.shape, np.uint8))
    return folder


def read_all(source, **options):
    return {one.name: one for one in read_annotations(source, **options)}


@pytest.mark.parametrize("name", ["imagej", "qupath", "coco", "rle", "masks", "ome-zarr"])
def test_a_folder_of_files_is_read_under_the_names_of_the_pictures(tmp_path, images, name):
    pictures = {"a": LABELS, "b": LABELS * 0}  # one without objects
    told = [Annotation(name, one, f"{name}.png") for name, one in pictures.items()]
    write_annotations(tmp_path / "out", told, to=name)
    found = read_all(tmp_path / "out", images=images)
    assert list(found) == ["a", "b"]
    for one in found.values():
        assert np.array_equal(one.labels, pictures[one.name])
        assert one.origin.kind == "imported"
        assert one.file_name == f"{one.name}.png"


@pytest.mark.parametrize("name", ["coco", "rle", "masks", "ome-zarr-0.5"])
def test_files_that_tell_the_size_need_no_pictures(tmp_path, name):
    write_annotations(tmp_path / "out", [Annotation("a", LABELS)], to=name)
    assert np.array_equal(read_all(tmp_path / "out")["a"].labels, LABELS)


def test_run_lengths_without_a_size_take_that_of_the_picture(tmp_path, images):
    (tmp_path / "rle.csv").write_text("ImageId,EncodedPixels\na,1 2\n")
    found = read_all(tmp_path / "rle.csv", images=images)["a"]
    assert found.labels.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0]]
    with pytest.raises(DatasetError, match="--images FOLDER"):
        read_all(tmp_path / "rle.csv")


def test_a_dot_is_the_pixel_that_it_lies_in(tmp_path, images):
    (tmp_path / "dots.csv").write_text(
        "image,x,y\na.png,1.4,0.6\na.png,3.4,-0.4\nb.png,,\n"
    )
    found = read_all(tmp_path / "dots.csv", images=images)
    assert found["a"].labels.tolist() == [[0, 0, 0, 2], [0, 1, 0, 0]]
    assert not found["b"].labels.any()


def test_a_dot_outside_of_the_picture_is_told(tmp_path, images):
    (tmp_path / "dots.csv").write_text("image,x,y\na,1,1\na,1e300,1\n")
    with pytest.warns(SegmetryWarning, match="1 objects cover no pixel"):
        assert read_all(tmp_path / "dots.csv", images=images)["a"].labels.max() == 1


def test_geojson_may_be_called_json(tmp_path, images):
    write_annotations(tmp_path, [Annotation("a", LABELS)], to="qupath")
    (tmp_path / "a.geojson").rename(tmp_path / "a.json")
    found = read_all(tmp_path / "a.json", images=images)
    assert np.array_equal(found["a"].labels, LABELS)


def test_a_file_that_is_no_json_is_told(tmp_path, images):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(ReadError, match=r"a\.json is not GeoJSON"):
        read_all(tmp_path / "a.json", images=images)


def test_a_picture_that_is_not_there_is_told(tmp_path, images):
    write_labels(tmp_path / "c_labels.tif", LABELS)
    with pytest.raises(DatasetError, match="has no picture called c"):
        read_all(tmp_path / "c_labels.tif", images=images)


def test_a_mask_of_another_size_is_told(tmp_path, images):
    write_labels(tmp_path / "a_labels.tif", LABELS[:1])
    with pytest.raises(
        DatasetError, match="the picture is 2 x 4 pixels and its mask 1 x 4"
    ):
        read_all(tmp_path / "a_labels.tif", images=images)


def test_outlines_cannot_lie_in_a_stack(tmp_path, images):
    write_labels(images / "a.tif", np.zeros((2, 3, 4), np.uint8))
    (images / "a.png").unlink()
    write_annotations(tmp_path, [Annotation("a", LABELS)], to="qupath")
    with pytest.raises(DatasetError, match="a is a stack of slices"):
        read_all(tmp_path / "a.geojson", images=images)


def test_what_is_not_there_or_empty_is_told(tmp_path):
    with pytest.raises(DatasetError, match="is not there"):
        read_all(tmp_path / "none")
    with pytest.raises(DatasetError, match="no annotations of a known format"):
        read_all(tmp_path)
