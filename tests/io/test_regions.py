import stat
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import RegionError, WriteError
from segmetry.io.imagej_roi import encoded
from segmetry.io.regions import read_regions, write_regions
from segmetry.region import Region

SQUARE = np.array([[2, 3], [12, 3], [12, 13], [2, 13]], dtype=float)
REGIONS = (
    Region("CA1", (SQUARE, SQUARE / 2 + 3)),
    Region("Gyrus dentatus / 海馬", (SQUARE + 40.25,)),
    Region("Gyrus dentatus _ 海馬", (SQUARE + 60,)),
)


def same(one, other):
    return one.name == other.name and {ring.tobytes() for ring in one.rings} == {
        ring.tobytes() for ring in other.rings
    }


def zipped(path, members, **entry):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in entry.items():
                setattr(info, key, value)
            archive.writestr(info, data)
    return path


@pytest.mark.parametrize("name", ["s_RoiSet.zip", "s.geojson", "s.JSON"])
def test_regions_are_read_as_they_were_written(tmp_path, name):
    write_regions(tmp_path / name, REGIONS)
    again = read_regions(tmp_path / name)
    assert len(again) == 3
    assert all(map(same, again, REGIONS))


def test_a_single_region_is_a_roi(tmp_path):
    write_regions(tmp_path / "a.roi", REGIONS[:1])
    assert same(read_regions(tmp_path / "a.roi")[0], REGIONS[0])


def test_the_content_tells_the_format_and_not_the_name(tmp_path):
    write_regions(tmp_path / "a.zip", REGIONS)
    (tmp_path / "a.zip").rename(tmp_path / "a.geojson")
    assert len(read_regions(tmp_path / "a.geojson")) == 3


def test_equal_regions_are_equal_bytes(tmp_path):
    for name in ("a.zip", "b.zip", "a.geojson", "b.geojson"):
        write_regions(tmp_path / name, REGIONS)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert (tmp_path / "a.geojson").read_bytes() == (tmp_path / "b.geojson").read_bytes()


def test_a_file_written_again_holds_the_new_regions_alone(tmp_path):
    write_regions(tmp_path / "a.zip", REGIONS)
    write_regions(tmp_path / "a.zip", REGIONS[:1])
    assert len(read_regions(tmp_path / "a.zip")) == 1


def test_members_have_names_that_every_system_allows(tmp_path):
    write_regions(tmp_path / "a.zip", REGIONS)
    names = zipfile.ZipFile(tmp_path / "a.zip").namelist()
    assert names == ["CA1.roi", "Gyrus dentatus _ 海馬.roi", "Gyrus dentatus _ 海馬-3.roi"]


@pytest.mark.parametrize(("name", "n"), [("a.roi", 2), ("a.csv", 1), ("a", 1)])
def test_other_endings_are_refused(tmp_path, name, n):
    with pytest.raises(RegionError, match=f"{name} cannot hold {n} regions; end it"):
        write_regions(tmp_path / name, REGIONS[:n])


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path):
    with pytest.raises(WriteError, match="folder does not exist"):
        write_regions(tmp_path / "no" / "a.zip", REGIONS)


def test_a_roi_without_a_name_has_that_of_its_file(tmp_path):
    (tmp_path / "Kortex.roi").write_bytes(encoded("", [SQUARE]))
    zipped(tmp_path / "a.zip", {"x/0001-0002.roi": encoded("  ", [SQUARE])})
    assert read_regions(tmp_path / "Kortex.roi")[0].name == "Kortex"
    assert read_regions(tmp_path / "a.zip")[0].name == "0001-0002"


def test_what_a_mac_adds_to_a_zip_is_passed_over(tmp_path):
    members = {"a.roi": encoded("a", [SQUARE]), "__MACOSX/._a.roi": b"x", "notes.txt": b"x"}
    assert len(read_regions(zipped(tmp_path / "a.zip", members))) == 1


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({}, "a.zip holds 0 ROIs; expected 1 to 10,000"),
        ({"a.roi": b"Iout" + bytes(9)}, "a.roi in a.zip is no whole ROI"),
        (
            {"1.roi": encoded("CA1", [SQUARE]), "2.roi": encoded("CA1", [SQUARE])},
            "a.zip: 2 regions are called CA1; give each a name of its own",
        ),
    ],
)
def test_a_zip_is_refused_in_one_sentence(tmp_path, members, told):
    with pytest.raises(RegionError) as refused:
        read_regions(zipped(tmp_path / "a.zip", members))
    assert told in str(refused.value)


def test_a_member_that_unpacks_to_more_than_a_roi_is_not_unpacked(tmp_path):
    path = zipped(tmp_path / "bomb.zip", {"a.roi": b"Iout" + bytes(2**25)})
    assert path.stat().st_size < 100_000
    with pytest.raises(RegionError, match="bomb.zip is damaged or no zip of ROIs"):
        read_regions(path)


def test_many_members_may_not_unpack_to_more_than_a_file_can_hold(tmp_path, monkeypatch):
    monkeypatch.setattr("segmetry.io.regions._MOST_BYTES", 5000)
    members = {f"{n}.roi": b"Iout" + bytes(3000) for n in range(3)}
    with pytest.raises(RegionError, match="damaged or no zip of ROIs"):
        read_regions(zipped(tmp_path / "a.zip", members))


def test_links_in_a_zip_are_not_followed(tmp_path):
    link = (stat.S_IFLNK | 0o777) << 16
    path = zipped(tmp_path / "a.zip", {"a.roi": b"/etc/passwd"}, external_attr=link)
    with pytest.raises(RegionError, match="damaged or no zip of ROIs"):
        read_regions(path)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 200))
def test_a_zip_that_is_cut_or_changed_gives_regions_or_one_sentence(
    tmp_path_factory, seed, cut
):
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    write_regions(path, REGIONS)
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(seed)
    data[int(rng.integers(2, len(data)))] ^= int(rng.integers(1, 256))
    path.write_bytes(bytes(data[: max(len(data) - cut, 3)] if seed % 2 else data))
    told = "a.zip"
    try:
        read_regions(path)
    except RegionError as error:
        told = str(error)
    assert "a.zip" in told


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(
        RegionError, match=r"Cannot read the regions in a\.roi: No such file"
    ):
        read_regions(tmp_path / "a.roi")


def test_a_file_of_another_kind_is_told(tmp_path):
    (tmp_path / "a.roi").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(RegionError, match=r"a\.roi holds no regions: expected an ImageJ"):
        read_regions(tmp_path / "a.roi")


def test_a_file_far_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("segmetry.io.regions._MOST_BYTES", 10)
    write_regions(tmp_path / "a.zip", REGIONS)
    with pytest.raises(RegionError, match="larger than any file of regions"):
        read_regions(tmp_path / "a.zip")


def test_a_fault_of_an_outline_names_the_file(tmp_path):
    tie = np.array([[0, 0], [9, 9], [9, 0], [0, 9]], float)
    (tmp_path / "a.roi").write_bytes(encoded("tie", [tie]))
    with pytest.raises(RegionError, match=r"^a\.roi: The .*tie"):
        read_regions(tmp_path / "a.roi")
