"""The forms beside the canvas, without a canvas: Qt draws into memory."""

import time

import numpy as np
import pandas as pd
import pytest

from segmetry.segment import segmenter_names, segmenter_options

pytest.importorskip("qtpy.QtWidgets", reason="Qt needs libraries that are not here")


@pytest.fixture(scope="module", autouse=True)
def application():
    from qtpy.QtWidgets import QApplication

    return QApplication.instance() or QApplication([])


@pytest.fixture
def said(monkeypatch):
    """What napari would tell: ("info" or "error", sentence)."""
    from segmetry.napari_plugin import segment_widget, widgets

    told = []
    for module in (widgets, segment_widget):
        for kind in ("info", "error"):
            monkeypatch.setattr(
                module,
                f"show_{kind}",
                lambda text, kind=kind: told.append((kind, text)),
            )
    return told


def choose(field, layer):
    field.choices = [layer]
    field.value = layer


def wait_for(application, is_done):
    until = time.monotonic() + 60
    while not is_done() and time.monotonic() < until:
        application.processEvents()
        time.sleep(0.01)
    assert is_done()


@pytest.mark.parametrize("name", segmenter_names())
def test_every_option_of_every_method_has_a_field_with_its_default(name):
    from segmetry.napari_plugin.segment_widget import option_widget

    for option in segmenter_options(name):
        field = option_widget(option)
        assert field.value == option.default, option.name
        assert field.tooltip == option.help


def test_objects_are_found_with_the_options_of_the_form(application, said, viewer, discs):
    from segmetry.napari_plugin.segment_widget import SegmentWidget

    layer = viewer.add_image(discs([10] * 12), name="discs")
    widget = SegmentWidget(viewer)
    choose(widget.picture, layer)
    widget.method.value = "threshold"
    widget.marks.value = False
    widget.form["min_area"].value = 100
    widget.button.native.click()
    wait_for(application, lambda: said and widget.button.enabled)
    assert said == [("info", "12 objects were found in discs.")]
    assert len(viewer.layers["discs by threshold"].features) == 12
    assert not [one for one in widget.form if one.name == "window"]
    widget.method.value = "local"
    assert [one for one in widget.form if one.name == "window"]


def test_what_a_method_cannot_do_is_said_in_one_sentence(application, said, viewer):
    from segmetry.napari_plugin.segment_widget import SegmentWidget

    widget = SegmentWidget(viewer)
    widget.find()
    assert said == [("error", "There is no picture; open one first.")]
    choose(widget.picture, viewer.add_image(np.zeros((2, 2, 3, 4)), name="film"))
    widget.find()
    assert said[1][1].startswith("film has 4 axes")
    choose(widget.picture, viewer.add_image(np.zeros((3, 20, 20)), name="volume"))
    widget.method.value = "threshold"
    widget.find()
    wait_for(application, lambda: len(said) == 3)
    assert said[2][0] == "error"


def test_measuring_fills_the_features(said, labels_layer):
    from segmetry.napari_plugin.widgets import measure_widget

    measure_widget()(labels_layer, None)
    assert said == [("info", "2 objects measured.")]
    assert "area_um2" in labels_layer.features


def test_the_selected_object_is_meant_where_nothing_is_named(said, labels_layer):
    from segmetry.napari_plugin.widgets import correct_widget

    labels_layer.selected_label = 8
    correct_widget()(labels_layer, "fill", None)
    assert (labels_layer.data == 8).sum() == 400
    correct_widget()(labels_layer, "merge", None, numbers="3, 8")
    assert np.unique(labels_layer.data).tolist() == [0, 3]
    correct_widget()(labels_layer, "remove", None, numbers="three")
    assert [kind for kind, _ in said] == ["info", "info", "error"]


def test_lines_that_were_used_go(said, labels_layer, viewer):
    from segmetry.napari_plugin.widgets import correct_widget

    lines = viewer.add_shapes([np.array([(1, 7.5), (14, 7.5)])], shape_type="line")
    correct_widget()(labels_layer, "split", lines)
    assert len(lines.data) == 0
    assert said == [("info", "split: 2 objects changed.")]


def test_corrections_are_sent_undone_and_told(said, opened, run):
    from segmetry.napari_plugin.widgets import SendBackWidget

    widget = SendBackWidget()
    send, undo, redo, reload = list(widget)[1:]
    send.native.click()
    assert said == [("error", "There is no layer of objects; open a run first.")]
    choose(widget.objects, opened)
    opened.data_setitem(np.nonzero(opened.data == 4), 0)
    for button in (send, undo, redo, reload):
        button.native.click()
    assert [text for _, text in said[1:]] == [
        "a: 1 gone; 11 objects now.",
        "a: 1 new; 12 objects now.",
        "a: 1 gone; 11 objects now.",
        "a: 11 objects.",
    ]
    assert 4 not in pd.read_csv(run / "objects.csv").query("image == 'a'")["label"].tolist()


@pytest.mark.usefixtures("said")
def test_another_picture_of_the_run_is_shown_alone(viewer, run):
    from segmetry.napari_plugin.widgets import PicturesWidget

    viewer.open(str(run / "a"), plugin="segmetry")
    widget = PicturesWidget(viewer)
    assert widget.picture.choices == (None, "run: a", "run: b")
    for name in ("run: b", "run: a"):
        widget.picture.value = name
        widget.show_chosen()
        shown = {layer.name for layer in viewer.layers if layer.visible}
        chosen = name.split()[1]
        own = {layer.name for layer in viewer.layers if layer.name.startswith(chosen)}
        assert shown == own
        extent = viewer.layers[chosen].extent.world
        assert viewer.scene.camera.center[1:] == pytest.approx(
            extent.mean(axis=0), abs=0.05
        )
    assert len(viewer.layers) == 5
