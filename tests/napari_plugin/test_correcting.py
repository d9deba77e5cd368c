import numpy as np
import pytest

from segmetry.errors import EditError
from segmetry.napari_plugin.correcting import correct, strokes_of


@pytest.fixture
def lines():
    """Make a layer of lines from points y, x in micrometres."""
    from napari.layers import Shapes

    def of(*paths):
        return Shapes([np.array(path, float) for path in paths], shape_type="path")

    return of


def test_a_line_splits_the_object_that_it_crosses(labels_layer, lines):
    before = labels_layer.data.copy()
    told = correct(labels_layer, "split", strokes=lines([(1, 7.5), (14, 7.5)]))
    assert told == "split: 2 objects changed."
    assert np.array_equal(labels_layer.data > 0, before > 0)
    assert np.unique(labels_layer.data).tolist() == [0, 3, 8, 9]
    assert (labels_layer.data == 8).sum() == (before == 8).sum()


def test_a_number_that_the_layer_cannot_hold_is_refused(lines):
    from napari.layers import Labels

    data = np.zeros((20, 30), np.uint8)
    data[5:15, 5:25] = 255
    layer = Labels(data.copy())
    with pytest.raises(EditError, match=r"number 256, and .* up to 255 \(uint8\)"):
        correct(layer, "split", strokes=lines([(2, 15), (18, 15)]))
    assert np.array_equal(layer.data, data)


def test_napari_can_undo_it(labels_layer, lines):
    before = labels_layer.data.copy()
    correct(labels_layer, "split", strokes=lines([(1, 7.5), (14, 7.5)]))
    labels_layer.undo()
    assert np.array_equal(labels_layer.data, before)
    labels_layer.redo()
    assert 9 in labels_layer.data


def test_lines_lie_where_they_are_seen_not_where_pixels_are_counted(labels_layer, lines):
    # The layer of objects has pixels of 0.5 µm, that of lines of 1 µm.
    assert strokes_of(lines([(2, 3), (4, 5.25)]), labels_layer) == [((6, 4), (10, 8))]


def test_each_line_merges_what_it_crosses(labels_layer, lines):
    told = correct(labels_layer, "merge", strokes=lines([(7, 5), (7, 22)]))
    assert told == "merge: 2 objects changed."
    assert np.unique(labels_layer.data).tolist() == [0, 3]


def test_numbers_name_objects(labels_layer):
    correct(labels_layer, "merge", numbers=(3, 8))
    assert np.unique(labels_layer.data).tolist() == [0, 3]
    correct(labels_layer, "remove", numbers=(3,))
    assert not labels_layer.data.any()


def test_holes_are_filled(labels_layer):
    assert correct(labels_layer, "fill", numbers=(8,)) == "fill: 1 object changed."
    assert (labels_layer.data == 8).sum() == 400


def test_what_hits_nothing_changes_nothing(labels_layer, lines):
    before = labels_layer.data.copy()
    told = correct(labels_layer, "split", strokes=lines([(19, 1), (19, 20)]))
    assert told == "split: 0 objects changed."
    assert np.array_equal(labels_layer.data, before)


@pytest.mark.parametrize(
    ("tool", "told"),
    [("split", "layer of shapes.$"), ("fill", "or numbers of objects")],
)
def test_neither_line_nor_number_is_refused(labels_layer, tool, told):
    with pytest.raises(EditError, match=told):
        correct(labels_layer, tool)


def test_volumes_are_refused(viewer):
    layer = viewer.add_labels(np.ones((2, 4, 5), np.uint32))
    with pytest.raises(EditError, match="single picture"):
        correct(layer, "fill", numbers=(1,))
