import io
import stat
import struct
import sys
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ModelError
from segmetry.models import archive
from segmetry.models.archive import opened, packed

DAMAGED = "is not a model file of Segmetry, or it is damaged; get it again"


def read_all(path):
    with opened(path) as found:
        return {name: found.read(name) for name in found.names}


def zip_of(path, members, *, compression=zipfile.ZIP_STORED, **fields):
    """Write a zip by the standard library, with fields of its entries changed."""
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = compression
            for field, value in fields.items():
                setattr(entry, field, value)
            file.writestr(entry, content)
    return path


members = st.dictionaries(
    st.text("abcdefg.-_", min_size=1, max_size=20), st.binary(max_size=300), min_size=1
)


@given(members)
def test_what_was_packed_is_read_again(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.zip"
    path.write_bytes(packed(content))
    assert read_all(path) == content


def test_equal_members_give_equal_bytes_on_every_system(monkeypatch):
    once = packed({"a": b"1", "b": b"2"})
    monkeypatch.setattr(sys, "platform", "win32")
    assert packed({"b": b"2", "a": b"1"}) == once


def test_other_programs_can_open_it(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"a": b"1"}))
    assert zipfile.ZipFile(path).testzip() is None


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ModelError, match=r"^none.zip does not exist; name a model file"):
        read_all(tmp_path / "none.zip")
    with pytest.raises(ModelError, match="is no file"):
        read_all(tmp_path)


def test_a_file_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"a": b"1"}))

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(ModelError, match="may not be read by you"):
        read_all(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"\x80\x04\x95 a pickle of some length, " * 9,
        b"PK\3\4" + bytes(100),
        packed({}),
        packed({"a": bytes(100)})[:-1],
        packed({"a": bytes(100)})[:80],
        packed({"a": bytes(100)}) + b"\0",
        b"MZ a program" + packed({"a": bytes(100)}),
    ],
    ids=["empty", "short", "pickle", "marks", "none", "cut", "half", "longer", "program"],
)
def test_what_is_no_such_zip_is_refused(tmp_path, content):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=DAMAGED):
        read_all(path)


def test_a_member_that_unpacks_to_more_is_never_unpacked(tmp_path):
    bomb = zip_of(tmp_path / "a.zip", [("a", bytes(10**7))], compression=8)
    assert bomb.stat().st_size < 20_000
    with pytest.raises(ModelError, match="a is compressed; get it again"):
        read_all(bomb)


@pytest.mark.parametrize("compression", [9, 12, 14, 93, 99])
def test_kinds_of_compression_that_few_know_are_refused_too(tmp_path, compression):
    content = bytearray(packed({"a": bytes(50)}))
    central = content.index(b"PK\1\2")
    content[central + 10] = compression
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="a is compressed"):
        read_all(path)


def changed_entry(field_offset, value, *, size=4):
    """A zip of one member, whose directory says something else of it."""
    content = bytearray(packed({"a": bytes(50)}))
    first = content.index(b"PK\1\2") + field_offset
    content[first : first + size] = value.to_bytes(size, "little")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (changed_entry(8, 1, size=2), "a is encrypted"),
        (changed_entry(20, 49), "a has two sizes"),
        (changed_entry(24, 10**9), "a has two sizes"),
        (changed_entry(38, (stat.S_IFLNK | 0o777) << 16), "a is a link or device"),
        (changed_entry(38, (stat.S_IFCHR | 0o777) << 16), "a is a link or device"),
        (changed_entry(42, 2**31), DAMAGED),
        (changed_entry(16, 12345), DAMAGED),
    ],
    ids=["encrypted", "smaller", "larger", "link", "device", "beyond", "checksum"],
)
def test_a_directory_that_lies_is_refused(tmp_path, content, said):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=said):
        read_all(path)


def test_a_member_larger_than_the_whole_file_is_refused_unread(tmp_path):
    content = bytearray(changed_entry(24, 10**9))
    first = content.index(b"PK\1\2") + 20
    content[first : first + 4] = (10**9).to_bytes(4, "little")
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"has more than {len(content)} bytes"):
        read_all(path)


def test_a_limit_for_a_member_holds(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"a": bytes(50)}))
    with opened(path) as found:
        assert found.read("a", limit=50) == bytes(50)
        with pytest.raises(ModelError, match="a has more than 49 bytes"):
            found.read("a", limit=49)


def test_a_member_that_is_missing_or_there_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = zip_of(tmp_path / "a.zip", [("a", b"good"), ("a", b"evil")])
    with opened(path) as found:
        with pytest.raises(ModelError, match="a is in it twice"):
            found.read("a")
        with pytest.raises(ModelError, match="b is missing"):
            found.read("b")


def test_a_huge_list_of_members_is_refused_unread(tmp_path):
    path = zip_of(tmp_path / "a.zip", [(f"{number:05}", b"") for number in range(400)])
    with pytest.raises(ModelError, match=DAMAGED):
        read_all(path)


def test_a_second_directory_is_refused(tmp_path):
    """Zip64 has an end record of its own, which would get round the limits of the first."""
    content = packed({"a": bytes(50)})
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)
    path = tmp_path / "a.zip"
    path.write_bytes(content[:-22] + locator + content[-22:])
    with pytest.raises(ModelError, match=DAMAGED):
        read_all(path)


def test_a_file_above_the_limit_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_MAX_FILE", 100)
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"a": bytes(1000)}))
    with pytest.raises(ModelError, match="and a model file at most 100"):
        read_all(path)


def test_nothing_is_written_beside_it(tmp_path):
    path = tmp_path / "inner" / "a.zip"
    path.parent.mkdir()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as content:
        content.writestr("../evil", b"1")
        content.writestr("/tmp/evil", b"1")
    path.write_bytes(file.getvalue())
    read_all(path)
    assert [found.name for found in tmp_path.rglob("*")] == ["inner", "a.zip"]
