import json
import os
import subprocess
import sys

import pytest

from segmetry.errors import ProjectError, WriteError
from segmetry.project.lock import Lock

HOLD = """
import sys
from pathlib import Path
from segmetry.project.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def other_program(tmp_path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_program_is_told_who_has_the_project_open(tmp_path, other_program):
    with pytest.raises(ProjectError, match="already open by process") as caught:
        Lock(tmp_path)
    assert f"process {other_program.pid} on " in str(caught.value)
    assert tmp_path.name in str(caught.value)


def test_the_lock_of_a_killed_program_does_not_stay(tmp_path, other_program):
    other_program.kill()
    other_program.wait()
    lock = Lock(tmp_path)
    assert json.loads((tmp_path / "lock.json").read_text())["pid"] == os.getpid()
    lock.release()


def test_one_program_cannot_open_a_project_twice(tmp_path):
    lock = Lock(tmp_path)
    with pytest.raises(ProjectError, match=f"process {os.getpid()}"):
        Lock(tmp_path)
    lock.release()
    Lock(tmp_path).release()


def test_a_holder_without_a_readable_note_is_another_program(tmp_path):
    folder = tmp_path / "powders" / ".segmetry"
    folder.mkdir(parents=True)
    lock = Lock(folder)
    (folder / "lock.json").write_text("[]")
    with pytest.raises(ProjectError, match=r"in powders is already open by another"):
        Lock(folder)
    lock.release()
    lock.release()


def test_where_nothing_can_be_written_there_is_no_lock(tmp_path):
    with pytest.raises(WriteError, match="cannot be kept for this program"):
        Lock(tmp_path / "absent")


def test_a_lock_that_is_no_database_is_told(tmp_path):
    (tmp_path / "lock").write_bytes(b"something else" * 100)
    with pytest.raises(WriteError, match="not a database"):
        Lock(tmp_path)
