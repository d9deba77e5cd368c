import numpy as np
import pytest

from segmetry.dataset.judging import judge, judge_found
from segmetry.dataset.truths import Truths, find_truths
from segmetry.errors import DatasetError, ReadError
from segmetry.image import Image, Labels
from segmetry.io import write_labels, write_png, write_probability

SQUARES = np.kron([[1, 0, 2], [0, 3, 0]], np.ones((6, 6))).astype(np.uint32)


def save(path, data=SQUARES):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_labels(path, Labels(data, Image(np.zeros(data.shape, np.uint8))))


@pytest.fixture
def folders(tmp_path):
    """Truth and prediction of two pictures; of the second one object is lost."""
    for name in "ab":
        save(tmp_path / "truth" / f"{name}_mask.tif")
        lost = SQUARES if name == "a" else np.where(SQUARES == 2, 0, SQUARES)
        save(tmp_path / "found" / f"{name}.tif", lost)
    return tmp_path


def test_pictures_are_judged_by_the_name_of_their_truth(folders):
    truths = find_truths(folders / "truth", task="objects")
    judged = judge(folders / "found", truths, task="objects")
    assert judged.pictures["a_mask"]["f1_50"] == 1
    assert judged.pictures["b_mask"]["recall_50"] == pytest.approx(2 / 3)
    assert (judged.failed, judged.missing, judged.extra) == ({}, (), ())
    (lost,) = judged.mistakes["b_mask"]
    assert (lost.kind, lost.truth) == ("missed", (2,))
    assert judged.sources["a_mask"].labels == folders / "found" / "a.tif"


def test_names_that_stand_alone_are_told(folders):
    save(folders / "truth" / "c.tif")
    save(folders / "found" / "d.tif")
    truths = find_truths(folders / "truth", task="objects")
    judged = judge(folders / "found", truths, task="objects")
    assert (judged.missing, judged.extra) == (("c",), ("d",))
    assert sorted(judged.pictures) == ["a_mask", "b_mask"]


def test_a_picture_that_cannot_be_judged_is_told_and_the_others_are_judged(folders):
    save(folders / "found" / "a.tif", SQUARES[:, :10])
    (folders / "found" / "b.tif").write_bytes(b"no picture")
    save(folders / "truth" / "c.tif")
    save(folders / "found" / "c.tif")
    truths = find_truths(folders / "truth", task="objects")
    judged = judge(folders / "found", truths, task="objects")
    assert list(judged.pictures) == ["c"]
    assert "10 x 12 pixels and its truth 18 x 12" in judged.failed["a_mask"]
    assert "b.tif" in judged.failed["b_mask"]


def test_a_field_of_view_hides_what_lies_outside(folders):
    view = np.zeros(SQUARES.shape, np.uint8)
    view[:, :12] = 255  # the lost object 2 lies in the last columns
    for name in "ab":
        (folders / "fov").mkdir(exist_ok=True)
        write_png(folders / "fov" / f"{name}.png", view)
    for task, score in (("objects", "f1_50"), ("pixels", "dice")):
        truths = find_truths(folders / "truth", task=task, fov=folders / "fov")
        judged = judge(folders / "found", truths, task=task)
        item = judged.pictures["b_mask"]
        scores = item if task == "objects" else item.scores(specificity=0.9)
        assert scores[score] == 1
        if task == "objects":
            assert scores["n_true"] == 2


def test_a_picture_without_its_field_of_view_is_not_judged(folders):
    (folders / "fov").mkdir()
    write_png(folders / "fov" / "a.png", np.full(SQUARES.shape, 255, np.uint8))
    truths = find_truths(folders / "truth", task="objects", fov=folders / "fov")
    judged = judge(folders / "found", truths, task="objects")
    assert list(judged.pictures) == ["a_mask"]
    assert "no field of view" in judged.failed["b_mask"]


def test_pixels_are_judged_with_their_probability(folders):
    values = np.where(SQUARES > 0, 0.8, 0.1).astype(np.float32)
    write_probability(folders / "found" / "a.tif", values)
    truths = find_truths(folders / "truth", task="pixels")
    judged = judge(folders / "found", truths, task="pixels")
    assert judged.pictures["a_mask"].ranking.auc_roc() == 1
    assert judged.pictures["b_mask"].ranking is None


def test_two_single_files_are_a_pair_whatever_their_names(folders):
    truths = find_truths(folders / "truth" / "a_mask.tif", task="objects")
    judged = judge(folders / "found" / "b.tif", truths, task="objects")
    assert judged.pictures["a_mask"]["n_predicted"] == 2


def test_objects_are_counted_where_no_table_says_how_many(folders):
    truths = find_truths(folders / "truth", task="counts")
    judged = judge(folders / "found", truths, task="counts")
    assert judged.pictures == {"a_mask": (3, 3), "b_mask": (2, 3)}


