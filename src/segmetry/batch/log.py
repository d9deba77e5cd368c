"""The log of a run: run.log in its folder."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segmetry import __version__
from segmetry.errors import WriteError

__all__ = ["run_log"]


@contextmanager
def run_log(path: Path) -> Iterator[logging.Logger]:
    """Send the log of a run to a file, for as long as the run takes.

    Parameters
    ----------
    path : Path
        A run that goes on with an earlier one adds to its log.

    Yields
    ------
    logging.Logger

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    log = logging.getLogger("segmetry.run")
    try:
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        msg = f"Cannot write {path.name}: {error.strerror or error}."
        raise WriteError(msg) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        log.info("segmetry %s", __version__)
        yield log
    finally:
        log.removeHandler(handler)
        handler.close()
