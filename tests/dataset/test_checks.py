import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from segmetry.dataset.checks import (
    Finding,
    check_pairs,
    check_picture,
    content_digest,
    find_copies,
    find_lonely,
    refusal,
    unusable,
)
from segmetry.dataset.pairs import AnnotatedPicture, find_pairs, read_pairs
from segmetry.errors import DatasetError, ReadError
from segmetry.image import Image
from segmetry.io import write_labels, write_png


def draw(seed=0, shape=(160, 200), n=14, bright=150):
    """Discs apart from each other on a noisy ground, with their labels."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(shape, np.uint32)
    y, x = np.indices(shape)
    for number in range(1, n + 1):
        centre = rng.uniform(12, np.array(shape) - 12)
        near = np.hypot(y - centre[0], x - centre[1])
        if not labels[near <= 12].any():
            labels[near <= rng.uniform(5, 10)] = number
    pixels = 60 + bright * (labels > 0) + rng.normal(0, 8, shape)
    return pixels.clip(0, 255).astype(np.uint8), labels


def found(pixels, labels):
    picture = AnnotatedPicture(Image(pixels), np.ascontiguousarray(labels), "a", "a")
    return check_picture(picture)


def kinds(pixels, labels):
    return [finding.kind for finding in found(pixels, labels)]


@given(st.integers(0, 1000), st.sampled_from([150, 40, -40]))
@settings(max_examples=20, deadline=None)
def test_a_mask_that_is_right_has_no_finding(seed, bright):
    pixels, labels = draw(seed, bright=bright)
    assert found(pixels, labels) == []


def test_an_empty_mask_is_told_and_nothing_else():
    pixels, labels = draw()
    assert kinds(pixels, 0 * labels) == ["empty"]


def test_a_grey_picture_in_place_of_a_mask_is_told_and_cannot_be_used():
    pixels, _ = draw()
    (finding,) = found(pixels, pixels.astype(np.uint32))
    assert finding.kind == "picture as mask"
    assert not finding.usable


def test_class_numbers_in_place_of_objects_are_told():
    pixels, labels = draw()
    (finding,) = found(pixels, np.where(labels > 0, 1 + labels % 2, 0).astype(np.uint32))
    assert finding.kind == "classes"
    assert "only 2 numbers" in finding.sentence


def test_an_object_in_two_pieces_is_named():
    pixels, labels = draw()
    first, second = (np.unique(labels)[place] for place in (1, 2))
    labels[labels == second] = first
    (finding,) = found(pixels, labels)
    assert finding.sentence == f"1 object is in several pieces: {first}."


def test_of_many_objects_in_pieces_five_are_named():
    pixels, labels = draw(n=24)
    number = len(np.unique(labels)) - 1
    labels[3:-3:10, 2] = labels[3:-3:10, -4] = np.arange(100, 116)
    finding = found(pixels, labels)[0]
    assert finding.sentence == (
        "16 objects are in several pieces: 100, 101, 102, 103, 104 and others."
    )
    assert number > 5


def test_parts_that_touch_by_a_corner_are_one_piece():
    pixels, _ = draw()
    labels = np.zeros(pixels.shape, np.uint32)
    labels[40:60, 40:60] = labels[60:80, 60:80] = 1
    pixels = (50 + 100 * labels).astype(np.uint8)
    assert kinds(pixels, labels) == []


def test_a_speck_is_told_with_the_median_beside():
    pixels, labels = draw()
    median = np.median(np.unique(labels[labels > 0], return_counts=True)[1])
    labels[2:4, 2:4] = 99
    (finding,) = found(pixels, labels)
    assert finding.kind == "specks"
    assert finding.sentence.startswith("1 object has at most 9 pixels; the median is")
    assert str(int(median))[0] in finding.sentence


def test_specks_are_small_beside_large_objects():
    labels = np.zeros((400, 400), np.uint32)
    for number in range(1, 8):
        labels[10:390, number * 50 : number * 50 + 40] = number
    labels[100:105, 20:32] = 50
    pixels = (40 + 100 * (labels > 0)).astype(np.uint8)
    (finding,) = found(pixels, labels)
    assert finding.sentence == "1 object has at most 152 pixels; the median is 15200."


def test_what_the_edge_cuts_off_is_no_speck():
    pixels, labels = draw()
    labels[0, :3] = 99
    labels[2:4, 2:4], labels[2:4, 6:8] = 97, 98
    assert found(pixels, labels)[0].sentence.startswith("2 objects have")


def test_a_mask_that_covers_all_is_told():
    pixels, labels = draw()
    everything = np.ones_like(labels)
    everything[:2, :2] = 0
    assert "covers all" in kinds(pixels, everything)


def test_a_mask_without_background_is_no_reason_to_stop():
    pixels, labels = draw()
    assert kinds(pixels, np.ones_like(labels)) == ["covers all"]


def test_nearly_all_masks_of_other_pictures_do_not_fit():
    told = [kinds(draw(seed)[0], draw(seed + 5000)[1]) for seed in range(40)]
    assert sum(kind == ["misplaced"] for kind in told) >= 36


@pytest.mark.parametrize("turned", [lambda m: m[::-1], lambda m: m[:, ::-1]])
def test_a_mask_turned_over_does_not_fit(turned):
    pixels, labels = draw(3)
    assert kinds(pixels, turned(labels)) == ["misplaced"]


def test_objects_told_by_their_outline_alone_fit():
    # Rings: inside and outside are equally bright on average.
    _, labels = draw(4)
    rng = np.random.default_rng(0)
    rim = (labels > 0) & (gaussian_filter((labels > 0).astype(float), 1.5) < 0.8)
    pixels = (100 + 80 * rim + rng.normal(0, 5, labels.shape)).clip(0, 255)
    assert kinds(pixels.astype(np.uint8), labels) == []


def test_a_large_picture_is_compared_as_a_small_one():
    pixels, labels = draw(2, shape=(700, 900), n=40)
    assert kinds(pixels, labels) == []
    assert kinds(pixels, labels[::-1]) == ["misplaced"]


def test_a_very_small_picture_is_not_asked_whether_its_mask_fits():
    pixels = np.random.default_rng(0).integers(0, 255, (20, 20)).astype(np.uint8)
    labels = np.zeros((20, 20), np.uint32)
    labels[5:12, 5:12] = 1
    assert kinds(pixels, labels) == []


def test_in_a_stack_the_slice_with_most_foreground_is_asked():
    pixels, labels = draw(5)
    empty = np.zeros_like(labels)
    stack = Image(np.stack([pixels, 0 * pixels, 0 * pixels]), axes="ZYX")
    right = AnnotatedPicture(stack, np.stack([labels, empty, empty]), "a", "a")
    wrong = AnnotatedPicture(stack, np.stack([labels[::-1], empty, empty]), "a", "a")
    assert [finding.kind for finding in check_picture(right)] == []
    assert [finding.kind for finding in check_picture(wrong)] == ["misplaced"]


def spoiled(seed):
    """A picture and its mask, to which one of several things may have been done."""
    pixels, labels = draw(seed)
    rng = np.random.default_rng(seed)
    ids = np.unique(labels)[1:]
    kind = rng.integers(0, 6)
    if kind == 1:
        labels[labels == ids[0]] = ids[-1]
    elif kind == 2:
        labels[2:4, 2:5] = 500
    elif kind == 3:
        labels = labels[:, ::-1]
    elif kind == 4:
        labels = np.where(labels > 0, 1 + labels % 2, 0).astype(np.uint32)
    elif kind == 5:
        labels = np.roll(labels, 45, axis=1)
    return pixels, labels


@given(st.integers(0, 1000), st.integers(1, 3), st.booleans())
@settings(max_examples=15, deadline=None)
def test_turning_picture_and_mask_together_changes_no_finding(seed, turns, flipped):
    pixels, labels = spoiled(seed)
    turned = [np.rot90(m[:, ::-1] if flipped else m, turns) for m in (pixels, labels)]
    assert kinds(*map(np.ascontiguousarray, turned)) == kinds(pixels, labels)


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_other_numbers_for_the_same_objects_change_no_finding(seed):
    pixels, labels = spoiled(seed)
    numbers = np.random.default_rng(seed).permutation(np.arange(1, 1000)).astype(np.uint32)
    other = np.concatenate([[np.uint32(0)], numbers])[labels]
    assert kinds(pixels, other) == kinds(pixels, labels)


@given(st.integers(0, 1000), st.sampled_from([0.2, 0.5, 40.0]))
@settings(max_examples=15, deadline=None)
def test_exposure_and_polarity_change_no_finding(seed, factor):
    pixels, labels = spoiled(seed)
    exposed = (pixels * factor).astype(np.float32)
    assert kinds(exposed, labels) == kinds(pixels, labels)
    assert kinds(255 - pixels, labels) == kinds(pixels, labels)


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_checking_changes_neither_picture_nor_mask(seed):
    pixels, labels = spoiled(seed)
    before = pixels.copy(), labels.copy()
    found(pixels, labels)
    assert np.array_equal(pixels, before[0])
    assert np.array_equal(labels, before[1])


@pytest.fixture
def folders(tmp_path):
    def fill(pictures):
        for side in ("images", "masks"):
            (tmp_path / side).mkdir()
        for name, (pixels, labels) in pictures.items():
            write_png(tmp_path / "images" / f"{name}.png", pixels)
            write_labels(tmp_path / "masks" / f"{name}.tif", labels)
        return tmp_path / "images", tmp_path / "masks"

    return fill


def test_bad_pairs_do_not_stop_the_others(folders):
    good, other = draw(1), draw(2)
    images, masks = folders(
        {
            "a": good,
            "b": (good[0], other[1]),
            "c": (good[0][:80], good[1]),
            "d": other,
            "e": other,
        }
    )
    (masks / "d.tif").write_text("no picture")
    findings = {
        finding.name: finding
        for finding in check_pairs(find_pairs(images, masks).pairs)
        if finding.kind != "same picture"
    }
    assert {name: finding.kind for name, finding in findings.items()} == {
        "b": "misplaced",
        "c": "shape",
        "d": "unreadable",
        "e": "same mask",
    }
    assert "80 x 200" in findings["c"].sentence
    assert "160 x 200" in findings["c"].sentence
    assert unusable(findings.values()) == {"c", "d"}


def test_a_picture_copied_into_another_file_is_told(folders):
    images, masks = folders({"a": draw(1), "b": draw(2), "c": draw(1)})
    (finding,) = check_pairs(find_pairs(images, masks).pairs)
    assert finding == Finding("c", "same picture", "The picture is an exact copy of a.")


def test_one_mask_for_two_pictures_is_told():
    (finding,) = find_copies({"a": ("1", "9"), "b": ("2", "9"), "c": ("3", "8")})
    assert finding.kind == "same mask"
    assert finding.sentence == "The mask is that of a, but the pictures differ."


def test_nothing_is_no_copy_of_nothing():
    assert find_copies({"a": ("", ""), "b": ("", "")}) == []


def test_the_digest_is_of_the_values_and_their_shape():
    values = np.arange(6, dtype=np.uint8)
    assert content_digest(values) == content_digest(values[::-1][::-1])
    others = [values + 1, values.reshape(2, 3), values.astype(np.uint16)]
    assert content_digest(values) not in {content_digest(other) for other in others}


def test_files_without_a_partner_are_told(folders):
    images, masks = folders({"a": draw(), "b": draw(), "c": draw()})
    (images / "b.png").unlink()
    (masks / "c.tif").unlink()
    told = {f.name: f.sentence for f in find_lonely(find_pairs(images, masks))}
    assert told == {
        "c.png": "The picture has no mask.",
        "b.tif": "The mask has no picture.",
    }


def test_a_refusal_is_one_sentence_without_the_name_twice():
    finding = refusal("a", DatasetError("a: the picture is too small"))
    assert finding == Finding("a", "shape", "The picture is too small.", usable=False)
    assert refusal("a", ReadError("x.png is broken.")).sentence == "x.png is broken."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "step", "told"),
    [
        ("dsb2018/train", 4, ["pieces"]),
        ("emps/train", 2, ["pieces"] * 2),
        ("usiigaci_phase/train", 1, ["pieces"] * 3),
        ("fluocells/train", 2, []),
    ],
)
def test_real_masks_are_suspected_of_what_is_so_and_nothing_else(data, name, step, told):
    folder = data(name)
    pairs = find_pairs(folder / "images", folder / "masks").pairs[::step]
    assert [finding.kind for finding in check_pairs(pairs)] == told


@pytest.mark.slow
def test_masks_of_other_real_pictures_do_not_fit(data):
    folder = data("dsb2018/train")
    pairs = find_pairs(folder / "images", folder / "masks").pairs[::16]
    pictures = list(read_pairs(pairs))
    suspected = []
    for picture in pictures:
        wrong = [picture.labels[::-1], picture.labels[:, ::-1]]
        wrong += [
            other.labels
            for other in pictures
            if other.labels.shape == picture.labels.shape and other is not picture
        ][:2]
        suspected += [
            "misplaced" in kinds_of(picture.image, np.ascontiguousarray(labels))
            for labels in wrong
        ]
    assert len(suspected) > 90
    assert np.mean(suspected) > 0.95


def kinds_of(image, labels):
    return [
        found.kind for found in check_picture(AnnotatedPicture(image, labels, "a", "a"))
    ]
