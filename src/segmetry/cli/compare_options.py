"""The options of `segmetry compare` and `segmetry tune`, with what --help shows of each."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

__all__ = [
    "Against",
    "By",
    "Cluster",
    "CompareOut",
    "Folds",
    "Fov",
    "Groups",
    "Images",
    "InnerFolds",
    "Jobs",
    "Masks",
    "MethodName",
    "Methods",
    "Patience",
    "Recipes",
    "Resume",
    "Score",
    "Set",
    "Steps",
    "Task",
    "Thin",
    "TrainImages",
    "TrainMasks",
    "Trials",
    "TuneOut",
]

Images = Annotated[Path, Argument(help="Folder of pictures.")]
Masks = Annotated[Path, Argument(help="Folder of their masks, of the same names.")]
Methods = Annotated[
    list[str] | None,
    Option(
        "--methods",
        help="Segmenters and NAME.segmodel files, joined by commas, with options if any: "
        "auto,threshold:min_area=30:method=li. Repeatable.",
    ),
]
Recipes = Annotated[
    list[Path] | None, Option("--recipe", help="A recipe.toml to compare too; repeatable.")
]
CompareOut = Annotated[Path, Option("--out", help="Folder for tables and a page.")]
TuneOut = Annotated[Path, Option("--out", help="Folder for the tuned recipe and tables.")]
Task = Annotated[
    Literal["objects", "pixels"],
    Option("--task", help="What is judged: objects or pixels."),
]
Score = Annotated[
    str | None,
    Option(
        help="Score that counts most: dsb_score (objects) or dice (pixels) if not said."
    ),
]
Against = Annotated[
    str | None,
    Option(help="Method that all are compared with, as it was named; else the best."),
]
Folds = Annotated[
    int,
    Option(min=2, help="Folds in which pictures judge what was learned from the others."),
]
TrainImages = Annotated[
    Path | None,
    Option("--train-images", help="Folder of pictures to learn from, instead of folds."),
]
TrainMasks = Annotated[Path | None, Option("--train-masks", help="Folder of their masks.")]
Groups = Annotated[
    Path | None,
    Option(
        help="A CSV file with columns image and group: pictures of a group stay together."
    ),
]
By = Annotated[
    str | None, Option("--by", help="Column of --groups whose values are scored apart.")
]
Cluster = Annotated[
    str | None,
    Option(help="Column of --groups of pictures that stay together; group if not said."),
]
Fov = Annotated[Path | None, Option(help="Folder of masks: only their pixels count.")]
Thin = Annotated[
    bool, Option("--thin", help="Keep lines whole, and judge their skeletons (clDice).")
]
Jobs = Annotated[int, Option(min=1, help="Number of processes.")]
Resume = Annotated[
    bool, Option("--resume", help="Keep what is finished and unchanged; do the rest.")
]
MethodName = Annotated[
    str,
    Option("--method", help="The segmenter to tune; network trains one for each trial."),
]
Set = Annotated[
    list[str] | None,
    Option("--set", metavar="OPTION=VALUE", help="An option to leave so; repeatable."),
]
Trials = Annotated[int, Option(min=1, help="Trials at most, the first with the defaults.")]
Patience = Annotated[
    int,
    Option(
        min=1,
        help="Stop after so many trials in which the best rose by no more than its "
        "standard error.",
    ),
]
InnerFolds = Annotated[
    int, Option("--inner-folds", min=2, help="Folds within, for methods that learn.")
]
Steps = Annotated[int, Option(min=1, help="Training steps a trial, for network.")]
