import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import WriteError
from segmetry.io import write_bytes, write_json, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_bytes_are_written_and_nothing_else_is_left(tmp_path):
    write_bytes(tmp_path / "a.bin", b"abc")
    assert (tmp_path / "a.bin").read_bytes() == b"abc"
    assert names(tmp_path) == ["a.bin"]


def test_an_existing_file_is_replaced(tmp_path):
    write_bytes(tmp_path / "a.bin", b"long old content")
    write_bytes(tmp_path / "a.bin", b"new")
    assert (tmp_path / "a.bin").read_bytes() == b"new"


def test_a_file_has_the_permissions_that_a_new_file_has(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_bytes(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("name", ["粒子.csv", "😀.csv", "x" * 250 + ".csv"])
def test_names_of_any_letters_are_written(tmp_path, name):
    write_bytes(tmp_path / name, b"abc")
    assert names(tmp_path) == [name]


def test_lines_end_alike_on_every_system(tmp_path):
    write_text(str(tmp_path / "a.txt"), "µm\nnm\n")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc2\xb5m\nnm\n"


def test_a_missing_folder_is_one_sentence(tmp_path):
    with pytest.raises(WriteError, match=r"a\.csv cannot be written: its folder does not"):
        write_bytes(tmp_path / "gone" / "a.csv", b"")


def test_a_file_for_a_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="cannot be written"):
        write_bytes(tmp_path / "file" / "a.csv", b"")


def test_a_folder_of_the_same_name_stays(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(WriteError, match="a folder has this name"):
        write_bytes(tmp_path / "a.csv", b"")
    assert names(tmp_path) == ["a.csv"]


def test_a_name_that_is_too_long_is_one_sentence(tmp_path):
    with pytest.raises(WriteError, match="cannot be written"):
        write_bytes(tmp_path / ("x" * 300), b"")
    assert names(tmp_path) == []


def test_a_name_that_no_disk_takes_is_one_sentence(tmp_path):
    with pytest.raises(WriteError, match="the system refused it"):
        write_bytes(tmp_path / "a\0b", b"")


WRITE = """
import os, sys
from segmetry.io import write_bytes
{before}
try: write_bytes(sys.argv[1], b"x" * 1_000_000)
except Exception as error: print(type(error).__name__, error)
"""


@pytest.mark.skipif(os.name != "posix", reason="only POSIX can limit the size of files")
def test_when_space_runs_out_the_old_file_stays_and_no_part_is_left(tmp_path, printed):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    before = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (500_000,) * 2)"
    said = printed(WRITE.format(before=before), path)
    assert said.startswith("WriteError a.bin cannot be written: the file is larger")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def mounted_disk(folder):
    """A disk of 64 kB, where this system lets a test make one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def test_a_disk_that_is_full_is_one_sentence_and_no_part_is_left(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if not mounted_disk(disk):
        pytest.skip("only an administrator can make a small disk to fill")
    try:
        write_bytes(disk / "small.csv", b"x" * 1000)
        with pytest.raises(
            WriteError, match="large.csv cannot be written: the disk is full"
        ):
            write_bytes(disk / "large.csv", b"x" * 200_000)
        assert names(disk) == ["small.csv"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="this system has no such permissions")
def test_a_folder_without_permission_is_one_sentence(tmp_path, printed):
    folder = tmp_path / "private"
    folder.mkdir(mode=0o555)
    before = "os.chdir(os.path.dirname(sys.argv[1]) or '.')\n"
    before += "if os.getuid() == 0: os.setuid(65534)\n"
    before += "sys.argv[1] = os.path.basename(sys.argv[1])"
    said = printed(WRITE.format(before=before), folder / "a.bin")
    assert said.startswith("WriteError a.bin cannot be written: you may not write there")
    assert names(folder) == []


def test_a_file_that_may_not_be_replaced_names_both_causes(tmp_path, monkeypatch):
    # Windows refuses to replace a file that a program has open; POSIX never does.
    (tmp_path / "a.csv").write_bytes(b"old")

    def refuse(*_):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(WriteError, match="another program has the file open"):
        write_bytes(tmp_path / "a.csv", b"new")
    assert (tmp_path / "a.csv").read_bytes() == b"old"
    assert names(tmp_path) == ["a.csv"]


def test_a_stopped_program_leaves_no_part(tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "a.csv", b"new")
    assert names(tmp_path) == []


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text()
    # Any number that JSON has a word for.
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(value=JSON)
def test_json_comes_back_as_it_was(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("json") / "a.json"
    write_json(path, value)
    assert json.loads(path.read_text(encoding="utf-8")) == value


def test_json_of_arrays_and_paths_is_plain(tmp_path):
    value = {"a": np.float32(0.5), "b": np.arange(3), "c": Path("x") / "y"}
    write_json(tmp_path / "a.json", value)
    found = json.loads((tmp_path / "a.json").read_text())
    assert found == {"a": 0.5, "b": [0, 1, 2], "c": "x/y"}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_has_no_word_for_what_is_no_number(tmp_path, value):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", [value])
    assert names(tmp_path) == []


def test_json_has_no_word_for_sets(tmp_path):
    with pytest.raises(TypeError, match="JSON has no set"):
        write_json(tmp_path / "a.json", {1})
