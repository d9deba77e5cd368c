"""A zip of a few unpacked members, read as if its sender meant harm.

Members are never written to disk under the names they bring, and they are not compressed,
so nothing can unpack to more than the file holds.
"""

import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from segmetry.errors import ModelError

__all__ = ["Archive", "opened", "packed"]

_MAX_FILE = 2**30  # bytes; the largest network that is foreseen has a third of it
_MAX_DIRECTORY = 2**14  # bytes of the zip's list of members, which has five at most
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # one time for all, so that equal content is equal bytes

_END = struct.Struct("<4s4H2LH")  # the zip's end-of-directory record, without a comment
_LOCATOR_BYTES = 20

# What a zip of any bytes whatever makes the standard library raise.
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, RuntimeError, EOFError, ValueError, OverflowError),
    *(LookupError, struct.error, OSError),
)


@dataclass(frozen=True)
class Archive:
    """An open zip.

    Parameters
    ----------
    content : ZipFile
    file : str
        Name of the file, for messages.
    size : int
        Of the file, in bytes.
    """

    content: zipfile.ZipFile
    file: str
    size: int

    @property
    def names(self) -> list[str]:
        """Names of all members, as the zip has them: unchecked."""
        return [entry.filename for entry in self.content.infolist()]

    def check(self, name: str, *, limit: int = _MAX_FILE) -> None:
        """Refuse a member that is missing, packed, encrypted, a link or too large.

        Parameters
        ----------
        name : str
        limit : int
            Most bytes it may have.

        Raises
        ------
        ModelError
        """
        found = [entry for entry in self.content.infolist() if entry.filename == name]
        if len(found) != 1:
            how = "in it twice" if found else "missing"
            msg = f"{self.file} is not a whole model file: {name} is {how}; get it again"
            raise ModelError(msg)
        self._check_entry(found[0], min(limit, self.size))

    def read(self, name: str, *, limit: int = _MAX_FILE) -> bytes:
        """Return the content of a member.

        Parameters
        ----------
        name : str
        limit : int
            Most bytes it may have.

        Raises
        ------
        ModelError
            If it cannot be read safely, or is damaged.
        """
        self.check(name, limit=limit)
        with _one_sentence(self.file):
            return self.content.read(name)

    def _check_entry(self, entry: zipfile.ZipInfo, limit: int) -> None:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        reasons = {
            "is encrypted": bool(entry.flag_bits & 0x1),
            "is a link or device": kind not in {0, stat.S_IFREG},
            "is compressed": entry.compress_type != zipfile.ZIP_STORED,
            "has two sizes": entry.compress_size != entry.file_size,
            f"has more than {limit:,} bytes": entry.file_size > limit,
        }
        for reason, true in reasons.items():
            if true:
                msg = (
                    f"{self.file} is not as Segmetry writes model files: {entry.filename} "
                    f"{reason}; get it again"
                )
                raise ModelError(msg)


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a zip for reading.

    Parameters
    ----------
    path : Path

    Yields
    ------
    Archive

    Raises
    ------
    ModelError
        If there is no such file, or it is no such zip.
    """
    if not path.is_file():
        what = "is no file" if path.exists() else "does not exist"
        msg = f"{path.name or path} {what}; name a model file that does"
        raise ModelError(msg)
    with ExitStack() as stack:
        with _one_sentence(path.name):
            stream = stack.enter_context(path.open("rb"))
            size = _checked_size(stream, path.name)
            content = stack.enter_context(zipfile.ZipFile(stream))
        yield Archive(content, path.name, size)


def packed(members: Mapping[str, bytes]) -> bytes:
    """Return members as a zip; equal members give equal bytes on every system.

    Examples
    --------
    >>> packed({"a": b"1", "b": b"2"}) == packed({"b": b"2", "a": b"1"})
    True
    """
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as content:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system = 3  # not that of the system at hand
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            content.writestr(entry, members[name])
    return file.getvalue()


@contextmanager
def _one_sentence(file: str) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        msg = f"{file} may not be read by you; ask its owner for the permission"
        raise ModelError(msg) from error
    except _ZIP_ERRORS as error:
        raise ModelError(_damaged(file)) from error


def _damaged(file: str) -> str:
    return f"{file} is not a model file of Segmetry, or it is damaged; get it again"


def _checked_size(stream: BinaryIO, file: str) -> int:
    """Return the size of a file, if the zip module will not read too much of it."""
    size = stream.seek(0, 2)
    if size > _MAX_FILE:
        msg = f"{file} has {size:,} bytes, and a model file at most {_MAX_FILE:,}"
        raise ModelError(msg)
    stream.seek(max(0, size - _END.size - _LOCATOR_BYTES))
    tail = stream.read()
    stream.seek(0)
    if len(tail) < _END.size + _LOCATOR_BYTES or stream.read(4) != b"PK\3\4":
        raise ModelError(_damaged(file))
    mark, _, _, _, _, directory, _, comment = _END.unpack(tail[-_END.size :])
    # Zip64 has a second end record, with sizes of its own, which is found by its locator.
    plain = mark == b"PK\5\6" and not comment and not tail.startswith(b"PK\6\7")
    if not plain or directory > _MAX_DIRECTORY:
        raise ModelError(_damaged(file))
    return size
