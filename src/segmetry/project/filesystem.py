"""What the file system below a project can be trusted with."""

import os
import sys
from pathlib import Path

__all__ = ["is_on_network"]

_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ceph", "lustre", "afpfs"}
_MOUNTS = Path("/proc/self/mounts")
_REMOTE_DRIVE = 4  # as Windows counts kinds of drives


def is_on_network(folder: Path) -> bool:
    """Return whether a folder lies on another computer's disk, or may do so.

    SQLite's fastest journal, WAL, shares memory between programs, which needs a disk of
    this computer [1]_. Where a system does not tell, the answer is yes: that is slower, but
    always right.

    Parameters
    ----------
    folder : Path
        It exists.

    References
    ----------
    .. [1] SQLite, "Write-Ahead Logging", https://sqlite.org/wal.html
    """
    folder = folder.resolve()
    if str(folder).startswith("\\\\"):
        return True
    if sys.platform == "win32":
        import ctypes

        kind = ctypes.windll.kernel32.GetDriveTypeW(folder.anchor)
        return bool(kind == _REMOTE_DRIVE)
    if _MOUNTS.is_file():
        kind = _kind_of_mount(folder, _MOUNTS.read_text(encoding="utf-8", errors="replace"))
        return kind in _NETWORK or kind.startswith("fuse.")
    return folder.is_relative_to("/Volumes")


def _kind_of_mount(folder: Path, mounts: str) -> str:
    """Return the file system's kind of the innermost mount that holds a folder."""
    found, kind = "", ""
    for line in mounts.splitlines():
        _, place, candidate, *_ = line.split(" ")
        place = place.encode().decode("unicode_escape")  # a space is written \040
        inner = os.path.normpath(place)
        if folder.is_relative_to(inner) and len(inner) >= len(found):
            found, kind = inner, candidate
    return kind
