import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.dataset.names import MASK_WORDS, PICTURE_WORDS
from segmetry.dataset.pairs import (
    AnnotatedPicture,
    Pair,
    _paired,
    find_pairs,
    list_pictures,
    read_pair,
    read_pairs,
)
from segmetry.dataset.predictions import match_names
from segmetry.errors import DatasetError, MaskError, ReadError
from segmetry.image import Image
from segmetry.io import write_labels, write_png

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8)
SQUARES = np.zeros((6, 8), np.uint8)
SQUARES[1:3, 1:3] = 255
SQUARES[4:6, 5:8] = 255


@pytest.fixture
def folders(tmp_path):
    def fill(images, masks):
        for folder, names, pixels in (("i", images, GREY), ("m", masks, SQUARES)):
            (tmp_path / folder).mkdir()
            for name in names:
                write_png(tmp_path / folder / name, pixels)
        return tmp_path / "i", tmp_path / "m"

    return fill


def stems(paired):
    return [pair.stem for pair in paired.pairs]


def test_pictures_pair_with_masks_of_the_same_stem_in_the_order_of_names(folders):
    images, masks = folders(["b.png", "a.jpg"], ["a.tif", "b.png"])
    paired = find_pairs(images, masks)
    assert stems(paired) == ["a", "b"]
    assert paired.pairs[0] == Pair(images / "a.jpg", masks / "a.tif", "a")
    assert paired.images_alone == ()
    assert paired.masks_alone == ()


@pytest.mark.parametrize("word", MASK_WORDS)
@pytest.mark.parametrize("pattern", ["cell 7_{}.png", "cell 7-{}.png", "{}_Cell 7.png"])
def test_words_that_say_mask_do_not_count(folders, word, pattern):
    images, masks = folders(["cell 7.png"], [pattern.format(word)])
    assert stems(find_pairs(images, masks)) == ["cell 7"]


@pytest.mark.parametrize("word", PICTURE_WORDS)
def test_words_that_say_picture_do_not_count(folders, word):
    images, masks = folders([f"{word.upper()}_7.png"], ["seg_mask_7.PNG"])
    assert stems(find_pairs(images, masks)) == [f"{word.upper()}_7"]


def test_a_word_inside_a_name_is_part_of_the_name(folders):
    images, masks = folders(["unmasked.png", "x.png"], ["unmasked.png", "x_masked.png"])
    paired = find_pairs(images, masks)
    assert stems(paired) == ["unmasked"]
    assert [path.name for path in paired.images_alone] == ["x.png"]
    assert [path.name for path in paired.masks_alone] == ["x_masked.png"]


def test_equal_names_go_before_names_without_words(folders):
    images, masks = folders(["a.png", "a_image.png"], ["a_image.png", "a_mask.png"])
    paired = find_pairs(images, masks)
    assert {pair.stem: pair.mask_path.name for pair in paired.pairs} == {
        "a": "a_mask.png",
        "a_image": "a_image.png",
    }


def test_parts_of_a_set_do_not_count_where_names_would_not_pair_otherwise(folders):
    images, masks = folders(["21_training.tif"], ["21_manual1.png"])
    assert stems(find_pairs(images, masks)) == ["21_training"]


def test_pictures_of_two_parts_keep_their_own_masks(folders):
    names = ["7_test.png", "7_training.png"]
    images, masks = folders(names, ["7_test_mask.png", "mask_7_training.png"])
    assert {pair.stem: pair.mask_path.name for pair in find_pairs(images, masks).pairs} == {
        "7_test": "7_test_mask.png",
        "7_training": "mask_7_training.png",
    }


@pytest.mark.parametrize("mask", ["1_test.png", "1_test_mask.png", "mask_test_1.png"])
def test_a_picture_of_one_part_never_pairs_with_a_mask_of_another(folders, mask):
    images, masks = folders(["1_training.png", "2_training.png"], [mask, "2_manual1.png"])
    paired = find_pairs(images, masks)
    assert stems(paired) == ["2_training"]
    assert [path.name for path in paired.images_alone] == ["1_training.png"]
    assert [path.name for path in paired.masks_alone] == [mask]


