"""Files of regions are read in a process of their own, which a bad one may end."""

from contextlib import closing

import numpy as np
import pytest

from segmetry.io.regions import write_regions
from segmetry.region import Region
from segmetry.web.region_files import RegionFiles
from segmetry.web.worker import WorkError

pytestmark = pytest.mark.slow


@pytest.fixture
def files():
    with closing(RegionFiles()) as files:
        yield files


def test_regions_come_back_with_every_digit(files, tmp_path):
    ring = np.array([[0.1, 0], [9.7, 0.3], [4, 8.125]])
    write_regions(tmp_path / "a.geojson", [Region("CA1", (ring,), "layer")])
    (region,) = files.read("a.geojson", (tmp_path / "a.geojson").read_bytes())
    assert (region.name, region.classification) == ("CA1", "layer")
    assert np.array_equal(region.rings[0], ring)


def test_a_bad_file_is_told_by_its_name_and_the_next_is_read(files, tmp_path):
    with pytest.raises(WorkError, match=r"slice 7\.geojson"):
        files.read("slice 7.geojson", b"[")
    write_regions(tmp_path / "a.roi", [Region("DG", (np.eye(3, 2) * 9,))])
    assert [one.name for one in files.read("a.roi", (tmp_path / "a.roi").read_bytes())]


def test_a_file_that_takes_too_long_is_given_up(tmp_path):
    with (
        closing(RegionFiles(most_seconds=0)) as impatient,
        pytest.raises(WorkError, match="took over"),
    ):
        impatient.read("a.geojson", b"[]")
    assert tmp_path
