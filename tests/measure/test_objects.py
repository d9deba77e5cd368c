import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_st
from scipy.ndimage import gaussian_filter
from skimage.measure import regionprops_table

from segmetry.errors import PictureError
from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import PERIMETERS, measure

PLACES = [
    "centroid_x_px",
    "centroid_y_px",
    "bbox_x_min_px",
    "bbox_y_min_px",
    "bbox_x_max_px",
    "bbox_y_max_px",
]
SHAPES_UM = [
    "axis_major_length_um",
    "axis_minor_length_um",
    "orientation_deg",
    "eccentricity",
    "feret_diameter_max_um",
    "feret_diameter_min_um",
    "perimeter_um",
    "circularity",
    "aspect_ratio",
    "solidity",
    "extent",
    "euler_number",
    "intensity_mean",
    "intensity_std",
    "intensity_min",
    "intensity_max",
    "intensity_mean_above_background",
    "touches_edge",
    "too_small_for_shape",
]
COLUMNS_UM = [
    "label",
    "area_px",
    "area_um2",
    "equivalent_diameter_um",
    *PLACES,
    *SHAPES_UM,
]
COLUMNS_PX = [
    "label",
    "area_px",
    "equivalent_diameter_px",
    *PLACES,
    *(name.replace("_um", "_px") for name in SHAPES_UM),
]
INTEGERS = {"area_px", "euler_number", *PLACES[2:]}
LENGTHS = [name for name in COLUMNS_UM if name.endswith("_um")]
HIGHEST = 2**32 - 1

SCENES = numpy_st.arrays(
    np.uint32,
    numpy_st.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12),
    elements=st.sampled_from([0, 0, 0, 1, 2, 7, 500, HIGHEST]),
)


def pixel_size(x, y=None, unit="um"):
    return PixelSize(y=x if y is None else y, x=x, unit=unit, source="typed")


def table_of(labels, *, pixels=None, size=None, perimeters=(), excluded=None):
    labels = np.asarray(labels)
    pixels = np.zeros(labels.shape, np.uint8) if pixels is None else pixels
    image = Image(pixels, pixel_size=size, excluded=excluded)
    return measure(Labels(labels, image), perimeters=perimeters)


def blobs(seed, n=5, shape=(60, 80)):
    """Smooth objects in pieces and with holes, that touch each other and the border."""
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.normal(size=shape), rng.uniform(0.8, 3))
    numbers = gaussian_filter(rng.normal(size=shape), 4)
    edges = np.quantile(numbers, np.linspace(0, 1, n + 1)[1:-1])
    labels = (np.digitize(numbers, edges) + 1) * (field > 0.1 * field.std())
    return labels.astype(np.uint32), rng.integers(0, 250, shape).astype(np.uint8)


def assert_same(one, other, *, but=()):
    """Equal up to rounding, in all columns or all but some."""
    columns = [name for name in one.columns if name not in but]
    pd.testing.assert_frame_equal(one[columns], other[columns], rtol=1e-9, atol=1e-12)


def test_columns_with_a_pixel_size():
    assert list(table_of(np.eye(3, dtype=int), size=pixel_size(0.1)).columns) == COLUMNS_UM


def test_columns_without_a_pixel_size():
    assert list(table_of(np.eye(3, dtype=int)).columns) == COLUMNS_PX


@pytest.mark.parametrize("size", [None, pixel_size(0.2)])
def test_a_blank_picture_gives_an_empty_table_of_the_same_columns_and_types(size):
    full = table_of(np.ones((4, 4), int), size=size, perimeters=PERIMETERS)
    empty = table_of(np.zeros((4, 4), int), size=size, perimeters=PERIMETERS)
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


def test_types_of_columns():
    types = table_of(np.eye(3, dtype=int), size=pixel_size(0.1)).dtypes
    assert types["label"] == np.uint32
    for name in COLUMNS_UM[1:]:
        flags = name in ("touches_edge", "too_small_for_shape")
        expected = bool if flags else np.int64 if name in INTEGERS else np.float64
        assert types[name] == expected, name


