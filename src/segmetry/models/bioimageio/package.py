"""The files of a package of bioimage.io, read as if its sender meant harm.

A package is a zip or a folder. Nothing in it is written to disk, only what its description
names is read, and nothing of it is run.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path, PurePosixPath

from segmetry.errors import ModelError

__all__ = ["Package", "opened_package"]

_MAX_FILE = 2**32  # bytes of a zip, and of all that it says to hold
_MAX_MEMBERS = 1000
_MAX_RATIO = 200  # of unpacked to packed bytes; weights hardly pack at all
_SMALL = 2**20  # bytes: text may well pack better than that
_DESCRIPTIONS = ("bioimageio.yaml", "rdf.yaml")

_ZIP_ERRORS = (
    *(zipfile.BadZipFile, RuntimeError, EOFError, ValueError, OverflowError),
    *(LookupError, struct.error, zlib.error, OSError),
)


@dataclass(frozen=True)
class Package:
    """An open package.

    Parameters
    ----------
    file : str
        Its name, for messages.
    description : str
        Name of the file that describes the model.
    """

    file: str
    description: str
    _size: Callable[[str], int | None]
    _read: Callable[[str], bytes]

    def holds(self, name: str) -> bool:
        """Return whether a file is in the package."""
        return _is_plain(name) and self._size(name) is not None

    def read(self, name: str, *, limit: int) -> bytes:
        """Return the content of a file in the package.

        Parameters
        ----------
        name : str
            As the description has it: relative, with "/" between folders.
        limit : int
            Most bytes that it may have.

        Raises
        ------
        ModelError
            If it lies elsewhere, is missing or damaged, or has more bytes.
        """
        if not _is_plain(name):
            msg = f"{self.file} names a file outside of it, which no package may"
            raise ModelError(msg)
        size = self._size(name)
        if size is None:
            msg = f"{self.file} is not whole: {_shown(name)} is missing; get it again"
            raise ModelError(msg)
        if size > limit:
            msg = (
                f"{_shown(name)} of {self.file} has {size:,} bytes, and at most {limit:,} "
                "are read"
            )
            raise ModelError(msg)
        return self._read(name)


@contextmanager
def opened_package(path: str | PathLike[str]) -> Iterator[Package]:
    """Open a package of bioimage.io: a zip, or a folder with what such a zip holds.

    Parameters
    ----------
    path : path

    Yields
    ------
    Package

    Raises
    ------
    ModelError
        If there is none, or it is damaged or hostile.
    """
    path = Path(path)
    if path.is_dir():
        yield _folder(path)
    elif path.is_file():
        with _one_sentence(path.name), path.open("rb") as stream:
            size = stream.seek(0, 2)
            if size > _MAX_FILE:
                msg = f"{path.name} has {size:,} bytes, and a package at most {_MAX_FILE:,}"
                raise ModelError(msg)
            with zipfile.ZipFile(stream) as content:
                yield _zip(content, path.name)
    else:
        msg = f"There is no package {path.name or path}; check its name and folder"
        raise ModelError(msg)


def _zip(content: zipfile.ZipFile, file: str) -> Package:
    entries = content.infolist()
    _refuse_hostile(entries, file)
    known = {entry.filename: entry for entry in entries if not entry.is_dir()}

    def size(name: str) -> int | None:
        return known[name].file_size if name in known else None

    def read(name: str) -> bytes:
        with content.open(known[name]) as stream:
            # It may unpack to more than it says.
            found = stream.read(known[name].file_size + 1)
        if len(found) != known[name].file_size:
            raise ModelError(_damaged(file))
        return found

    return Package(file, _described_in(known, file), size, read)


def _refuse_hostile(entries: list[zipfile.ZipInfo], file: str) -> None:
    names = [entry.filename for entry in entries]
    unpacked = sum(entry.file_size for entry in entries)
    reasons = {
        f"holds more than {_MAX_MEMBERS} files": len(entries) > _MAX_MEMBERS,
        "holds twice the same file": len(set(names)) < len(names),
        f"unpacks to {unpacked:,} bytes": unpacked > _MAX_FILE,
        "holds a file that would be written elsewhere": not all(map(_is_plain, names)),
        "holds a link or device": not all(map(_is_file, entries)),
        "is encrypted": any(entry.flag_bits & 0x1 for entry in entries),
        "holds a file that unpacks to many times its size": any(map(_swells, entries)),
    }
    for reason, true in reasons.items():
        if true:
            msg = f"{file} {reason}, as no package of bioimage.io does; do not use it"
            raise ModelError(msg)


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    risky = any(part == ".." or set(part) & set(":\\\0") for part in path.parts)
    return bool(path.parts) and not risky and not path.is_absolute()


def _is_file(entry: zipfile.ZipInfo) -> bool:
    return stat.S_IFMT(entry.external_attr >> 16) in {0, stat.S_IFREG, stat.S_IFDIR}


def _swells(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > max(_SMALL, _MAX_RATIO * entry.compress_size)


def _folder(path: Path) -> Package:
    root = path.resolve()

    def within(name: str) -> Path | None:
        try:
            found = (root / name).resolve()
            return found if found.is_file() and found.is_relative_to(root) else None
        except OSError:
            return None

    def size(name: str) -> int | None:
        found = within(name)
        return None if found is None else found.stat().st_size

    def read(name: str) -> bytes:
        try:
            return (root / name).read_bytes()
        except OSError as error:
            msg = f"{_shown(name)} of {path.name} cannot be read; may you read it?"
            raise ModelError(msg) from error

    try:
        names = [each.name for each in root.iterdir()]
    except OSError as error:
        msg = f"the folder {path.name} cannot be read; may you read it?"
        raise ModelError(msg) from error
    return Package(path.name, _described_in(names, path.name), size, read)


def _described_in(names: "dict[str, zipfile.ZipInfo] | list[str]", file: str) -> str:
    found = [name for name in _DESCRIPTIONS if name in names]
    found += sorted(
        name
        for name in names
        if name.endswith(tuple(f".{each}" for each in _DESCRIPTIONS)) and "/" not in name
    )
    if not found:
        msg = f"{file} is no package of bioimage.io: it holds no {_DESCRIPTIONS[0]}"
        raise ModelError(msg)
    return found[0]


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
    return f"{file} is no package of bioimage.io, or it is damaged; get it again"


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:60]
