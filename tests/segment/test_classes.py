from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from segmetry.image import Image
from segmetry.segment import Maps, Segmenter
from segmetry.segment.classes import (
    NOT_KNOWN,
    against_background,
    class_map,
    cut_by_class,
    has_class_map,
    has_kinds,
    kinds_of,
    kinds_of_objects,
    names_of_classes,
)
from segmetry.segment.objects import fill_holes as fill
from segmetry.segment.objects import number_objects


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


@given(hnp.arrays(np.uint8, (5, 7, 4), elements=st.integers(0, 100)))
def test_objects_are_where_the_likeliest_class_is_not_the_background(weights):
    chances = (weights + np.float32(1e-3)) / (weights + 1e-3).sum(-1, keepdims=True)
    chances = chances.astype(np.float32)
    found = class_map(maps_of(chances), blank((5, 7)))
    assert np.array_equal(against_background(chances) > 0.5, found > 0)


@given(st.floats(0, 1, width=32))
def test_of_two_classes_it_is_the_chance_of_the_second(chance):
    pixel = np.float32([1 - chance, chance])
    assert against_background(pixel) == pytest.approx(chance, abs=1e-6)


def test_nothing_is_no_object():
    assert against_background(np.zeros((2, 3), np.float32)).tolist() == [0, 0]


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


def smooth(seed, shape=(48, 60), n=3):
    """Chances of classes that lie in patches, as a method gives them."""
    rng = np.random.default_rng(seed)
    patches = [ndimage.gaussian_filter(rng.random(shape), 3) for _ in range(n)]
    weights = np.exp(40 * np.stack(patches, axis=-1))
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32)


NAMES = ("background", "rods", "discs")


@dataclass(frozen=True, kw_only=True)
class OfClasses(Segmenter):
    """The chances of `smooth`, of the seed that the picture is called by."""

    name = "of classes"
    names = NAMES

    def maps(self, image):
        return maps_of(smooth(int(image.name)), class_names=self.names)


class OfGroups(OfClasses):
    names = ()


def picture(seed):
    return Image(np.zeros((48, 60), np.uint8), name=str(seed))


@pytest.mark.parametrize("fill_holes", [False, True])
@pytest.mark.parametrize("separate", [False, True])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_each_object_is_of_one_class_and_no_pixel_is_lost(seed, separate, fill_holes):
    method = OfClasses(separate=separate, fill_holes=fill_holes, min_area=1)
    labels, maps = method.labels_and_maps(picture(seed))
    seen = maps.foreground > 0.5
    assert np.array_equal(labels.data > 0, fill(seen) if fill_holes else seen)
    kinds = maps.classes[..., 1:].argmax(axis=-1) + 1
    assert len(maps.object_classes) == len(labels.ids)
    for number, kind in zip(labels.ids, maps.object_classes, strict=True):
        assert (kinds[(labels.data == number) & seen] == kind).all()


@given(seed=st.integers(0, 10_000), turns=st.integers(1, 3))
@settings(max_examples=15, deadline=None)
def test_a_turned_picture_has_the_same_objects_turned(seed, turns):
    chances = smooth(seed)
    seen = chances[..., 0] < 0.5
    kinds = kinds_of(seen, maps_of(chances))
    found = cut_by_class(kinds, whole)
    turned = cut_by_class(np.rot90(kinds, turns), whole)
    pairs = np.unique(np.stack([np.rot90(found, turns), turned]).reshape(2, -1), axis=1)
    assert pairs.shape[1] == len(np.unique(found))  # one to one


def whole(mask):
    return number_objects(mask, separate=False)


def test_objects_are_numbered_as_one_reads_whatever_their_class():
    found = cut_by_class(np.uint8([[2, 0, 1, 1], [2, 0, 0, 0], [1, 0, 2, 0]]), whole)
    assert found.tolist() == [[1, 0, 2, 2], [1, 0, 0, 0], [3, 0, 4, 0]]


def test_objects_of_a_volume_are_of_one_class_too():
    kinds = np.zeros((2, 3, 4), np.uint8)
    kinds[0, :, :2], kinds[1, :, :2], kinds[:, 0, 3] = 1, 2, 2

    def pieces(mask):
        return ndimage.label(mask)[0].astype(np.uint32)

    found = cut_by_class(kinds, pieces)
    assert found.dtype == np.uint32
    assert kinds_of_objects(found, kinds).tolist() == [1, 2, 2]
    assert np.array_equal(found > 0, kinds > 0)


def test_a_filled_hole_is_of_the_class_around_it():
    chances = np.zeros((9, 9, 3), np.float32)
    chances[..., 0] = 1
    chances[2:7, 2:7] = (0.1, 0.9, 0)
    chances[4, 4] = (0.9, 0, 0.1)  # rather a disc than a rod, but background
    kinds = kinds_of(chances[..., 0] < np.float32(2), maps_of(chances))
    assert kinds[4, 4] == 1


def test_groups_without_names_are_no_kinds_and_nor_is_a_single_class():
    chances = smooth(1)
    assert has_class_map(maps_of(chances))
    assert not has_kinds(maps_of(chances))
    two = maps_of(chances[..., :2], class_names=("background", "cell"))
    assert not has_class_map(two)
    assert not has_kinds(two)
    assert not has_class_map(Maps(chances[..., 0]))
    unnamed, maps = OfGroups(min_area=1).labels_and_maps(picture(1))
    assert maps.object_classes is None
    foreground = fill(maps.foreground > 0.5)
    assert np.array_equal(unnamed.data, number_objects(foreground))


def test_the_class_of_an_object_is_that_of_most_of_its_pixels():
    labels = np.array([[1, 1, 1, 2, 2, 3]], np.uint32)
    assert kinds_of_objects(labels, np.uint8([[1, 2, 2, 1, 2, 0]])).tolist() == [2, 1, 0]
    assert kinds_of_objects(np.zeros((1, 1), np.uint32), np.uint8([[0]])).tolist() == []
