import csv
from dataclasses import replace

import numpy as np
import pytest

from segmetry.errors import ReadError, SegmetryWarning
from segmetry.io.exchange import Annotation, read_rle, write_rle, write_submission


def decoded(text, shape):
    """A row as entrants of the competition decoded it, in their own words."""
    numbers = np.array(text.split(), dtype=int)
    mask = np.zeros(shape[0] * shape[1], dtype=bool)
    for start, length in zip(numbers[::2] - 1, numbers[1::2], strict=True):
        mask[start : start + length] = True
    return mask.reshape(shape[::-1]).T


def judged(path, shapes):
    """Masks by picture, as the competition's rules let a submission pass."""
    with path.open(encoding="utf-8") as table:
        reader = csv.reader(table)
        assert next(reader) == ["ImageId", "EncodedPixels"]
        rows = list(reader)
    assert {name for name, _ in rows} == set(shapes)  # every picture has a row
    masks = {name: [] for name in shapes}
    for name, text in rows:
        pairs = [int(number) for number in text.split()]
        assert len(pairs) % 2 == 0
        assert all(number > 0 for number in pairs)
        assert pairs[::2] == sorted(pairs[::2])
        if pairs:
            masks[name].append(decoded(text, shapes[name]))
        else:
            assert sum(one == name for one, _ in rows) == 1
    for of_picture in masks.values():
        assert not of_picture or np.sum(of_picture, axis=0).max() <= 1  # no overlap
    return masks


@pytest.mark.parametrize("seed", range(20))
def test_a_submission_keeps_the_rules(tmp_path, random_labels, seed):
    pictures = {
        "a": random_labels(seed),
        "b": random_labels(seed + 100),
        "c": np.zeros((3, 4), int),
    }
    told = [Annotation(*one) for one in pictures.items()]
    write_submission(tmp_path / "submission.csv", told)
    shapes = {name: labels.shape for name, labels in pictures.items()}
    for name, masks in judged(tmp_path / "submission.csv", shapes).items():
        ids = [number for number in np.unique(pictures[name]) if number]
        assert len(masks) == len(ids)
        for mask, number in zip(masks, ids, strict=True):
            assert np.array_equal(mask, pictures[name] == number)


@pytest.mark.parametrize("seed", range(60))
def test_objects_come_back_with_their_numbers(tmp_path, random_labels, seed):
    labels = random_labels(seed)
    write_rle(tmp_path / "rle.csv", [Annotation("a", labels)])
    (found,) = read_rle(tmp_path / "rle.csv")
    assert found.name == "a"
    assert np.array_equal(found.labels, labels)


def test_a_row_is_what_kaggle_says(tmp_path, labels):
    write_rle(tmp_path / "rle.csv", [Annotation("a", labels)])
    with (tmp_path / "rle.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            found = decoded(row["EncodedPixels"], labels.shape)
            assert np.array_equal(found, labels == int(row["Label"]))
            numbers = list(map(int, row["EncodedPixels"].split()))
            assert numbers[::2] == sorted(numbers[::2])


def test_the_example_of_the_competition(tmp_path):
    """'1 3 10 5' is pixels 1, 2, 3, 10, 11, 12, 13, 14, numbered down, then right."""
    (tmp_path / "a.csv").write_text("ImageId,EncodedPixels\na.png,1 3 10 5\n")
    (found,) = read_rle(tmp_path / "a.csv", shape_of={"a": (4, 5)}.get)
    assert np.flatnonzero(found.labels.T).tolist() == [0, 1, 2, 9, 10, 11, 12, 13]
    assert found.labels.max() == 1


def test_many_objects_and_several_pictures_come_back(tmp_path, many, labels):
    empty = np.zeros((3, 4), np.uint32)
    pictures = {"a": many, "b": empty, "c": labels}
    write_rle(tmp_path / "rle.csv", [Annotation(*one) for one in pictures.items()])
    found = {one.name: one.labels for one in read_rle(tmp_path / "rle.csv")}
    assert list(found) == list(pictures)
    assert all(np.array_equal(found[name], pictures[name]) for name in pictures)


def test_an_object_of_any_number_of_runs_comes_back(tmp_path):
    board = 7 * (np.indices((301, 301)).sum(axis=0) % 2).astype(np.uint32)
    limit = csv.field_size_limit()
    write_rle(tmp_path / "a.csv", [Annotation("a", board)])
    (found,) = read_rle(tmp_path / "a.csv")
    assert np.array_equal(found.labels, board)
    assert csv.field_size_limit() == limit


def test_masks_that_overlap_are_told(tmp_path):
    text = "ImageId,EncodedPixels,Height,Width\na,1 2,1,3\na,2 2,1,3\n"
    (tmp_path / "a.csv").write_text(text)
    with pytest.warns(SegmetryWarning, match="overlap in 1 pixels"):
        (found,) = read_rle(tmp_path / "a.csv")
    assert found.labels.tolist() == [[1, 1, 2]]


def test_pictures_whose_names_differ_after_a_point_stay_apart(tmp_path):
    pictures = [Annotation(name, np.array([[n]])) for n, name in enumerate("ab", 1)]
    named = [replace(one, name=f"mouse.{one.name}side") for one in pictures]
    write_rle(tmp_path / "rle.csv", named)
    found = {one.name: one.labels.tolist() for one in read_rle(tmp_path / "rle.csv")}
    assert found == {"mouse.aside": [[1]], "mouse.bside": [[2]]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("image,runs\na,1 2\n", "needs the columns ImageId and EncodedPixels"),
        ("ImageId,EncodedPixels,Height,Width\na,1 2 3,4,4\n", "no pairs of whole numbers"),
        ("ImageId,EncodedPixels,Height,Width\na,1 x,4,4\n", "no pairs of whole numbers"),
        ("ImageId,EncodedPixels,Height,Width\na,0 2,4,4\n", "leave a picture"),
        ("ImageId,EncodedPixels,Height,Width\na,15 3,4,4\n", "leave a picture"),
        (f"ImageId,EncodedPixels,Height,Width\na,{2**63 - 1} 3,4,4\n", "leave a picture"),
        (f"ImageId,EncodedPixels,Height,Width\na,{2**63} 3,4,4\n", "no pairs of whole"),
        ("ImageId,EncodedPixels,Height,Width\na,,-4,4\n", "has no pixels"),
        ("ImageId,EncodedPixels,Height,Width\na,,4000000,4000000\n", "one picture may"),
        ("ImageId,EncodedPixels\na,1 2\n", "does not tell the size of a"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, text, told):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ReadError, match=told):
        read_rle(tmp_path / "a.csv")
