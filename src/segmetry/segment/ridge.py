"""Thin lines that are darker or brighter than their ground: vessels, fibres, cracks.

Each place is compared with long, narrow patterns of several widths and of all directions: a
bright line with dark ground on both sides, or the reverse. Noise does not fit a long
pattern by chance as a line does.

References
----------
S. Chaudhuri et al., IEEE Trans. Med. Imaging 8, 1989. doi:10.1109/42.34715
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.special import expit

from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.segment.grey import check_picture
from segmetry.segment.options import POLARITY, Polarity, about
from segmetry.segment.segmenter import Maps, Segmenter

__all__ = ["Channel", "Ridge"]

Channel = Literal["auto", "grey", "red", "green", "blue"]

_COLOURS: tuple[Channel, ...] = ("red", "green", "blue")
_LENGTH = 4.0  # of a pattern, in its own standard deviations across
_DIRECTIONS = 16
_REACH = 2.5  # standard deviations at which a pattern ends
_STEP = 1.5  # most from one width to the next
_GROUND = 4.0  # standard deviation of the blur that gives the ground, in widest widths
_SOFT = 0.1  # of the median ground: keeps nearly black ground from blowing up noise
_USUAL = 1.3  # standard deviations of the answers: best Dice on retinas to train on
_LEAST_SPREAD = 0.25  # of green, against the channel that varies most


@dataclass(frozen=True, kw_only=True)
class Ridge(Segmenter):
    """Vessels, fibres and cracks: long lines that are thinner than all around them.

    Follows uneven light. Fails on lines wider than asked for, at sharp turns, and where
    edges of other things are as strong as lines.

    Parameters
    ----------
    narrowest, widest : float
        Widths of the lines in pixels.
    sensitivity : float
        How much weaker or stronger the answer of a line may be: 0 finds the usual ones,
        each step of 1 finds lines that are weaker by one standard deviation of the answers
        in the picture.
    channel : {"auto", "grey", "red", "green", "blue"}
        Of a coloured picture; "auto" takes green, or where green hardly varies the channel
        that varies most.
    polarity : {"auto", "bright", "dark"}
    **options
        The options of every `Segmenter`.

    Raises
    ------
    RecipeError
        If the widest is below the narrowest, or a value is not one that its option can
        take.

    Examples
    --------
    >>> pixels = np.full((60, 80), 100, np.uint8)
    >>> pixels[30:33] = 60
    >>> found = Ridge(narrowest=2, widest=4)(Image(pixels))
    >>> bool((found.data[30:33] > 0).all()), bool(found.data[:25].any())
    (True, False)
    """

    name: ClassVar[str] = "ridge"
    has_field_of_view: ClassVar[bool] = True
    picks_channel: ClassVar[bool] = True

    narrowest: float = field(
        default=2.0,
        metadata=about("Width of the thinnest lines, in pixels.", low=1, tunable=(1, 4)),
    )
    widest: float = field(
        default=6.0,
        metadata=about(
            "Width of the widest lines, in pixels.", low=1, high=100, tunable=(4, 20)
        ),
    )
    sensitivity: float = field(
        default=0.0,
        metadata=about(
            "Above 0 finds weaker lines, below 0 fewer.", low=-5, high=5, tunable=(-2, 2)
        ),
    )
    channel: Channel = field(
        default="auto",
        metadata=about("Of a coloured picture; auto takes green where it varies."),
    )
    polarity: Polarity = field(default="auto", metadata=POLARITY)
    min_area: int = field(
        default=30,
        metadata=about("Smaller objects are dropped, in pixels.", low=1, tunable=(4, 1000)),
    )
    fill_holes: bool = field(
        default=False, metadata=about("Fill background that lines enclose.")
    )
    separate: bool = field(
        default=False, metadata=about("Cut objects that touch; no for fibres and vessels.")
    )

    def __post_init__(self) -> None:
        """Refuse values that an option cannot take."""
        super().__post_init__()
        if self.widest < self.narrowest:
            msg = (
                f"widest must not be below narrowest, {self.narrowest:g} pixels, got "
                f"{self.widest:g}"
            )
            raise RecipeError(msg)

    def maps(self, image: Image) -> Maps:
        """Return the foreground map of a picture, of axes YX or YXC."""
        check_picture(image)
        channel = self._channel(image)
        answer, polarity = self._answer(self._even(image, channel), image.included)
        foreground = expit(answer - (_USUAL - self.sensitivity))
        return Maps(
            np.asarray(foreground, np.float32),
            found={"found_channel": channel, "found_polarity": polarity},
        )

    def _channel(self, image: Image) -> Channel:
        is_coloured = image.axes == "YXC" and image.pixels.shape[-1] == len(_COLOURS)
        if not is_coloured or self.channel == "grey":
            return "grey"
        if self.channel != "auto":
            return self.channel
        spreads = image.pixels[image.included].astype(np.float32).std(axis=0)
        # Blood absorbs green most, and cameras see green sharpest; a stain may lack it.
        enough = spreads[1] > _LEAST_SPREAD * spreads.max()
        return "green" if enough else _COLOURS[int(spreads.argmax())]

    def _even(self, image: Image, channel: Channel) -> NDArray[np.float32]:
        """Return values by which places are brighter than their ground, as shares of it."""
        grey = image.grey
        if channel in _COLOURS:
            grey = image.pixels[..., _COLOURS.index(channel)].astype(np.float32)
        grey = _continued(grey - grey[image.included].min(), image.included, self.widest)
        ground = cv2.GaussianBlur(grey, (0, 0), _GROUND * self.widest)
        soft = _SOFT * float(np.median(ground[image.included]))
        tiny = float(np.finfo(np.float32).tiny)
        return np.asarray((grey - ground) / np.maximum(ground + soft, tiny), np.float32)

    def _answer(
        self, even: NDArray[np.float32], included: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float32], Polarity]:
        """Return how well lines fit, in standard deviations, and their polarity."""
        bright, dark = _filtered(even, self._scales())
        polarity = self.polarity
        if polarity == "auto":
            strong = [float(np.percentile(one[included], 99)) for one in (bright, dark)]
            polarity = "bright" if strong[0] > strong[1] else "dark"
        answer = bright if polarity == "bright" else dark
        return answer / max(float(answer[included].std()), 1e-6), polarity

    def _scales(self) -> list[float]:
        """Return standard deviations of patterns: half of the widths that they fit."""
        n_steps = int(np.ceil(np.log(self.widest / self.narrowest) / np.log(_STEP) - 1e-6))
        widths = np.geomspace(self.narrowest, self.widest, max(n_steps, 0) + 1)
        return [float(width) / 2 for width in widths]


def _continued(
    grey: NDArray[np.float32], included: NDArray[np.bool_], margin: float
) -> NDArray[np.float32]:
    """Return grey values that go on beyond the included area as they are inside.

    The last pixels inside are not believed: the edge of a field of view is blurred.
    """
    if included.all():
        return grey
    padded = np.pad(included, 1, mode="edge")  # the picture's frame is no edge
    deep = (distance_transform_edt(padded) > margin)[1:-1, 1:-1]
    deep = deep if deep.any() else included
    rows, columns = distance_transform_edt(
        ~deep, return_distances=False, return_indices=True
    )
    return np.asarray(grey[rows, columns], np.float32)


def _filtered(
    even: NDArray[np.float32], scales: Sequence[float]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how well bright and dark lines fit, summed over widths."""
    bright, dark = np.zeros_like(even), np.zeros_like(even)
    for scale in scales:
        highest = np.full_like(even, -np.inf)
        lowest = np.full_like(even, np.inf)
        for pattern in _patterns(scale):
            answer = cv2.filter2D(even, -1, pattern, borderType=cv2.BORDER_REFLECT)
            np.maximum(highest, answer, out=highest)
            np.minimum(lowest, answer, out=lowest)
        bright += highest
        dark -= lowest
    return bright, dark


def _patterns(scale: float) -> Iterator[NDArray[np.float32]]:
    """Yield patterns of a bright line in each direction; on noise, all answer alike."""
    length = _LENGTH * scale
    radius = int(np.ceil(_REACH * length))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float64)
    for angle in np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS:
        across = x * np.cos(angle) + y * np.sin(angle)
        along = y * np.cos(angle) - x * np.sin(angle)
        ratio = (across / scale) ** 2
        pattern = (1 - ratio) * np.exp(-0.5 * (ratio + (along / length) ** 2))
        pattern -= pattern.mean()
        yield (pattern / np.linalg.norm(pattern)).astype(np.float32)
