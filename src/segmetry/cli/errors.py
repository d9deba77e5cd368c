"""How the command line says what was wrong: at once, so it loads nothing for it."""

import json

import typer

from segmetry.errors import SegmetryError

__all__ = ["tell_error"]


def tell_error(error: SegmetryError, *, as_json: bool) -> None:
    """Print what was wrong."""
    if as_json:
        typer.echo(json.dumps({"error": str(error)}))
    else:
        typer.echo(f"Error: {error}", err=True)
