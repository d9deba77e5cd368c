import numpy as np
import pytest

from segmetry.dataset.detection import Distance
from segmetry.dataset.judging import judge
from segmetry.dataset.truths import (
    Truths,
    check_shapes,
    find_truths,
    no_table,
    paired_names,
    read_view,
    second_truths,
    with_pixel_sizes,
)
from segmetry.errors import DatasetError
from segmetry.image import Image, Labels, PixelSize
from segmetry.io import write_labels

SQUARES = np.kron([[1, 0, 2], [0, 3, 0]], np.ones((6, 6))).astype(np.uint32)


def save(path, data=SQUARES, *, pixel_size=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image(np.zeros(data.shape, np.uint8), pixel_size=pixel_size)
    write_labels(path, Labels(data, picture))


@pytest.fixture
def folders(tmp_path):
    """Truth and prediction of two pictures; of the second one object is lost."""
    for name in "ab":
        save(tmp_path / "truth" / f"{name}_mask.tif")
        lost = SQUARES if name == "a" else np.where(SQUARES == 2, 0, SQUARES)
        save(tmp_path / "found" / f"{name}.tif", lost)
    return tmp_path


def test_counts_take_no_field_of_view(folders):
    with pytest.raises(DatasetError, match="leave out the field of view"):
        find_truths(folders / "truth", task="counts", fov=folders / "truth")


def test_truths_of_nothing_have_no_names():
    assert Truths({}).names == []


def test_objects_are_not_judged_as_thin(folders):
    with pytest.raises(DatasetError, match="not by objects: --task pixels"):
        find_truths(folders / "truth", task="objects", thin=True)


def test_a_second_observer_is_known_by_the_names_of_the_first(folders):
    save(folders / "second" / "B_masks.tif", np.where(SQUARES == 1, 0, SQUARES))
    save(folders / "second" / "c.tif")
    truths = find_truths(folders / "truth", task="pixels", thin=True)
    second = second_truths(folders / "second", truths, task="pixels")
    assert second.names == ["b_mask"]
    assert second.thin
    judged = judge(folders / "found", second, task="pixels")
    assert judged.pictures["b_mask"].counts.sensitivity == pytest.approx(1 / 2)


def test_two_single_masks_are_of_two_observers_whatever_their_names(folders):
    truths = find_truths(folders / "truth" / "a_mask.tif", task="pixels")
    second = second_truths(folders / "found" / "b.tif", truths, task="pixels")
    assert second.masks == {"a_mask": folders / "found" / "b.tif"}


def test_a_second_observer_of_other_pictures_is_refused(folders):
    save(folders / "others" / "x.tif")
    truths = find_truths(folders / "truth", task="pixels")
    with pytest.raises(DatasetError, match="the second observer's masks are x, the truths"):
        second_truths(folders / "others", truths, task="pixels")


def test_a_field_of_view_is_read_where_there_is_one(folders):
    shape = SQUARES.shape
    assert read_view(Truths({}), "a", shape) is None
    save(folders / "fov" / "a.tif", np.ones(shape, np.uint32))
    truths = Truths({}, fields={"a": folders / "fov" / "a.tif"})
    assert read_view(truths, "a", shape).all()
    with pytest.raises(DatasetError, match="no field of view"):
        read_view(truths, "b", shape)
    with pytest.raises(DatasetError, match="none was resized"):
        read_view(truths, "a", (5, 5))


def test_a_second_observer_may_have_set_dots_or_counted(folders):
    (folders / "dots.csv").write_text("image,x,y\na,2,3\nc,1,1\n")
    truths = find_truths(folders / "truth", task="detection", distance="5px")
    second = second_truths(folders / "dots.csv", truths, task="detection")
    assert second.names == ["a_mask"]
    assert second.dots["a_mask"].tolist() == [[3, 2]]
    assert second.distance == Distance(5, "px")
    (folders / "counts.csv").write_text("image,count\nb,7\n")
    truths = find_truths(folders / "truth", task="counts")
    second = second_truths(folders / "counts.csv", truths, task="counts")
    assert second.counts == {"b_mask": 7}
    assert not second.masks


def test_detection_needs_a_distance_and_nothing_else_takes_one(folders):
    with pytest.raises(DatasetError, match="--task detection needs --distance"):
        find_truths(folders / "truth", task="detection")
    with pytest.raises(DatasetError, match="--distance is for --task detection, not for"):
        find_truths(folders / "truth", task="objects", distance="5px")


def test_the_first_file_that_tells_the_pixel_size_counts(folders):
    size = PixelSize(y=2, x=0.5, unit="um", source="typed")
    save(folders / "truth" / "b_mask.tif", pixel_size=size)
    save(folders / "pictures" / "a.tif", pixel_size=PixelSize(3, 3, "um", "typed"))
    save(folders / "pictures" / "b.tif", pixel_size=PixelSize(3, 3, "um", "typed"))
    (folders / "found" / "a.tif").write_bytes(b"no picture")
    truths = find_truths(folders / "truth", task="detection", distance="5um")
    assert truths.pixel_sizes == {}
    sources = [
        folders / "dots.csv",
        None,
        *(folders / n for n in ("found", "truth", "pictures")),
    ]
    known = with_pixel_sizes(truths, sources).pixel_sizes
    assert (known["b_mask"].in_um.y, known["b_mask"].in_um.x) == pytest.approx((2, 0.5))
    assert known["a_mask"].in_um.x == pytest.approx(3)


def test_one_file_belongs_to_a_lone_truth_whatever_its_name():
    assert paired_names(["a"], ["x"], one_file=True) == {"a": "x"}
    with pytest.raises(DatasetError, match="the predictions are x, the truths a"):
        paired_names(["a"], ["x"])


def test_pictures_of_two_sizes_and_tables_of_pixels_are_refused(tmp_path):
    check_shapes(np.zeros((2, 3)), np.ones((2, 3)))
    with pytest.raises(DatasetError, match="it has 3 x 2 pixels and its truth 2 x 2"):
        check_shapes(np.zeros((2, 3)), np.zeros((2, 2)))
    no_table(tmp_path / "t.csv", "counts")
    with pytest.raises(DatasetError, match="t.csv is a table; judging objects needs"):
        no_table(tmp_path / "t.csv", "objects")
