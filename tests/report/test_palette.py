import itertools

import numpy as np
import pytest

from segmetry.report.palette import EXCLUDED, OUTLINES, SERIES, SPARE_OUTLINES

# Linear RGB as seen without one kind of cone: F. Vienot, H. Brettel, J. D. Mollon,
# Color Research & Application 24 (1999) 243. doi:10.1002/(SICI)1520-6378(199908)24:4
PROTAN = [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]
DEUTAN = [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]


def seen(color, matrix):
    linear = (np.array(color) / 255) ** 2.2
    return np.clip(np.array(matrix) @ linear, 0, 1) ** (1 / 2.2) * 255


@pytest.mark.parametrize("matrix", [np.eye(3), PROTAN, DEUTAN])
def test_outlines_differ_for_any_color_vision(matrix):
    for first, second in itertools.combinations((*OUTLINES, *SPARE_OUTLINES), 2):
        assert np.abs(seen(first, matrix) - seen(second, matrix)).max() > 25


def test_outlines_stand_out_from_every_grey():
    for color in OUTLINES:
        assert max(color) - min(color) >= 100


def test_the_tint_of_the_excluded_area_is_no_outline():
    assert EXCLUDED not in OUTLINES


def luminance(hexadecimal):
    values = [int(hexadecimal[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_lines_of_figures_are_visible_on_white():
    assert len(set(SERIES)) == len(SERIES)
    for color in SERIES:
        assert 1.05 / (luminance(color) + 0.05) > 2
