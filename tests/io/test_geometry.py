import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ReadError
from segmetry.image import Image, Step
from segmetry.io.geometry import affine_of, orientation_of, slice_geometry, tilt_note

AXIAL = [1.0, 0, 0, 0, 1, 0]


def geometry(positions, orientation=AXIAL, spacing=(0.7, 0.8)):
    positions = np.array(positions, dtype=np.float64)
    ways = np.tile(np.array(orientation, dtype=np.float64), (len(positions), 1))
    return slice_geometry("scan", positions, ways, spacing=spacing)


@given(st.permutations(range(6)), st.floats(0.3, 20), st.floats(-500, 500))
def test_slices_are_put_in_order_whatever_order_they_come_in(order, distance, start):
    found = geometry([[0, 0, start + distance * k] for k in order])
    assert [order[k] for k in found.order] == list(range(6))
    assert found.distance == pytest.approx(distance)
    assert found.tilt == pytest.approx(0, abs=1e-4)


def test_rows_and_columns_lead_to_the_left_and_the_back_of_a_patient():
    found = geometry([[-100, -90, 5], [-100, -90, 8]])
    affine = np.array(found.affine)
    assert orientation_of(found.affine) == "LPS"
    # Voxel (column 1, row 2, slice 1) by hand; DICOM's x and y change their sign.
    assert np.allclose(affine @ [1, 2, 1, 1], [100 - 0.8, 90 - 1.4, 8, 1])


def test_slices_from_the_side_have_their_normal_across_the_patient():
    sagittal = [0, 1.0, 0, 0, 0, -1]
    found = geometry([[x, 0, 0] for x in (6, 3, 0)], sagittal)
    assert found.distance == 3
    assert orientation_of(found.affine) == "PIR"


def test_a_tilted_gantry_is_told_and_the_distance_is_along_the_normal():
    shift = 5 * np.tan(np.radians(15))
    found = geometry([[0, k * shift, 5 * k] for k in range(4)])
    assert found.distance == pytest.approx(5)
    assert found.tilt == pytest.approx(15)
    assert "tilted by 15.0 degrees" in tilt_note(found)[0]
    assert tilt_note(geometry([[0, 0, 0], [0, 0, 5]])) == ()


@pytest.mark.parametrize(
    ("heights", "said"),
    [
        ((0, 5, 10, 20, 25), r"gap of 10 mm between slices 3 and 4.*1 missing"),
        ((0, 5, 10, 17, 22), r"gap of 7 mm.*not equally far apart"),
        ((0, 5, 10, 13, 18), "3 to 5 mm apart"),
        ((0, 5, 5, 10), "several slices in one place"),
    ],
)
def test_slices_that_make_no_volume_are_refused_in_one_sentence(heights, said):
    with pytest.raises(ReadError, match=said) as caught:
        geometry([[0, 0, height] for height in heights])
    assert "\n" not in str(caught.value)


def test_slices_of_different_directions_are_refused():
    ways = np.array([AXIAL, [0, 1.0, 0, 0, 0, -1]])
    with pytest.raises(ReadError, match="different directions"):
        slice_geometry("scan", np.zeros((2, 3)), ways, spacing=(1, 1))
    with pytest.raises(ReadError, match="how its slices lie"):
        geometry([[0, 0, 0], [0, 0, 1]], orientation=[1, 0, 0, 1, 0, 0])


def test_the_place_of_a_volume_is_found_in_its_history():
    place = [[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]]
    steps = (Step("read", {"affine": place}),)
    volume = Image(np.zeros((2, 3, 4)), axes="ZYX", steps=steps)
    assert np.array_equal(affine_of(volume), place)
    assert affine_of(Image(np.zeros((2, 3, 4)), axes="ZYX")) is None
    assert affine_of(Image(np.zeros((2, 3)), steps=steps)) is None


def test_an_axis_without_length_has_no_orientation():
    flat = ((1.0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 0), (0, 0, 0, 1))
    assert orientation_of(flat) == ""
