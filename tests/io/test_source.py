import gzip
import os

import pytest

from segmetry.errors import ReadError
from segmetry.io import source as module
from segmetry.io.source import opened


def test_a_file_is_opened_at_its_start_with_its_size(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 1000)
    with opened(path) as source:
        assert (source.name, source.path, source.size) == ("a.bin", path, 1000)
        assert source.head == b"x" * 512
        assert source.stream.read() == b"x" * 1000
    assert source.stream.closed


def test_a_packed_file_is_unpacked(tmp_path):
    path = tmp_path / "a.tif.gz"
    path.write_bytes(gzip.compress(b"content" * 100))
    with opened(path) as source:
        assert source.path is None
        assert source.size == 700
        assert source.stream.read() == b"content" * 100


def test_a_missing_file_is_named(tmp_path):
    with (
        pytest.raises(ReadError, match="there is no file gone.tif in the folder"),
        opened(tmp_path / "gone.tif"),
    ):
        pass


def test_a_folder_is_no_picture(tmp_path):
    with pytest.raises(ReadError, match="is a folder"), opened(tmp_path):
        pass


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "empty.tif"
    path.touch()
    with pytest.raises(ReadError, match=r"empty\.tif is empty \(0 bytes\)"), opened(path):
        pass


@pytest.mark.parametrize("name", ["a\0b.tif", "n" * 5000 + ".tif"])
def test_a_name_that_no_disk_takes_is_one_sentence(tmp_path, name):
    expected = pytest.raises(ReadError, match="cannot be opened|there is no file")
    with expected, opened(tmp_path / name):
        pass


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_refused_instead_of_waiting_for_ever(tmp_path):
    os.mkfifo(tmp_path / "pipe.tif")
    with pytest.raises(ReadError, match="no ordinary file"), opened(tmp_path / "pipe.tif"):
        pass


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="this system has no such permissions")
def test_a_file_without_permission_is_one_sentence(tmp_path, printed):
    path = tmp_path / "private.tif"
    path.write_bytes(b"secret")
    path.chmod(0)
    # The administrator may read everything, so the question is asked as somebody else.
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from segmetry.io.source import opened\n"
        "path = Path(sys.argv[1])\n"
        "os.chdir(path.parent)\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "try:\n"
        "    with opened(Path(path.name)): pass\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    assert printed(program, path).startswith("ReadError private.tif may not be read by you")


@pytest.mark.parametrize("keep", [15, 40, -3])
def test_a_packed_file_that_is_cut_off_is_refused(tmp_path, keep):
    path = tmp_path / "cut.tif.gz"
    path.write_bytes(gzip.compress(os.urandom(300))[:keep])
    with pytest.raises(ReadError, match="cannot be unpacked"), opened(path):
        pass


def test_a_packed_file_of_nothing_is_refused(tmp_path):
    path = tmp_path / "nothing.tif.gz"
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(ReadError, match="nothing in it"), opened(path):
        pass


def test_a_packed_file_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MAX_UNPACKED", 10_000)
    path = tmp_path / "bomb.tif.gz"
    path.write_bytes(gzip.compress(bytes(1_000_000)))
    with pytest.raises(ReadError, match="unpacks to more than 10,000 bytes"), opened(path):
        pass
