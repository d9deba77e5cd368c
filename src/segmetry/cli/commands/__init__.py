"""The commands, each of a few lines; `segmetry --help` names them in this order."""

from typing import Annotated

import typer

from segmetry import __version__
from segmetry.cli.commands import exchange, installed, learning, results, running

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From a microscope's file to objects, counts and size distributions.",
)
for theme in (running, learning, results, exchange, installed):
    app.add_typer(theme.commands)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"segmetry {__version__}")
        raise typer.Exit


_Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_say_version, is_eager=True, help="Say the version."
    ),
]


@app.callback()
def program(version: _Version = False) -> None:
    """Take the options of the program itself."""
