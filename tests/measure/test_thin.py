"""Thin structures as a whole: networks of known size, units, borders, odd masks."""

import cv2
import numpy as np
import pandas as pd
import pytest

from segmetry.errors import PictureError
from segmetry.image import PixelSize
from segmetry.measure import measure_thin

EMPTY = np.zeros((40, 50), bool)


def numbers(found):
    return found.picture.set_index("quantity")["value"]


def bar(*, shape=(40, 80), rows=(18, 23), columns=(10, 70)):
    mask = np.zeros(shape, bool)
    mask[slice(*rows), slice(*columns)] = True
    return mask


def random_network(seed, *, shape=(160, 180), n=7):
    rng = np.random.default_rng(seed)
    mask = np.zeros(shape, np.uint8)
    for _ in range(n):
        (y0, y1), (x0, x1) = (rng.integers(15, side - 15, 2) for side in shape)
        cv2.line(mask, (int(x0), int(y0)), (int(x1), int(y1)), 1, int(rng.integers(3, 9)))
    return mask > 0


@pytest.mark.parametrize("seed", range(12))
def test_fibres_have_their_width_within_five_percent_and_their_length_within_two(
    coverage, fibre, seed
):
    rng = np.random.default_rng(seed)
    width = rng.uniform(3, 18)
    centre, angle = 100 + rng.uniform(-0.5, 0.5, 2), rng.uniform(0, np.pi)
    covered = coverage(
        fibre(width=width, length=140, angle=angle, centre=centre), shape=(200, 200)
    )
    found = measure_thin(covered >= 0.5, grey=180 - 100 * covered).segments
    assert found["length_px"].tolist() == pytest.approx([140], rel=0.02)
    assert found["width_mean_px"].tolist() == pytest.approx([width], rel=0.05)
    assert found["width_median_px"].tolist() == pytest.approx([width], rel=0.05)
    assert found["width_grey_mean_px"].tolist() == pytest.approx([width], rel=0.05)
    assert found["tortuosity"].tolist() == pytest.approx([1], abs=0.01)


@pytest.mark.parametrize("degrees", [60, 75, 90, 110])
def test_two_lines_that_cross_are_four_segments_of_their_widths(coverage, fibre, degrees):
    drawn = [
        fibre(width=width, length=120, angle=angle, centre=(80.3, 79.8))
        for width, angle in ((4, 0.3), (7, 0.3 + np.deg2rad(degrees)))
    ]
    mask = coverage(lambda y, x: drawn[0](y, x) | drawn[1](y, x), shape=(160, 160)) >= 0.5
    found = measure_thin(mask)
    told = numbers(found)
    assert (told["n_branch_points"], told["n_end_points"]) == (1, 4)
    assert told["total_length_px"] == pytest.approx(240, rel=0.02)
    widths = sorted(found.segments["width_median_px"])
    assert widths == pytest.approx([4, 4, 7, 7], rel=0.05)
    assert found.segments["length_px"].tolist() == pytest.approx([60] * 4, rel=0.03)
    node = found.nodes[found.nodes["degree"] == 4]
    assert node[["x_px", "y_px"]].to_numpy()[0] == pytest.approx([79.8, 80.3], abs=1.5)


def test_lengths_are_in_micrometres_where_the_pixel_size_is_known():
    size = PixelSize(y=20, x=20, unit="nm", source="typed")
    in_px, in_um = measure_thin(bar()), measure_thin(bar(), pixel_size=size)
    shared = {"segment", "start_node", "end_node", "tortuosity", "n_sections"}
    shared |= {"orientation_deg", "touches_edge"}
    for name in set(in_um.segments) - shared:
        if name.endswith("_um"):
            pixels = in_px.segments[name.replace("_um", "_px")]
            assert np.allclose(in_um.segments[name], pixels * 0.02)
        else:
            assert name in {"start_x_px", "start_y_px", "end_x_px", "end_y_px"}
    told, told_px = numbers(in_um), numbers(in_px)
    assert told["total_length_um"] == pytest.approx(told_px["total_length_px"] * 0.02)
    assert told["length_density_per_um"] == pytest.approx(
        told_px["length_density_per_px"] / 0.02
    )
    assert told["included_area_um2"] == pytest.approx(40 * 80 * 0.02**2)
    assert told["area_fraction"] == told_px["area_fraction"] == 300 / 3200
    assert set(in_um.picture["unit"]) == {"", "um", "um2", "1/um", "px"}


