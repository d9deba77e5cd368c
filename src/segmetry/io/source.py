"""An open file with its name and size, as the readers of single formats get it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from segmetry.errors import ReadError

__all__ = ["Source", "opened"]

_HEAD_BYTES = 512  # the latest mark of a format, DICOM's, ends at byte 132
_GZIP = b"\x1f\x8b"
_MAX_UNPACKED = 2**31  # bytes; a small .gz can hold petabytes


@dataclass(frozen=True)
class Source:
    """An open file.

    Parameters
    ----------
    name : str
        The file's name, for messages.
    path : Path or None
        Where it lies, for libraries that open files themselves. `None` for the content of
        a .gz file.
    stream : binary file
        At its start.
    size : int
        In bytes, unpacked.
    head : bytes
        The first bytes.
    """

    name: str
    path: Path | None
    stream: BinaryIO
    size: int
    head: bytes


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file for reading, and unpack it if it is packed with gzip.

    Parameters
    ----------
    path : Path

    Yields
    ------
    Source

    Raises
    ------
    ReadError
        If there is no such file, if it is a folder, empty, or may not be read.
    """
    try:
        if path.is_dir():
            msg = f"{path.name} is a folder; name the pictures in it"
            raise ReadError(msg)
        if path.exists() and not path.is_file():
            msg = f"{path.name} is no ordinary file; copy its content to one"
            raise ReadError(msg)
        stream = path.open("rb")
    except FileNotFoundError as error:
        msg = f"there is no file {path.name} in the folder {path.parent.name or '.'}"
        raise ReadError(msg) from error
    except PermissionError as error:
        msg = f"{path.name} may not be read by you; ask its owner for the permission"
        raise ReadError(msg) from error
    except (OSError, ValueError) as error:
        msg = f"{path.name} cannot be opened; check the name and the disk"
        raise ReadError(msg) from error
    with stream:
        yield _described(path, stream)


def _described(path: Path, stream: BinaryIO) -> Source:
    size = stream.seek(0, 2)
    if size == 0:
        msg = f"{path.name} is empty (0 bytes); copy it again from the microscope"
        raise ReadError(msg)
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    stream.seek(0)
    if not head.startswith(_GZIP):
        return Source(path.name, path, stream, size, head)
    content = _unpacked(path.name, stream)
    return Source(path.name, None, BytesIO(content), len(content), content[:_HEAD_BYTES])


def _unpacked(name: str, stream: BinaryIO) -> bytes:
    import gzip
    import zlib

    try:
        with gzip.GzipFile(fileobj=stream) as file:
            content = file.read(_MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        msg = (
            f"{name} cannot be unpacked; the .gz file is damaged or cut off, copy it again"
        )
        raise ReadError(msg) from error
    if len(content) > _MAX_UNPACKED:
        msg = (
            f"{name} unpacks to more than {_MAX_UNPACKED:,} bytes; unpack and cut it first"
        )
        raise ReadError(msg)
    if not content:
        msg = f"{name} is a .gz file with nothing in it; pack the picture again"
        raise ReadError(msg)
    return content
