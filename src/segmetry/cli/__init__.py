"""The command line: parse, call, print."""

from segmetry.cli.commands import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    app()
