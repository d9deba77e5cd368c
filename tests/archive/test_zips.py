import stat
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.archive import zips
from segmetry.archive.zips import is_safe, opened_zip, seal_of, unpack, write_zip
from segmetry.errors import ReadError, WriteError


@pytest.fixture
def sealed(tmp_path):
    (tmp_path / "a").write_bytes(bytes(range(16)))
    write_zip(tmp_path / "a.zip", [("folder/ä.txt", b"words"), ("a", tmp_path / "a")])
    return tmp_path / "a.zip"


def pack(path, *entries, compression=zipfile.ZIP_STORED):
    """Write a zip as another program does, also with names that none should have."""
    with zipfile.ZipFile(path, "w", compression) as packed:
        for entry, content in entries:
            packed.writestr(entry, content)
    return path


def is_found(path):
    """Whether a change of a sealed zip is noticed."""
    try:
        with opened_zip(path) as packed:
            for name in packed.names():
                with packed.opened(name) as file:
                    file.read()
    except ReadError:
        return True
    return seal_of(path) != "whole"


def test_what_is_written_can_be_read_by_any_program(sealed):
    with zipfile.ZipFile(sealed) as packed:
        assert packed.testzip() is None
        assert packed.read("folder/ä.txt") == b"words"
        assert packed.read("a") == bytes(range(16))
    assert seal_of(sealed) == "whole"


def test_the_same_files_give_the_same_bytes_whenever_they_were_written(sealed, tmp_path):
    again = tmp_path / "again.zip"
    (tmp_path / "a").touch()
    told = write_zip(again, [("folder/ä.txt", b"words"), ("a", tmp_path / "a")])
    assert again.read_bytes() == sealed.read_bytes()
    assert told == zips.hashlib.sha256(again.read_bytes()).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "a.zip", "again.zip"]


def test_every_changed_byte_is_found_wherever_it_is(sealed):
    whole = sealed.read_bytes()
    for place in range(len(whole)):
        for change in (1, 0x80):
            changed = bytearray(whole)
            changed[place] ^= change
            sealed.write_bytes(changed)
            assert is_found(sealed), (place, change)


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b[:0]])
def test_missing_and_further_bytes_are_found(sealed, change):
    sealed.write_bytes(change(sealed.read_bytes()))
    assert is_found(sealed)


def test_a_zip_of_another_program_has_no_seal(tmp_path):
    path = pack(tmp_path / "a.zip", ("a", b"b"))
    assert seal_of(path) == "none"
    with opened_zip(path) as packed:
        assert packed.names() == {"a"}


@given(st.text(alphabet="ab./\\:C\0", max_size=8))
def test_a_safe_name_stays_in_its_folder_on_every_system(name):
    from pathlib import PurePosixPath, PureWindowsPath

    if is_safe(name):
        for kind in (PurePosixPath, PureWindowsPath):
            assert not kind(name).is_absolute()
            assert not kind(name).drive
            assert ".." not in kind(name).parts


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/a", "\\a", "c:\\a", "c:a", "a//b"])
def test_names_that_lead_out_are_refused(tmp_path, name):
    path = pack(tmp_path / "a.zip", (zipfile.ZipInfo(name), b""))
    with pytest.raises(ReadError, match="leads out"), opened_zip(path):
        pass


@pytest.mark.parametrize("names", [("a", "A"), ("ä", "a\u0308"), ("b/c", "B/C")])
def test_names_that_are_one_on_some_systems_are_refused(tmp_path, names):
    path = pack(tmp_path / "a.zip", *((name, b"") for name in names))
    with pytest.raises(ReadError, match="same name twice"), opened_zip(path):
        pass


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path, kind):
    entry = zipfile.ZipInfo("a")
    entry.external_attr = (kind | 0o777) << 16
    path = pack(tmp_path / "a.zip", (entry, b"/etc/passwd"))
    with pytest.raises(ReadError, match="is a link or device"), opened_zip(path):
        pass


def test_a_password_is_told(tmp_path):
    path = pack(tmp_path / "a.zip", ("a", b"b"))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ReadError, match="password"), opened_zip(path):
        pass


def test_what_unpacks_to_far_more_than_it_is_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "_ALWAYS_BYTES", 10_000)
    path = tmp_path / "a.zip"
    pack(path, ("a", bytes(1_000_000)), compression=zipfile.ZIP_DEFLATED)
    with (
        pytest.raises(ReadError, match="would unpack to 1,000,000 bytes"),
        opened_zip(path),
    ):
        pass
    monkeypatch.setattr(zips, "_MOST_FILES", 0)
    with pytest.raises(ReadError, match="in 1 files"), opened_zip(path):
        pass


def test_a_file_that_holds_more_than_it_says_is_refused(tmp_path):
    path = pack(tmp_path / "a.zip", ("a", bytes(5000)), compression=zipfile.ZIP_DEFLATED)
    content = path.read_bytes().replace(struct.pack("<L", 5000), struct.pack("<L", 50))
    path.write_bytes(content)
    with (
        pytest.raises(ReadError, match="damaged, or no zip"),
        opened_zip(path) as packed,
        packed.opened("a") as file,
    ):
        file.read()


def test_a_zip_with_another_compression_or_none_at_all_is_told(tmp_path):
    (tmp_path / "no.zip").write_text("no zip")
    for name in ("no.zip", "absent.zip"):
        with pytest.raises(ReadError, match=name), opened_zip(tmp_path / name):
            pass
    with pytest.raises(ReadError, match=r"absent\.zip"):
        seal_of(tmp_path / "absent.zip")


def test_unpacking_gives_the_files_back(sealed, tmp_path):
    unpack(sealed, tmp_path / "out")
    assert (tmp_path / "out" / "folder" / "ä.txt").read_bytes() == b"words"
    assert (tmp_path / "out" / "a").read_bytes() == bytes(range(16))
    with pytest.raises(WriteError, match="cannot be unpacked"):
        unpack(sealed, tmp_path / "out")


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(WriteError, match=r"a\.zip cannot be written"):
        write_zip(tmp_path / "a.zip", [("a", b"b"), ("c", tmp_path / "absent")])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(WriteError):
        write_zip(tmp_path / "absent" / "a.zip", [("a", b"b")])


def test_large_files_get_the_longer_header_in_advance(tmp_path, monkeypatch):
    # As for files above 2 GiB, which no test writes.
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    (tmp_path / "a").write_bytes(bytes(500))
    write_zip(tmp_path / "a.zip", [("a", tmp_path / "a")])
    with opened_zip(tmp_path / "a.zip") as packed, packed.opened("a") as file:
        assert file.read() == bytes(500)
    assert seal_of(tmp_path / "a.zip") == "whole"


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_damage_in_a_zip_that_another_program_packed_smaller_is_told(tmp_path, compression):
    content = bytes(range(256)) * 40
    whole = pack(tmp_path / "a.zip", ("a", content), compression=compression).read_bytes()
    damaged, same = tmp_path / "b.zip", []
    for at in range(31, whole.index(b"PK\x01\x02")):
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        with suppress(ReadError):
            unpack(damaged, tmp_path / f"out {at}")
            same.append((tmp_path / f"out {at}" / "a").read_bytes() == content)
    assert all(same)
    assert len(same) < 10  # bits that fill up a byte do not count
