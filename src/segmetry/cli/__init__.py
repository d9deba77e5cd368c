"""The command line: parse, call, print."""

import sys
from io import TextIOWrapper

from segmetry.cli.commands import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line.

    A console or file that cannot hold µ or █ gets a question mark instead of an error.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
