from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ReadError
from segmetry.io import zarr_files
from segmetry.io.zarr_files import attributes_of, check_array, is_zarr, open_array, url_of

parts = st.from_regex(r"[A-Za-z0-9_. -]*[A-Za-z0-9_]", fullmatch=True)


@given(
    kind=st.sampled_from(["s3", "gs", "http", "https", "memory", "abfs"]),
    names=st.lists(parts, min_size=1, max_size=4),
)
def test_an_address_comes_out_of_a_path_as_it_went_in(kind, names):
    url = f"{kind}://{'/'.join(names)}"
    assert url_of(Path(url)) == url


def test_an_address_of_a_file_has_three_slashes():
    assert url_of(Path("file:///data/a.zarr")) == "file:///data/a.zarr"


@pytest.mark.parametrize(
    "path", ["a.zarr", "/data/a.zarr", "C:/data/a.zarr", "../a.zarr", "time 12:30/a", "."]
)
def test_paths_of_this_computer_are_no_addresses(path):
    assert url_of(Path(path)) is None


def test_what_lies_here_counts_before_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        Path("s3:/bucket").mkdir(parents=True)
    except OSError:
        pytest.skip("no folder has such a name here")
    assert url_of(Path("s3://bucket")) is None


def test_folders_of_zarr_are_known_by_their_metadata(tmp_path, as_zarr, ramp):
    for version in ("0.4", "0.5"):
        assert is_zarr(as_zarr(ramp, version=version, name=version))
    (tmp_path / "empty.zarr").mkdir()
    (tmp_path / "file.zarr").write_text("")
    assert not is_zarr(tmp_path / "empty.zarr")
    assert not is_zarr(tmp_path / "file.zarr")
    assert not is_zarr(tmp_path / "none.zarr")


def test_an_array_that_is_not_there_is_told(as_zarr, ramp):
    with pytest.raises(ReadError, match="names an array 7, which is not there"):
        open_array(as_zarr(ramp), "7")
    with pytest.raises(ReadError, match="is no Zarr group"):
        attributes_of(as_zarr(ramp), "deeper")


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_what_is_stored_is_counted(as_zarr, version):
    pixels = np.ones((40, 40), np.uint8)
    pixels[:20] = 0  # the fill value: not stored
    path = as_zarr(pixels, version=version, chunks=(20, 10))
    stock = check_array(path, "0", open_array(path, "0"), may_be_empty=False)
    assert (stock.n_missing, stock.n_pieces) == (4, 8)


def test_shards_are_counted_as_wholes(as_zarr):
    pixels = np.ones((40, 40), np.uint8)
    path = as_zarr(pixels, version="0.5", chunks=(5, 5), shards=(20, 20))
    stock = check_array(path, "0", open_array(path, "0"), may_be_empty=False)
    assert (stock.n_missing, stock.n_pieces) == (0, 4)


def test_shards_of_very_many_chunks_are_refused(as_zarr, monkeypatch):
    pixels = np.ones((40, 40), np.uint8)
    path = as_zarr(pixels, version="0.5", chunks=(5, 5), shards=(20, 20))
    monkeypatch.setattr(zarr_files, "_MAX_CHUNKS_IN_SHARD", 15)
    with pytest.raises(ReadError, match="stored in chunks of 5 x 5 values, which cannot"):
        check_array(path, "0", open_array(path, "0"), may_be_empty=True)