def test_the_published_example_is_a_sixth_of_a_square_micrometre():
    # It was published as 0.9 µm²: lengths scale with the pixel, areas with its square.
    labels = np.zeros((40, 60), dtype=int)
    labels[5:25, 10:35] = 1
    table = table_of(labels, size=pixel_size(2 / 110))
    assert table.area_px[0] == 500
    assert table.area_um2[0] == pytest.approx(0.165, abs=5e-4)
    assert table.equivalent_diameter_um[0] == pytest.approx(0.4587, abs=5e-4)


def test_a_rectangle_has_the_sizes_of_a_rectangle():
    labels = np.zeros((50, 90), dtype=int)
    labels[10:30, 20:60] = 3
    row = table_of(labels, pixels=(labels * 20).astype(np.uint8)).iloc[0]
    assert (row.label, row.area_px) == (3, 800)
    assert (row.centroid_x_px, row.centroid_y_px) == (39.5, 19.5)
    assert row[PLACES[2:]].tolist() == [20, 10, 60, 30]
    assert row.feret_diameter_min_px == pytest.approx(20)
    assert row.feret_diameter_max_px == pytest.approx(np.hypot(40, 20), rel=0.02)
    assert row.aspect_ratio == pytest.approx(0.447, rel=0.02)
    assert row.perimeter_px == pytest.approx(120, rel=0.035)
    assert (row.solidity, row.extent, row.euler_number) == (1, 1, 1)
    assert row.orientation_deg == 0
    assert row.eccentricity == pytest.approx(np.sqrt(0.75))
    assert (row.intensity_mean, row.intensity_mean_above_background) == (60, 60)
    assert not row.touches_edge
    assert not row.too_small_for_shape


def test_a_large_disc_is_round():
    y, x = np.mgrid[:140, :140]
    row = table_of(((x - 70.2) ** 2 + (y - 69.7) ** 2 <= 60**2).astype(int)).iloc[0]
    assert row.equivalent_diameter_px == pytest.approx(120, rel=1e-3)
    assert row.circularity == pytest.approx(1, abs=0.005)
    assert row.aspect_ratio == pytest.approx(1, abs=0.02)
    assert row.eccentricity < 0.05


def test_circularity_is_not_clipped():
    assert table_of([[1]]).circularity[0] == pytest.approx(4 / np.pi)


def test_a_single_pixel_has_all_sizes():
    labels = np.zeros((20, 20), dtype=int)
    labels[9, 9] = 1
    row = table_of(labels, size=pixel_size(1.0)).iloc[0]
    assert np.isfinite(row.drop("orientation_deg").astype(float)).all()
    assert row.too_small_for_shape
    assert (row.solidity, row.extent) == (1, 1)


@pytest.mark.parametrize(("n_pixels", "too_small"), [(78, True), (79, False)])
def test_ten_pixels_across_is_large_enough_for_shape(n_pixels, too_small):
    assert np.sqrt(4 * 79 / np.pi) > 10 > np.sqrt(4 * 78 / np.pi)
    table = table_of(np.ones((1, n_pixels), dtype=int), size=pixel_size(0.001))
    assert table.too_small_for_shape[0] == too_small


def test_excluded_pixels_are_an_edge():
    labels = np.zeros((30, 30), dtype=int)
    labels[10:20, 10:20] = 1
    excluded = np.zeros((30, 30), dtype=bool)
    assert not table_of(labels, excluded=excluded).touches_edge[0]
    excluded[20:] = True
    assert table_of(labels, excluded=excluded).touches_edge[0]


@pytest.mark.parametrize("unit", ["pm", "nm", "um", "mm"])
def test_lengths_are_micrometres_whatever_the_unit_of_the_pixel(unit):
    in_um = {"pm": 1e-6, "nm": 1e-3, "um": 1.0, "mm": 1e3}[unit]
    labels, pixels = blobs(0)
    found = table_of(labels, pixels=pixels, size=pixel_size(3.0, unit=unit))
    expected = table_of(labels, pixels=pixels, size=pixel_size(3.0 * in_um))
    assert_same(found, expected)


@pytest.mark.parametrize("seed", range(4))
def test_twice_the_pixel_is_twice_the_length_and_four_times_the_area(seed):
    labels, pixels = blobs(seed)
    one = table_of(labels, pixels=pixels, size=pixel_size(0.25))
    two = table_of(labels, pixels=pixels, size=pixel_size(0.5))
    assert_same(one, two, but=["area_um2", *LENGTHS])
    np.testing.assert_allclose(two.area_um2, 4 * one.area_um2)
    np.testing.assert_allclose(two[LENGTHS], 2 * one[LENGTHS])


