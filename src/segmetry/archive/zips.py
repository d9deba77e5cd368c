"""Zips that are the same bytes for the same files, and that carry a hash of themselves.

Files lie in such a zip as they are: a compressor gives other bytes in another version, and
labels, pictures and Parquet tables are compressed already. The zip's comment is its seal,
the SHA-256 of all bytes before the comment's last 64, so that a changed byte is found
wherever it is, in a file or between files.

A zip may come from anyone. It is refused where it holds a name that leads out of its
folder, a link, a name twice, a password, or far more than its own size suggests.
"""

import hashlib
import lzma
import re
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import IO, Literal

from segmetry.errors import ReadError, WriteError

__all__ = [
    "DamagedError",
    "Packed",
    "Seal",
    "is_safe",
    "opened_zip",
    "seal_of",
    "unpack",
    "write_zip",
]

Seal = Literal["whole", "broken", "none"]

_MARK = b"segmetry sha256 "
_DIGITS = 64
_SEALED = re.compile(_MARK + rb"([0-9a-f]{64})")
_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell
_FILE = (stat.S_IFREG | 0o644) << 16
_UNIX = 3  # of systems, in a zip: names and rights are those of Unix
_ENCRYPTED = 1
_END, _END_BYTES = b"PK\x05\x06", 22  # of a zip without a comment
_PIECE = 2**20
_MOST_FILES = 2_000_000
_MOST_RATIO = 100  # unpacked to packed: tables shrink tenfold at most, bombs a thousandfold
_ALWAYS_BYTES = 2**30
_DRIVE = re.compile(r"[A-Za-z]:")
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),  # other programs pack files smaller
    *(EOFError, NotImplementedError, ValueError),
)


class DamagedError(ReadError):
    """A zip, or a file in it, is not as it was packed."""


class Packed:
    """The files of an open zip, whose names have been looked at.

    Where all lie in one folder, as some programs pack them, they are named below it.

    Parameters
    ----------
    packed : ZipFile
    """

    def __init__(self, packed: zipfile.ZipFile) -> None:
        entries = [entry for entry in packed.infolist() if not entry.is_dir()]
        above = _folder_of_all([entry.filename for entry in entries])
        self._packed = packed
        self._entries = {entry.filename.removeprefix(above): entry for entry in entries}

    def names(self) -> set[str]:
        """Return the names of all files."""
        return set(self._entries)

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file to read its bytes."""
        with _one_sentence(name), self._packed.open(self._entries[name]) as file:
            yield file


def write_zip(path: Path, entries: Iterable[tuple[str, Path | bytes]]) -> str:
    """Write files to a sealed zip, whole or not at all.

    Parameters
    ----------
    path : Path
        Replaced if it is there.
    entries : iterable of (str, Path or bytes)
        Name and content of each file, in the order in which they shall lie.

    Returns
    -------
    str
        SHA-256 of the zip.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    beside = path.with_name(f".{token_hex(8)}.part")
    try:
        with zipfile.ZipFile(beside, "x", zipfile.ZIP_STORED) as packed:
            for name, content in entries:
                _add(packed, name, content)
            packed.comment = _MARK + b"0" * _DIGITS
        with beside.open("r+b") as file:
            seal, whole = _hashes(file, beside.stat().st_size - _DIGITS)
            file.seek(-_DIGITS, 2)
            file.write(seal)
        beside.replace(path)
    except OSError as error:
        msg = f"{path.name} cannot be written: {error.strerror or error}."
        raise WriteError(msg) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return whole


def _add(packed: zipfile.ZipFile, name: str, content: Path | bytes) -> None:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.create_system = _UNIX
    entry.external_attr = _FILE
    if isinstance(content, bytes):
        packed.writestr(entry, content)
        return
    entry.file_size = content.stat().st_size  # a large file's header is longer
    with content.open("rb") as source, packed.open(entry, "w") as target:
        shutil.copyfileobj(source, target, _PIECE)


def _hashes(file: IO[bytes], n_bytes: int) -> tuple[bytes, str]:
    """Return the digits of the seal, and the hash of the file with it."""
    hashed = hashlib.sha256()
    while n_bytes > 0:
        piece = file.read(min(_PIECE, n_bytes))
        if not piece:
            break
        n_bytes -= len(piece)
        hashed.update(piece)
    seal = hashed.hexdigest().encode()
    hashed.update(seal)
    return seal, hashed.hexdigest()


