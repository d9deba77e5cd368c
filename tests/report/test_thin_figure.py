"""The figure of thin structures: each line in the colour of its width."""

import numpy as np
import pytest

from segmetry.errors import PictureError
from segmetry.image import Image, PixelSize
from segmetry.measure import measure_thin
from segmetry.report.canvas import to_png, to_svg
from segmetry.report.reading import ReadingUnit
from segmetry.report.thin_figure import thin_figure, width_histogram


def picture(*, pixel_size=None):
    grey = np.full((60, 120), 40, np.uint8)
    grey[10:13, 10:110], grey[30:39, 10:110] = 200, 200
    image = Image(grey, pixel_size=pixel_size)
    return image, measure_thin(grey > 100, pixel_size=pixel_size)


def drawn(figure):
    (collection,) = figure.axes[0].collections
    return collection


def test_wide_lines_are_drawn_wider_and_in_another_colour():
    figure = thin_figure(*picture())
    lines = drawn(figure)
    middle = np.array([segment.mean(axis=0) for segment in lines.get_segments()])
    inner = np.abs(middle[:, 0] - 60) < 20
    thin, wide = inner & (middle[:, 1] < 20), inner & (middle[:, 1] > 25)
    values, thickness = lines.get_array(), np.array(lines.get_linewidths())
    assert values[thin].mean() == pytest.approx(3, abs=0.05)
    assert values[wide].mean() == pytest.approx(9, abs=0.05)
    assert thickness[wide].mean() > 2 * thickness[thin].mean()


def test_lines_lie_where_they_are_in_the_picture():
    segments = np.concatenate(drawn(thin_figure(*picture())).get_segments())
    assert segments[:, 0].min() == pytest.approx(9.5, abs=0.6)
    assert segments[:, 0].max() == pytest.approx(109.5, abs=0.6)
    assert set(np.rint(segments[:, 1])) <= {11, 33, 34, 35}


def test_ends_that_were_not_measured_have_no_width():
    values = drawn(thin_figure(*picture())).get_array()
    assert np.ma.getmaskarray(values).any()
    assert not np.ma.getmaskarray(values).all()


@pytest.mark.parametrize(
    ("size", "label", "top"),
    [(None, "width (px)", 9), (PixelSize(2, 2, "um", "typed"), "width (µm)", 18)],
)
def test_the_bar_has_the_unit(size, label, top):
    figure = thin_figure(*picture(pixel_size=size))
    assert figure.axes[1].get_ylabel() == label
    assert figure.axes[1].get_ylim() == pytest.approx((0, top), rel=0.02)


def test_it_becomes_a_png_and_an_svg_and_always_the_same_one():
    first, second = (thin_figure(*picture()) for _ in range(2))
    assert to_svg(first, name="thin") == to_svg(second, name="thin")
    assert to_png(first, dpi=50).startswith(b"\x89PNG")


def test_a_picture_without_lines_is_drawn_all_the_same():
    empty = np.zeros((20, 30), np.uint8)
    figure = thin_figure(Image(empty), measure_thin(empty > 0))
    assert len(drawn(figure).get_segments()) == 0
    assert to_png(figure, dpi=40).startswith(b"\x89PNG")


def test_pictures_in_colour_are_shown_in_colour():
    grey, found = picture()
    rgb = np.stack([grey.pixels, grey.pixels // 2, grey.pixels // 4], axis=-1)
    shown = thin_figure(Image(rgb, axes="YXC"), found).axes[0].images[0].get_array()
    assert np.ptp(shown[35, 60].astype(int)) > 10


def test_a_stack_is_refused():
    stack = Image(np.zeros((2, 20, 30), np.uint8), axes="ZYX")
    with pytest.raises(PictureError, match="single picture"):
        thin_figure(stack, measure_thin(np.zeros((20, 30), bool)))


def test_structures_of_a_larger_picture_are_refused():
    _, found = picture()
    with pytest.raises(ValueError, match="measured in a picture larger than this one"):
        thin_figure(Image(np.zeros((20, 30), np.uint8)), found)


def test_widths_from_grey_values_are_drawn_where_they_were_measured():
    image, _ = picture()
    narrow = (image.pixels > 100) & (np.arange(60)[:, np.newaxis] < 37)
    grey = np.where(narrow, 90.0, 20.0)  # the lower line, 9 px in the mask, is 7 px here
    figure = thin_figure(image, measure_thin(image.pixels > 100, grey=grey))
    lines = drawn(figure)
    middle = np.array([segment.mean(axis=0) for segment in lines.get_segments()])
    lower = (np.abs(middle[:, 0] - 60) < 20) & (middle[:, 1] > 25)
    assert lines.get_array()[lower].mean() == pytest.approx(7, abs=0.2)
    assert figure.axes[1].get_ylabel() == "width from grey values (px)"


HISTOGRAM = {"edges": [0, 2, 4, 6], "bin_width": 2, "unit": "um", "length": [10, 30, 0]}


def test_bars_are_shares_of_the_length_in_the_unit_that_is_read():
    axes = width_histogram(HISTOGRAM, ReadingUnit("nm", 1000)).axes[0]
    assert [bar.get_height() for bar in axes.patches] == [25, 75, 0]
    assert [bar.get_x() for bar in axes.patches] == [0, 2000, 4000]
    assert axes.get_xlabel() == "width / nm"
    assert axes.get_legend() is None


def test_widths_from_grey_values_are_a_line_over_the_bars():
    told = HISTOGRAM | {"length_grey": [5, 0, 15]}
    axes = width_histogram(told, ReadingUnit("µm", 1)).axes[0]
    outline = axes.patches[-1].get_data()
    assert outline.values.tolist() == [25, 0, 75]
    told = {text.get_text() for text in axes.get_legend().get_texts()}
    assert told == {"from the mask", "from grey values"}


@pytest.mark.parametrize("side", [900, 3000])
def test_lines_of_large_pictures_are_drawn_in_longer_pieces_and_none_is_lost(side):
    mask = np.zeros((40, side), bool)
    mask[10:15, 20 : side - 20] = mask[25:30, 20 : side - 20] = True
    found = measure_thin(mask)
    pieces = np.array(drawn(thin_figure(Image(np.uint8(mask) * 200), found)).get_segments())
    lengths = np.hypot(*np.diff(pieces, axis=1)[:, 0].T)
    assert lengths.sum() == pytest.approx(found.segments["length_px"].sum(), rel=1e-3)
    assert len(pieces) == pytest.approx(
        len(found.lines.points) / max(1, side // 1000), abs=4
    )