def test_the_unit_of_the_pixel_size_does_not_matter():
    sizes = [PixelSize(s, s, unit, "typed") for s, unit in ((0.5, "um"), (500.0, "nm"))]
    one, other = (measure_thin(bar(), pixel_size=size) for size in sizes)
    pd.testing.assert_frame_equal(one.segments, other.segments)


@pytest.mark.parametrize("seed", range(5))
def test_a_quarter_turn_changes_little(seed):
    mask = random_network(seed)
    first, turned = (numbers(measure_thin(m)) for m in (mask, np.rot90(mask).copy()))
    assert turned["total_length_px"] == pytest.approx(first["total_length_px"], rel=0.02)
    assert turned["width_mean_px"] == pytest.approx(first["width_mean_px"], rel=0.04)
    assert turned["area_fraction"] == first["area_fraction"]


@pytest.mark.parametrize("seed", range(5))
def test_twice_the_pixels_are_twice_the_lengths_and_widths(seed):
    mask = random_network(seed)
    larger = np.kron(mask, np.ones((2, 2), bool))
    once, twice = numbers(measure_thin(mask)), numbers(measure_thin(larger))
    assert twice["total_length_px"] == pytest.approx(2 * once["total_length_px"], rel=0.08)
    assert twice["width_median_px"] == pytest.approx(2 * once["width_median_px"], rel=0.05)


@pytest.mark.parametrize("seed", range(8))
def test_the_area_of_a_network_is_about_length_times_width(seed):
    mask = random_network(seed, n=4)
    told = numbers(measure_thin(mask))
    area = np.count_nonzero(mask)
    assert told["total_length_px"] * told["width_mean_px"] == pytest.approx(area, rel=0.15)


def test_nodes_and_segments_tell_the_same_graph():
    found = measure_thin(random_network(1))
    ends = found.segments[["start_node", "end_node"]].to_numpy().ravel()
    counts = pd.Series(ends[ends > 0]).value_counts().sort_index()
    assert counts.index.tolist() == found.nodes["node"].tolist()
    assert counts.tolist() == found.nodes["degree"].tolist()
    places = found.nodes.set_index("node")[["x_px", "y_px"]]
    for side in ("start", "end"):
        at_end = found.segments[[f"{side}_x_px", f"{side}_y_px"]].to_numpy()
        assert np.allclose(places.loc[found.segments[f"{side}_node"]], at_end)


def test_a_line_cut_by_the_border_has_cut_ends_there():
    found = measure_thin(bar(columns=(0, 80)))
    assert numbers(found)[["n_cut_ends", "n_end_points"]].tolist() == [2, 0]
    assert found.segments["touches_edge"].tolist() == [True]
    assert found.segments["length_px"].tolist() == pytest.approx([80], abs=0.2)
    assert found.segments["width_mean_px"].tolist() == pytest.approx([5])


def test_a_line_cut_by_the_excluded_area_is_measured_inside():
    mask = bar(columns=(0, 80))
    included = np.ones(mask.shape, bool)
    included[:, 50:] = False
    found = measure_thin(mask, included=included)
    assert found.segments["length_px"].tolist() == pytest.approx([50], abs=0.5)
    assert found.segments["width_mean_px"].tolist() == pytest.approx([5])
    told = numbers(found)
    assert told["included_area_px2"] == 40 * 50
    assert told["area_fraction"] == 5 / 40
    assert told["n_cut_ends"] == 2


def test_a_closed_ring_has_no_nodes_and_no_chord():
    y, x = np.mgrid[:90, :90]
    found = measure_thin(np.abs(np.hypot(y - 45.2, x - 44.7) - 30) <= 2.5)
    row = found.segments.iloc[0]
    assert (row["start_node"], row["end_node"], len(found.nodes)) == (0, 0, 0)
    assert row["length_px"] == pytest.approx(2 * np.pi * 30, rel=0.01)
    assert row["width_mean_px"] == pytest.approx(5, rel=0.03)
    assert row[["chord_px", "tortuosity", "orientation_deg"]].isna().all()
    assert numbers(found)["n_end_points"] == 0


@pytest.mark.parametrize("axis", [0, 1])
def test_a_line_of_one_pixel_is_measured(axis):
    line = np.zeros((40, 60), bool)
    line[20, 10:50] = True
    found = measure_thin(line if axis else line.T.copy()).segments
    assert found["length_px"].tolist() == pytest.approx([40], abs=0.1)
    assert found["width_mean_px"].tolist() == pytest.approx([1])


def test_holes_in_a_line_make_loops():
    mask = bar(columns=(0, 80))
    mask[20, 40] = False
    found = measure_thin(mask)
    assert numbers(found)["n_branch_points"] == 2
    assert len(found.segments) == 4