def seal_of(path: Path) -> Seal:
    """Return whether a zip is as `write_zip` left it, or was packed by another program.

    Raises
    ------
    ReadError
        If it cannot be read.
    """
    length = len(_MARK) + _DIGITS
    try:
        n_bytes = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(0, n_bytes - _END_BYTES))
            end = file.read()
            if end.startswith(_END) and end.endswith(b"\0\0"):
                return "none"
            file.seek(max(0, n_bytes - length))
            found = _SEALED.fullmatch(file.read())
            file.seek(0)
            is_whole = found is not None and _hashes(file, n_bytes - _DIGITS)[0] == found[1]
    except OSError as error:
        msg = f"Cannot read {path.name}: {error.strerror or error}."
        raise ReadError(msg) from error
    return "whole" if is_whole else "broken"


@contextmanager
def opened_zip(path: Path) -> Iterator[Packed]:
    """Open a zip whose entries are all files that may be unpacked.

    Raises
    ------
    ReadError
        If it is no zip, is damaged, or holds what no archive of a run does.
    """
    with _one_sentence(path.name), zipfile.ZipFile(path) as packed:
        entries = packed.infolist()
        _refuse_names([entry.filename for entry in entries])
        for entry in entries:
            _refuse_entry(entry)
        _refuse_bombs(entries, path.stat().st_size)
        yield Packed(packed)


def unpack(path: Path, folder: Path) -> None:
    """Unpack a zip into a folder that is empty.

    Raises
    ------
    ReadError
        As `opened_zip` does.
    WriteError
        If there is no room for it, or it cannot be written.
    """
    with opened_zip(path) as packed:
        for name in sorted(packed.names()):
            with packed.opened(name) as source:
                _write(source, folder / name)


def is_safe(name: str) -> bool:
    r"""Return whether a path in an archive stays below the archive's folder.

    Examples
    --------
    >>> is_safe("a/labels.tif"), is_safe("../a"), is_safe("a\\..\\b"), is_safe("c:/a")
    (True, False, False, False)
    """
    parts = re.split(r"[/\\]", name)
    is_plain = not {"", ".", ".."} & set(parts) and "\0" not in name
    return is_plain and _DRIVE.match(name) is None


def _folder_of_all(names: list[str]) -> str:
    tops = {name.partition("/")[0] for name in names}
    is_one = len(tops) == 1 and all("/" in name for name in names)
    return f"{tops.pop()}/" if is_one else ""


def _write(source: IO[bytes], target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            shutil.copyfileobj(source, file, _PIECE)
    except OSError as error:
        msg = f"{target.name} cannot be unpacked: {error.strerror or error}."
        raise WriteError(msg) from error


def _refuse_names(names: list[str]) -> None:
    unsafe = [name for name in names if not is_safe(name.removesuffix("/"))]
    if unsafe:
        msg = f"The zip is refused: {unsafe[0]!r} leads out of its folder."
        raise ReadError(msg)
    # Some file systems fold case and accents: there, one would replace the other.
    plain = [unicodedata.normalize("NFC", name).casefold() for name in names]
    if len(set(plain)) < len(plain):
        msg = "The zip is refused: it holds the same name twice."
        raise ReadError(msg)


def _refuse_entry(entry: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        msg = f"The zip is refused: {entry.filename!r} is a link or device, not a file."
        raise ReadError(msg)
    if entry.flag_bits & _ENCRYPTED:
        msg = "The zip has a password; unpack it and give the folder."
        raise ReadError(msg)


def _refuse_bombs(entries: list[zipfile.ZipInfo], n_packed: int) -> None:
    n_bytes = sum(entry.file_size for entry in entries)
    most = max(_ALWAYS_BYTES, _MOST_RATIO * n_packed)
    if n_bytes > most or len(entries) > _MOST_FILES:
        msg = (
            f"The zip is refused: it would unpack to {n_bytes:,} bytes in "
            f"{len(entries):,} files, at most {most:,} bytes in {_MOST_FILES:,} files "
            "are taken from a zip of its size."
        )
        raise ReadError(msg)


@contextmanager
def _one_sentence(name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        msg = f"{name} is damaged, or no zip: {error}. Get it again."
        raise DamagedError(msg) from error
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"Cannot read {name}: {reason}."
        raise ReadError(msg) from error
