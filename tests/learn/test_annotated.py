import numpy as np
import pytest
import tifffile

from segmetry.errors import DatasetError
from segmetry.io import read, read_labels, write_labels, write_png
from segmetry.learn.annotated import read_annotated, without_shown


def kinds(annotated):
    return {(finding.name, finding.kind) for finding in annotated.findings}


def test_pictures_are_read_with_their_numbered_objects(disc_set):
    images, masks = disc_set(3)
    found = read_annotated(images, masks)
    assert [one.name for one in found.examples] == ["p0", "p1", "p2"]
    assert [one.group for one in found.examples] == ["p0", "p1", "p2"]
    for one in found.examples:
        assert np.array_equal(one.labels, read_labels(masks / f"{one.name}.tif"))
    assert found.findings == ()


def test_masks_of_other_encodings_are_read(disc_set):
    images, masks = disc_set(3)
    labels = read_labels(masks / "p1.tif")
    (masks / "p1.tif").unlink()
    white = np.where(labels > 0, 255, 0).astype(np.uint8)
    write_png(masks / "p1.png", np.stack([white] * 3, axis=-1))
    found = read_annotated(images, masks)
    assert found.examples[1].labels.max() == labels.max()


def test_one_bad_pair_does_not_stop_the_others_and_is_told(disc_set):
    images, masks = disc_set(6)
    (images / "p1.png").write_bytes(b"no picture")
    write_labels(masks / "p2.tif", np.ones((9, 9), np.uint16))
    write_labels(masks / "p3.tif", np.zeros((64, 64), np.uint16))
    (masks / "p4.tif").unlink()
    found = read_annotated(images, masks)
    assert [one.name for one in found.examples] == ["p0", "p3", "p5"]
    assert {("p1", "unreadable"), ("p2", "shape"), ("p3", "empty")} <= kinds(found)
    assert ("p4.png", "alone") in kinds(found)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda pixels: np.full_like(pixels, 7), "one flat value"),
        (lambda pixels: np.where(pixels > 150, np.nan, pixels), "NaN or infinite"),
    ],
)
def test_a_picture_in_which_no_model_finds_anything_is_left_out(disc_set, spoil, said):
    images, masks = disc_set(3)
    pixels = read(images / "p1.png").grey.astype(np.float32)
    (images / "p1.png").unlink()
    tifffile.imwrite(images / "p1.tif", spoil(pixels))
    found = read_annotated(images, masks)
    assert [one.name for one in found.examples] == ["p0", "p2"]
    (finding,) = found.findings
    assert finding.name == "p1"
    assert said in finding.sentence
    assert not finding.usable


def test_a_stack_is_a_finding(disc_set):
    images, masks = disc_set(2)
    (images / "p1.png").unlink()
    write_labels(images / "p1.tif", np.arange(4 * 64 * 64).reshape(4, 64, 64) % 251)
    stack = np.zeros((4, 64, 64), np.uint16)
    stack[:, 20:40, 20:40] = 1
    write_labels(masks / "p1.tif", stack)
    found = read_annotated(images, masks)
    assert [one.name for one in found.examples] == ["p0"]
    (finding,) = found.findings
    assert "stack" in finding.sentence
    assert not finding.usable


def test_without_a_usable_pair_the_first_reason_is_told(disc_set):
    images, masks = disc_set(1)
    (images / "p0.png").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match="can be learned from"):
        read_annotated(images, masks)


def test_masks_without_any_object_are_nothing_to_learn_from(disc_set):
    images, masks = disc_set(2, masks=lambda _, labels: labels * 0)
    with pytest.raises(DatasetError, match="No mask marks any object"):
        read_annotated(images, masks)


def test_groups_come_from_the_sheet(disc_set, tmp_path):
    images, masks = disc_set(3)
    sheet = tmp_path / "groups.csv"
    sheet.write_text("image,group\np0.png,dish 1\np1.png,dish 2\np2.png,dish 1\n")
    found = read_annotated(images, masks, groups=sheet)
    assert [one.group for one in found.examples] == ["dish 1", "dish 2", "dish 1"]
    sheet.write_text("image,group\np0.png,dish 1\n")
    with pytest.raises(DatasetError, match="no group for the picture p1"):
        read_annotated(images, masks, groups=sheet)


