"""Retinas are read as their publishers lay them out, and only those to learn from."""

import shutil

import numpy as np
import pytest
import sets
from PIL import Image as Picture
from sets import marked, retinas


def drawn(seed, *, shape=(30, 40)):
    """Return a picture, a vessel down its middle, and a round field of view."""
    pixels = np.random.default_rng(seed).integers(0, 255, (*shape, 3), dtype=np.uint8)
    vessel = np.zeros(shape, np.uint8)
    vessel[:, 18 + seed : 21 + seed] = 255
    y, x = np.ogrid[: shape[0], : shape[1]]
    view = np.where((y - 15) ** 2 + (x - 20) ** 2 < 200, 255, 0).astype(np.uint8)
    return pixels, vessel, view


def write(folder, seeds, *, names):
    """Write pictures, masks and fields of view; `names` are their paths for each number."""
    for seed in seeds:
        for array, name in zip(drawn(seed), names, strict=True):
            path = folder / name.format(seed + 21)
            path.parent.mkdir(parents=True, exist_ok=True)
            Picture.fromarray(array).save(path)


AS_PNG = ("train/images/{}.png", "train/masks/{}.png", "train/fov/{}.png")
AS_PUBLISHED = (
    "training/images/{}_training.tif",
    "training/1st_manual/{}_manual1.gif",
    "training/mask/{}_training_mask.gif",
)


@pytest.mark.parametrize("names", [AS_PNG, AS_PUBLISHED], ids=["png", "published"])
def test_each_picture_comes_with_its_own_mask_and_field_of_view(tmp_path, names):
    write(tmp_path, range(3), names=names)
    found = retinas(tmp_path)
    assert len(found) == 3
    for seed, one in enumerate(found):
        pixels, vessel, view = drawn(seed)
        assert np.array_equal(one.image.pixels, pixels)
        assert np.array_equal(one.labels, vessel > 0)
        assert np.array_equal(one.image.included, view > 0)
        assert one.name.startswith(f"{seed + 21}")


@pytest.mark.parametrize("part", ["test", "1st_manual", "anything"])
def test_nothing_but_the_training_pictures_is_opened(tmp_path, part):
    write(tmp_path, range(2), names=AS_PNG)
    (tmp_path / part / "images").mkdir(parents=True)
    (tmp_path / part / "images" / "01.png").write_bytes(b"no picture")
    assert [one.name for one in retinas(tmp_path)] == ["21.png", "22.png"]


def test_a_picture_without_a_mask_is_no_part_of_a_set(tmp_path):
    write(tmp_path, range(2), names=AS_PNG)
    (tmp_path / "train" / "masks" / "22.png").unlink()
    with pytest.raises(ValueError, match="zip"):
        retinas(tmp_path)


@pytest.mark.parametrize("high", [1, 7, 255])
@pytest.mark.parametrize("ending", ["gif", "png"])
def test_a_mask_marks_by_any_value_above_0(tmp_path, ending, high):
    mask = drawn(0)[1] > 0
    path = tmp_path / f"mask.{ending}"
    Picture.fromarray(np.where(mask, high, 0).astype(np.uint8)).save(path)
    assert np.array_equal(marked(path), mask)


def test_every_fifth_retina_is_held_out_of_the_shipped_training(tmp_path, monkeypatch):
    write(tmp_path / "drive", range(10), names=AS_PNG)
    monkeypatch.setattr(sets, "DATA", tmp_path)
    training, held = sets.vessels()
    assert [one.name for one in held] == ["25.png", "30.png"]
    assert len(training) == 8
    assert not {one.name for one in training} & {one.name for one in held}


def test_both_layouts_give_the_same_pictures(tmp_path):
    write(tmp_path / "a", range(2), names=AS_PNG)
    write(tmp_path / "b", range(2), names=AS_PUBLISHED)
    for one, other in zip(retinas(tmp_path / "a"), retinas(tmp_path / "b"), strict=True):
        assert np.array_equal(one.image.pixels, other.image.pixels)
        assert np.array_equal(one.labels, other.labels)
    shutil.rmtree(tmp_path / "a")
    with pytest.raises(FileNotFoundError):
        retinas(tmp_path / "a")
