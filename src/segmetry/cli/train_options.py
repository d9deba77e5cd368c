"""The options of `segmetry train`, each with the one sentence that --help shows."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

__all__ = [
    "Diameter",
    "Encoder",
    "EncoderWeights",
    "Folds",
    "Images",
    "LearningCurve",
    "Loss",
    "Masks",
    "Method",
    "Minutes",
    "ModelPath",
    "Name",
    "NoAugmentation",
    "Overwrite",
    "PictureGroups",
    "Recipe",
    "Resume",
    "Share",
    "Size",
    "Start",
    "Steps",
    "Task",
    "Validation",
    "Verbose",
]

Images = Annotated[
    Path, Argument(help="Folder of pictures; with a recipe, its archive unpacked.")
]
Masks = Annotated[
    Path | None,
    Argument(help="Folder of their masks, of the same names; an archive has its own."),
]
Method = Annotated[
    str,
    Option(
        help="What learns: network, cnn (a plain one), or by features of each pixel's "
        "surroundings, in seconds: boosted, forest, svm."
    ),
]
ModelPath = Annotated[
    Path, Option("--model", help="The file to write: a name that ends in .segmodel.")
]
Task = Annotated[
    str | None,
    Option(help="What to tell: objects, pixels (foreground), classes, or counts alone."),
]
Loss = Annotated[
    str | None,
    Option(
        help="For pixels: bce_dice, weighted_bce, dice, focal (rare), tversky (thin), "
        "focal_tversky (rare and small), bce_cldice (lines)."
    ),
]
Recipe = Annotated[
    str | None,
    Option(
        help="A training with all its values: neurons-2021 (c-ResUnet as published), or "
        "neurons-by-animal (our usual network, whole animals held out)."
    ),
]
Name = Annotated[
    str | None,
    Option(help="Name of the model, if not the file's: small letters, digits, - and _."),
]
Start = Annotated[
    str | None,
    Option(help="Model to start from, none, or auto: a shipped one for small sets."),
]
Size = Annotated[str | None, Option(help="Of the network: small, medium, large, or auto.")]
Encoder = Annotated[
    str | None,
    Option(help="Contracting half of the network: vgg16, vgg16_bn, resnet18, resnet50."),
]
EncoderWeights = Annotated[
    Path | None, Option(help="File of the encoder's ImageNet weights, downloaded by you.")
]
Diameter = Annotated[
    float | None, Option(help="Bring objects to this diameter in pixels; else chosen.")
]
Steps = Annotated[int | None, Option(help="Steps of each training; else chosen.")]
Minutes = Annotated[
    float | None, Option(help="Time for everything, from which the steps follow.")
]
PictureGroups = Annotated[
    Path | None,
    Option("--groups", help="A CSV file with columns image and group; groups stay whole."),
]
Validation = Annotated[
    tuple[Path, Path] | None,
    Option(metavar="IMAGES MASKS", help="Two folders that judge, instead of a share."),
]
Share = Annotated[
    float | None, Option(help="Share of the pictures held out, if they are enough: 0.2.")
]
Folds = Annotated[
    str | None, Option(help="Hold each picture out once: a number, or leave-one-out.")
]
LearningCurve = Annotated[
    bool, Option("--learning-curve", help="Also train on 1/8, 1/4 and 1/2 of the pictures.")
]
NoAugmentation = Annotated[
    bool, Option("--no-augmentation", help="Do not vary the pictures at random.")
]
Resume = Annotated[bool, Option("--resume", help="Go on with a training that was stopped.")]
Overwrite = Annotated[
    bool, Option("--overwrite", help="Replace the model; begin a stopped training anew.")
]
Verbose = Annotated[bool, Option("-v", "--verbose", help="Tell every report of the loss.")]
