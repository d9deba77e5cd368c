import json

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from segmetry.errors import ReadError, SegmetryWarning
from segmetry.io.exchange import Annotation, read_coco, write_coco, write_coco_rle

WRITERS = pytest.mark.parametrize("write", [write_coco, write_coco_rle])


def saved(path, **changes):
    """A file of one picture with one object, changed."""
    one = {"id": 1, "image_id": 1, "segmentation": [[0, 0, 2, 0, 2, 1, 0, 1]]}
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 3, "height": 2}],
        "annotations": [one],
    }
    path.write_text(json.dumps(content | changes), encoding="utf-8")
    return path


def one_object(path, segmentation, **changes):
    one = {"id": 1, "image_id": 1, "segmentation": segmentation, **changes}
    return saved(path, annotations=[one])


@WRITERS
@pytest.mark.parametrize("seed", range(40))
def test_objects_come_back_with_their_numbers(tmp_path, random_labels, write, seed):
    labels = random_labels(seed)
    write(tmp_path / "set.json", [Annotation("a", labels, "a.png")])
    (found,) = read_coco(tmp_path / "set.json")
    assert (found.name, found.file_name) == ("a", "a.png")
    assert np.array_equal(found.labels, labels)


@WRITERS
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("seed", range(40))
def test_cocos_own_reader_sees_the_same_pixels(
    tmp_path, random_labels, write, seed, capsys
):
    labels = random_labels(seed)
    write(tmp_path / "set.json", [Annotation("a", labels)])
    known = COCO(str(tmp_path / "set.json"))
    capsys.readouterr()  # it prints how long that took
    objects = known.loadAnns(known.getAnnIds())
    assert sorted(one["label"] for one in objects) == [n for n in np.unique(labels) if n]
    for one in objects:
        mask = known.annToMask(one).astype(bool)
        assert np.array_equal(mask, labels == one["label"])
        assert one["area"] == mask.sum()
        box = coco_mask.toBbox(known.annToRLE(one)).tolist()
        assert one["bbox"] == box


def test_objects_without_holes_are_polygons_and_others_run_lengths(tmp_path, labels):
    write_coco(tmp_path / "set.json", [Annotation("a", labels)])
    content = json.loads((tmp_path / "set.json").read_text(encoding="utf-8"))
    told = {one["label"]: one["segmentation"] for one in content["annotations"]}
    assert sorted(told[5]) == ["counts", "size"]
    assert len(told[7]) == len(told[70_000]) == 2
    assert told[300] == [[4, 4, 5, 4, 5, 5, 4, 5]]


@WRITERS
def test_many_objects_and_several_pictures_come_back(tmp_path, many, labels, write):
    pictures = {"a": labels, "b": np.zeros((3, 4), np.uint32), "c": many[:40]}
    write(tmp_path / "set.json", [Annotation(*one) for one in pictures.items()])
    found = {one.name: one.labels for one in read_coco(tmp_path / "set.json")}
    assert list(found) == list(pictures)
    assert all(np.array_equal(found[name], pictures[name]) for name in pictures)
    content = json.loads((tmp_path / "set.json").read_text(encoding="utf-8"))
    ids = [one["id"] for one in content["annotations"]]
    assert ids == list(range(1, len(ids) + 1))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("seed", range(30))
def test_packed_run_lengths_are_read(tmp_path, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((40, 30)) < rng.uniform(0, 1)
    mask[:, 10:25] = rng.random() < 0.5  # long runs, and differences below zero
    packed = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    told = {"size": packed["size"], "counts": packed["counts"].decode()}
    image = {"id": 1, "file_name": "a.png", "width": 30, "height": 40}
    one = {"id": 1, "image_id": 1, "segmentation": told}
    path = saved(tmp_path / "a.json", images=[image], annotations=[one])
    (found,) = read_coco(path)
    assert np.array_equal(found.labels > 0, mask)


def test_numbers_that_nobody_wrote_count_from_one(tmp_path):
    (found,) = read_coco(saved(tmp_path / "a.json"))
    assert found.labels.tolist() == [[1, 1, 0], [0, 0, 0]]


def test_groups_are_left_out_with_a_warning(tmp_path):
    path = one_object(tmp_path / "a.json", {"size": [2, 3], "counts": [0, 6]}, iscrowd=1)
    with pytest.warns(SegmetryWarning, match="1 groups"):
        (found,) = read_coco(path)
    assert not found.labels.any()


def test_polygons_keep_pixels_that_run_lengths_claim_too(tmp_path):
    rows = [
        {"id": 1, "image_id": 1, "segmentation": {"size": [2, 3], "counts": [0, 6]}},
        {"id": 2, "image_id": 1, "segmentation": [[0, 0, 2, 0, 2, 1, 0, 1]]},
    ]
    path = saved(tmp_path / "a.json", annotations=rows)
    with pytest.warns(SegmetryWarning, match="overlap in 2 pixels"):
        (found,) = read_coco(path)
    assert found.labels.tolist() == [[2, 2, 1], [1, 1, 1]]


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [3, 2], "counts": [0, 6]},
        {"size": [2, 3], "counts": [0, 7]},
        {"size": [2, 3], "counts": [-1, 6]},
        {"size": [2, 3], "counts": [2**62] * 4},
        {"size": [2, 3], "counts": [10**30]},
        {"size": [2, 3]},
        {"size": [2, 3], "counts": "o" * 300_000},
        [[0, 0, 1]],
        [[]],
        [[0, 0, float("nan"), 1, 2, 2]],
        [[0, 0, 10**400, 1, 2, 2]],
        None,
    ],
)
def test_an_object_that_is_told_wrongly_is_refused(tmp_path, segmentation):
    path = one_object(tmp_path / "a.json", segmentation)
    with pytest.raises(ReadError, match=r"a\.json is not a COCO file"):
        read_coco(path)


@pytest.mark.parametrize(("width", "told"), [(0, "no pixels"), (10**12, "by its header")])
def test_a_picture_of_an_impossible_size_is_refused(tmp_path, width, told):
    image = {"id": 1, "file_name": "a.png", "width": width, "height": 2}
    with pytest.raises(ReadError, match=told):
        read_coco(saved(tmp_path / "a.json", images=[image], annotations=[]))


def test_two_pictures_of_one_id_are_refused(tmp_path):
    images = [{"id": 1, "file_name": f"{n}.png", "width": 3, "height": 2} for n in "ab"]
    with pytest.raises(ReadError, match="one id to two pictures"):
        read_coco(saved(tmp_path / "a.json", images=images))


def test_objects_that_are_boxes_alone_are_told_of(tmp_path):
    path = one_object(tmp_path / "a.json", [], bbox=[0, 0, 2, 1])
    with pytest.warns(SegmetryWarning, match="1 objects cover no pixel"):
        (found,) = read_coco(path)
    assert not found.labels.any()


def test_folders_in_names_are_left_out_whatever_parts_them(tmp_path):
    images = [
        {"id": n, "file_name": name, "width": 3, "height": 2}
        for n, name in enumerate(["C:\\set\\a.png", "set/b.png"], 1)
    ]
    found = read_coco(saved(tmp_path / "a.json", images=images))
    assert [one.name for one in found] == ["a", "b"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"images": [], "annotations": 1}'])
def test_what_is_no_coco_file_is_refused(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(ReadError, match="not a COCO file"):
        read_coco(tmp_path / "a.json")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ReadError, match="No such file"):
        read_coco(tmp_path / "none.json")
