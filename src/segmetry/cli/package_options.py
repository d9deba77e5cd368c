"""The options of `models export` and `models import`."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

__all__ = [
    "Authors",
    "Diameter",
    "Licence",
    "Maps",
    "ModelKind",
    "NewName",
    "Package",
    "PackageOut",
    "StoredOut",
]

ModelKind = Annotated[
    Literal["bioimageio"],
    Option("--to", help="bioimageio: a package of bioimage.io, for many programs."),
]
PackageOut = Annotated[
    Path | None, Option("--out", help="File to write; if left out, NAME.zip.")
]
Authors = Annotated[
    list[str] | None,
    Option("--author", help="Who made the model; once for each. Else nobody is named."),
]
Licence = Annotated[
    str | None,
    Option(
        "--licence",
        help="Identifier of SPDX under which it may be used, as CC-BY-4.0; if left out, "
        "the licence in the model's file.",
    ),
]
Package = Annotated[
    Path, Argument(help="A package of bioimage.io: a zip, or a folder with its files.")
]
StoredOut = Annotated[
    Path | None, Option("--out", help="File to write; if left out, NAME.segmodel.")
]
NewName = Annotated[
    str | None, Option("--name", help="Name of the model; if left out, the package's.")
]
Maps = Annotated[
    str | None,
    Option(
        "--maps",
        help="What each map of the network is, separated by commas: foreground, "
        "background, boundary, flow_y, flow_x or other; if left out, their names tell.",
    ),
]
Diameter = Annotated[
    float | None,
    Option(
        "--diameter",
        min=1,
        max=1000,
        help="Typical diameter in pixels of the objects it learned from: pictures are "
        "resampled so that theirs have it. If left out, pictures are taken as they are.",
    ),
]
