"""A channel is a picture of its own, under the name that the file gives it."""

import numpy as np
import pytest
import tifffile

from segmetry import io
from segmetry.errors import ReadError
from segmetry.image import Image
from segmetry.io.channels import channel_names, one_channel

PLANES = np.arange(2 * 6 * 8, dtype=np.uint16).reshape(2, 6, 8)


@pytest.fixture
def write(tmp_path):
    def write(pixels, **how):
        path = tmp_path / how.pop("name", "a.tif")
        tifffile.imwrite(path, pixels, **how)
        return path

    return write


@pytest.mark.parametrize("channel", [0, 1])
def test_a_channel_holds_its_own_plane(write, channel):
    path = write(PLANES, metadata={"axes": "CYX"}, name="a.ome.tif")
    image = io.read(path, channel=channel)
    assert image.axes == "YX"
    assert np.array_equal(image.pixels, PLANES[channel])
    assert image.steps[-1].options["number"] == channel


def test_a_channel_of_a_stack_is_a_stack():
    image = Image(np.arange(48).reshape(2, 3, 4, 2), axes="ZYXC")
    assert one_channel(image, 1).axes == "ZYX"
    assert np.array_equal(one_channel(image, 1).pixels, image.pixels[..., 1])


def test_a_grey_picture_is_its_channel_0():
    image = Image(np.zeros((3, 4), np.uint8), name="grey.png")
    assert one_channel(image, 0) is image
    with pytest.raises(ReadError, match=r"grey\.png has one channel 0, so .* channel 1"):
        one_channel(image, 1)


def test_a_channel_that_is_not_there_is_refused(write):
    path = write(PLANES, metadata={"axes": "CYX"}, name="a.ome.tif")
    with pytest.raises(
        ReadError, match="has the channels 0 to 1, so there is no channel 2"
    ):
        io.read(path, channel=2)


def test_ome_names_its_channels(write):
    named = {"axes": "CYX", "Channel": {"Name": ["DAPI", "µ-tubules"]}}
    image = io.read(write(PLANES, metadata=named, name="a.ome.tif"))
    assert channel_names(image) == ["DAPI", "µ-tubules"]
    assert one_channel(image, 1).steps[-1].options["name"] == "µ-tubules"


def test_imagej_names_its_channels_where_each_plane_has_a_label(write):
    named = {"axes": "CYX", "Labels": ["nuclei", "walls"]}
    assert channel_names(io.read(write(PLANES, imagej=True, metadata=named))) == [
        "nuclei",
        "walls",
    ]
    path = write(PLANES, imagej=True, metadata={"axes": "CYX", "Labels": ["one"]})
    assert channel_names(io.read(path)) == ["", ""]


def test_fields_that_are_broken_name_nothing(write):
    path = write(
        PLANES,
        metadata=None,
        description="<?xml version='1.0'?><OME xmlns='http://www.openmicroscopy.org/'></OME>",
        photometric="minisblack",
    )
    assert "channels" not in io.read(path).steps[0].options


def test_photographs_have_red_green_and_blue(write):
    colours = np.random.default_rng(0).integers(0, 255, (6, 8, 3))
    assert channel_names(io.read(write(colours.astype(np.uint8)))) == [
        "red",
        "green",
        "blue",
    ]
    # Three wavelengths of a microscope are none of these.
    planes = np.moveaxis(colours, -1, 0).astype(np.uint16)
    path = write(planes, metadata={"axes": "CYX"}, name="a.ome.tif")
    assert channel_names(io.read(path)) == ["", "", ""]


def test_no_channels_no_names():
    assert channel_names(Image(np.zeros((3, 4), np.uint8))) == []
