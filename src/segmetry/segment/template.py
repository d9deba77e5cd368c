"""Places that look alike: template matching.

A template, which is a drawn disc or ring or a piece of the picture itself, is laid on
every pixel. Where grey values follow those of the template, up to brightness and
contrast, there is an object: see `segmetry.segment.matching`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError, RecipeError
from segmetry.image import Image
from segmetry.segment.grey import grey_for_edges, grey_for_segmenting
from segmetry.segment.matching import (
    Pattern,
    drawn_pattern,
    likeness_and_step,
    pattern_of,
    places_like,
    without_overlap,
)
from segmetry.segment.objects import in_reading_order
from segmetry.segment.options import (
    DENOISE,
    EDGES,
    FLATTEN,
    POLARITY,
    Edges,
    Polarity,
    about,
)
from segmetry.segment.segmenter import Maps, Segmenter

__all__ = ["Template"]

_FINEST = 1.1  # factor between the diameters of drawn templates
_TAILS = (0.5, 99.5)  # per cent: a few hot pixels must not set the range of grey values
_LEAST = 3.0  # pixels: a smaller disc is a dot


@dataclass(frozen=True, kw_only=True)
class Template(Segmenter):
    """Objects are where the picture looks like a disc, a ring, or a piece of itself.

    For round objects, or copies of one, also where light or ground is uneven. Fails for
    other shapes and orientations than the template's, and misses objects crowded by
    others, whose surroundings differ from the template's: less `likeness` finds some. A
    rectangle of the picture finds objects of its own size only. What is found has the
    outline of the template, moved to the nearest edge (see `edges`). The shared options
    `separate`, `waist` and `fill_holes` do nothing to what is found.

    Parameters
    ----------
    at : str
        A rectangle of the picture as the template, "y,x,height,width" in pixels: of its
        first row and column, and its size. Empty takes drawn templates.
    shape : {"disc", "ring"}
        What is drawn. A ring is an object with its hole.
    smallest, largest : float
        Diameters of what is drawn, in pixels, in steps of 10 %.
    likeness : float
        Least correlation with the template, up to 1.
    contrast : float
        Least step of grey value from ground to object, as a share of the range of grey
        values of the picture.
    overlap : float
        Largest share that one object may hide of another.
    polarity : {"auto", "bright", "dark"}
        Of what is drawn. A rectangle of the picture tells it itself.
    flatten, denoise : float
        See `segmetry.segment.grey_for_segmenting`. In pixels.
    edges : {"halfway", "cutoff"}
        "cutoff" leaves the outline of the template; see `segmetry.segment.edges`.
    **options
        The options of every `Segmenter`.

    Raises
    ------
    RecipeError
        If a value is not one that its option can take.

    Examples
    --------
    >>> y, x = np.mgrid[:60, :90]
    >>> discs = np.hypot(y - 30, x % 30 - 15) < 12
    >>> len(Template(smallest=15, largest=30)(Image(discs * 9)).ids)
    3
    >>> len(Template(at="15,0,30,30")(Image(discs * 9)).ids)
    3
    """

    name: ClassVar[str] = "template"

    at: str = field(
        default="",
        metadata=about(
            "A rectangle of the picture as the template: y,x,height,width in pixels; "
            "empty draws discs or rings."
        ),
    )
    shape: Literal["disc", "ring"] = field(
        default="disc", metadata=about("What is drawn as the template.")
    )
    smallest: float = field(
        default=12.0,
        metadata=about("Smallest diameter drawn, in pixels.", low=_LEAST, high=10_000),
    )
    largest: float = field(
        default=60.0,
        metadata=about("Largest diameter drawn, in pixels.", low=_LEAST, high=10_000),
    )
    likeness: float = field(
        default=0.6,
        metadata=about("Least correlation with the template.", low=0.1, high=1),
    )
    contrast: float = field(
        default=0.1,
        metadata=about(
            "Least step from ground to object, as a share of the range.", low=0, high=1
        ),
    )
    overlap: float = field(
        default=0.2,
        metadata=about("Largest share that one may hide of another.", low=0, high=1),
    )
    polarity: Polarity = field(default="auto", metadata=POLARITY)
    denoise: float = field(default=0.0, metadata=DENOISE)
    flatten: float = field(default=0, metadata=FLATTEN)
    edges: Edges = field(default="halfway", metadata=EDGES)

    def __post_init__(self) -> None:
        """Refuse values that an option cannot take."""
        super().__post_init__()
        if self.at:
            _rectangle(self.at)
        if self.smallest > self.largest:
            msg = (
                f"smallest must be no larger than largest, {self.largest:g}, "
                f"got {self.smallest:g}"
            )
            raise RecipeError(msg)

    def maps(self, image: Image) -> Maps:
        """Return the objects, and how much each looks like its template."""
        included = image.included
        grey = grey_for_segmenting(image, flatten=self.flatten, denoise=self.denoise)
        patterns = self._patterns(grey)
        like = _likeness(grey, patterns, included, self.contrast)
        best, polarity = -1.0, self.polarity
        for one in self._polarities(patterns):
            sign = -1 if one == "dark" and not self.at else 1
            places = places_like(patterns, [sign * each for each in like], self.likeness)
            drawn, values = without_overlap(places, patterns, included, self.overlap)
            sure = np.concatenate([[0], 0.5 + 0.5 * values])[drawn]
            if sure.sum() > best:  # the polarity that explains more of the picture
                best, polarity, labels, foreground = float(sure.sum()), one, drawn, sure
        edge_grey = None
        if self.edges == "halfway":
            edge_grey = grey_for_edges(image, polarity=polarity, denoise=self.denoise)
        return Maps(
            foreground.astype(np.float32),
            objects=in_reading_order(labels, min_area=self.min_area),
            edge_grey=edge_grey,
            found={"found_polarity": polarity, "found_objects": int(labels.max())},
        )

    def _patterns(self, grey: NDArray[np.float32]) -> list[Pattern]:
        """Return what is looked for: a piece of the picture, or drawn shapes."""
        if not self.at:
            largest = min(self.largest, max(min(grey.shape), self.smallest))
            n = 1 + int(np.ceil(np.log(largest / self.smallest) / np.log(_FINEST)))
            sizes = np.geomspace(self.smallest, largest, n)
            return [drawn_pattern(size, self.shape) for size in sizes]
        row, column, height, width = _rectangle(self.at)
        piece = grey[row : row + height, column : column + width]
        if piece.shape != (height, width):
            msg = (
                f"the template at {self.at} reaches beyond the picture of "
                f"{grey.shape[0]} rows and {grey.shape[1]} columns; choose one inside"
            )
            raise PictureError(msg)
        if np.ptp(piece) == 0:
            msg = f"the template at {self.at} is flat; choose one that shows an object"
            raise PictureError(msg)
        return [pattern_of(piece)]

    def _polarities(self, patterns: Sequence[Pattern]) -> Sequence[Polarity]:
        """Return what objects may be: bright, dark or both."""
        if self.at:
            mask, values = patterns[0].mask, patterns[0].values
            return ["bright" if values[mask].mean() > values[~mask].mean() else "dark"]
        return ["bright", "dark"] if self.polarity == "auto" else [self.polarity]


def _likeness(
    grey: NDArray[np.float32],
    patterns: Sequence[Pattern],
    included: NDArray[np.bool_],
    contrast: float,
) -> list[NDArray[np.float32]]:
    """Return the likeness of each place to each pattern, 0 where it hardly shows."""
    low, high = np.percentile(grey[included], _TAILS)
    if low == high:  # what differs is less than the tails
        low, high = grey[included].min(), grey[included].max()
    maps = []
    for pattern in patterns:
        likeness, step = likeness_and_step(grey, pattern)
        shown = np.abs(step) * np.ptp(pattern.values) >= contrast * (high - low)
        maps.append(np.where(shown & included, likeness, np.float32(0)))
    return maps


def _rectangle(at: str) -> tuple[int, int, int, int]:
    """Return first row, first column, height and width."""
    try:
        row, column, height, width = (int(word) for word in at.split(","))
        fits = min(row, column) >= 0 and min(height, width) >= _LEAST
    except ValueError:
        fits = False
    if not fits:
        msg = (
            "option at must be four whole numbers y,x,height,width in pixels, with a "
            f"height and width of at least {_LEAST:g}, got {at!r}"
        )
        raise RecipeError(msg)
    return row, column, height, width
