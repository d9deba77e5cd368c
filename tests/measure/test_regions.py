import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, label

from segmetry.errors import RegionError
from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import measure
from segmetry.measure.regions import (
    count_in_regions,
    included_area,
    region_mask,
    whole_picture,
    within,
)
from segmetry.region import Region


def star(seed, *, n=16, centre=(30.0, 25.0), radius=22.0):
    rng = np.random.default_rng(seed)
    angles = 2 * np.pi * (np.arange(n) + rng.uniform(0, 1, n)) / n
    radii = radius * rng.uniform(0.4, 1, n)
    return np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None] + centre


def box(x, y, width, height, name="box"):
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return Region(name, (np.array(corners, dtype=float),))


def field(seed, shape=(50, 60), size=None):
    rng = np.random.default_rng(seed)
    noise = gaussian_filter(rng.random(shape), 1.2)
    data = label(noise > np.quantile(noise, 0.8))[0].astype(np.uint32)
    return Labels(data, Image(np.zeros(shape, np.uint8), pixel_size=size))


def count(labels, regions, **options):
    return count_in_regions(labels, measure(labels), regions, **options)


@pytest.mark.parametrize("seed", range(25))
def test_the_mask_holds_the_pixels_whose_centres_lie_inside(seed):
    region = Region("star", (star(seed), star(seed + 99, radius=5)))
    rows, columns = np.mgrid[:50, :60]
    centres = np.column_stack([columns.ravel(), rows.ravel()]) + 0.5
    assert region_mask(region, (50, 60)).ravel().tolist() == region.holds(centres).tolist()


@pytest.mark.parametrize("seed", range(10))
def test_the_mask_is_as_large_as_the_outline_but_for_its_edge(seed):
    region = Region("star", (star(seed, centre=(300, 250), radius=200),))
    pixels = region_mask(region, (500, 600)).sum()
    assert abs(pixels - region.area) < 0.01 * region.area


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 40), st.integers(1, 40))
def test_a_rectangle_of_whole_pixels_has_just_these(x, y, width, height):
    mask = region_mask(box(x, y, width, height), (30, 35))
    expected = np.zeros((30, 35), bool)
    expected[y : y + height, x : x + width] = True
    assert np.array_equal(mask, expected)


