"""Files behind URLs that a person gave: listed, and fetched for as long as they are read.

OME-Zarr is read in place; any other format is one file, which is copied to this machine.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segmetry.errors import MissingExtraError, ReadError
from segmetry.io.listing import picture_endings
from segmetry.io.zarr_files import url_of

__all__ = ["fetched", "is_remote_file", "remote_pictures", "without_secrets"]

_PATTERN = set("*[")  # a question mark begins the query of a URL
_READ_IN_PLACE = ".zarr"
_ACCOUNT = re.compile(r"(?<=://)[^/\s'\"]*@")  # a name, and as a rule a password
_QUERY = re.compile(r"(?<=://)([^\s?'\"]*)\?[^\s'\")]*")  # signatures and tokens


def is_remote_file(path: Path) -> bool:
    """Return whether a path is the URL of a picture that is one file.

    Parameters
    ----------
    path : Path

    Examples
    --------
    >>> [is_remote_file(Path(name)) for name in ("s3://b/a.tif", "s3://b/a.zarr", "a.tif")]
    [True, False, False]
    """
    name = path.name.lower().partition("?")[0]
    return name.endswith(_file_endings()) and url_of(path) is not None


def remote_pictures(url: str) -> list[str] | None:
    """Return the URLs of the pictures that a pattern or a folder behind a URL stands for.

    Parameters
    ----------
    url : str
        "s3://bucket/*.tif", or "s3://bucket/wells/" with a slash at its end.

    Returns
    -------
    list of str or None
        Sorted; `None` where it is neither a pattern nor a folder, but one picture.

    Raises
    ------
    MissingExtraError
        If what reads such addresses is not installed.
    ReadError
        If the place cannot be listed.
    """
    if not (_PATTERN & set(url) or url.endswith("/")):
        return None
    files, place = _opened(url)
    pattern = place.rstrip("/") + "/*" if url.endswith("/") else place
    try:
        found = files.glob(pattern)
    except Exception as error:
        msg = f"Cannot list {without_secrets(url)}: {_reason(error)}."
        raise ReadError(msg) from error
    endings = picture_endings()
    urls = [files.unstrip_protocol(name).rstrip("/") for name in found]
    return sorted(one for one in urls if one.lower().endswith(endings))


def without_secrets(text: str) -> str:
    """Return URLs, or a sentence with URLs, without what may give access to a place.

    Results, logs and recipes are passed on: no name, password or query may be in them.

    Examples
    --------
    >>> without_secrets("https://me:word@example.org/a.tif?token=12")
    'https://example.org/a.tif'
    """
    return _QUERY.sub(r"\1", _ACCOUNT.sub("", text))


@contextmanager
def fetched(path: Path) -> Iterator[Path]:
    """Copy what is behind a URL to this machine, and remove it afterwards.

    Parameters
    ----------
    path : Path
        See `is_remote_file`.

    Yields
    ------
    Path
        A file of the same name.

    Raises
    ------
    MissingExtraError
        If what reads such addresses is not installed.
    ReadError
        If it cannot be copied.
    """
    url = url_of(path) or str(path)
    files, place = _opened(url)
    folder = Path(tempfile.mkdtemp(prefix="segmetry-"))
    copy = folder / path.name.partition("?")[0]
    try:
        try:
            files.get_file(place, str(copy))
        except Exception as error:
            msg = f"Cannot fetch {copy.name} ({_reason(error)}); is its address right?"
            raise ReadError(msg) from error
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _opened(url: str) -> tuple[Any, str]:
    """Return the file system behind a URL, and the place in it."""
    kind = url.partition(":")[0]
    purpose = f"Reading {kind}:// addresses"
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtraError(purpose, "remote") from error
    try:
        files, place = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise MissingExtraError(purpose, "remote") from error
    except Exception as error:
        msg = f"Cannot read {without_secrets(url)}: {_reason(error)}."
        raise ReadError(msg) from error
    return files, place


def _file_endings() -> tuple[str, ...]:
    return tuple(end for end in picture_endings() if end != _READ_IN_PLACE)


def _reason(error: Exception) -> str:
    """Return what an error of a file system says, in one line."""
    words = without_secrets(" ".join(str(error).split()).rstrip("."))
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