@pytest.mark.parametrize("seed", range(4))
def test_a_pixel_of_one_micrometre_gives_the_numbers_in_pixels(seed):
    labels, pixels = blobs(seed)
    known = table_of(labels, pixels=pixels, size=pixel_size(1.0)).drop(columns="area_um2")
    unknown = table_of(labels, pixels=pixels)
    known.columns = unknown.columns
    assert_same(known, unknown)


@pytest.mark.parametrize("seed", range(4))
def test_turning_the_picture_turns_places_and_nothing_else(seed):
    labels, pixels = blobs(seed)
    # ImageJ's rule depends on where it starts.
    asked = ["crofton", "scikit-image"]
    before = table_of(labels, pixels=pixels, perimeters=asked)
    after = table_of(np.rot90(labels), pixels=np.rot90(pixels), perimeters=asked)
    assert_same(before, after, but=[*PLACES, "orientation_deg"])
    np.testing.assert_allclose(after.centroid_x_px, before.centroid_y_px)
    np.testing.assert_allclose(after.centroid_y_px, 79 - before.centroid_x_px)
    np.testing.assert_allclose(after.orientation_deg, (before.orientation_deg + 90) % 180)


@pytest.mark.parametrize("seed", range(4))
def test_transposing_picture_and_pixel_changes_places_and_nothing_else(seed):
    labels, pixels = blobs(seed)
    before = table_of(labels, pixels=pixels, size=pixel_size(1.0, 1.5))
    after = table_of(labels.T, pixels=pixels.T, size=pixel_size(1.5, 1.0))
    assert_same(
        before, after, but=[*PLACES, "orientation_deg", "perimeter_um", "circularity"]
    )
    np.testing.assert_allclose(after.perimeter_um, before.perimeter_um, rtol=1e-6)
    mirrored = (90 - before.orientation_deg) % 180
    np.testing.assert_allclose(after.orientation_deg, mirrored)


@pytest.mark.parametrize("seed", range(4))
def test_moving_the_objects_moves_places_and_nothing_else(seed):
    labels, pixels = blobs(seed)
    sides = ((7 + 300, 9), (11 + 2000, 5))
    before = table_of(np.pad(labels, 7), pixels=np.pad(pixels, 7), perimeters=PERIMETERS)
    after = table_of(
        np.pad(labels, sides), pixels=np.pad(pixels, sides), perimeters=PERIMETERS
    )
    assert_same(before, after, but=PLACES)
    np.testing.assert_allclose(after.centroid_x_px, before.centroid_x_px + 2004)
    np.testing.assert_allclose(after.centroid_y_px, before.centroid_y_px + 300)


@pytest.mark.parametrize("seed", range(4))
def test_other_numbers_for_the_same_objects_change_the_order_only(seed):
    labels, pixels = blobs(seed)
    numbers = np.array([0, 90, HIGHEST, 3, 70_000, 12], dtype=np.uint32)
    before = table_of(labels, pixels=pixels).set_index("label")
    after = table_of(numbers[labels], pixels=pixels).set_index("label")
    assert after.index.is_monotonic_increasing
    matched = after.loc[numbers[before.index]]
    pd.testing.assert_frame_equal(before, matched.set_index(before.index))


@given(SCENES)
@settings(max_examples=100, deadline=None)
def test_each_object_is_measured_as_if_it_were_alone(labels):
    whole = table_of(labels, perimeters=PERIMETERS)
    but = ["intensity_mean_above_background"]
    for k, number in enumerate(whole.label):
        alone = table_of(np.where(labels == number, labels, 0), perimeters=PERIMETERS)
        assert_same(whole.iloc[[k]].reset_index(drop=True), alone, but=but)


