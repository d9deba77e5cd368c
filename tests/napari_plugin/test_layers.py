import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import PictureError
from segmetry.image import Image, PixelSize
from segmetry.napari_plugin.layers import (
    add_to,
    grid_of,
    image_layer,
    image_of,
    labels_of,
    pixel_size_of,
)


def added(viewer, image):
    return add_to(viewer, image_layer(image, name="picture"))


@given(
    y=st.floats(1e-3, 1e3),
    x=st.floats(1e-3, 1e3),
    unit=st.sampled_from(["pm", "nm", "um", "mm"]),
)
def test_the_pixel_size_comes_back_from_a_layer(y, x, unit):
    from napari.layers import Image as Layer

    size = PixelSize(y=y, x=x, unit=unit, source="typed")
    picture = Image(np.zeros((4, 5), np.uint8), pixel_size=size)
    back = pixel_size_of(Layer(picture.pixels, **grid_of(picture)))
    assert (back.in_um.y, back.in_um.x) == pytest.approx((size.in_um.y, size.in_um.x))


@pytest.mark.parametrize(("unit", "in_um"), [("nm", 1e-3), ("mm", 1e3), ("angstrom", 1e-4)])
def test_layers_of_other_readers_tell_their_pixel_size(unit, in_um):
    from napari.layers import Image as Layer

    layer = Layer(np.zeros((4, 5)), scale=(2, 3), units=(unit, unit))
    size = pixel_size_of(layer)
    assert (size.y, size.x) == pytest.approx((2 * in_um, 3 * in_um))


def test_units_are_never_guessed(viewer):
    layer = viewer.add_image(np.zeros((4, 5)), scale=(2, 3))
    assert pixel_size_of(layer) is None
    assert image_of(layer).pixel_size is None


def test_what_is_no_sample_stays_so(viewer):
    excluded = np.zeros((4, 5), bool)
    excluded[3] = True
    [layer] = added(viewer, Image(np.zeros((4, 5), np.uint8), excluded=excluded))
    assert np.array_equal(image_of(layer).excluded, excluded)


def test_colours_are_one_layer_and_other_channels_several(viewer):
    colours = Image(np.zeros((4, 5, 3), np.uint8), axes="YXC")
    [layer] = added(viewer, colours)
    assert image_of(layer).axes == "YXC"
    channels = added(viewer, Image(np.zeros((4, 5, 2), np.uint16), axes="YXC"))
    assert [image_of(one).pixels.shape for one in channels] == [(4, 5)] * 2


def test_volumes_keep_the_distance_of_their_slices(viewer):
    size = PixelSize(y=1, x=1, z=5, unit="mm", source="nifti")
    volume = Image(np.zeros((3, 4, 5), np.int16), axes="ZYX", pixel_size=size)
    [layer] = added(viewer, volume)
    back = image_of(layer)
    assert (back.axes, back.pixel_size.z) == ("ZYX", 5000)


def test_of_several_resolutions_the_finest_counts(viewer):
    fine = np.arange(64, dtype=np.uint8).reshape(8, 8)
    layer = viewer.add_image([fine, fine[::2, ::2]], multiscale=True)
    assert np.array_equal(image_of(layer).pixels, fine)


def test_what_is_no_picture_is_refused(viewer):
    layer = viewer.add_image(np.zeros((2, 2, 3, 4)))
    with pytest.raises(PictureError, match="has 4 axes"):
        image_of(layer)


def test_objects_of_another_picture_are_refused(labels_layer):
    with pytest.raises(PictureError, match="choose the picture of these objects"):
        labels_of(labels_layer, Image(np.zeros((4, 5), np.uint8), name="b"))