def test_a_turned_copy_is_told_and_kept_with_its_original(disc_set, annotated):
    images, masks = disc_set(3)
    picture, labels = annotated(seed=1)
    write_png(images / "q.png", np.stack([np.rot90(picture)] * 3, axis=-1))
    write_labels(masks / "q.tif", np.rot90(labels))
    found = read_annotated(images, masks)
    assert [one.group for one in found.examples] == ["p0", "p1", "p2", "p1"]
    assert "same as p1" in found.findings[-1].sentence


def test_what_the_judging_pictures_show_is_not_trained_on(disc_set):
    training = read_annotated(*disc_set(4, name="training"))
    held_out = read_annotated(*disc_set(3, name="held", first=3))
    kept, findings = without_shown(training, held_out)
    assert [one.name for one in kept.examples] == ["p0", "p1", "p2"]
    assert len(kept.fingerprints) == 3
    assert [finding.name for finding in findings] == ["p3"]
    with pytest.raises(DatasetError, match="the two sets"):
        without_shown(training, training)


def test_the_hash_follows_the_files_and_not_their_names(disc_set):
    images, masks = disc_set(2)
    before = read_annotated(images, masks).sha256
    for folder, ending in ((images, ".png"), (masks, ".tif")):
        (folder / f"p1{ending}").rename(folder / f"z{ending}")
    assert read_annotated(images, masks).sha256 == before
    write_labels(masks / "z.tif", np.eye(64, dtype=np.uint16))
    assert read_annotated(images, masks).sha256 != before


def test_classes_are_the_numbers_in_the_masks_and_no_objects_are_looked_for(disc_set):
    images, masks = disc_set(2, masks=lambda _, labels: np.where(labels > 0, 7, 0))
    found = read_annotated(images, masks, task="classes")
    assert np.unique(found.examples[0].labels).tolist() == [0, 7]
    assert found.findings == ()


COLORS = np.uint8([(0, 0, 0), (10, 200, 30), (250, 20, 20)])


def test_colours_are_classes_the_same_in_training_and_validation(disc_set):
    images, masks = disc_set(2)
    for number in (0, 1):
        labels = read_labels(masks / f"p{number}.tif")
        (masks / f"p{number}.tif").unlink()
        write_png(masks / f"p{number}.png", COLORS[np.where(labels > 0, 1 + number, 0)])
    found = read_annotated(images, masks, task="classes")
    assert [np.unique(one.labels).tolist() for one in found.examples] == [[0, 1], [0, 2]]
    (images / "p0.png").unlink()
    (masks / "p0.png").unlink()
    again = read_annotated(images, masks, task="classes", coding=found.coding)
    assert np.unique(again.examples[0].labels).tolist() == [0, 2]


def test_what_nobody_knows_is_marked_and_a_bad_file_does_not_stop_the_others(disc_set):
    images, masks = disc_set(3, masks=lambda _, labels: np.where(labels > 0, 255, 1))
    write_labels(masks / "p1.tif", np.array([[0, 1], [2, 2]]))
    (masks / "p2.tif").write_bytes(b"no picture")
    found = read_annotated(images, masks, task="classes")
    (one,) = found.examples
    assert np.array_equal(one.unknown, one.labels == 255)
    assert not one.counted[one.labels == 255].any()
    assert {("p1", "shape"), ("p2", "unreadable")} <= kinds(found)
    assert read_annotated(images, masks, task="pixels").examples[0].unknown is None


def test_specks_do_not_matter_where_pixels_are_told_apart(disc_set):
    def with_speck(_, labels):
        labels[1, 1] = 99 * (labels[1, 1] == 0)
        return labels

    images, masks = disc_set(2, masks=with_speck)
    kinds = [
        {finding.kind for finding in read_annotated(images, masks, task=task).findings}
        for task in ("objects", "pixels")
    ]
    assert kinds == [{"specks"}, set()]


def test_frames_of_a_film_are_told_once_each(disc_set):
    images, masks = disc_set(1)
    frame = read(images / "p0.png").grey
    for number in range(1, 5):
        darker = (frame * (1 - 0.1 * number)).astype(np.uint8)
        write_png(images / f"p{number}.png", darker)
        write_labels(masks / f"p{number}.tif", read_labels(masks / "p0.tif"))
    found = read_annotated(images, masks)
    assert len({one.group for one in found.examples}) == 1
    told = [one.name for one in found.findings if one.kind == "same picture"]
    assert told == ["p1", "p2", "p3", "p4"]
