"""How the command line says what was wrong: at once, so it loads nothing for it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from segmetry.errors import SegmetryError, WriteError

__all__ = ["ended_by_errors", "tell_error"]

_FAILED, _WRONG_COMMAND, _STOPPED = 1, 2, 130


def tell_error(error: SegmetryError, *, as_json: bool) -> None:
    """Print what was wrong."""
    if as_json:
        typer.echo(json.dumps({"error": str(error)}))
    else:
        typer.echo(f"Error: {error}", err=True)


@contextmanager
def ended_by_errors(*, as_json: bool, stopped: str) -> Iterator[None]:
    """Tell what goes wrong in the body in one sentence, and end with its exit status.

    Parameters
    ----------
    as_json : bool
    stopped : str
        What is told where a person stops the program.

    Raises
    ------
    typer.Exit
        With status 1 if something could not be written, 2 for any other error that a user
        can mend, 130 if the program was stopped.
    """
    try:
        yield
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        status = _FAILED if isinstance(error, WriteError) else _WRONG_COMMAND
        raise typer.Exit(status) from error
    except KeyboardInterrupt:
        typer.echo(json.dumps({"error": stopped}) if as_json else stopped, err=not as_json)
        raise typer.Exit(_STOPPED) from None
