"""Thin structures end to end: drawn networks and curves whose geometry is known."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from segmetry.measure import measure_thin

SHAPE = (220, 220)
CENTRE = np.array([109.6, 110.3])


def numbers(found):
    return found.picture.set_index("quantity")["value"]


def turned(places, angle):
    """Places relative to the centre, (y, x), turned about it."""
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.asarray(places, float) @ np.array([[cosine, sine], [-sine, cosine]]) + CENTRE


def any_of(shapes):
    return lambda y, x: np.any([inside(y, x) for inside in shapes], axis=0)


@pytest.fixture(scope="module")
def star(coverage, fibre):
    """Return a function that draws spokes of some widths from the centre, turned."""

    def draw(widths, *, length=80, turn=0.0, samples=5):
        spokes = []
        for k, width in enumerate(widths):
            angle = 2 * np.pi * k / len(widths) + turn
            middle = CENTRE + length / 2 * np.array([-np.sin(angle), np.cos(angle)])
            spokes.append(fibre(width=width, length=length, angle=angle, centre=middle))
        return coverage(any_of(spokes), shape=SHAPE, samples=samples)

    return draw


@pytest.fixture(scope="module")
def lattice(coverage, fibre):
    """Return a function that draws two families of parallel fibres that cross, turned."""

    def draw(width, *, turn=0.0, n=3, pitch=40, length=150):
        fibres = []
        for k in range(n):
            aside = pitch * (k - (n - 1) / 2)
            for angle, place in ((0.0, (aside, 0)), (np.pi / 2, (0, aside))):
                centre = turned(place, turn)
                fibres.append(
                    fibre(width=width, length=length, angle=angle + turn, centre=centre)
                )
        return coverage(any_of(fibres), shape=SHAPE)

    return draw


@pytest.mark.parametrize("turn", [0.05, 0.4, 0.9])
@pytest.mark.parametrize("widths", [(4, 4, 4), (3, 5, 8), (6, 10, 6), (3, 6, 4, 7)])
def test_spokes_meet_in_one_branch_point_and_keep_width_and_length(star, widths, turn):
    covered = star(widths, turn=turn)
    found = measure_thin(covered >= 0.5, grey=150 - 80 * gaussian_filter(covered, 0.7))
    told = numbers(found)
    assert (told["n_branch_points"], told["n_end_points"]) == (1, len(widths))
    assert found.segments["length_px"].tolist() == pytest.approx(
        [80] * len(widths), rel=0.03
    )
    for kind in ("width", "width_grey"):
        measured = sorted(found.segments[f"{kind}_median_px"])
        assert measured == pytest.approx(sorted(widths), rel=0.05)


@pytest.mark.parametrize("turn", [0.03, 0.3, 0.7])
@pytest.mark.parametrize("width", [3, 5, 8])
def test_a_lattice_has_its_meshes_its_length_and_its_width(lattice, width, turn):
    found = measure_thin(lattice(width, turn=turn) >= 0.5)
    told = numbers(found)
    assert told["n_branch_points"] == 9
    assert told["n_end_points"] == 12
    assert told["n_segments"] == 12 + 12  # of meshes, and free ends
    assert sorted(found.nodes["degree"]) == [1] * 12 + [4] * 9
    assert told["total_length_px"] == pytest.approx(6 * 150, rel=0.02)
    assert told["width_mean_px"] == pytest.approx(width, rel=0.05)
    inner = found.segments[found.segments["length_px"] < 47]
    between = inner[~inner[["start_node", "end_node"]].isin(_ends(found)).any(axis=1)]
    assert between["length_px"].tolist() == pytest.approx([40] * 12, abs=2)


def _ends(found):
    return found.nodes.loc[found.nodes["degree"] == 1, "node"].tolist()


def test_turning_a_network_changes_no_number_much(star):
    told = [
        numbers(measure_thin(star((3, 5, 8), turn=turn) >= 0.5))
        for turn in np.linspace(0, 2, 9)
    ]
    for name in ("total_length_px", "width_mean_px", "width_median_px", "tortuosity_mean"):
        values = np.array([one[name] for one in told])
        assert np.ptp(values) < 0.06 * values.mean(), name


@pytest.mark.parametrize("scale", [0.75, 1.5, 2])
def test_a_finer_raster_gives_the_same_lengths_in_micrometres(coverage, fibre, scale):
    from segmetry.image import PixelSize

    side = int(120 * scale)
    drawn = fibre(
        width=6 * scale, length=80 * scale, angle=0.6, centre=(side / 2, side / 2)
    )
    size = PixelSize(y=1 / scale, x=1 / scale, unit="um", source="typed")
    mask = coverage(drawn, shape=(side, side)) >= 0.5
    row = measure_thin(mask, pixel_size=size).segments.iloc[0]
    assert row["length_um"] == pytest.approx(80, rel=0.02)
    assert row["width_mean_um"] == pytest.approx(6, rel=0.05)


@pytest.mark.parametrize(("radius", "width"), [(40, 4), (50, 6), (70, 10)])
@pytest.mark.parametrize("turn", [0.8, 2.0, 4.0])
def test_arcs_keep_length_width_and_tortuosity(coverage, arc, radius, width, turn):
    drawn = arc(width=width, radius=radius, turn=turn, centre=CENTRE)
    covered = coverage(drawn, shape=SHAPE)
    found = measure_thin(covered >= 0.5, grey=50 + 80 * gaussian_filter(covered, 0.8))
    row = found.segments.iloc[0]
    assert row["length_px"] == pytest.approx(radius * turn, rel=0.025)
    assert row["width_mean_px"] == pytest.approx(width, rel=0.05)
    assert row["width_grey_mean_px"] == pytest.approx(width, rel=0.05)
    truth = turn / (2 * np.sin(turn / 2))
    assert row["tortuosity"] == pytest.approx(truth, rel=0.04)


@pytest.mark.parametrize(("height", "period"), [(6, 60), (10, 80), (14, 70)])
def test_waves_keep_their_width(height, period):
    along = np.linspace(-30, 250, 6000)
    across = CENTRE[0] + height * np.sin(2 * np.pi * along / period)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    mask = np.zeros(SHAPE, bool)
    for v, u in zip(across[::10], along[::10], strict=True):
        mask |= np.hypot(y - v, x - u) <= 3
    row = measure_thin(mask).segments.iloc[0]
    inside = (along >= -0.5) & (along <= SHAPE[1] - 0.5)
    length = np.hypot(np.diff(along[inside]), np.diff(across[inside])).sum()
    assert row["length_px"] == pytest.approx(length, rel=0.02)
    assert row["width_mean_px"] == pytest.approx(6, rel=0.05)
    assert row["touches_edge"]
    assert row["tortuosity"] == pytest.approx(length / 220, rel=0.03)


@pytest.mark.parametrize("seed", range(4))
def test_a_rough_outline_makes_no_branches(coverage, fibre, seed):
    rng = np.random.default_rng(seed)
    drawn = fibre(width=9, length=150, angle=rng.uniform(0, np.pi), centre=CENTRE)
    covered = gaussian_filter(coverage(drawn, shape=SHAPE), 1)
    rough = covered + gaussian_filter(rng.normal(0, 1, SHAPE), 1) * 0.35 > 0.5
    from skimage.measure import label

    pieces = label(rough)
    mask = pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
    found = measure_thin(mask)
    lengthy = found.segments["length_px"] > 20
    assert lengthy.sum() <= 3
    assert found.segments["length_px"].sum() == pytest.approx(150, rel=0.12)


@pytest.mark.parametrize("seed", range(3))
def test_broken_lines_are_as_long_as_their_pieces(seed):
    rng = np.random.default_rng(seed)
    mask = np.zeros((60, 400), bool)
    mask[28:33, 10:390] = True
    gaps = np.sort(rng.choice(np.arange(40, 360, 40), 4, replace=False))
    for gap in gaps:
        mask[:, gap : gap + 4] = False
    told = numbers(measure_thin(mask))
    assert told["n_segments"] == 5
    assert told["total_length_px"] == pytest.approx(380 - 4 * 4, rel=0.01)
    assert told["n_end_points"] == 10