@given(SCENES)
@settings(max_examples=200, deadline=None)
def test_numbers_are_within_their_bounds(labels):
    table = table_of(labels, size=pixel_size(0.5, 0.7))
    assert table.area_px.sum() == (labels > 0).sum()
    assert table.label.tolist() == sorted(set(labels[labels > 0].tolist()))
    for share in ("extent", "solidity", "aspect_ratio", "eccentricity"):
        assert table[share].between(0, 1 + 1e-12).all(), share
    assert (table.axis_minor_length_um <= table.axis_major_length_um).all()
    assert (table.perimeter_um > 0).all()
    angles = table.orientation_deg.dropna()
    assert ((angles >= 0) & (angles < 180)).all()


@pytest.mark.parametrize("seed", range(8))
def test_numbers_agree_with_scikit_image_where_definitions_do(seed):
    labels, pixels = blobs(seed)
    same = {
        "area": "area_px",
        "equivalent_diameter_area": "equivalent_diameter_px",
        "centroid-0": "centroid_y_px",
        "centroid-1": "centroid_x_px",
        "bbox-0": "bbox_y_min_px",
        "bbox-1": "bbox_x_min_px",
        "bbox-2": "bbox_y_max_px",
        "bbox-3": "bbox_x_max_px",
        "extent": "extent",
        "euler_number": "euler_number",
        "perimeter": "perimeter_skimage_px",
        "perimeter_crofton": "perimeter_crofton_px",
        "intensity_mean": "intensity_mean",
        "intensity_std": "intensity_std",
        "intensity_min": "intensity_min",
        "intensity_max": "intensity_max",
    }
    names = sorted({name.split("-")[0] for name in same})
    expected = regionprops_table(labels, pixels, properties=names)
    found = table_of(labels, pixels=pixels, perimeters=["scikit-image", "crofton"])
    for name, ours in same.items():
        np.testing.assert_allclose(found[ours], expected[name], rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("dy", [0.5, 1.5, 2.0])
def test_a_disc_of_flat_pixels_is_still_a_disc(dy):
    y, x = np.mgrid[-170:171, -90:91]
    inside = (x - 0.3) ** 2 + (dy * y - 0.2) ** 2 <= 75.0**2
    row = table_of(inside.astype(int), size=pixel_size(1.0, dy)).iloc[0]
    assert row.equivalent_diameter_um == pytest.approx(150, rel=5e-3)
    assert row.axis_major_length_um == pytest.approx(150, rel=1e-2)
    assert row.axis_minor_length_um == pytest.approx(150, rel=1e-2)
    assert row.feret_diameter_max_um == pytest.approx(150, rel=2e-2)
    assert row.feret_diameter_min_um == pytest.approx(150, rel=2e-2)
    assert row.perimeter_um == pytest.approx(np.pi * 150, rel=1e-2)
    assert row.circularity == pytest.approx(1, abs=0.02)
    assert row.solidity == 1


@pytest.mark.parametrize("factor", [2, 3])
def test_flat_pixels_measure_what_repeated_rows_measure(factor):
    labels, pixels = blobs(3)
    flat = table_of(labels, pixels=pixels, size=pixel_size(1.0, float(factor)))
    repeated = [np.repeat(part, factor, axis=0) for part in (labels, pixels)]
    square = table_of(repeated[0], pixels=repeated[1], size=pixel_size(1.0))
    for name in (
        "area_um2",
        "axis_major_length_um",
        "axis_minor_length_um",
        "eccentricity",
    ):
        np.testing.assert_allclose(flat[name], square[name], rtol=1e-9)
    for name in ("intensity_mean", "intensity_std", "extent", "orientation_deg"):
        np.testing.assert_allclose(flat[name], square[name], rtol=1e-9)
    for name in ("feret_diameter_max_um", "feret_diameter_min_um"):
        np.testing.assert_allclose(flat[name], square[name], atol=factor)


def test_pieces_of_one_number_are_one_object():
    labels = np.zeros((40, 60), dtype=int)
    labels[5:15, 5:15] = labels[5:15, 35:45] = 8
    row = table_of(labels).iloc[0]
    assert row.area_px == 200
    assert row.centroid_x_px == 24.5
    assert row.euler_number == 2
    assert row.feret_diameter_max_px == pytest.approx(np.hypot(40, 10), rel=0.03)
    half = table_of(np.where(np.arange(60) < 20, labels, 0)).iloc[0]
    assert row.perimeter_px == pytest.approx(2 * half.perimeter_px)


def test_more_pixels_make_more_area():
    y, x = np.mgrid[-40:41, -40:41]
    tables = [table_of((x**2 + y**2 <= r**2).astype(int)) for r in range(1, 38)]
    sizes = pd.concat(tables)[["area_px", "perimeter_px", "feret_diameter_max_px"]]
    assert (sizes.diff().iloc[1:] > 0).all(axis=None)


@pytest.mark.parametrize("dtype", [bool, "uint8", "int16", ">u2", "int64", ">u4"])
def test_labels_of_any_integer_type_work(dtype):
    labels = np.eye(6, dtype=dtype)
    assert table_of(labels).area_px.tolist() == [6]


def test_labels_and_pictures_that_are_views_work():
    labels, pixels = blobs(1)
    wide = np.repeat(labels, 2, axis=1)
    found = table_of(wide[:, ::2], pixels=np.asfortranarray(pixels))
    assert_same(found, table_of(labels, pixels=pixels))


def test_nothing_given_is_changed():
    labels, pixels = blobs(2)
    kept = labels.copy(), pixels.copy()
    table_of(labels, pixels=pixels, perimeters=PERIMETERS)
    np.testing.assert_array_equal(labels, kept[0])
    np.testing.assert_array_equal(pixels, kept[1])


def test_colour_pictures_are_measured_as_grey():
    pixels = np.zeros((9, 9, 3), dtype=np.uint8)
    pixels[..., 0] = 100
    image = Image(pixels, axes="YXC")
    table = measure(Labels(np.ones((9, 9), dtype=np.uint8), image))
    assert table.intensity_mean[0] == pytest.approx(29.9, rel=1e-5)


def test_a_picture_without_background_has_no_height_above_it():
    table = table_of(np.ones((9, 9), dtype=int))
    assert np.isnan(table.intensity_mean_above_background[0])


@pytest.mark.parametrize("name", PERIMETERS)
def test_other_perimeters_are_added_at_the_end(name):
    table = table_of(np.ones((9, 9), dtype=int), size=pixel_size(0.5), perimeters=[name])
    short = {"scikit-image": "skimage"}.get(name, name)
    assert list(table.columns) == [*COLUMNS_UM, f"perimeter_{short}_um"]
    assert table[f"perimeter_{short}_um"][0] == pytest.approx(18, rel=0.12)


def test_other_perimeters_come_in_the_order_asked_for():
    table = table_of(np.ones((9, 9), dtype=int), perimeters=["imagej", "crofton"])
    assert list(table.columns[-2:]) == ["perimeter_imagej_px", "perimeter_crofton_px"]


@pytest.mark.parametrize("wrong", [["feret"], ["crofton", "Crofton"], "crofton"])
def test_an_unknown_perimeter_is_refused_with_the_known_ones(wrong):
    with pytest.raises(ValueError, match="scikit-image"):
        table_of(np.ones((3, 3), dtype=int), perimeters=wrong)


def test_scikit_images_perimeter_of_flat_pixels_is_refused():
    with pytest.raises(PictureError, match="square pixels"):
        table_of([[1]], size=pixel_size(1.0, 2.0), perimeters=["scikit-image"])


@pytest.mark.parametrize("name", ["crofton", "imagej"])
def test_the_others_know_flat_pixels(name):
    table = table_of(np.ones((40, 20), int), size=pixel_size(2.0, 1.0), perimeters=[name])
    assert table[f"perimeter_{name}_um"][0] == pytest.approx(160, rel=0.1)


def test_perimeters_of_a_volume_are_refused_in_one_sentence():
    stack = Image(np.zeros((2, 5, 5), dtype=np.uint8), axes="ZYX")
    labels = Labels(np.zeros((2, 5, 5), dtype=np.uint8), stack)
    with pytest.raises(PictureError, match="take one slice") as caught:
        measure(labels, perimeters=["crofton"])
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_ten_thousand_objects_keep_their_numbers():
    labels = np.kron(np.arange(1, 10_001).reshape(100, 100), np.ones((5, 5), dtype=int))
    labels[::5] = labels[:, ::5] = 0
    table = table_of(labels)
    assert table.label.tolist() == list(range(1, 10_001))
    assert (table.area_px == 16).all()
