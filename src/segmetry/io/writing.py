"""Writing files whole or not at all.

Every file is first written beside its place under another name and then moved there in one
step, so nobody ever meets half a file. What goes wrong is said in one sentence.
"""

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike, fsync
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np

from segmetry.errors import WriteError

__all__ = ["one_sentence", "write_bytes", "write_json", "write_text"]

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is full",
    errno.EFBIG: "the file is larger than allowed there",
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
    errno.EROFS: "the disk is read-only",
    errno.ENOENT: "its folder does not exist",
    errno.ENOTDIR: "its folder is a file",
    errno.EISDIR: "a folder has this name",
    errno.ENAMETOOLONG: "the name is too long",
}


def write_bytes(path: str | PathLike[str], data: bytes) -> None:
    """Write bytes to a file, whole or not at all.

    Parameters
    ----------
    path : path
        An existing file is replaced.
    data : bytes

    Raises
    ------
    WriteError
        If it cannot be written: no permission, disk full, no such folder. What was there
        before is still there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_bytes(Path(folder, "a.bin"), b"abc")
    ...     Path(folder, "a.bin").read_bytes()
    b'abc'
    """
    path = Path(path)
    with one_sentence(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder")
        # The name is short, so that a long name of the result does not make it too long.
        beside = path.with_name(f".{token_hex(8)}.part")
        try:
            with beside.open("xb") as file:
                file.write(data)
                file.flush()
                # Some disks report that they are full only here.
                fsync(file.fileno())
            beside.replace(path)
        except BaseException:  # also when the user stops the program
            with suppress(OSError):
                beside.unlink()
            raise


def write_text(path: str | PathLike[str], text: str) -> None:
    r"""Write text as UTF-8 with "\n" as the end of a line, whole or not at all.

    Parameters
    ----------
    path : path
    text : str

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    write_bytes(path, text.encode("utf-8"))


def write_json(path: str | PathLike[str], value: Any) -> None:
    """Write a value as JSON for people and programs, whole or not at all.

    Parameters
    ----------
    path : path
    value : JSON value
        NumPy numbers and arrays are written as plain ones.

    Raises
    ------
    WriteError
        If it cannot be written.
    ValueError
        If a number is NaN or infinite, which JSON has no word for: use `None`.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False, default=_plain)
    write_text(path, f"{text}\n")


def _plain(value: object) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return value.as_posix()
    msg = f"JSON has no {type(value).__name__}"
    raise TypeError(msg)


@contextmanager
def one_sentence(path: Path) -> Iterator[None]:
    """Say in one sentence why something cannot be written.

    Parameters
    ----------
    path : Path
        Of the file or folder.

    Raises
    ------
    WriteError
    """
    try:
        yield
    except (OSError, ValueError) as error:
        number = error.errno if isinstance(error, OSError) else None
        reason = _REASONS.get(number or 0, "the system refused it")
        if isinstance(error, PermissionError) and path.exists():
            reason = "you may not write there, or another program has the file open"
        msg = f"{path.name} cannot be written: {reason}; choose another place"
        raise WriteError(msg) from error
