"""Folders of results: each appears whole or not at all."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from segmetry.errors import WriteError

__all__ = ["UNFINISHED", "is_result", "remove_results", "write_folder"]

UNFINISHED = ".unfinished-"


def write_folder(target: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a folder, and put it in the place of an older one."""
    try:
        # A short name: the picture's own may already be as long as a file system allows.
        unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=target.parent))
    except OSError as error:
        raise _cannot_write(target, error) from error
    older = unfinished.with_name(f"{unfinished.name}-old")
    try:
        whole = unfinished / "whole"
        whole.mkdir()
        write(whole)
        if target.exists():
            target.rename(older)
        whole.rename(target)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(older, ignore_errors=True)


def _cannot_write(target: Path, error: OSError) -> WriteError:
    reason = error.strerror or error
    return WriteError(f"Cannot write the results of {target.name}: {reason}.")


def remove_results(folder: Path) -> None:
    """Remove what an earlier run made of a picture that now fails."""
    if is_result(folder):
        shutil.rmtree(folder, ignore_errors=True)


def is_result(folder: Path) -> bool:
    """Return whether a folder holds what a run made of a picture."""
    return (folder / "picture.json").is_file()