@pytest.mark.parametrize(
    ("mask", "n_specks"),
    [
        (EMPTY, 0),
        (~EMPTY, 1),
        (np.ones((1, 1), bool), 1),
        (np.pad(np.ones((1, 1), bool), 5), 1),
        (np.pad(np.ones((2, 2), bool), 5), 1),
        (np.pad(np.ones((20, 20), bool), 5), 1),
    ],
)
def test_what_has_no_thin_line_has_empty_tables(mask, n_specks):
    found = measure_thin(mask, grey=mask.astype(float))
    assert (len(found.segments), len(found.nodes), len(found.widths)) == (0, 0, 0)
    told = numbers(found)
    assert told["n_specks"] == n_specks
    assert told["total_length_px"] == told["n_segments"] == 0
    assert told["area_fraction"] == mask.mean()
    assert told[["width_mean_px", "tortuosity_mean", "fractal_dimension"]].isna().all()
    full = measure_thin(bar(), grey=np.zeros((40, 80)))
    assert list(found.segments) == list(full.segments)
    assert found.picture["quantity"].tolist() == full.picture["quantity"].tolist()


def test_nothing_included_has_no_density():
    found = measure_thin(bar(), included=np.zeros((40, 80), bool))
    assert numbers(found)[["area_fraction", "length_density_per_px"]].isna().all()


def test_discs_beside_lines_are_specks():
    y, x = np.mgrid[:60, :120]
    mask = np.hypot(y - 30, x - 100) < 12
    mask[28:33, 5:75] = True
    told = numbers(measure_thin(mask))
    assert (told["n_segments"], told["n_specks"]) == (1, 1)


def test_side_branches_are_kept_when_asked():
    mask = bar(rows=(18, 25))
    mask[15:18, 40] = True
    assert len(measure_thin(mask).segments) == 1
    assert len(measure_thin(mask, prune=0).segments) >= 3


def test_the_mask_is_left_as_it_was():
    mask = bar()
    before = mask.copy()
    mask.flags.writeable = False
    measure_thin(mask, included=np.ones(mask.shape, bool))
    assert np.array_equal(mask, before)


@pytest.mark.parametrize("view", [np.s_[::-1, ::2], np.s_[:, ::-1], np.s_[::2]])
def test_views_are_measured_like_copies(view):
    mask = random_network(3)
    grey, included = 100.0 * mask, np.ones_like(mask)
    parts = [np.asfortranarray(array)[view] for array in (mask, grey, included)]
    for part in parts:
        part.flags.writeable = False
    one, other = (
        measure_thin(part[0], grey=part[1], included=part[2])
        for part in (parts, [part.copy(order="C") for part in parts])
    )
    pd.testing.assert_frame_equal(one.segments, other.segments)
    pd.testing.assert_frame_equal(one.picture, other.picture)


@pytest.mark.parametrize(
    "mask", [np.zeros((4, 5)), np.zeros((4, 5), np.uint8), np.zeros((2, 4, 5), bool)]
)
def test_a_mask_that_is_none_is_refused(mask):
    with pytest.raises(ValueError, match="mask must be boolean with axes Y and X"):
        measure_thin(mask)


@pytest.mark.parametrize("name", ["grey", "included"])
def test_another_shape_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} must have the mask's shape"):
        measure_thin(EMPTY, **{name: np.zeros((3, 3), bool)})


def test_pixels_that_are_not_square_are_refused():
    size = PixelSize(y=2, x=1, unit="um", source="typed")
    with pytest.raises(PictureError, match="need square pixels, got pixels of 1 x 2 um"):
        measure_thin(bar(), pixel_size=size)


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="prune must be 0 or more widths, got -1"):
        measure_thin(bar(), prune=-1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["21", "35"])
def test_vessels_of_a_retina_are_one_to_some_twelve_pixels_wide(data, name):
    from segmetry.io import read

    folder = data("drive/train")
    mask, view = (
        read(next((folder / part).glob(f"{name}*"))).grey > 127 for part in ("masks", "fov")
    )
    green = read(next((folder / "images").glob(f"{name}*"))).pixels[..., 1].astype(float)
    found = measure_thin(mask, grey=green, included=view)
    told = numbers(found)
    assert 5000 < told["total_length_px"] < 12000
    assert 0.8 < told["width_p5_px"] < told["width_median_px"] < 5
    assert 4 < told["width_p95_px"] < 12
    assert told["width_grey_mean_px"] == pytest.approx(told["width_mean_px"], rel=0.25)
    assert 1.2 < told["fractal_dimension"] < 1.6
    assert 1 <= told["tortuosity_mean"] < 1.3