def test_a_comb_of_many_teeth_is_filled_rightly():
    # More sides in one row than an 8-bit number can count.
    x = np.arange(0, 1200, 2.0)
    teeth = np.column_stack([np.repeat(x, 2), np.tile([0.0, 10.0, 10.0, 0.0], len(x) // 2)])
    mask = region_mask(
        Region("comb", (np.vstack([teeth, [[1198, -5], [0, -5]]]),)), (10, 1200)
    )
    assert np.array_equal(
        mask[4], (np.arange(1200) // 2 % 2 == 0) & (np.arange(1200) < 1198)
    )


@pytest.mark.parametrize("seed", range(15))
def test_over_regions_that_cover_the_picture_counts_and_areas_sum_to_the_whole(seed):
    labels = field(seed)
    rng = np.random.default_rng(seed)
    cut = np.column_stack([np.linspace(0, 60, 9), rng.uniform(10, 40, 9)])
    above = Region("above", (np.vstack([cut, [[60, 0], [0, 0]]]),))
    below = Region("below", (np.vstack([cut, [[60, 50], [0, 50]]]),))
    found = count(labels, [above, below])
    assert found.table["n_objects"].sum() == len(labels.ids)
    assert found.table["area_px"].sum() == pytest.approx(50 * 60)
    assert (found.holds.sum(axis=1) == 1).all()


@pytest.mark.parametrize("frames", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_over_a_lattice_of_rectangles_each_whole_object_counts_once(seed, frames):
    data = np.pad(field(seed).data, 20)
    labels = Labels(data, Image(np.zeros(data.shape, np.uint8)))
    lattice = [
        box(x, y, min(17.3, 100 - x), min(13.7, 90 - y), name=f"{x:g} {y:g}")
        for x in np.arange(0, 100, 17.3)
        for y in np.arange(0, 90, 13.7)
    ]
    found = count(labels, lattice, counting_frames=frames)
    assert (found.holds.sum(axis=1) == 1).all()
    assert found.table["rule"].unique().tolist() == [
        "counting frame" if frames else "centroid"
    ]


def test_a_centroid_is_told_from_the_corner_of_the_picture():
    # The one pixel of column 9 has its centre at 9.5: in the region that begins at 9.
    data = np.zeros((4, 12), np.uint32)
    data[1, 9] = 5
    labels = Labels(data, Image(np.zeros((4, 12), np.uint8)))
    found = count(labels, [box(0, 0, 9, 4, "left"), box(9, 0, 3, 4, "right")])
    assert found.table["n_objects"].tolist() == [0, 1]
    assert found.names.tolist() == ["right"]


def test_overlapping_regions_count_an_object_each_and_all_are_named():
    labels = field(3)
    found = count(labels, [whole_picture("all", (50, 60)), box(0, 0, 30, 50, "left")])
    assert found.table["n_objects"][0] == len(labels.ids)
    assert set(found.names) == {"all", "all; left"}
    assert (found.names == "all; left").sum() == found.table["n_objects"][1]


def test_a_region_without_objects_counts_none_and_has_no_mean():
    labels = Labels(np.zeros((9, 9), np.uint32), Image(np.zeros((9, 9), np.uint8)))
    table = count(labels, [box(0, 0, 4, 4)]).table
    assert table["n_objects"].tolist() == [0]
    assert table["mean_equivalent_diameter_px"].isna().all()


def test_areas_and_sizes_have_units_where_the_pixel_size_is_known():
    size = PixelSize(y=500, x=250, unit="nm", source="typed")
    labels = field(1, size=size)
    table = count(labels, [whole_picture("all", (50, 60))]).table
    assert table["area_mm2"][0] == pytest.approx(50 * 0.0005 * 60 * 0.00025)
    mean = measure(labels)["equivalent_diameter_um"].mean()
    assert table["mean_equivalent_diameter_um"][0] == pytest.approx(mean)
    assert "mean_equivalent_diameter_px" not in table


def test_excluded_area_is_not_counted():
    excluded = np.zeros((20, 20), bool)
    excluded[15:] = True
    image = Image(np.zeros((20, 20), np.uint8), excluded=excluded)
    assert included_area(box(0, 0, 10, 20), image) == pytest.approx(150)
    assert included_area(box(0, 16, 10, 4), image) == 0
    assert included_area(box(2.25, 2.25, 3.5, 3.5), image) == pytest.approx(3.5**2)


def test_no_regions_are_no_rows():
    found = count(field(0), [])
    assert len(found.table) == 0
    assert set(found.names) == {""}


def test_a_region_that_passes_the_edge_a_little_is_cut_there():
    region = within(box(-0.4, 2, 21.2, 18.9), (20, 20))
    assert region.bounds == (0, 2, 20, 20)


@pytest.mark.parametrize("region", [box(-2, 0, 9, 9), box(5, 5, 9, 17), box(500, 0, 9, 9)])
def test_a_region_of_another_picture_is_refused(region):
    with pytest.raises(
        RegionError, match="box reaches from .* but the picture has 20 x 20"
    ):
        within(region, (20, 20))


@settings(max_examples=30)
@given(st.integers(0, 99), st.integers(1, 4))
def test_counts_do_not_change_where_everything_is_enlarged(seed, scale):
    labels = field(seed % 7, shape=(30, 30))
    region = Region("star", (star(seed, centre=(15, 15), radius=13),))
    large = np.kron(labels.data, np.ones((scale, scale), np.uint32))
    enlarged = Labels(large, Image(np.zeros(large.shape, np.uint8)))
    again = Region("star", (region.rings[0] * scale,))
    small_table, large_table = (
        count(*one).table for one in ((labels, [region]), (enlarged, [again]))
    )
    assert small_table["n_objects"].tolist() == large_table["n_objects"].tolist()
    assert large_table["area_px"][0] == pytest.approx(scale**2 * small_table["area_px"][0])