def test_where_all_are_of_other_parts_nothing_pairs(folders):
    images, masks = folders(["1_training.png", "train_2.png"], ["1_test.png", "test_2.png"])
    with pytest.raises(DatasetError, match="No picture has a mask of its name"):
        find_pairs(images, masks)


def test_train_and_training_are_one_part(folders):
    images, masks = folders(["1_train.png"], ["1_training_mask.png"])
    assert stems(find_pairs(images, masks)) == ["1_train"]


def test_a_mask_that_may_be_of_either_part_is_left_over(folders):
    images, masks = folders(["1_test.png", "1_training.png", "2.png"], ["1.png", "2.png"])
    paired = find_pairs(images, masks)
    assert stems(paired) == ["2"]
    assert [path.name for path in paired.masks_alone] == ["1.png"]


def test_letters_written_in_two_ways_are_equal(folders):
    images, masks = folders(["Zürich.png"], ["Zu\u0308rich.png"])
    assert stems(find_pairs(images, masks)) == ["Zürich"]


def test_pictures_and_masks_may_lie_in_one_folder(folders):
    folder, _ = folders(["a.png", "b.png", "a_mask.png", "b_mask.png", "c.png"], [])
    paired = find_pairs(folder, folder)
    assert stems(paired) == ["a", "b"]
    assert [path.name for path in paired.images_alone] == ["c.png"]


def test_a_picture_and_a_mask_given_as_files_pair_whatever_their_names(folders):
    images, masks = folders(["one.png"], ["other.png"])
    assert stems(find_pairs(images / "one.png", str(masks / "other.png"))) == ["one"]


def test_where_nothing_pairs_the_message_names_both_sides(folders):
    images, masks = folders([f"p{n}.png" for n in range(5)], ["q.png"])
    with pytest.raises(DatasetError) as caught:
        find_pairs(images, masks)
    assert "p0.png, p1.png, p2.png, ..." in str(caught.value)
    assert "q.png" in str(caught.value)


def test_one_folder_without_masks_is_told(folders):
    folder, _ = folders(["a.png", "b.png"], [])
    with pytest.raises(DatasetError, match="the masks none"):
        find_pairs(folder, folder)


def test_two_masks_of_one_name_are_refused(folders):
    images, masks = folders(["a.png"], ["a_mask.png", "a_label.png"])
    with pytest.raises(DatasetError, match=r"a_label\.png and a_mask\.png"):
        find_pairs(images, masks)


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(DatasetError, match="is not there"):
        find_pairs(tmp_path / "none", tmp_path)


