"""The options of `segmetry similarity`, each with the one sentence that --help shows."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

__all__ = ["DataRange", "First", "Second"]

First = Annotated[Path, Argument(help="A picture, or a folder of pictures.")]
Second = Annotated[Path, Argument(help="Another one of the same scene, or a folder.")]
DataRange = Annotated[
    float | None,
    Option(
        "--data-range",
        help="Largest less smallest possible grey value; that of the file's type if left "
        "out.",
    ),
]