def test_counts_may_come_from_tables(folders):
    (folders / "true.csv").write_text("image,count\na,4\nb,5\nc,6\n")
    (folders / "found.csv").write_text("image,n_objects\nA.png,3\nb.png,5\n")
    truths = find_truths(folders / "true.csv", task="counts")
    assert truths.names == ["a", "b", "c"]
    judged = judge(folders / "found.csv", truths, task="counts")
    assert judged.pictures == {"a": (3, 4), "b": (5, 5)}
    assert judged.missing == ("c",)
    judged = judge(folders / "found", truths, task="counts")
    assert judged.pictures == {"a": (3, 4), "b": (2, 5)}


def test_tables_say_nothing_of_objects_or_pixels(folders):
    (folders / "true.csv").write_text("image,count\na,4\n")
    with pytest.raises(DatasetError, match="is a table; judging pixels needs label images"):
        find_truths(folders / "true.csv", task="pixels")
    truths = find_truths(folders / "truth", task="objects")
    with pytest.raises(DatasetError, match="is a table; judging objects needs"):
        judge(folders / "true.csv", truths, task="objects")


def test_predictions_of_other_pictures_are_refused(folders):
    save(folders / "others" / "x.tif")
    truths = find_truths(folders / "truth", task="objects")
    with pytest.raises(DatasetError, match="the predictions are x, the truths a_mask"):
        judge(folders / "others", truths, task="objects")


def test_what_a_function_finds_is_judged_and_its_errors_are_told(folders):
    truths = find_truths(folders / "truth", task="objects")

    def found(name):
        if name == "a_mask":
            return SQUARES
        msg = "the disk is gone"
        raise ReadError(msg)

    judged = judge_found(found, truths, truths.names, task="objects")
    assert judged.pictures["a_mask"]["dsb_score"] == 1
    assert judged.failed == {"b_mask": "the disk is gone"}


def test_thin_structures_are_judged_along_their_skeletons(folders):
    truths = find_truths(folders / "truth", task="pixels", thin=True)
    judged = judge(folders / "found", truths, task="pixels")
    assert judged.pictures["a_mask"].thin.cldice == 1
    assert judged.pictures["b_mask"].thin.recall < 1
    assert judged.pictures["b_mask"].thin.precision == 1
    plain = find_truths(folders / "truth", task="pixels")
    assert judge(folders / "found", plain, task="pixels").pictures["a_mask"].thin is None


def detected(folders, *, truth="truth", distance="10px", **options):
    """Truths of a detection."""
    return find_truths(folders / truth, task="detection", distance=distance, **options)


def test_detected_objects_are_judged_by_centre_and_by_overlap(folders):
    judged = judge(folders / "found", detected(folders), task="detection")
    assert judged.pictures["a_mask"]["f1_centres"] == 1
    assert judged.pictures["b_mask"]["recall_centres"] == pytest.approx(2 / 3)
    assert judged.pictures["b_mask"]["recall_40"] == pytest.approx(2 / 3)
    (lost,) = judged.mistakes["b_mask"]
    assert (lost.kind, lost.truth) == ("missed", (2,))


def test_either_side_of_a_detection_may_be_dots(folders):
    (folders / "dots.csv").write_text("image,x,y\na,2.5,2.5\na,14.5,2.5\nb,,\n")
    judged = judge(folders / "found", detected(folders, truth="dots.csv"), task="detection")
    assert judged.pictures["a"]["precision_centres"] == pytest.approx(2 / 3)
    assert judged.pictures["b"]["fp_centres"] == 2
    judged = judge(folders / "dots.csv", detected(folders), task="detection")
    assert judged.pictures["a_mask"]["tp_centres"] == 2
    assert judged.pictures["b_mask"]["n_predicted"] == 0
    both = judge(
        folders / "dots.csv", detected(folders, truth="dots.csv"), task="detection"
    )
    assert both.pictures["a"]["f1_centres"] == both.pictures["b"]["f1_centres"] == 1


def test_only_what_lies_in_the_field_of_view_is_detected(folders):
    view = np.zeros(SQUARES.shape, np.uint8)
    view[:, :12] = 255
    (folders / "fov").mkdir()
    for name in "ab":
        write_png(folders / "fov" / f"{name}.png", view)
    truths = detected(folders, fov=folders / "fov")
    judged = judge(folders / "found", truths, task="detection")
    assert judged.pictures["b_mask"]["f1_centres"] == 1
    assert judged.pictures["b_mask"]["n_true"] == 2
    (folders / "dots.csv").write_text("image,x,y\na,2.5,2.5\n")
    judged = judge(folders / "dots.csv", truths, task="detection")
    assert "dots have no field of view" in judged.failed["a_mask"]


def test_detection_needs_pictures_of_one_shape(folders):
    save(folders / "found" / "a.tif", SQUARES[:, :10])
    judged = judge(folders / "found", detected(folders), task="detection")
    assert "10 x 12 pixels and its truth 18 x 12" in judged.failed["a_mask"]


def test_detection_needs_truths_with_a_distance(folders):
    truths = Truths({"a": folders / "truth" / "a_mask.tif"})
    with pytest.raises(ValueError, match="detection needs truths that know a distance"):
        judge(folders / "found", truths, task="detection")
