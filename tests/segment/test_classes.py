import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segmetry.image import Image
from segmetry.segment import Maps
from segmetry.segment.classes import NOT_KNOWN, class_map, names_of_classes


def maps_of(chances, **more):
    return Maps(1 - chances[..., 0], classes=chances, **more)


def blank(shape, excluded=None):
    axes = "YX" if len(shape) == 2 else "ZYX"
    return Image(np.zeros(shape, np.uint8), axes=axes, excluded=excluded)


@given(
    hnp.arrays(np.float32, (5, 7, 4), elements=st.floats(0, 1, width=32)),
    hnp.arrays(bool, (5, 7)),
)
def test_each_pixel_is_of_its_likeliest_class_and_what_is_excluded_of_none(chances, left):
    found = class_map(maps_of(chances), blank((5, 7), excluded=left))
    assert found.dtype == np.uint8
    assert (found[left] == NOT_KNOWN).all()
    for y, x in np.argwhere(~left):
        assert chances[y, x, found[y, x]] == chances[y, x].max()


@given(hnp.arrays(np.float32, (3, 4, 5, 3), elements=st.floats(0, 1, width=32)))
def test_a_volume_has_the_classes_of_its_slices(chances):
    whole = class_map(maps_of(chances), blank((3, 4, 5)))
    slices = [class_map(maps_of(each), blank((4, 5))) for each in chances]
    assert np.array_equal(whole, np.stack(slices))


def test_without_classes_foreground_is_the_one_class():
    foreground = np.float32([[0.2, 0.7], [0.6, 0.61]])
    found = class_map(Maps(foreground, cutoff=0.6), blank((2, 2)))
    assert found.tolist() == [[0, 1], [0, 1]]
    assert names_of_classes(Maps(foreground)) == ("background", "foreground")


def test_names_are_those_of_the_method():
    chances = np.zeros((2, 2, 3), np.float32)
    names = ("background", "epithelium", "stroma")
    assert names_of_classes(maps_of(chances, class_names=names)) == names


def test_maps_of_another_picture_are_refused():
    with pytest.raises(ValueError, match="shape"):
        class_map(maps_of(np.zeros((2, 2, 3), np.float32)), blank((2, 3)))


def test_classes_must_fit_a_byte():
    with pytest.raises(ValueError, match="at most 255 classes, got 256"):
        class_map(maps_of(np.zeros((1, 1, 256), np.float32)), blank((1, 1)))
