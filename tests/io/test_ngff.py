import numpy as np
import pytest

from segmetry.errors import ReadError
from segmetry.io.ngff import image_label_of, label_names, multiscale_of


def picture(axes="zyx", scale=None, units=None, datasets=None, **fields):
    """Return the metadata of a picture, right but for what is given."""
    kinds = {"c": "channel", "t": "time"}
    units = units or {}
    told = [
        {"name": one, "type": kinds.get(one, "space")}
        | ({"unit": units[one]} if one in units else {})
        for one in axes
    ]
    scaling = [{"type": "scale", "scale": scale}] if scale else []
    datasets = datasets or [{"path": "0", "coordinateTransformations": scaling}]
    return {"multiscales": [{"axes": told, "datasets": datasets} | fields]}


def test_versions_put_the_same_in_other_places():
    old = picture("cyx")
    new = {"ome": {"version": "0.5", **old}}
    assert multiscale_of("a", old) == multiscale_of("a", new)
    assert multiscale_of("a", old).dims == "CYX"


def test_the_oldest_versions_have_five_axes_without_names():
    found = multiscale_of("a", {"multiscales": [{"datasets": [{"path": "0"}]}]})
    assert (found.dims, found.pixel_size) == ("TCZYX", None)


def test_axes_of_0_3_are_names_alone():
    told = {"axes": ["c", "y", "x"], "datasets": [{"path": "0"}]}
    assert multiscale_of("a", {"multiscales": [told]}).dims == "CYX"


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("micrometer", 0.5), ("nanometer", 0.0005), ("millimeter", 500.0)],
)
def test_scale_and_unit_are_the_pixel_size(unit, expected):
    units = dict.fromkeys("zyx", unit)
    found = multiscale_of("a", picture(scale=[2.0, 0.5, 0.25], units=units)).pixel_size
    assert found.source == "ome"
    assert found.in_um.y == pytest.approx(expected)
    assert found.in_um.x == pytest.approx(expected / 2)
    assert found.in_um.z == pytest.approx(expected * 4)


def test_axes_in_different_units_become_micrometres():
    units = {"y": "nanometer", "x": "micrometer"}
    found = multiscale_of("a", picture("yx", scale=[500.0, 0.5], units=units)).pixel_size
    assert (found.y, found.x, found.unit) == (0.5, 0.5, "um")


def test_the_scale_of_all_levels_counts_too():
    told = [{"type": "scale", "scale": [1.0, 3.0, 3.0]}]
    units = {"y": "micrometer", "x": "micrometer"}
    attributes = picture(scale=[1.0, 0.5, 0.5], units=units, coordinateTransformations=told)
    assert multiscale_of("a", attributes).pixel_size.y == 1.5


@pytest.mark.parametrize(
    ("scale", "units"),
    [
        ([0.5, 0.5], {}),
        ([0.5, 0.5], {"y": "micrometer"}),
        ([0.5, 0.5], {"y": "pixel", "x": "pixel"}),
        (None, {"y": "micrometer", "x": "micrometer"}),
    ],
)
def test_a_pixel_size_is_never_guessed(scale, units):
    found = multiscale_of("a", picture("yx", scale=scale, units=units))
    assert found.pixel_size is None
    assert found.notes == ()


@pytest.mark.parametrize(
    "scale", [[0.5], [0.5, "wide"], [0.5, -1.0], [0.0, 0.5], [0.5, np.inf], "ab", {}]
)
def test_broken_scales_are_unknown_and_noted(scale):
    units = {"y": "micrometer", "x": "micrometer"}
    found = multiscale_of("a", picture("yx", scale=scale, units=units))
    if scale == {}:
        assert found.pixel_size is None
        return
    assert found.pixel_size is None
    assert "broken" in found.notes[0]


def test_channels_have_the_names_of_the_file():
    attributes = picture("cyx") | {"omero": {"channels": [{"label": "DAPI"}, {}]}}
    assert multiscale_of("a", attributes).channels == ("DAPI", "")
    assert multiscale_of("a", picture("cyx") | {"omero": [1]}).channels == ()


@pytest.mark.parametrize(
    "path", ["..", "../b", "0/../../b", "/etc", "C:/b", "a\\b", "", "0//1", ".", None, 7]
)
def test_arrays_outside_of_the_folder_are_refused(path):
    with pytest.raises(ReadError, match="outside of its own folder|names no array"):
        multiscale_of("a.zarr", picture(datasets=[{"path": path}]))


@pytest.mark.parametrize("path", ["0", "levels/full size", "0.0"])
def test_arrays_below_the_folder_are_read(path):
    assert multiscale_of("a", picture(datasets=[{"path": path}])).paths == (path,)


@pytest.mark.parametrize("axes", ["xy", "y", "cyxs", "yxx", "yyx"])
def test_axes_that_make_no_picture_are_refused(axes):
    with pytest.raises(ReadError, match="a picture ends in the axes y and x"):
        multiscale_of("a.zarr", picture(axes))


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({}, "no picture by its metadata"),
        ({"ome": 3}, "no picture by its metadata"),
        ({"multiscales": "many"}, "no picture by its metadata"),
        ({"multiscales": [3]}, "no picture by its metadata"),
        ({"plate": {}}, "plate of many pictures; name one of them"),
        ({"well": {}}, "plate of many pictures"),
        ({"labels": ["a"]}, "list of label images"),
        ({"multiscales": [{"datasets": []}]}, "names no array"),
        ({"multiscales": [{"datasets": [{}]}]}, "names no array"),
        ({"multiscales": [{"axes": 3, "datasets": [{"path": "0"}]}]}, "axes none"),
    ],
)
def test_what_is_no_picture_is_told_in_one_sentence(attributes, told):
    with pytest.raises(ReadError, match=told) as caught:
        multiscale_of("a.zarr", attributes)
    assert str(caught.value).startswith("a.zarr ")
    assert "\n" not in str(caught.value)


def test_label_images_are_told_from_pictures():
    told = {"colors": []}
    assert image_label_of({"image-label": told}) == told
    assert image_label_of({"ome": {"image-label": told}}) == told
    assert image_label_of(picture()) is None
    assert multiscale_of("a", picture() | {"image-label": told}).is_labels


def test_names_of_label_images_stay_in_their_group():
    assert label_names("a", {"labels": ["cells", "more/nuclei"]}) == [
        "cells",
        "more/nuclei",
    ]
    assert label_names("a", {}) == []
    with pytest.raises(ReadError, match="outside of its own folder"):
        label_names("a", {"labels": ["../../secret"]})
