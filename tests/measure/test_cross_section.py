"""Widths from grey values: those of the line, whatever the blur, contrast and ground."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from segmetry.measure.cross_section import widths_from_grey
from segmetry.measure.thin import measure_thin

SHAPE = (140, 140)


@pytest.fixture(scope="module")
def fibres(coverage, fibre):
    """Return a function that draws parallel fibres of some widths at an angle."""

    def draw(widths, *, angle=0.5, shape=SHAPE):
        cosine, sine = np.cos(angle), np.sin(angle)
        covered = np.zeros(shape)
        for k, width in enumerate(widths):
            aside = 34 * (k - (len(widths) - 1) / 2) + 0.3
            centre = (shape[0] / 2 + aside * cosine, shape[1] / 2 + aside * sine)
            inside = fibre(width=width, length=70, angle=angle, centre=centre)
            covered += coverage(inside, shape=shape, samples=10)
        return covered

    return draw


def sections(covered, grey, *, included=None):
    found = measure_thin(covered >= 0.5, included=included)
    known = np.ones(covered.shape, bool) if included is None else included
    across = widths_from_grey(found.lines, grey, covered >= 0.5, known, widths=found.widths)
    n = len(found.segments)
    values = [across.widths[found.lines.line_of == k] for k in range(n)]
    return np.array([np.nanmean(one) for one in values]), across


@pytest.mark.parametrize("blur", [0, 0.8, 1.3])
@pytest.mark.parametrize("angle", [0, 0.3, 0.785, 1.2, 2.5])
def test_fibres_have_their_width_under_any_blur(fibres, blur, angle):
    covered = fibres([3, 5, 9], angle=angle)
    grey = 200 - 90 * (gaussian_filter(covered, blur) if blur else covered)
    widths, _ = sections(covered, grey)
    assert sorted(widths) == pytest.approx([3, 5, 9], rel=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_noise_scatters_widths_and_does_not_shift_them(fibres, seed):
    rng = np.random.default_rng(seed)
    covered = fibres([3, 5, 9], angle=rng.uniform(0, np.pi))
    grey = 200 - 90 * gaussian_filter(covered, 1.0) + rng.normal(0, 6, SHAPE)
    widths, _ = sections(covered, grey)
    assert sorted(widths) == pytest.approx([3, 5, 9], rel=0.08)


@pytest.mark.parametrize("blur", [0.7, 1.0, 1.6])
def test_the_blur_of_a_picture_is_found(fibres, blur):
    covered = fibres([5, 9])
    _, across = sections(covered, gaussian_filter(covered, blur))
    # Square pixels, and reading between them, blur as well: by about half a pixel.
    assert across.blur == pytest.approx(np.hypot(blur, 0.5), rel=0.1)


def test_contrast_brightness_and_sign_do_not_matter(fibres):
    covered = fibres([4, 8])
    blurred = gaussian_filter(covered, 1.0)
    first, _ = sections(covered, blurred)
    for changed in (200 - 30 * blurred, 1e-3 * blurred, 5e4 * blurred + 1e4):
        assert sections(covered, changed)[0] == pytest.approx(first, rel=2e-3)


def test_a_ground_that_rises_does_not_matter(fibres):
    covered = fibres([4, 8])
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    blurred = 100 - 50 * gaussian_filter(covered, 1.0)
    even, _ = sections(covered, blurred)
    assert sections(covered, blurred + 0.4 * x - 0.3 * y)[0] == pytest.approx(
        even, rel=0.01
    )


def test_a_neighbour_is_no_ground(coverage, fibre):
    near = [
        coverage(
            fibre(width=5, length=80, angle=0, centre=(30.2 + k, 60)),
            shape=(64, 120),
            samples=10,
        )
        for k in (0, 11)
    ]
    covered = near[0] + near[1]
    widths, _ = sections(covered, 200 - 90 * gaussian_filter(covered, 0.8))
    assert widths == pytest.approx([5, 5], rel=0.05)


def test_a_picture_that_shows_no_lines_gives_no_widths(fibres):
    covered = fibres([4, 8])
    rng = np.random.default_rng(0)
    _, across = sections_of_nothing(covered, rng.normal(100, 10, SHAPE))
    assert np.isfinite(across.widths).mean() < 0.2


def sections_of_nothing(covered, grey):
    found = measure_thin(covered >= 0.5)
    known = np.ones(covered.shape, bool)
    across = widths_from_grey(found.lines, grey, covered >= 0.5, known, widths=found.widths)
    return found, across


def test_a_flat_picture_gives_no_widths_and_no_blur(fibres):
    _, across = sections_of_nothing(fibres([4, 8]), np.full(SHAPE, 7.0))
    assert np.isnan(across.widths).all()
    assert across.blur is None


def test_lines_of_the_other_sign_are_left_out(fibres):
    covered = fibres([5, 9])
    rows = np.arange(SHAPE[0])[:, np.newaxis]
    signed = np.where(rows < SHAPE[0] // 2, 1, -1) * gaussian_filter(covered, 1)
    found, across = sections_of_nothing(covered, signed)
    upper = found.lines.points[:, 0] < SHAPE[0] / 2 - 8
    lower = found.lines.points[:, 0] > SHAPE[0] / 2 + 8
    shares = [np.isfinite(across.widths[part]).mean() for part in (upper, lower)]
    assert min(shares) < 0.05
    assert max(shares) > 0.5


def test_values_that_are_no_number_or_excluded_are_not_read(fibres):
    covered = fibres([5, 9])
    grey = gaussian_filter(covered, 1.0)
    included = np.ones(SHAPE, bool)
    included[:50] = False
    broken = np.where(included, grey, np.nan)
    widths, across = sections(covered, broken, included=included)
    assert sorted(widths) == pytest.approx([5, 9], rel=0.05)
    found = measure_thin(covered >= 0.5, included=included)
    assert np.isnan(across.widths[found.lines.points[:, 0] < 49]).all()


def test_a_few_sections_tell_no_blur():
    mask = np.zeros((20, 30), bool)
    mask[8:12, 8:20] = True
    _, across = sections_of_nothing(mask.astype(float), 1.0 * mask)
    assert across.blur is None
