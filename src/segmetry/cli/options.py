"""The options of the command line, each with the one sentence that --help shows."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

__all__ = [
    "AddedModel",
    "Against",
    "AllowedHosts",
    "AnyModel",
    "BannerFill",
    "BannerRows",
    "BinWidth",
    "CalibrationChoice",
    "Channel",
    "Choose",
    "ClassNames",
    "Cluster",
    "Corrected",
    "CountingFrames",
    "DaskCluster",
    "Distance",
    "EdgeRule",
    "EstimateOut",
    "EvaluationOut",
    "EvaluationTask",
    "FieldOfView",
    "Fov",
    "GroupBy",
    "Groups",
    "Host",
    "Inputs",
    "Jobs",
    "Json",
    "Limit",
    "Masks",
    "Memory",
    "ModelFile",
    "ModelName",
    "NoBrowser",
    "ObjectHeight",
    "Out",
    "Overwrite",
    "Page",
    "Perimeters",
    "PictureFolder",
    "Pictures",
    "PixelSizeText",
    "Port",
    "Predicted",
    "Probability",
    "RecipeFile",
    "Regions",
    "ResultsFolder",
    "Resume",
    "SaveMaps",
    "ScaleBar",
    "SecondObserver",
    "SectionThickness",
    "Seed",
    "SegmenterName",
    "SegmenterOptions",
    "SetFolder",
    "Sheet",
    "Slide",
    "Specificity",
    "Stain",
    "StainVectors",
    "Target",
    "Thin",
    "ThinGrey",
    "ThinLines",
    "TrueObjects",
    "Truth",
    "Verbose",
]

Inputs = Annotated[
    list[str] | None,
    Argument(metavar="INPUT...", help="Pictures, folders or patterns like '*.tif'."),
]
ResultsFolder = Annotated[Path, Argument(help="Folder of a run.")]
ModelName = Annotated[str, Argument(help="Name of a model, or a .segmodel file.")]
ModelFile = Annotated[Path, Argument(help="A .segmodel file.")]
AddedModel = Annotated[str, Argument(help="Name of a model that was added.")]
AnyModel = Annotated[
    str | None,
    Argument(help="Name of a model, or a .segmodel file; all installed ones if left out."),
]
SetFolder = Annotated[
    Path,
    Argument(help="Folder of pictures, or of images and masks, also in train and test."),
]
Masks = Annotated[
    Path | None, Option(help="Folder of the masks, where they are not found by its name.")
]
Out = Annotated[Path, Option(help="Folder for the results.")]
SegmenterName = Annotated[
    str | None,
    Option(
        "--segmenter",
        help="How objects are found: auto, threshold, local, ridge, kmeans, gmm, "
        "hierarchical, regions, watershed, chanvese, canny, template, nothing, lungs, "
        "boosted, forest, svm, cnn, network, nuclei, particles, vessels, neurons, or a "
        "file NAME.segmodel.",
    ),
]
SegmenterOptions = Annotated[
    list[str] | None,
    Option("--set", metavar="OPTION=VALUE", help="An option of the segmenter; repeatable."),
]
RecipeFile = Annotated[
    Path | None, Option("--recipe", help="A recipe.toml; other options change it.")
]
PixelSizeText = Annotated[
    str | None, Option("--pixel-size", help="Size of a pixel with its unit: '12.3 nm'.")
]
CalibrationChoice = Annotated[
    str | None,
    Option(
        "--calibration",
        help="Which pixel size to believe: auto, metadata, bar, typed or none.",
    ),
]
ScaleBar = Annotated[
    bool | None,
    Option("--scale-bar/--no-scale-bar", help="Whether to read the burned-in scale bar."),
]
BannerRows = Annotated[
    str | None,
    Option(
        "--exclude-banner",
        help="auto, none, a number of rows at the bottom or FIRST:STOP.",
    ),
]
BannerFill = Annotated[
    str | None,
    Option(
        "--fill-banner",
        help="none, crop, reflect, nearest, constant or inpaint; filled rows are made up, "
        "so no object is looked for there.",
    ),
]
FieldOfView = Annotated[
    str | None,
    Option(
        "--field-of-view",
        help="auto (found for ridge and vessels), none, or a mask, bright inside, or a "
        "folder of masks.",
    ),
]
Page = Annotated[int | None, Option(help="Which picture of a stack, counted from 0.")]
Channel = Annotated[
    int | None, Option(help="Which channel of a picture that has several, counted from 0.")
]
Perimeters = Annotated[
    list[str] | None,
    Option(
        "--perimeter",
        help="A further perimeter: crofton, imagej or scikit-image; repeatable.",
    ),
]
EdgeRule = Annotated[
    str | None,
    Option(
        help="For objects at the edge: keep, drop, two-sides, miles-lantuejoul or "
        "truncated-log-normal.",
    ),
]
Limit = Annotated[
    str | None, Option(help="Report the share of objects below this size: '100 nm'.")
]
BinWidth = Annotated[
    float | None, Option(help="Width of the histogram's bins, in µm (px if unknown).")
]
Target = Annotated[
    float | None, Option(help="Wanted half-width of D50's interval: 0.05 is 5 %.")
]
Sheet = Annotated[
    Path | None,
    Option(
        help="A CSV file with a column 'image' and any others: animal and group (animals "
        "are the units of an experiment, groups are compared), or conditions such as "
        "time_h and ph."
    ),
]
Jobs = Annotated[int | None, Option(min=1, help="Number of processes.")]
DaskCluster = Annotated[
    str | None,
    Option(
        "--cluster",
        metavar="ADDRESS",
        help="Dask cluster that works instead: tcp://host:8786, scheduler.json, local:4.",
    ),
]
Memory = Annotated[
    str | None,
    Option(
        metavar="AMOUNT",
        help="Memory that the run may take, as 2GB; larger pictures are seen in tiles.",
    ),
]
SaveMaps = Annotated[
    bool,
    Option(
        "--save-maps",
        help="Also write how likely each pixel is of an object, and of each class.",
    ),
]
Seed = Annotated[int | None, Option(help="Seed of the random numbers.")]
Resume = Annotated[
    bool,
    Option(
        "--resume", help="Keep what the same recipe did to the same files; do the rest."
    ),
]
Overwrite = Annotated[bool, Option("--overwrite", help="Replace earlier results.")]
Verbose = Annotated[bool, Option("-v", "--verbose", help="Also print the log.")]
Json = Annotated[bool, Option("--json", help="Print one JSON object and nothing else.")]
Predicted = Annotated[
    Path,
    Argument(help="Folder of a run, or label images, masks or probability maps."),
]
Truth = Annotated[Path, Argument(help="Folder of true label images or masks.")]
EvaluationTask = Annotated[
    Literal["objects", "pixels", "classes", "counts", "detection"],
    Option("--task", help="What is judged."),
]
Fov = Annotated[Path | None, Option(help="Folder of masks: only their pixels count.")]
Pictures = Annotated[
    Path | None,
    Option("--images", help="Folder of the pictures, for a baseline and the mistakes."),
]
Against = Annotated[
    Path | None, Option(help="Another prediction, compared picture by picture.")
]
SecondObserver = Annotated[
    Path | None,
    Option(help="A second person's masks: judged too, and another truth."),
]
Distance = Annotated[
    str | None,
    Option(help="How far a detected centre may lie from the true one: 50px or 12.6um."),
]
ClassNames = Annotated[
    str | None,
    Option(
        "--class-names",
        help="What classes are called, the background first: background,epithelium,stroma.",
    ),
]
TrueObjects = Annotated[
    Path | None,
    Option(
        "--true-objects",
        help="True label images beside true class maps, for the panoptic quality of "
        "classes of objects.",
    ),
]
Thin = Annotated[
    bool, Option("--thin", help="Also score the skeletons of thin structures.")
]
ThinLines = Annotated[
    bool | None,
    Option(
        "--thin/--no-thin",
        help="Also measure vessels, fibres or cracks along their centrelines; objects are "
        "then neither cut nor filled.",
    ),
]
ThinGrey = Annotated[
    str | None,
    Option(
        "--thin-grey",
        help="Like --thin, with widths fitted in the picture too: luma, red, green or "
        "blue.",
    ),
]
Stain = Annotated[
    str | None,
    Option(
        "--stain",
        help="Find objects in one stain of a section: haematoxylin, eosin or dab.",
    ),
]
Slide = Annotated[
    str | None,
    Option(
        "--slide",
        help="Measure the optical density of two stains: haematoxylin-eosin or "
        "haematoxylin-dab.",
    ),
]
StainVectors = Annotated[
    str | None,
    Option(
        "--stain-vectors",
        help="Colours of the stains: published, or estimated from each picture.",
    ),
]
Regions = Annotated[
    Path | None,
    Option(
        "--regions",
        help="Count in regions: an ImageJ ROI, a zip of such, a GeoJSON file of QuPath, "
        "or a folder of them, named like the pictures.",
    ),
]
CountingFrames = Annotated[
    bool | None,
    Option(
        "--counting-frames",
        help="Rectangular regions count by forbidden lines, not by centroids.",
    ),
]
SectionThickness = Annotated[
    str | None,
    Option(
        "--section-thickness",
        help="Also correct counts in regions after Abercrombie: '40 um'.",
    ),
]
ObjectHeight = Annotated[
    str | None,
    Option(
        "--object-height",
        help="Height of the objects for it; their mean diameter if left out.",
    ),
]
Groups = Annotated[
    Path | None,
    Option(help="A CSV file with a column 'image' and one that groups the pictures."),
]
GroupBy = Annotated[
    str | None,
    Option("--by", help="Column of --groups to score apart; 'group' if not said."),
]
Cluster = Annotated[
    str | None,
    Option(help="Column of --groups: pictures that hang together, for the intervals."),
]
Specificity = Annotated[
    float, Option(min=0, max=1, help="At which the sensitivity of pixels is told.")
]
Probability = Annotated[
    bool,
    Option("--probability", help="Whole numbers are probabilities: 0 to 255 or 65535."),
]
EvaluationOut = Annotated[
    Path | None,
    Option("--out", help="Folder for a page, tables and pictures of the errors."),
]
Corrected = Annotated[
    Path | None,
    Argument(help="Folder of corrected label images, named as the pictures of the run."),
]
Choose = Annotated[
    int | None,
    Option(
        metavar="N", help="Choose so many pictures to correct, and keep which in the run."
    ),
]
EstimateOut = Annotated[Path | None, Option("--out", help="Folder for a page and a file.")]
PictureFolder = Annotated[
    Path | None,
    Argument(help="A folder of pictures to open; what is done is kept in its .segmetry."),
]
Port = Annotated[
    int | None,
    Option(min=0, max=65535, help="Port to listen on; 8791 or a free one if left out."),
]
NoBrowser = Annotated[
    bool, Option("--no-browser", help="Only print the address; open no browser.")
]
Host = Annotated[
    str,
    Option(
        help="Address to listen on: any but this lets in others who have the whole address."
    ),
]
AllowedHosts = Annotated[
    list[str] | None,
    Option(
        "--allow-host",
        metavar="NAME",
        help="Name by which a reverse proxy calls the app, as lab.example.org; repeatable.",
    ),
]
