import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import PictureError
from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import measure, measure_volume

SPACING = (5.0, 1.0, 1.5)  # mm


def labelled(data, spacing=SPACING, pixels=None, excluded=None):
    data = np.asarray(data, np.uint32)
    size = None
    if spacing is not None:
        z, y, x = spacing
        size = PixelSize(z=z, y=y, x=x, unit="mm", source="typed")
    pixels = np.zeros(data.shape, np.int16) if pixels is None else pixels
    image = Image(pixels, axes="ZYX", pixel_size=size, excluded=excluded)
    return Labels(data, image)


def ellipsoid(axes, spacing, shift=(0, 0, 0)):
    """Return an ellipsoid of these half axes, in the unit of the spacing."""
    sides = [
        int(np.ceil(half / step)) + 2 for half, step in zip(axes, spacing, strict=True)
    ]
    places = [
        (np.arange(-side, side + 1) + off) * step / half
        for side, off, step, half in zip(sides, shift, spacing, axes, strict=True)
    ]
    z, y, x = np.meshgrid(*places, indexing="ij")
    return (z**2 + y**2 + x**2 <= 1).astype(np.uint32)


def test_a_box_by_hand():
    data = np.zeros((6, 7, 8))
    data[1:3, 2:5, 3:7] = 4
    pixels = np.arange(6 * 7 * 8, dtype=np.int16).reshape(6, 7, 8)
    row = measure_volume(labelled(data, pixels=pixels)).iloc[0]
    assert (row.label, row.volume_px) == (4, 24)
    assert row.volume_ml == pytest.approx(24 * 7.5 / 1000)
    assert row.volume_um3 == pytest.approx(24 * 7.5e9)
    assert row.equivalent_diameter_um == pytest.approx(1e3 * np.cbrt(6 * 180 / np.pi))
    assert [row[f"centroid_{axis}_px"] for axis in "zyx"] == [1.5, 3, 4.5]
    assert [row[f"bbox_{axis}_min_px"] for axis in "zyx"] == [1, 2, 3]
    assert [row[f"bbox_{axis}_max_px"] for axis in "zyx"] == [3, 5, 7]
    # A box's variance is its length squared by 12: the axis is its length by sqrt(5 / 3).
    sides = np.sort([2 * 5.0, 3 * 1.0, 4 * 1.5]) * 1e3
    names = ("minor", "middle", "major")
    found = [row[f"axis_{name}_length_um"] for name in names]
    assert np.allclose(found, sides * np.sqrt(5 / 3))
    inside = pixels[1:3, 2:5, 3:7]
    assert row.intensity_mean == pytest.approx(inside.mean())
    assert row.intensity_std == pytest.approx(inside.std())
    assert (row.intensity_min, row.intensity_max) == (inside.min(), inside.max())
    assert not row.touches_edge
    assert row.too_small_for_shape


@pytest.mark.parametrize("spacing", [(1, 1, 1), (2.5, 0.8, 0.8), (1, 2, 2)])
@pytest.mark.parametrize("axes", [(12, 12, 12), (20, 12, 10)])
def test_balls_and_ellipsoids_are_measured_as_geometry_says(axes, spacing):
    row = measure_volume(labelled(ellipsoid(axes, spacing), spacing)).iloc[0]
    volume = 4 / 3 * np.pi * np.prod(axes)
    assert row.volume_ml == pytest.approx(volume / 1e3, rel=0.02)
    assert row.equivalent_diameter_um == pytest.approx(
        2e3 * np.cbrt(np.prod(axes)), rel=0.01
    )
    names = ("major", "middle", "minor")
    found = [row[f"axis_{name}_length_um"] for name in names]
    assert np.allclose(found, 2e3 * np.sort(axes)[::-1], rtol=0.02)
    a, b, c = (half**1.6075 for half in axes)  # Thomsen's formula, good to 1.1 %
    area = 4 * np.pi * ((a * b + a * c + b * c) / 3) ** (1 / 1.6075)
    assert row.surface_area_um2 == pytest.approx(area * 1e6, rel=0.06)
    if axes == (12, 12, 12):
        assert row.sphericity == pytest.approx(1, abs=0.05)


