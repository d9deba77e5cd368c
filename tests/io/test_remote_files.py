"""Files behind URLs are listed and fetched; what cannot be is told in a sentence."""

import sys
from pathlib import Path

import pytest

from segmetry.errors import MissingExtraError, ReadError
from segmetry.io.remote_files import (
    fetched,
    is_remote_file,
    remote_pictures,
    without_secrets,
)

fsspec = pytest.importorskip("fsspec", reason="needs the extra `remote`")


@pytest.fixture
def bucket():
    """A place in memory that is reached as a bucket is."""
    files = fsspec.filesystem("memory")
    for name in ("a.tif", "b.PNG", "notes.txt", "deep/c.tif"):
        with files.open(f"/bucket/{name}", "wb") as file:
            file.write(name.encode())
    yield "memory://bucket"
    files.rm("/bucket", recursive=True)


@pytest.mark.parametrize(
    ("name", "is_file"),
    [
        ("s3://b/a.TIF", True),
        ("https://example.org/a.png?download=1", True),
        ("s3://b/a.ome.zarr", False),
        ("s3://b/folder", False),
        ("a.tif", False),
        ("C:/a.tif", False),
    ],
)
def test_only_urls_of_files_are_fetched(name, is_file):
    assert is_remote_file(Path(name)) == is_file


def test_a_pattern_and_a_folder_stand_for_the_pictures_there(bucket):
    both = ["memory:///bucket/a.tif", "memory:///bucket/b.PNG"]
    assert remote_pictures(f"{bucket}/*") == both
    assert remote_pictures(f"{bucket}/") == both
    assert remote_pictures(f"{bucket}/*.txt") == []
    assert remote_pictures(f"{bucket}/**/*.tif") == [both[0], "memory:///bucket/deep/c.tif"]
    assert remote_pictures(f"{bucket}/a.tif") is None


def test_a_copy_is_there_as_long_as_it_is_read(bucket):
    with fetched(Path(f"{bucket}/a.tif")) as copy:
        assert copy.name == "a.tif"
        assert copy.read_bytes() == b"a.tif"
    assert not copy.parent.exists()


def test_what_is_not_there_is_told(bucket):
    with (
        pytest.raises(ReadError, match=r"Cannot fetch gone\.tif \(FileNotFoundError"),
        fetched(Path(f"{bucket}/gone.tif")),
    ):
        pass


def test_an_unknown_kind_of_address_is_told():
    with pytest.raises(ReadError, match=r"Cannot read nowhere://a/\*\.tif"):
        remote_pictures("nowhere://a/*.tif")


def test_the_missing_extra_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"s3:// addresses .*'segmetry\[remote\]'"):
        remote_pictures("s3://bucket/*.tif")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("s3://bucket/a.tif", "s3://bucket/a.tif"),
        ("https://me:pa@ss@host:80/a.tif", "https://host:80/a.tif"),
        ("https://host/a@b.tif?sig=x/y%20&t=1", "https://host/a@b.tif"),
        (
            "404, url='https://me:x@host/a?b', (http://host/c?d)",
            "404, url='https://host/a', (http://host/c)",
        ),
        ("is it there? me@home", "is it there? me@home"),
    ],
)
def test_what_gives_access_to_a_place_is_left_out(text, told):
    assert without_secrets(text) == told


def test_no_password_stands_in_what_is_told_of_a_failure():
    url = "nowhere://me:word@host/*.tif?sig=word"
    with pytest.raises(ReadError, match=r"nowhere://host/\*\.tif") as caught:
        remote_pictures(url)
    assert "word" not in str(caught.value)
