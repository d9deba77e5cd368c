"""The command line: parse, call, print."""

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
