import json

import numpy as np
import pytest
import tifffile

from segmetry.dataset.description import describe
from segmetry.dataset.layout import find_parts
from segmetry.errors import DatasetError
from segmetry.io import write_labels, write_png

# Too few pixels to ask whether a mask fits: squares on blocks fit nowhere.
SHAPE = (56, 72)


def square(size=20, at=10, shape=SHAPE):
    labels = np.zeros(shape, np.uint32)
    labels[at : at + size, at : at + size] = 5
    return labels


def picture(seed, shape=SHAPE):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 200, (7, 9)).repeat(8, axis=0).repeat(8, axis=1)
    return coarse[: shape[0], : shape[1]].astype(np.uint8)


@pytest.fixture
def put(tmp_path):
    def write(part, name, pixels, labels=None):
        images, masks = tmp_path / part / "images", tmp_path / part / "masks"
        images.mkdir(parents=True, exist_ok=True)
        write_png(images / f"{name}.png", pixels)
        if labels is not None:
            masks.mkdir(exist_ok=True)
            write_labels(masks / f"{name}.tif", labels)
        return tmp_path

    return write


def of(folder):
    return describe(find_parts(folder))


def kinds(description):
    return [finding.kind for finding in description.findings]


def test_sizes_channels_and_values_are_counted(put):
    put("", "a", picture(1), square())
    put("", "b", picture(2), square())
    put(
        "",
        "c",
        np.repeat(picture(3)[..., None], 3, axis=2) // np.array([1, 2, 3], np.uint8),
        square(8),
    )
    folder = put("", "d", picture(4), square(20, 10, (40, 72)))
    deep = picture(4)[:40].astype(np.uint16) * 15
    deep[0, 0] = 3000
    (folder / "images" / "d.png").unlink()
    tifffile.imwrite(folder / "images" / "d.tif", deep)
    told = of(folder).to_json()
    assert told["n_pictures"] == told["n_annotated"] == told["n_objects"] == 4
    assert told["shapes"] == [
        {"shape": SHAPE, "n_pictures": 3},
        {"shape": (40, 72), "n_pictures": 1},
    ]
    assert told["channels"] == [
        {"channels": 1, "n_pictures": 3},
        {"channels": 3, "n_pictures": 1},
    ]
    assert told["values"] == [
        {"values": "uint8, 8 bits", "n_pictures": 3},
        {"values": "uint16, 12 bits", "n_pictures": 1},
    ]


def test_object_sizes_follow_from_geometry(put):
    folder = put("", "a", picture(1), square(20))
    folder = put("", "b", picture(2), square(10) + square(10, 40) * 2)
    told = of(folder).to_json()
    diameter = np.sqrt(4 * 100 / np.pi)
    assert told["diameter_px"]["median"] == pytest.approx(diameter)
    assert told["diameter_px"]["max"] == pytest.approx(2 * diameter)
    # Two of three objects are small, but each picture counts once, as in a training.
    assert told["typical_diameter_px"] == pytest.approx(1.5 * diameter)
    assert told["objects_per_picture"]["max"] == 2
    assert told["covered"]["max"] == pytest.approx(400 / (56 * 72))
    assert [row["n_objects"] for row in told["pictures"]] == [1, 2]
    assert told["pictures"][0]["median_diameter_px"] == pytest.approx(2 * diameter)


def test_in_a_stack_the_diameter_is_that_of_a_ball(tmp_path):
    for side in ("images", "masks"):
        (tmp_path / side).mkdir()
    stack = np.stack([picture(seed) for seed in range(6)])
    tifffile.imwrite(
        tmp_path / "images" / "a.tif", stack, imagej=True, metadata={"axes": "ZYX"}
    )
    labels = np.zeros(stack.shape, np.uint32)
    labels[1:5, 10:20, 10:20] = 1
    write_labels(tmp_path / "masks" / "a.tif", labels)
    (facts,) = of(tmp_path).pictures
    assert facts.diameters == pytest.approx(np.cbrt(6 * 400 / np.pi))
    assert facts.shape == (6, *SHAPE)


def test_pictures_without_masks_are_described_without_objects(put):
    folder = put("", "a", picture(1))
    told = of(folder / "images").to_json()
    assert told["n_annotated"] == told["n_objects"] == 0
    assert (
        told["typical_diameter_px"]
        is told["diameter_px"]
        is told["covered"]
        is told["objects_per_picture"]
        is None
    )
    assert told["pictures"][0]["n_objects"] is None
    assert told["findings"] == []


def test_an_empty_mask_has_no_median(put):
    folder = put("", "a", picture(1), square() * 0)
    description = of(folder)
    assert kinds(description) == ["empty"]
    assert description.to_json()["pictures"][0]["median_diameter_px"] is None


def test_a_picture_whose_mask_is_broken_is_still_described(put):
    folder = put("", "a", picture(1), square())
    folder = put("", "b", picture(2), square(shape=SHAPE[::-1]))
    description = of(folder)
    assert [facts.n_objects for facts in description.pictures] == [1, None]
    assert kinds(description) == ["shape"]


