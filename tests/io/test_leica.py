import numpy as np
import pytest

from segmetry.errors import ReadError
from segmetry.io import read


def stack(*shape):
    return np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)


def test_the_first_picture_is_read_with_its_pixel_size(as_lif):
    picture = read(as_lif(stack(6, 8), stack(5, 7), step_m=2e-7))
    assert np.array_equal(picture.pixels, stack(6, 8))
    # The file of the fixture has twice the step from row to row.
    assert picture.pixel_size.x == pytest.approx(0.2)
    assert picture.pixel_size.y == pytest.approx(0.4)
    assert (picture.pixel_size.unit, picture.pixel_size.source) == ("um", "leica")
    assert "the first of 2 pictures" in picture.steps[0].options["notes"][0]


def test_the_number_of_a_picture_chooses_it(as_lif):
    path = as_lif(stack(6, 8), stack(5, 7))
    assert read(path, page=1).pixels.shape == (5, 7)
    for page in (2, -1):
        with pytest.raises(ReadError, match=f"has 2 pictures: no picture {page}"):
            read(path, page=page)


def test_slices_have_a_distance(as_lif):
    picture = read(as_lif(stack(3, 6, 8), step_m=1e-7))
    assert picture.axes == "ZYX"
    assert picture.pixel_size.z == pytest.approx(0.3)


def test_lengths_that_are_no_lengths_give_no_pixel_size(as_lif):
    assert read(as_lif(stack(6, 8), unit="s")).pixel_size is None


def test_a_picture_of_one_row_has_no_height_of_a_pixel(as_lif):
    assert read(as_lif(stack(1, 8))).pixel_size is None


@pytest.mark.parametrize("keep", [0.5, -1])
def test_a_cut_file_is_refused_even_if_the_first_picture_is_whole(as_lif, keep):
    path = as_lif(stack(6, 8), stack(60, 80))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep) if keep > 0 else keep])
    with pytest.raises(ReadError):
        read(path)


def test_a_real_file_has_its_pixel_size(data):
    picture = read(data("formats/LeicaLASX_wavelength-sweep_example.lif"))
    assert (picture.axes, picture.pixels.shape) == ("YXC", (64, 64, 20))
    assert picture.pixel_size.x == pytest.approx(0.10481, rel=1e-3)  # 6.6033 um by 63 steps
