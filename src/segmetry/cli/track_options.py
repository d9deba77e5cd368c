"""The options of `segmetry track`, each with the one sentence that --help shows."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Option

__all__ = [
    "Gap",
    "MaxDistance",
    "Register",
    "SeriesColumn",
    "TimeColumn",
    "TracksOut",
]

TracksOut = Annotated[
    Path | None, Option("--out", help="Folder for the results; tracks in the run's folder.")
]
TimeColumn = Annotated[
    str | None,
    Option("--time", help="Column of the sheet with the time; else the one named time_..."),
]
SeriesColumn = Annotated[
    str | None,
    Option("--series", help="Column of the sheet that tells which place a picture shows."),
]
MaxDistance = Annotated[
    str | None,
    Option(
        "--max-distance",
        help="How far an object may move between pictures: 20px or 8um; their median "
        "diameter if left out.",
    ),
]
Gap = Annotated[int, Option(min=0, help="Pictures in which an object may be missed.")]
Register = Annotated[
    Literal["pictures", "objects", "flow", "none"],
    Option(
        help="By what a drift of the scene is found and taken off; flow also follows "
        "tissue that deforms."
    ),
]
