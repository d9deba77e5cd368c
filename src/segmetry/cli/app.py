"""The command that opens the app in a browser."""

import webbrowser
from pathlib import Path

import typer

from segmetry.cli.tell import tell_error
from segmetry.errors import SegmetryError

__all__ = ["open_app"]


def open_app(
    folder: Path | None, *, port: int | None, host: str, with_browser: bool
) -> None:
    """Serve the app, open a browser on it, and stay until Ctrl-C.

    Parameters
    ----------
    folder : Path or None
        Pictures to open at once.
    port : int or None
    host : str
    with_browser : bool

    Raises
    ------
    typer.Exit
        With status 1 if the app cannot be served.
    """
    from segmetry.web.serving import serve

    def ready(address: str) -> None:
        typer.echo(f"Segmetry is open at {address}")
        typer.echo("Everything is saved as you work. Ctrl-C stops the program.")
        if with_browser:
            webbrowser.open(address)

    try:
        serve(folder, port=port, host=host, ready=ready)
    except SegmetryError as error:
        tell_error(error, as_json=False)
        raise typer.Exit(1) from error
    typer.echo("Stopped.")
