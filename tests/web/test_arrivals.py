"""A project's file that takes forever, or all memory, ends a process that is not ours."""

import subprocess
import sys
import zipfile

import pytest

from segmetry.errors import ReadError
from segmetry.project import new_identifier, projects_folder, write_archive
from segmetry.project.archive import unfinished_folder
from segmetry.web import arrivals, worker
from segmetry.web.arrivals import open_stranger

pytestmark = pytest.mark.slow

_MOST = 2**32


@pytest.fixture
def archive(project, label, tmp_path):  # noqa: ARG001 - with labels
    write_archive(project, tmp_path / "whole.zip")
    return tmp_path / "whole.zip"


def folders():
    return [path for path in projects_folder().iterdir() if path.is_dir()]


def test_a_project_is_unpacked_beside_the_others(archive, project):
    with open_stranger(archive, most_bytes=_MOST) as copy:
        assert copy.name == project.name
        (record,) = copy.pictures.records()
        assert len(copy.labels.records(record.id)) == 1
        assert folders() == [copy.folder]


def test_what_is_wrong_with_it_is_told_as_here(archive):
    with pytest.raises(ReadError, match="more than the 9 bytes"):
        open_stranger(archive, most_bytes=9)
    assert folders() == []


def test_one_that_takes_too_long_is_ended_and_leaves_nothing(archive, monkeypatch):
    """A few megabytes that unpack to three gigabytes."""
    monkeypatch.setattr(worker, "_TICK", 0.01)
    monkeypatch.setattr(arrivals, "_MOST_SECONDS", 0.3)
    with (
        zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as file,
        file.open("conditions.csv", "w", force_zip64=True) as entry,
    ):
        for _ in range(300):
            entry.write(bytes(10**6))
    with pytest.raises(ReadError, match="took over 0 minutes"):
        open_stranger(archive, most_bytes=_MOST)
    assert folders() == []


def test_what_a_server_that_was_killed_left_is_removed_when_one_starts(request, archive):
    unfinished = unfinished_folder(projects_folder() / new_identifier())
    code = """if True:
        import sys, os
        from pathlib import Path
        from segmetry.project import archive
        archive.check_rows = lambda _: os._exit(9)
        archive.unpack_archive(Path(sys.argv[1]), Path(sys.argv[2]))
    """
    where = (archive, unfinished.with_suffix(""))
    killed = subprocess.run([sys.executable, "-c", code, *where], check=False)
    assert killed.returncode == 9
    assert (unfinished / "project" / "project.db").is_file()
    request.getfixturevalue("server")
    assert not unfinished.exists()
