import json
from dataclasses import asdict, dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.segment import Maps, Segmenter


@dataclass(frozen=True, kw_only=True)
class AsDrawn(Segmenter):
    name = "as drawn"

    def maps(self, image):
        return Maps(image.grey / 255, found={"reason": "drawn so"})


def ring():
    y, x = np.mgrid[:60, :60] - 30
    distance = np.hypot(y, x)
    return np.where((distance <= 20) & (distance >= 10), 255, 0).astype(np.uint8)


def test_a_segmenter_gives_labels_with_its_options_in_the_history():
    labels = AsDrawn(min_area=5)(Image(ring()))
    step = labels.steps[0]
    assert step.name == "as drawn"
    assert step.options == asdict(AsDrawn(min_area=5)) | {"reason": "drawn so"}
    json.dumps(dict(step.options))


def test_holes_are_filled_if_asked_for():
    filled = AsDrawn(fill_holes=True)(Image(ring())).data
    hollow = AsDrawn(fill_holes=False, separate=False)(Image(ring())).data
    assert filled[30, 30] == 1
    assert np.array_equal(hollow > 0, ring() > 0)


def test_a_hole_in_the_excluded_area_is_not_filled():
    excluded = np.zeros((60, 60), dtype=bool)
    excluded[28:32, 28:32] = True
    labels = AsDrawn()(Image(ring(), excluded=excluded))
    assert not labels.data[excluded].any()
    assert labels.data[26, 30] > 0


def test_the_map_is_of_what_is_looked_at_alone():
    pixels, excluded = ring(), np.zeros((60, 60), dtype=bool)
    excluded[:, :30] = True
    _, maps = AsDrawn().labels_and_maps(Image(pixels, excluded=excluded))
    assert not maps.foreground[:, :30].any()
    assert np.array_equal(maps.foreground[:, 30:], pixels[:, 30:] / np.float32(255))


def test_touching_objects_are_joined_if_asked_for():
    y, x = np.mgrid[:60, :80]
    pixels = np.zeros((60, 80), np.uint8)
    for centre in (25, 51):
        pixels[(y - 30) ** 2 + (x - centre) ** 2 <= 15**2] = 255
    assert len(AsDrawn()(Image(pixels)).ids) == 2
    assert len(AsDrawn(separate=False)(Image(pixels)).ids) == 1


def test_small_objects_are_dropped():
    pixels = ring()
    pixels[2:5, 2:5] = 255
    assert len(AsDrawn(min_area=9)(Image(pixels)).ids) == 2
    assert len(AsDrawn(min_area=10)(Image(pixels)).ids) == 1


def test_half_is_background():
    assert not AsDrawn()(Image(np.full((20, 20), 127.5))).data.any()


def test_labels_and_maps_come_together():
    labels, maps = AsDrawn().labels_and_maps(Image(ring()))
    assert np.array_equal(labels.data, AsDrawn()(Image(ring())).data)
    assert maps.found["reason"] == "drawn so"


def test_the_base_itself_finds_nothing():
    with pytest.raises(NotImplementedError):
        Segmenter()(Image(ring()))


@pytest.mark.parametrize(
    ("option", "value"),
    [("min_area", 0), ("waist", 2.0), ("separate", "yes"), ("fill_holes", 1)],
)
def test_options_out_of_their_limits_are_refused(option, value):
    with pytest.raises(RecipeError, match=f"option {option} must be"):
        AsDrawn(**{option: value})


@dataclass(frozen=True, kw_only=True)
class InStripes(AsDrawn):
    """Cuts wherever its maps say so."""

    def cut(self, foreground, maps):
        return np.where(foreground, 1 + (maps.flows[..., 1] > 0), 0).astype(np.uint32)

    def maps(self, image):
        flows = np.zeros((*image.grey.shape, 2), np.float32)
        flows[:, :30, 1] = 1
        return Maps(image.grey / 255, flows=flows)


def test_a_method_may_cut_by_its_own_maps():
    labels = InStripes(fill_holes=True)(Image(ring())).data
    assert set(np.unique(labels[:, :30])) == {0, 2}
    assert set(np.unique(labels[:, 30:])) == {0, 1}
    assert labels[30, 30] == 1


def test_without_a_cut_of_its_own_a_method_cuts_at_waists():
    y, x = np.mgrid[:40, :80]
    discs = np.hypot(y - 20, np.minimum(abs(x - 25), abs(x - 54))) <= 15
    image = Image(np.where(discs, 255, 0).astype(np.uint8))
    assert len(AsDrawn()(image).ids) == 2
    assert len(AsDrawn(waist=0.0)(image).ids) == 1


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(bool, (9, 12)),
    hnp.arrays(bool, (9, 12)),
    st.integers(1, 6),
    st.booleans(),
    st.booleans(),
)
def test_nothing_is_found_in_excluded_pixels_and_nothing_below_the_least_area(
    mask, excluded, min_area, fill_holes, separate
):
    method = AsDrawn(min_area=min_area, fill_holes=fill_holes, separate=separate)
    labels = method(Image(mask.astype(np.uint8) * 255, excluded=excluded)).data
    assert not labels[excluded].any()
    assert fill_holes or not labels[~mask].any()
    areas = np.bincount(labels.ravel())[1:]
    assert (areas >= min_area).all()
    pieces = ndimage.label(mask & ~excluded, np.ones((3, 3)))[0]
    kept = np.bincount(pieces.ravel())[pieces] >= min_area
    if not separate:
        assert (labels[(pieces > 0) & kept] > 0).all()


def test_specks_beside_the_typical_object_are_dropped_if_asked_for():
    pixels = ring()
    pixels[1:5, 1:5] = 255
    assert len(AsDrawn(min_area=1)(Image(pixels)).ids) == 2
    assert len(AsDrawn(min_area=1, min_share=0.1)(Image(pixels)).ids) == 1


@dataclass(frozen=True, kw_only=True)
class CutAlready(AsDrawn):
    """Knows its objects, and must not be asked to cut them."""

    def maps(self, image):
        objects = np.zeros(image.grey.shape, np.uint32)
        objects[5:25], objects[35:55] = 1, 2
        return Maps(image.grey / 255, objects=objects)

    def cut(self, foreground, maps):
        raise NotImplementedError


def test_objects_that_a_method_knows_are_not_cut_again():
    labels = CutAlready()(Image(ring())).data
    assert np.bincount(labels.ravel())[1:].tolist() == [1200, 1200]


@dataclass(frozen=True, kw_only=True)
class AtEdges(AsDrawn):
    """Sees objects a pixel too wide, and tells the grey values of their edges."""

    def maps(self, image):
        wide = ndimage.maximum_filter(image.grey, 3) / 255
        return Maps(wide, edge_grey=image.grey.astype(np.float32))


@pytest.mark.parametrize("fill_holes", [False, True])
def test_edges_are_placed_where_the_grey_values_have_them(fill_holes):
    y, x = np.mgrid[:60, :60] - 30
    disc = np.hypot(y, x) <= 15
    image = Image(np.where(disc, 200, 20).astype(np.uint8))
    found = AtEdges(fill_holes=fill_holes)(image).data > 0
    wide = AsDrawn().__class__(fill_holes=fill_holes)
    assert np.mean(found != disc) < 0.01
    assert (
        wide(Image(AtEdges().maps(image).foreground * 255)).data > 0
    ).sum() > found.sum()


def test_a_method_without_files_tells_of_none():
    assert AsDrawn().files() == {}