@given(st.permutations(range(3)), st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_turning_a_volume_with_its_voxels_changes_no_size(order, seed):
    rng = np.random.default_rng(seed)
    data = rng.integers(0, 4, (4, 5, 6))
    before = measure_volume(labelled(data))
    sides = tuple(SPACING[axis] for axis in order)
    after = measure_volume(labelled(data.transpose(order), sides))
    sizes = [name for name in before if "length" in name or "volume" in name]
    sizes += ["surface_area_um2", "sphericity", "equivalent_diameter_um", "touches_edge"]
    pd.testing.assert_frame_equal(before[sizes], after[sizes])
    for new, old in enumerate(order):
        a, b = "zyx"[new], "zyx"[old]
        for name in ("centroid_{}_px", "bbox_{}_min_px", "bbox_{}_max_px"):
            moved = after[name.format(a)].to_numpy()
            assert np.allclose(moved, before[name.format(b)].to_numpy())


@given(st.floats(0.1, 10), st.tuples(*[st.integers(1, 4)] * 3))
@settings(max_examples=15)
def test_scaling_voxels_scales_sizes_and_moving_changes_none(scale, shift):
    blob = ellipsoid((9, 4, 5), SPACING)
    before = measure_volume(labelled(np.pad(blob, 4))).iloc[0]
    moved = np.pad(blob, [(step, 8 - step) for step in shift])
    after = measure_volume(labelled(moved, [scale * side for side in SPACING])).iloc[0]
    powers = {"volume_um3": 3, "surface_area_um2": 2, "equivalent_diameter_um": 1}
    powers |= {f"axis_{name}_length_um": 1 for name in ("major", "middle", "minor")}
    for name, power in (powers | {"sphericity": 0}).items():
        assert after[name] == pytest.approx(before[name] * scale**power)
    assert after.centroid_z_px - before.centroid_z_px == pytest.approx(shift[0] - 4)


def test_every_voxel_is_counted_once():
    rng = np.random.default_rng(3)
    data = rng.choice([0, 2, 5, 7, 4_000_000_000], (6, 9, 8)).astype(np.uint32)
    table = measure_volume(labelled(data))
    assert table.label.tolist() == [2, 5, 7, 4_000_000_000]
    assert table.volume_px.sum() == np.count_nonzero(data)


def test_an_unknown_voxel_size_leaves_voxels():
    table = measure_volume(labelled(np.ones((3, 4, 5)), spacing=None))
    assert not [name for name in table if name.endswith(("_um", "_um2", "_um3", "_ml"))]
    assert {"volume_px", "surface_area_px", "equivalent_diameter_px"} <= set(table)


def test_an_unknown_distance_of_slices_is_refused():
    image = Image(
        np.zeros((2, 3, 4)), axes="ZYX", pixel_size=PixelSize(1, 1, "mm", "typed")
    )
    with pytest.raises(PictureError, match="distance of the slices"):
        measure_volume(Labels(np.ones((2, 3, 4), np.uint32), image))


def test_what_touches_the_border_or_what_is_left_out_says_so():
    data = np.zeros((7, 7, 7))
    data[0, 3, 3], data[3, 3, 3], data[4, 6, 2], data[5, 1, 5] = 1, 2, 3, 4
    excluded = np.zeros((7, 7, 7), bool)
    excluded[5, 1, 4] = True
    table = measure_volume(labelled(data, excluded=excluded))
    assert table.touches_edge.tolist() == [True, False, True, True]


def test_no_objects_give_an_empty_table_of_the_same_columns():
    empty = measure_volume(labelled(np.zeros((3, 3, 3))))
    full = measure_volume(labelled(np.ones((3, 3, 3))))
    assert len(empty) == 0
    assert list(empty) == list(full)


def test_a_spread_beside_a_large_offset_is_not_lost():
    rng = np.random.default_rng(0)
    pixels = (1_000_000 + rng.integers(0, 3, (6, 6, 6))).astype(np.int32)
    row = measure_volume(labelled(np.ones((6, 6, 6)), pixels=pixels)).iloc[0]
    assert row.intensity_std == pytest.approx(pixels.std(), rel=1e-6)


def test_pictures_and_volumes_have_one_door():
    labels = labelled(np.ones((3, 3, 3)))
    pd.testing.assert_frame_equal(measure(labels), measure_volume(labels))
    with pytest.raises(PictureError, match="expected a volume"):
        measure_volume(Labels(np.ones((3, 3), np.uint32), Image(np.zeros((3, 3)))))