def test_a_broken_picture_does_not_stop_the_others(put):
    folder = put("", "a", picture(1), square())
    folder = put("", "b", picture(2), square())
    (folder / "images" / "b.png").write_text("no picture")
    description = of(folder)
    assert [facts.name for facts in description.pictures] == ["a"]
    assert kinds(description) == ["unreadable"]


def test_a_picture_without_its_mask_among_others_is_told(put):
    folder = put("", "a", picture(1), square())
    folder = put("", "b", picture(2))
    description = of(folder)
    assert kinds(description) == ["alone"]
    assert len(description.pictures) == 2


def test_objects_of_a_mask_that_is_none_do_not_count(put):
    rng = np.random.default_rng(0)
    photograph = rng.integers(1, 100, SHAPE).astype(np.uint32)
    put("train", "a", picture(1), square())
    put("train", "c", picture(3))
    description = of(put("train", "b", picture(2), photograph))
    assert kinds(description) == ["alone", "picture as mask"]
    assert description.findings[0].name == "train/c.png"
    assert description.to_json()["n_objects"] == 1


def test_a_set_of_which_nothing_can_be_read_is_told(put):
    folder = put("", "a", picture(1))
    (folder / "images" / "a.png").write_text("no picture")
    with pytest.raises(DatasetError, match=r"None of 1 pictures can be read; .*a\.png"):
        of(folder)


def test_a_turned_copy_in_another_part_is_a_leak(put):
    put("train", "a", picture(1), square())
    put("train", "b", picture(2), square())
    put(
        "train", "c", np.clip(picture(2).astype(int) + 5, 0, 255).astype(np.uint8), square()
    )
    turned = np.ascontiguousarray(np.rot90(picture(1)))
    folder = put("test", "a", turned, square(shape=SHAPE[::-1]))
    description = of(folder)
    pairs = description.to_json()["near_duplicates"]
    assert [(p["first"], p["second"], p["between_parts"]) for p in pairs] == [
        ("test/a", "train/a", True),
        ("train/b", "train/c", False),
    ]
    assert len(description.leaks) == 1


def test_an_exact_copy_in_another_part_is_told(put):
    put("train", "a", picture(1), square())
    description = of(put("test", "z", picture(1), square()))
    assert [f.sentence for f in description.findings if f.kind == "same picture"] == [
        "The picture is an exact copy of test/z."
    ]


def test_dark_and_bright_pictures_are_types(put):
    for seed in range(6):
        put("", f"dark {seed}", picture(seed) // 8)
        put("", f"light {seed}", 255 - picture(seed) // 8)
    told = of(put("", "dark 6", picture(6) // 8)).to_json()
    assert [(kind["looks"], kind["n_pictures"]) for kind in told["types"]] == [
        ("dark grey", 7),
        ("bright grey", 6),
    ]
    assert len(told["types"][0]["samples"]) == 6
    by_name = {row["picture"]: row["type"] for row in told["pictures"]}
    assert by_name["dark 3"] == 1
    assert by_name["light 3"] == 2


def test_parts_are_counted_and_progress_is_told(put):
    put("train", "a", picture(1), square())
    put("train", "b", picture(2), square())
    folder = put("test", "c", picture(3), square())
    steps = []
    description = describe(
        find_parts(folder), on_picture=lambda done, total: steps.append((done, total))
    )
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert description.to_json()["parts"] == [
        {"part": "test", "n_pictures": 1, "n_objects": 1},
        {"part": "train", "n_pictures": 2, "n_objects": 2},
    ]


def test_describing_twice_says_the_same(put):
    for seed in range(6):
        put("", f"dark {seed}", picture(seed) // 8)
        folder = put("", f"light {seed}", 255 - picture(seed) // 8)
    assert of(folder).to_json() == of(folder).to_json()
    other_seed = describe(find_parts(folder), seed=7).to_json()
    assert other_seed["types"] == of(folder).to_json()["types"]


def test_a_part_more_changes_nothing_of_the_others(put):
    put("train", "a", picture(1), square())
    folder = put("train", "b", picture(2), square(12))
    before = of(folder).to_json()
    folder = put("test", "c", picture(3), square(8))
    after = of(folder).to_json()
    rows = [row for row in after["pictures"] if row["part"] == "train"]
    assert rows == before["pictures"]
    assert after["n_objects"] == before["n_objects"] + 1


def test_files_are_left_as_they_were(put):
    folder = put("", "a", picture(1), square())
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    of(folder)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_what_is_told_is_json_without_paths(put):
    folder = put("", "a", picture(1), square())
    text = json.dumps(of(folder).to_json(), allow_nan=False)
    assert str(folder) not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n_objects"), [("emps/train", 1578), ("ampis_powder", 1360)]
)
def test_a_real_set_is_described(data, name, n_objects):
    told = of(data(name)).to_json()
    assert told["n_objects"] == n_objects
    assert told["near_duplicates"] == []
    assert {finding["kind"] for finding in told["findings"]} <= {"pieces", "specks"}
    assert len(told["types"]) == 1
