import numpy as np
import pytest

from segmetry.image import Image, Labels, PixelSize, Step
from segmetry.report.montage import draw_montage


def ball(spacing, radius=20.0, orientation=""):
    sides = [round(60 / step) for step in spacing]
    z, y, x = (
        ((np.arange(n) + 0.5) * step - 30).reshape(
            [-1 if k == axis else 1 for k in range(3)]
        )
        for axis, (n, step) in enumerate(zip(sides, spacing, strict=True))
    )
    data = (z**2 + y**2 + x**2 < radius**2).astype(np.uint32)
    size = PixelSize(z=spacing[0], y=spacing[1], x=spacing[2], unit="mm", source="typed")
    steps = (Step("read", {"orientation": orientation}),)
    pixels = data * np.uint8(100) + np.uint8(50)
    return Labels(data, Image(pixels, axes="ZYX", pixel_size=size, steps=steps))


@pytest.mark.parametrize("spacing", [(1, 1, 1), (4, 1, 1), (1, 2, 2)])
def test_a_ball_is_round_in_every_section_however_long_voxels_are(spacing):
    drawn = draw_montage(ball(spacing))
    side = drawn.shape[0] // 2
    section = drawn[-side:, :side]  # from the front, first in the second row
    coloured = np.ptp(section.astype(int), axis=2) > 60
    rows, columns = coloured.any(axis=1), coloured.any(axis=0)
    height, width = np.ptp(np.flatnonzero(rows)), np.ptp(np.flatnonzero(columns))
    assert height == pytest.approx(width, rel=0.12)
    assert height > 100


def test_head_is_up_and_the_right_side_on_the_left():
    labels = ball((2, 2, 2), radius=10)
    data = np.zeros_like(labels.data)
    data[25:28, 10:20, 24:28] = 1  # towards the end of z and of x
    shown = {}
    for orientation in ("LPS", "RPI"):
        steps = (Step("read", {"orientation": orientation}),)
        image = Image(
            data.astype(np.uint8) * 200,
            axes="ZYX",
            pixel_size=labels.image.pixel_size,
            steps=steps,
        )
        drawn = draw_montage(Labels(data, image))
        side = drawn.shape[0] // 2
        section = drawn[-side:, :side].astype(int)
        rows, columns = np.nonzero(np.ptp(section, axis=2) > 60)
        shown[orientation] = (rows.mean() < side / 2, columns.mean() > side / 2)
    assert shown == {"LPS": (True, True), "RPI": (False, False)}


def test_few_slices_and_long_rows_make_no_picture_of_enormous_width():
    for shape in [(3, 200, 200), (40, 8, 900), (40, 900, 2)]:
        image = Image(np.arange(np.prod(shape)).reshape(shape) % 251, axes="ZYX")
        data = np.ones(shape, np.uint32)
        drawn = draw_montage(Labels(data, image))
        assert drawn.shape[0] < 1000
        assert drawn.shape[1] < 5000
        assert drawn.any(axis=2).any(axis=0).sum() > 50


def test_no_object_and_one_value_are_drawn_too():
    image = Image(np.zeros((3, 4, 5), np.uint8), axes="ZYX")
    assert draw_montage(Labels(np.zeros((3, 4, 5), np.uint32), image)).dtype == np.uint8