def test_a_folder_without_pictures_is_told(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(DatasetError, match="holds no pictures"):
        find_pairs(tmp_path, tmp_path)


def test_hidden_files_folders_and_texts_are_no_pictures(folders):
    folder, _ = folders(["a.png", ".b.png"], [])
    (folder / "c.png").mkdir()
    (folder / "d.csv").write_text("x")
    assert [path.name for path in list_pictures(folder)] == ["a.png"]


def test_what_is_no_folder_cannot_be_listed(folders):
    folder, _ = folders(["a.png"], [])
    with pytest.raises(DatasetError, match="Cannot list the folder"):
        list_pictures(folder / "a.png")


def test_a_pair_is_read_with_its_objects_numbered(folders):
    images, masks = folders(["a.png"], ["a.png"])
    picture = read_pair(find_pairs(images, masks).pairs[0])
    assert np.array_equal(picture.image.pixels, GREY)
    assert picture.labels.dtype == np.uint32
    assert np.array_equal(picture.labels > 0, SQUARES > 0)
    assert picture.labels.max() == 2
    assert picture.name == picture.group == "a"


def test_an_empty_mask_is_read_as_zeros(folders):
    images, masks = folders(["a.png"], ["a.png"])
    write_png(masks / "a.png", np.zeros((6, 8), np.uint8))
    assert not read_pair(find_pairs(images, masks).pairs[0]).labels.any()


def test_numbered_labels_keep_their_numbers(folders):
    images, masks = folders(["a.png"], [])
    labels = np.zeros((6, 8), np.uint32)
    labels[0, :3], labels[3, :3] = 7, 70_000
    write_labels(masks / "a.tif", labels)
    picture = read_pair(find_pairs(images, masks).pairs[0])
    assert np.array_equal(picture.labels, labels)


def test_pairs_are_read_one_at_a_time_with_their_groups(folders):
    images, masks = folders(["a.png", "b.png"], ["a.png", "b.png"])
    reading = read_pairs(find_pairs(images, masks).pairs, groups={"a": "field 1"})
    assert next(reading).group == "field 1"
    (masks / "b.png").unlink()
    with pytest.raises(ReadError, match=r"b\.png"):
        next(reading)


def test_a_mask_of_another_shape_is_refused_with_both_shapes():
    with pytest.raises(
        DatasetError, match="the picture is 6 x 8 pixels and its mask 8 x 6"
    ):
        AnnotatedPicture(Image(GREY), np.zeros((8, 6), np.uint32), "a", "a")


def test_a_photograph_is_no_mask(folders):
    images, masks = folders(["a.png"], ["a.png"])
    noise = np.random.default_rng(0).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    write_png(masks / "a.png", noise)
    with pytest.raises(MaskError, match="photograph"):
        read_pair(find_pairs(images, masks).pairs[0])


STEMS = st.lists(
    st.from_regex(r"[a-h0-9]{1,6}", fullmatch=True), min_size=1, max_size=12, unique=True
)
MARKS = st.sampled_from(["{}_mask", "{}-labels", "seg_{}", "{}", "{} (1)_gt", "gt.{}"])


@given(STEMS, MARKS, st.randoms(use_true_random=False))
def test_every_picture_finds_its_own_mask_whatever_the_order(stems, mark, random):
    images = [Path(f"{stem}.tif") for stem in stems]
    masks = [Path(mark.format(stem) + ".png") for stem in stems]
    random.shuffle(images)
    random.shuffle(masks)
    paired = _paired(images, masks)
    if "(1)" in mark:
        assert paired.pairs == ()
        return
    assert [pair.stem for pair in paired.pairs] == sorted(stems)
    assert all(pair.mask_path.stem == mark.format(pair.stem) for pair in paired.pairs)
    assert paired.images_alone == paired.masks_alone == ()


@given(STEMS, STEMS)
def test_no_file_is_lost_and_none_is_used_twice(image_stems, mask_stems):
    images = [Path(f"{stem}.tif") for stem in image_stems]
    masks = [Path(f"{stem}.png") for stem in mask_stems]
    paired = _paired(images, masks)
    used_images = [pair.image_path for pair in paired.pairs] + list(paired.images_alone)
    used_masks = [pair.mask_path for pair in paired.pairs] + list(paired.masks_alone)
    assert sorted(used_images) == sorted(images)
    assert sorted(used_masks) == sorted(masks)
    assert {pair.stem for pair in paired.pairs} == set(image_stems) & set(mask_stems)


NAMES = st.lists(
    st.builds(
        str.format,
        st.sampled_from(
            ["{}", "{}_test", "{}_training", "train_{}", "{}_mask", "test-{}_gt"]
        ),
        st.integers(1, 4),
    ),
    max_size=8,
    unique=True,
)


def parts(name):
    return {part for part in ("train", "test") if part in name}


@given(NAMES, NAMES)
def test_paired_names_tell_no_different_parts(images, masks):
    try:
        paired = _paired(*([Path(f"{n}.tif") for n in names] for names in (images, masks)))
    except DatasetError:  # two masks of one picture
        return
    found = match_names(images, masks)
    for image, mask in [
        *((pair.image_path.stem, pair.mask_path.stem) for pair in paired.pairs),
        *found.items(),
    ]:
        assert len(parts(image) | parts(mask)) <= 1
        assert re.sub(r"\D", "", image) == re.sub(r"\D", "", mask)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n_pairs"),
    [("dsb2018/train", 469), ("emps/test", 40), ("usiigaci_phase/train", 3)],
)
def test_real_sets_pair_completely(data, name, n_pairs):
    folder = data(name)
    paired = find_pairs(folder / "images", folder / "masks")
    assert len(paired.pairs) == n_pairs
    assert paired.images_alone == paired.masks_alone == ()
