import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry import PixelSize
from segmetry.io.zarr_levels import ZarrLevels, halved_mean, halved_nearest, multiscale


@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    kind=st.sampled_from([np.uint8, np.uint16, np.float32]),
    seed=st.integers(0, 99),
)
def test_means_are_those_of_two_by_two_pixels(height, width, kind, seed):
    values = np.random.default_rng(seed).integers(0, 255, (height, width)).astype(kind)
    found = halved_mean(values)
    assert found.dtype == kind
    assert found.shape == (-(-height // 2), -(-width // 2))
    for row, column in np.ndindex(found.shape):
        block = values[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        expected = block.astype(float).mean()
        allowed = 0.5 if kind != np.float32 else 1e-3
        assert abs(float(found[row, column]) - expected) <= allowed


def test_numbers_of_objects_are_never_mixed():
    labels = np.array([[1, 0, 9], [0, 5, 9], [70_000, 0, 3]], np.uint32)
    assert halved_nearest(labels).tolist() == [[1, 9], [70_000, 3]]


def test_levels_end_with_a_single_chunk(tmp_path):
    levels = ZarrLevels(tmp_path / "a", "YX", (1000, 3000), "uint8", 1024, "0.4")
    assert levels.n_levels == 3
    assert [levels.shape_at(level) for level in range(3)] == [
        (1000, 3000),
        (500, 1500),
        (250, 750),
    ]
    assert ZarrLevels(tmp_path / "a", "YX", (5, 5), "uint8", 1024, "0.4").n_levels == 1


@settings(max_examples=8)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 70), st.integers(1, 70)),
    version=st.sampled_from(["0.4", "0.5"]),
)
def test_levels_made_chunk_by_chunk_are_those_of_the_whole(
    tmp_path_factory, shape, version
):
    path = tmp_path_factory.mktemp("levels") / "a.zarr"
    levels = ZarrLevels(path, "ZYX", shape, "<u2", 16, version)
    levels.make_group()
    levels.make(0)
    whole = np.random.default_rng(1).integers(0, 999, shape).astype(np.uint16)
    for rows, columns in levels.windows(0):
        levels.write(0, rows, columns, whole[:, rows, columns])
    levels.halve(halved_nearest)
    group = zarr.open_group(path, mode="r")
    for level in range(levels.n_levels):
        assert np.array_equal(group[str(level)][...], whole)
        whole = whole[:, ::2, ::2]


def test_metadata_tell_the_pixel_size_of_every_level(tmp_path):
    levels = ZarrLevels(tmp_path / "a", "ZYX", (3, 100, 200), "uint8", 64, "0.4")
    size = PixelSize(0.5, 0.25, "um", "typed", z=2.0)
    told = multiscale(levels, name="cells", pixel_size=size)
    assert [axis["unit"] for axis in told["axes"]] == ["micrometer"] * 3
    scales = [part["coordinateTransformations"][0]["scale"] for part in told["datasets"]]
    assert scales == [[2.0, 0.5, 0.25], [2.0, 1.0, 0.5], [2.0, 2.0, 1.0]]


def test_a_pixel_size_that_is_unknown_stays_so(tmp_path):
    levels = ZarrLevels(tmp_path / "a", "CYX", (2, 10, 10), "uint8", 64, "0.5")
    told = multiscale(levels, name="cells", pixel_size=None)
    assert all("unit" not in axis for axis in told["axes"])
    assert told["axes"][0] == {"name": "c", "type": "channel"}
    assert "version" not in told


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_chunks_lie_in_folders_of_rows(tmp_path, version):
    levels = ZarrLevels(tmp_path / "a.zarr", "YX", (20, 20), "uint8", 10, version)
    levels.make_group()
    levels.make(0)
    levels.write(0, slice(10, 20), slice(0, 10), np.ones((10, 10), np.uint8))
    chunk = tmp_path / "a.zarr" / ("0/1/0" if version == "0.4" else "0/c/1/0")
    assert chunk.is_file()
