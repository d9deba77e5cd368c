"""The recipe: every choice of a run, by name, with a format version."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "RECIPE_FORMAT",
    "Area",
    "Banner",
    "BannerFill",
    "Calibration",
    "Input",
    "Measurement",
    "Reading",
    "Recipe",
    "Rectangle",
    "Regions",
    "Segmentation",
    "Staining",
    "Statistics",
    "Thin",
]

RECIPE_FORMAT: Literal[1] = 1

BannerFill = Literal["none", "crop", "reflect", "nearest", "constant", "inpaint"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(_Part):
    """One picture of a run: its path, relative to the recipe, and its hash."""

    path: str
    sha256: str = ""


class Reading(_Part):
    """Which page and which channel of a file that holds several, counted from 0."""

    page: Annotated[int, Field(ge=0)] | None = None
    channel: Annotated[int, Field(ge=0)] | None = None


class Calibration(_Part):
    """How the pixel size is found.

    `choice` settles a disagreement: "auto" compares all sources that are present and
    refuses when they differ; the others name the one to use.
    """

    pixel_size: str | None = None
    choice: Literal["auto", "metadata", "bar", "typed", "none"] = "auto"
    scale_bar: bool = True


class Banner(_Part):
    """Which rows are a banner, and what is put in their place.

    `exclude` is "auto", "none", a number of rows at the bottom ("68"), or a range of
    rows counted from 0 at the top, the end not included ("700:768").
    """

    exclude: Annotated[str, Field(pattern=r"^(auto|none|\d+|\d+:\d+)$")] = "auto"
    fill: BannerFill = "none"


_Whole = Annotated[int, Field(ge=0, strict=True)]
_Side = Annotated[int, Field(ge=1, strict=True)]
Rectangle = tuple[_Whole, _Whole, _Side, _Side]


class Area(_Part):
    """Which parts of the picture are the sample, besides the banner.

    Rectangles are `[x, y, width, height]` in pixels of the picture as it is read, from its
    upper left corner. Objects are looked for inside those of `only`, where there are any,
    and outside those of `exclude`.

    `field_of_view` is "auto", which finds the round field of view of a fundus camera where
    the segmenter is one for vessels, "none", or the path of a mask that is bright inside,
    or of a folder of masks named like the pictures; relative to the recipe.
    """

    only: tuple[Rectangle, ...] = ()
    exclude: tuple[Rectangle, ...] = ()
    field_of_view: Annotated[str, Field(min_length=1)] = "auto"


class Segmentation(_Part):
    """Name of a segmenter and those of its options that are not at their default."""

    name: str = "auto"
    options: dict[str, Any] = Field(default_factory=dict)

    @property
    def called(self) -> str:
        """The name as people say it: that of a model's file without folder and ending.

        Examples
        --------
        >>> Segmentation(name="models/my-classes.segmodel").called
        'my-classes'
        """
        path = Path(self.name)
        return path.stem if path.suffix == ".segmodel" else self.name


class Staining(_Part):
    """Which stains a section has, and which of them the method looks at.

    With `look_at`, objects are found in the optical density of that stain instead of the
    colours. `slide` tells the pair of stains whose densities are measured in each object;
    "auto" takes eosin beside haematoxylin, DAB where that is looked at, and none where
    nothing is. `vectors` are the colours of the stains: those that Ruifrok and Johnston
    published, or those of each picture, after Macenko.
    """

    look_at: Literal["none", "haematoxylin", "eosin", "dab"] = "none"
    slide: Literal["auto", "haematoxylin-eosin", "haematoxylin-dab"] = "auto"
    vectors: Literal["published", "picture"] = "published"


class Measurement(_Part):
    """Further definitions of the perimeter, each a column of its own."""

    perimeters: tuple[Literal["crofton", "imagej", "scikit-image"], ...] = ()


class Thin(_Part):
    """Whether and how thin structures are measured along their centrelines.

    Objects that touch are then not cut, and background that lines enclose is not filled,
    unless the segmenter's own options say so. Side branches shorter than `prune` widths
    are left out. `grey` is the channel in which widths are fitted beside those of the mask.
    """

    enabled: bool = False
    prune: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    grey: Literal["none", "luma", "red", "green", "blue"] = "none"


class Regions(_Part):
    """In which parts of the picture objects are counted apart.

    `path` is a file of regions, for a single picture, or a folder of files named like the
    pictures; relative to the recipe. Where `counting_frames` is set, rectangles count by
    forbidden lines. `section_thickness` adds counts after Abercrombie, with the mean
    equivalent diameter for the height of objects unless `object_height` tells it.
    """

    path: Annotated[str, Field(min_length=1)] | None = None
    counting_frames: bool = False
    section_thickness: str | None = None
    object_height: str | None = None


class Statistics(_Part):
    """How objects become a size distribution."""

    edge_rule: Literal[
        "keep", "drop", "two-sides", "miles-lantuejoul", "truncated-log-normal"
    ] = "miles-lantuejoul"
    limit: str = "100 nm"
    bin_width: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    target: Annotated[float, Field(ge=1e-4, lt=1)] = 0.05
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    resamples: Annotated[int, Field(ge=200, le=1_000_000)] = 2000
    seed: Annotated[int, Field(ge=0)] = 0


class Recipe(_Part):
    """Every choice of a run.

    Examples
    --------
    >>> recipe = Recipe(segmentation=Segmentation(name="threshold"))
    >>> recipe.banner.exclude, recipe.statistics.edge_rule
    ('auto', 'miles-lantuejoul')
    """

    format: Literal[1] = RECIPE_FORMAT
    reading: Reading = Reading()
    calibration: Calibration = Calibration()
    banner: Banner = Banner()
    area: Area = Area()
    stains: Staining = Staining()
    segmentation: Segmentation = Segmentation()
    measurement: Measurement = Measurement()
    thin: Thin = Thin()
    regions: Regions = Regions()
    statistics: Statistics = Statistics()
    sheet: Input | None = None
    inputs: tuple[Input, ...] = ()
