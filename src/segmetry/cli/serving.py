"""The command that opens the app in a browser."""

import os
import platform
import re
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import typer

from segmetry.cli.errors import tell_error
from segmetry.errors import RecipeError, SegmetryError

__all__ = ["THREADS", "open_app"]

# Else numpy keeps a second core busy with waiting, some 10 ms after each of its products:
# longer than an edit takes, and the browser needs that core.
THREADS = {"OPENBLAS_NUM_THREADS": "1"}

_SERVER_FAILED = 1
_WRONG_COMMAND = 2
_ALONE = {"127.0.0.1", "localhost", "::1"}
_ALL = {"0.0.0.0", "::"}  # noqa: S104 - only compared with


def open_app(
    folder: Path | None,
    *,
    port: int | None,
    host: str,
    names: Sequence[str],
    cluster: str | None = None,
    with_browser: bool,
) -> None:
    """Serve the app, open a browser on it, and stay until Ctrl-C.

    Parameters
    ----------
    folder : Path or None
        Pictures to open at once.
    port : int or None
    host : str
    names : sequence of str
        Names by which a reverse proxy calls the app.
    cluster : str or None
        Dask cluster that runs methods on pictures.
    with_browser : bool

    Raises
    ------
    typer.Exit
        With status 2 if the command line is wrong, 1 if the app cannot be served.
    """
    try:
        _check(folder, names)
        for name, value in THREADS.items():
            os.environ.setdefault(name, value)
        from segmetry.web.serving import serve

        def ready(address: str) -> None:
            for line in _told(address, host, names):
                _say(line)
            if with_browser and not webbrowser.open(address):
                _say("No browser opens here: copy the address into one.")

        serve(folder, port=port, host=host, names=names, cluster=cluster, ready=ready)
    except SegmetryError as error:
        tell_error(error, as_json=False)
        is_wrong = isinstance(error, RecipeError)
        raise typer.Exit(_WRONG_COMMAND if is_wrong else _SERVER_FAILED) from error
    _say("Stopped.")


def _say(line: str) -> None:
    """Print a line; a terminal that is gone stops nothing and hears nothing more."""
    try:
        typer.echo(line)
    except OSError:
        # Python flushes once more at its end, which would fail again, with a traceback.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end


def _check(folder: Path | None, names: Sequence[str]) -> None:
    if folder is not None and not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        msg = f"{folder} {what}; give the folder that holds the pictures, or none."
        raise RecipeError(msg)
    for name in names:
        if not re.fullmatch(r"[\w.-]+(:\d+)?", name, re.ASCII):
            msg = f"--allow-host takes a name as lab.example.org, got {name!r}."
            raise RecipeError(msg)


def _told(address: str, host: str, names: Sequence[str]) -> list[str]:
    """Return what a person has to know of a server that answers."""
    lines = [f"Segmetry is open at {address}"]
    port, _, rest = address.partition("://")[2].rpartition(":")[2].partition("/")
    if host in _ALL:
        lines.append(f"For other computers: http://{platform.node()}:{port}/{rest}")
    lines += [f"Through your proxy: https://{name}/{rest}" for name in names]
    if host not in _ALONE or names:
        lines.append(
            "Whoever has the whole address may see and change all that you may; nothing is "
            "encrypted without a proxy that does it: see docs/lab_server.md."
        )
    return [*lines, "Everything is saved as you work. Ctrl-C stops the program."]
