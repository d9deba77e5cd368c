"""Panels show what is in their arrays."""

import numpy as np
import pytest

from segmetry.report import draw_panels


def shown(figure, index=0):
    return figure.axes[index].images[0].get_array()


def test_grey_goes_from_black_to_white_whatever_its_range():
    slope = np.linspace(-7, 90, 50).reshape(5, 10)
    seen = shown(draw_panels({"slope": slope}))
    assert seen.shape == (5, 10, 3)
    assert (seen.min(), seen.max()) == (0, 1)
    assert np.all(np.diff(seen[..., 0].ravel()) > 0)


def test_a_mask_is_black_and_white_and_one_value_is_grey():
    mask = np.eye(4, dtype=bool)
    assert np.array_equal(shown(draw_panels({"mask": mask}))[..., 0], mask)
    assert set(np.unique(shown(draw_panels({"even": np.zeros((3, 3))})))) == {0.5}


def test_objects_beside_each_other_in_number_differ_and_the_ground_is_white():
    labels = np.array([[0, 1, 2], [0, 3, 7]])
    seen = shown(draw_panels({"objects": labels}))
    assert (seen[:, 0] == 1).all()
    colors = {tuple(color) for color in seen[:, 1:].reshape(-1, 3)}
    assert len(colors) == 4
    assert (1.0, 1.0, 1.0) not in colors


def test_colours_are_left_alone():
    picture = np.random.default_rng(0).integers(0, 255, (6, 5, 3), np.uint8)
    assert np.array_equal(shown(draw_panels({"colours": picture})), picture)


def test_each_picture_stands_under_its_name_and_rows_are_filled(tmp_path):
    names = ["one", "two", "three", "four", "five"]
    figure = draw_panels({name: np.eye(8) for name in names}, columns=3)
    assert [axes.get_title() for axes in figure.axes] == names
    figure.savefig(tmp_path / "five.png")
    assert (tmp_path / "five.png").stat().st_size > 1000


def test_the_same_arrays_give_the_same_picture(tmp_path):
    for name in ("a.png", "b.png"):
        draw_panels({"slope": np.arange(12.0).reshape(3, 4)}).savefig(tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("shape", [(3,), (2, 2, 2), (0, 4)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(ValueError, match="'it' must have shape"):
        draw_panels({"it": np.zeros(shape)})


def test_no_picture_is_refused():
    with pytest.raises(ValueError, match="at least one picture"):
        draw_panels({})
