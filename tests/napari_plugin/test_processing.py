import cv2
import numpy as np
import pandas as pd
import pytest

from segmetry.errors import PictureError
from segmetry.napari_plugin.layers import add_to
from segmetry.napari_plugin.processing import find_objects, measure_objects


def test_objects_are_those_of_a_run(viewer, run):
    viewer.open(str(run / "a"), plugin="segmetry")
    picture = viewer.layers["a"]
    data, options, kind = find_objects(picture, "threshold", {})
    assert kind == "labels"
    assert np.array_equal(data, viewer.layers["a objects"].data)
    table = pd.read_csv(run / "objects.csv").query("image == 'a'")
    assert np.allclose(options["features"]["area_um2"], table["area_um2"])
    [added] = add_to(viewer, (data, options, kind))
    assert added.scale == pytest.approx(picture.scale)


def test_options_are_those_of_the_method(viewer, discs):
    layer = viewer.add_image(discs([10] * 12), name="discs")
    _, all_of_them, _ = find_objects(layer, "threshold")
    _, large, _ = find_objects(layer, "threshold", {"min_area": 5000})
    assert (len(all_of_them["features"]), len(large["features"])) == (12, 0)


def test_a_layer_of_unknown_pixel_size_stays_in_pixels(viewer, discs):
    layer = viewer.add_image(discs([10] * 12), name="discs")
    _, options, _ = find_objects(layer, "threshold", marks=False)
    assert options["units"] == ("pixel", "pixel")
    assert "area_px" in options["features"]
    assert "area_um2" not in options["features"]


def test_a_scale_bar_gives_the_picture_its_pixel_size(viewer, discs):
    pixels = discs([14] * 24, shape=(460, 600), dark=90, bright=160)
    cv2.rectangle(pixels, (420, 440), (569, 444), 255, -1)
    cv2.putText(pixels, "200 nm", (440, 430), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    layer = viewer.add_image(pixels, name="micrograph")
    _, options, _ = find_objects(layer, "threshold")
    assert len(options["features"]) == 24  # neither the bar nor its label
    assert {str(unit) for unit in layer.units} == {"micrometer"}
    assert layer.scale == pytest.approx([0.2 / 150] * 2, rel=0.015)
    assert options["scale"] == pytest.approx(tuple(layer.scale))
    assert "area_um2" in options["features"]


def test_measuring_follows_what_was_painted(labels_layer):
    labels_layer.paint((30, 55), 9)
    table = measure_objects(labels_layer)
    assert table["label"].tolist() == [3, 8, 9]
    assert table["area_um2"].iloc[0] == pytest.approx(100)
    assert labels_layer.features["index"].tolist() == [3, 8, 9]
    assert not [name for name in table if name.startswith("intensity")]


def test_a_picture_tells_grey_values(labels_layer, viewer):
    grey = np.where(labels_layer.data == 3, 100, 7).astype(np.uint8)
    table = measure_objects(labels_layer, viewer.add_image(grey))
    assert table["intensity_mean"].tolist() == [100, 7]


def test_a_picture_of_another_shape_is_refused(labels_layer, viewer):
    with pytest.raises(PictureError, match="choose the picture"):
        measure_objects(labels_layer, viewer.add_image(np.zeros((4, 5))))


def test_a_method_knows_what_is_no_sample(viewer, discs):
    excluded = np.zeros((200, 300), bool)
    excluded[:, :150] = True
    layer = viewer.add_image(discs([10] * 12), metadata={"excluded": excluded})
    data, _, _ = find_objects(layer, "threshold", marks=False)
    assert not data[:, :150].any()
    assert data[:, 150:].any()
