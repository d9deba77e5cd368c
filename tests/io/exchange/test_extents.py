import numpy as np
import pytest
from skimage.measure import regionprops

from segmetry.io.exchange.extents import column_runs, extents_of


@pytest.mark.parametrize("seed", range(60))
def test_areas_boxes_and_centres_are_those_of_scikit_image(random_labels, seed):
    labels = random_labels(seed) % 100_000  # regionprops makes a list up to the largest
    found = extents_of(labels)
    expected = regionprops(labels)
    assert found.labels.tolist() == [one.label for one in expected]
    assert found.areas.tolist() == [one.area for one in expected]
    boxes = [[one.bbox[k] for k in (1, 0, 3, 2)] for one in expected]
    assert found.boxes.tolist() == boxes
    centres = np.array([one.centroid[::-1] for one in expected]).reshape(-1, 2)
    np.testing.assert_allclose(found.centroids, centres)
    moments = [one.moments_central / one.area for one in expected]
    spread = np.array([[m[0, 2], m[2, 0], m[1, 1]] for m in moments]).reshape(-1, 3)
    np.testing.assert_allclose(found.variances, spread, atol=1e-9)


@pytest.mark.parametrize("seed", range(60))
def test_runs_down_the_columns_cover_each_object_and_nothing_else(random_labels, seed):
    labels = random_labels(seed)
    found = column_runs(labels)
    again = np.zeros(labels.size, np.uint32)
    for number, runs in zip(found.labels, found.runs, strict=True):
        assert (np.diff(runs[:, 0]) > runs[:-1, 1]).all()  # none could be joined
        for start, length in runs:
            assert not again[start : start + length].any()
            again[start : start + length] = number
    assert np.array_equal(again.reshape(labels.shape[::-1]).T, labels)


def test_a_run_goes_on_in_the_next_column():
    assert [runs.tolist() for runs in column_runs(np.ones((2, 3), int)).runs] == [[[0, 6]]]


def test_without_objects_there_is_nothing():
    found = extents_of(np.zeros((2, 3), np.uint32))
    assert found.boxes.shape == (0, 4)
    assert found.centroids.shape == (0, 2)
    assert len(found.labels) == len(found.areas) == 0
    assert column_runs(np.zeros((2, 3), np.uint32)).runs == ()
