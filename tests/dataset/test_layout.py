import numpy as np
import pytest

from segmetry.dataset.layout import find_parts
from segmetry.errors import DatasetError
from segmetry.io import write_png


@pytest.fixture
def lay(tmp_path):
    def out(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            write_png(tmp_path / name, np.eye(5, dtype=np.uint8) * 255)
        return tmp_path

    return out


def told(parts):
    return {
        name: ([pair.stem for pair in part.pairs], [p.stem for p in part.images_alone])
        for name, part in parts.items()
    }


def test_a_folder_of_pictures_is_one_part_without_masks(lay):
    assert told(find_parts(lay("a.png", "b.png"))) == {"": ([], ["a", "b"])}


def test_masks_beside_their_pictures_are_found(lay):
    folder = lay("a.png", "a_mask.png", "b.png")
    assert told(find_parts(folder)) == {"": (["a"], ["b"])}


@pytest.mark.parametrize("names", [("images", "masks"), ("Img", "LABELS"), ("raw", "gt")])
def test_sub_folders_of_pictures_and_masks_are_found(lay, names):
    folder = lay(f"{names[0]}/a.png", f"{names[1]}/a.png", "notes/x.png")
    assert told(find_parts(folder)) == {"": (["a"], [])}


def test_pictures_without_masks_in_a_sub_folder_are_found(lay):
    assert told(find_parts(lay("images/a.png"))) == {"": ([], ["a"])}


def test_parts_are_found_each_with_its_own_masks(lay):
    folder = lay("train/images/a.png", "train/masks/a.png", "test/images/a.png", "x/b.png")
    assert told(find_parts(folder)) == {"test": ([], ["a"]), "train": (["a"], [])}


def test_a_folder_of_masks_can_be_named(lay):
    folder = lay("a.png", "elsewhere/a.png")
    assert told(find_parts(str(folder), masks=folder / "elsewhere")) == {"": (["a"], [])}


def test_named_masks_go_with_the_sub_folder_of_pictures(lay):
    folder = lay("images/c.png", "masks/d.png", "elsewhere/c.png")
    assert told(find_parts(folder, masks=folder / "elsewhere")) == {"": (["c"], [])}


def test_a_folder_without_pictures_is_told(tmp_path):
    with pytest.raises(DatasetError, match="holds no pictures of a known format"):
        find_parts(tmp_path)


def test_what_is_no_folder_is_told(lay):
    with pytest.raises(DatasetError, match=r"a\.png is no folder"):
        find_parts(lay("a.png") / "a.png")


def test_masks_of_which_none_fits_are_told(lay):
    with pytest.raises(DatasetError, match="No picture has a mask of its name"):
        find_parts(lay("images/a.png", "masks/b.png"))
