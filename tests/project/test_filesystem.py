from pathlib import Path

import pytest

from segmetry.project import filesystem
from segmetry.project.filesystem import is_on_network

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/data /data nfs4 rw 0 0
/dev/sdb1 /data/local xfs rw 0 0
//lab/share /mnt/my\\040share cifs rw 0 0
user@host:/ /mnt/remote fuse.sshfs rw 0 0
proc /proc proc rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/ann", "ext4"),
        ("/data/run7", "nfs4"),
        ("/data/local/run7", "xfs"),
        ("/database", "ext4"),
        ("/mnt/my share/a", "cifs"),
    ],
)
def test_the_innermost_mount_tells_the_kind(folder, kind):
    assert filesystem._kind_of_mount(Path(folder), MOUNTS) == kind


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("server:/ {} nfs rw 0 0", True),
        ("a@b:/ {} fuse.sshfs rw 0 0", True),
        ("/dev/sda1 {} ext4 rw 0 0", False),
        ("tmpfs {} tmpfs rw 0 0", False),
    ],
)
def test_folders_of_other_computers_are_known(tmp_path, monkeypatch, line, expected):
    mounts = tmp_path / "mounts"
    mounts.write_text(line.format(tmp_path.resolve()) + "\n")
    monkeypatch.setattr(filesystem, "_MOUNTS", mounts)
    assert is_on_network(tmp_path) is expected


def test_without_a_list_of_mounts_only_mounted_volumes_are_doubted(tmp_path, monkeypatch):
    monkeypatch.setattr(filesystem, "_MOUNTS", tmp_path / "absent")
    assert not is_on_network(tmp_path)
    assert is_on_network(Path("/Volumes/usb"))


def test_a_share_of_windows_is_on_the_network():
    class Share(type(Path())):
        def resolve(self):
            return self

        def __str__(self):
            return "\\\\server\\share\\folder"

    assert is_on_network(Share("x"))
