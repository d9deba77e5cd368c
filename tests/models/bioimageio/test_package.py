"""Packages of strangers: nothing is written, and nothing unpacks without an end."""

import json
import stat
import struct
import sys
import zipfile
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ModelError
from segmetry.models.bioimageio.package import _is_plain, opened_package
from segmetry.models.bioimageio.reading import read_description


@pytest.fixture
def zipped(tmp_path):
    def make(files, name="a.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in files.items():
                archive.writestr(member, content)
        return path

    return make


GOOD = {"rdf.yaml": "type: model", "sub/net.onnx": b"12345"}


def test_files_are_read_by_the_names_in_the_description(zipped):
    with opened_package(zipped(GOOD)) as package:
        assert package.description == "rdf.yaml"
        assert package.holds("sub/net.onnx")
        assert not package.holds("other.onnx")
        assert package.read("sub/net.onnx", limit=5) == b"12345"
        with pytest.raises(ModelError, match="has 5 bytes, and at most 4"):
            package.read("sub/net.onnx", limit=4)
        with pytest.raises(ModelError, match="other.onnx is missing"):
            package.read("other.onnx", limit=4)


@pytest.mark.parametrize(
    "name", ["../up", "/etc/passwd", "a/../../b", "C:\\x", "a\\..\\b", ""]
)
def test_no_name_leads_out_of_a_package(zipped, name, tmp_path):
    with (
        pytest.raises(ModelError, match="outside of it"),
        opened_package(zipped(GOOD)) as it,
    ):
        it.read(name, limit=9)
    with (
        pytest.raises(ModelError, match="written elsewhere"),
        opened_package(zipped({**GOOD, name or "/": b"x"}, "b.zip")),
    ):
        pass
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "rdf.yaml").write_text("type: model")
    (tmp_path / "up").write_text("secret")
    with pytest.raises(ModelError, match="outside"), opened_package(folder) as it:
        it.read(name, limit=9)


@given(parts=st.lists(st.sampled_from(["..", "a", ".", "/", "b.c", ""]), min_size=1))
def test_a_plain_name_stays_below_its_folder(tmp_path_factory, parts):
    name = "/".join(parts)
    root = tmp_path_factory.getbasetemp()
    if _is_plain(name):
        assert (root / name).resolve().is_relative_to(root.resolve())


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_in_a_folder_leads_nowhere(tmp_path):
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "rdf.yaml").write_text("type: model")
    (folder / "net.onnx").symlink_to(tmp_path / "secret")
    with opened_package(folder) as package:
        assert not package.holds("net.onnx")


def refused(path, said):
    with pytest.raises(ModelError, match=said) as error, opened_package(path):
        pass
    assert "\n" not in str(error.value)


def test_what_is_no_package_is_refused(tmp_path, zipped):
    refused(tmp_path / "none.zip", "There is no package none.zip")
    (tmp_path / "text.zip").write_bytes(b"no zip")
    refused(tmp_path / "text.zip", "is no package of bioimage.io, or it is damaged")
    refused(zipped({"model.onnx": b"1"}), "holds no bioimageio.yaml")


def test_a_bomb_is_refused_before_it_is_unpacked(zipped):
    refused(zipped({**GOOD, "net.onnx": bytes(30_000_000)}), "many times its size")


def test_a_file_that_unpacks_to_more_than_it_says_is_refused(zipped):
    path = zipped({"rdf.yaml": "type: model", "net.onnx": bytes(range(200)) * 9})
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        at = content.rindex(mark) + place
        assert struct.unpack_from("<L", content, at) == (1800,)
        struct.pack_into("<L", content, at, 900)
    path.write_bytes(content)
    with pytest.raises(ModelError, match="damaged"), opened_package(path) as package:
        package.read("net.onnx", limit=10_000)


def test_a_link_a_double_or_too_many_files_are_refused(zipped, tmp_path):
    link = zipfile.ZipInfo("net.onnx")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = zipped(GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    refused(path, "a link or device")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("rdf.yaml", "type: model")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("rdf.yaml", "type: model")
    refused(tmp_path / "b.zip", "twice the same file")
    refused(zipped({**GOOD, **{f"{k}": b"" for k in range(1000)}}), "more than 1000 files")


def described(path):
    with opened_package(path) as package:
        return read_description(package)


def aliases():
    """YAML of few letters whose lists, each of ten of the last, hold 10 million values."""
    lines = ["type: model", "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    for last, name in pairwise("abcdefgh"):
        lines.append(f"{name}: &{name} [{', '.join([f'*{last}'] * 10)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "no proper YAML"),
        ("- 1", "describes no model"),
        ("type: dataset", "describes no model"),
        ("type: model", "not described as bioimage.io asks"),
        ("!!python/object/apply:os.system ['true']", "no proper YAML"),
        (aliases(), "describes no model"),
        ("a: &a [*a]\ntype: model", "describes no model"),
        ("x" * 300_000, "at most 262,144 are read"),
    ],
)
def test_a_description_that_is_none_is_refused(zipped, text, said):
    with pytest.raises(ModelError, match=said) as error:
        described(zipped({"rdf.yaml": text}))
    assert "\n" not in str(error.value)


def test_a_description_asks_nobody(zipped, describe, monkeypatch):
    import socket

    def refuse(*given):
        pytest.fail(f"asked the network: {given[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    told = describe(
        git_repo="https://example.org/repo",
        cite=[{"text": "a", "url": "https://example.org/paper"}],
        authors=[{"name": "A", "github_user": "somebody"}],
        documentation={"source": "https://example.org/a.md"},
    )
    assert described(zipped({"rdf.yaml": json.dumps(told)})).model.name == told["name"]
