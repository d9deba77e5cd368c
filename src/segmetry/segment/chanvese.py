"""Two regions, each as even as can be, between smooth outlines: Chan-Vese.

An outline moves to where the grey values on each side differ least from their mean [1]_.
Here it moves by morphological operators [2]_: a pixel beside the outline changes sides
where it is nearer to the other mean, and after that the outline is smoothed.

References
----------
.. [1] T. F. Chan and L. A. Vese, "Active contours without edges", IEEE Trans. Image
       Process. 10, 2001. doi:10.1109/83.902291
.. [2] P. Marquez-Neila, L. Baumela and L. Alvarez, "A morphological approach to
       curvature-based evolution of curves and surfaces", IEEE Trans. Pattern Anal. Mach.
       Intell. 36, 2014. doi:10.1109/TPAMI.2013.106
"""

import warnings
from dataclasses import dataclass, field
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import SegmetryWarning
from segmetry.image import Image
from segmetry.segment.grey import grey_for_edges, grey_for_segmenting, how_bright
from segmetry.segment.options import (
    DENOISE,
    EDGES,
    FLATTEN,
    POLARITY,
    Edges,
    Polarity,
    about,
)
from segmetry.segment.polarity import polarity_of
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.threshold import cutoff_of

__all__ = ["ChanVese", "Moved", "moved_outline"]

_STILL = 1e-4  # share of the smaller side that changes in a round: the outline stands
_LINES = tuple(  # the four straight lines of three pixels
    np.array(line, np.uint8)
    for line in (
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[0, 1, 0], [0, 1, 0], [0, 1, 0]],
        [[0, 0, 1], [0, 1, 0], [1, 0, 0]],
        [[0, 0, 0], [1, 1, 1], [0, 0, 0]],
    )
)


@dataclass(frozen=True, kw_only=True)
class ChanVese(Segmenter):
    """Smooth outlines part a bright from a dark region, each as even as can be.

    Bears much more noise than a cutoff for each pixel. Fails where light is uneven (try
    `flatten`), where there are more than two kinds of grey, and for thin parts and
    corners, which smoothing rounds off or takes away.

    Parameters
    ----------
    smoothing : int
        How often the outline is smoothed in a round: lines thinner than about twice
        that many pixels vanish. 0 does not smooth.
    iterations : int
        Most rounds; in each the outline moves by two pixels at most.
    polarity : {"auto", "bright", "dark"}
    flatten, denoise : float
        See `segmetry.segment.grey_for_segmenting`. In pixels.
    edges : {"halfway", "cutoff"}
        "cutoff" leaves edges where the outline came to rest; see `segmetry.segment.edges`.
    **options
        The options of every `Segmenter`.

    Raises
    ------
    RecipeError
        If a value is not one that its option can take.

    Examples
    --------
    >>> pixels = np.full((40, 40), 30, np.uint8)
    >>> pixels[10:20, 10:20] = 200
    >>> labels, maps = ChanVese(denoise=0).labels_and_maps(Image(pixels))
    >>> labels.ids, maps.found["found_converged"]
    (array([1], dtype=uint32), True)
    """

    name: ClassVar[str] = "chanvese"

    smoothing: int = field(
        default=1,
        metadata=about("How often the outline is smoothed in a round.", low=0, high=10),
    )
    iterations: int = field(
        default=100,
        metadata=about("Most rounds of moving the outline.", low=1, high=10_000),
    )
    polarity: Polarity = field(default="auto", metadata=POLARITY)
    denoise: float = field(default=1.0, metadata=DENOISE)
    flatten: float = field(default=0, metadata=FLATTEN)
    edges: Edges = field(default="halfway", metadata=EDGES)

    def maps(self, image: Image) -> Maps:
        """Return which pixels are of objects, and how far from the cutoff they are.

        Warns
        -----
        SegmetryWarning
            If the outline still moved after the last round.
        """
        included = image.included
        grey = grey_for_segmenting(image, flatten=self.flatten, denoise=self.denoise)
        start = grey > cutoff_of(grey[included], method="otsu")
        moved = moved_outline(
            grey, start, included, smoothing=self.smoothing, iterations=self.iterations
        )
        if not moved.converged:
            msg = (
                f"The outline of chanvese still moved after {self.iterations} rounds; ask "
                "for more iterations or less smoothing."
            )
            warnings.warn(msg, SegmetryWarning, stacklevel=2)
        polarity = self.polarity
        if polarity == "auto":
            polarity = polarity_of(moved.bright, grey, included)
        foreground = _on_its_side(moved, grey, polarity)
        found = {
            "found_polarity": polarity,
            "found_iterations": moved.iterations,
            "found_converged": moved.converged,
        }
        edge_grey = None
        if self.edges == "halfway":
            edge_grey = grey_for_edges(image, polarity=polarity, denoise=self.denoise)
        return Maps(foreground, edge_grey=edge_grey, found=found)


@dataclass(frozen=True, eq=False)
class Moved:
    """Where an outline came to rest.

    Parameters
    ----------
    bright : ndarray of bool, shape (Y, X)
        The brighter side of the outline.
    means : tuple of float, or None
        Mean grey values of the dark and of the bright side; `None` where smoothing has
        left one side only.
    iterations : int
        Rounds that it took.
    converged : bool
        Whether hardly a pixel changed sides in the last round.
    """

    bright: NDArray[np.bool_]
    means: tuple[float, float] | None
    iterations: int
    converged: bool


def moved_outline(
    grey: NDArray[np.float32],
    start: NDArray[np.bool_],
    included: NDArray[np.bool_],
    *,
    smoothing: int = 1,
    iterations: int = 100,
) -> Moved:
    """Move an outline until both sides are as even as can be.

    A round is two iterations of scikit-image's `morphological_chan_vese`, and gives the
    same; but only pixels that count are in the means, and it ends where nothing moves.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
    start : ndarray of bool, shape (Y, X)
        The side that is brighter.
    included : ndarray of bool, shape (Y, X)
    smoothing, iterations : int
        See `ChanVese`.

    Returns
    -------
    Moved

    Examples
    --------
    >>> grey = np.zeros((20, 20), np.float32)
    >>> grey[5:15, 5:15] = 9
    >>> start = np.zeros((20, 20), bool)
    >>> start[7:13, 7:13] = True
    >>> moved = moved_outline(grey, start, np.ones((20, 20), bool), smoothing=0)
    >>> np.array_equal(moved.bright, grey > 0), moved.converged
    (True, True)
    """
    side = start.astype(np.uint8)
    rounds, converged = 0, False
    while rounds < iterations and not converged:
        before, rounds = side, rounds + 1
        side = _one_round(side, grey, included, smoothing)
        changed = int(np.count_nonzero((side != before) & included))
        converged = changed <= _STILL * _smaller_side(side, included)
    return Moved(side > 0, _means(side, grey, included), rounds, converged)


def _on_its_side(
    moved: Moved, grey: NDArray[np.float32], polarity: Polarity
) -> NDArray[np.float32]:
    """Return a map: the outline says on which side of 0.5, the grey value how far."""
    if moved.means is None:  # nothing stands out from anything
        return np.zeros(grey.shape, np.float32)
    inside = moved.bright if polarity == "bright" else ~moved.bright
    likely = how_bright(grey, sum(moved.means) / 2, polarity=polarity)
    above = np.nextafter(np.float32(0.5), np.float32(1))
    return np.where(inside, np.maximum(likely, above), np.minimum(likely, np.float32(0.5)))


def _one_round(
    side: NDArray[np.uint8],
    grey: NDArray[np.float32],
    included: NDArray[np.bool_],
    smoothing: int,
) -> NDArray[np.uint8]:
    """Move the outline twice, so that neither side is smoothed first more often."""
    for number in range(2):
        means = _means(side, grey, included)
        if means is None:
            return side
        side = _attached(side, grey, means)
        for more in range(smoothing):
            side = _smoothed(side, fill_first=(number * smoothing + more) % 2 == 0)
    return side


def _means(
    side: NDArray[np.uint8], grey: NDArray[np.float32], included: NDArray[np.bool_]
) -> tuple[float, float] | None:
    """Return the mean grey values of both sides; `None` where one has no pixel."""
    bright = grey[included & (side > 0)]
    dark = grey[included & (side == 0)]
    if not bright.size or not dark.size:
        return None
    return float(dark.mean(dtype=np.float64)), float(bright.mean(dtype=np.float64))


def _attached(
    side: NDArray[np.uint8], grey: NDArray[np.float32], means: tuple[float, float]
) -> NDArray[np.uint8]:
    """Give pixels beside the outline to the side to whose mean they are nearer."""
    nearer = grey - np.float32(sum(means) / 2)  # to the bright mean where positive
    if means[0] > means[1]:
        nearer = -nearer
    framed = np.pad(side, 1, mode="edge")
    beside = framed[2:, 1:-1] != framed[:-2, 1:-1]
    beside |= framed[1:-1, 2:] != framed[1:-1, :-2]
    return np.where(beside & (nearer != 0), nearer > 0, side).astype(np.uint8)


def _smoothed(side: NDArray[np.uint8], *, fill_first: bool) -> NDArray[np.uint8]:
    """Fill narrow bays and cut narrow capes, in this order or the other."""
    if fill_first:
        return _without_capes(_without_bays(side))
    return _without_bays(_without_capes(side))


def _without_bays(side: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Keep outside only where a straight line of three pixels is outside."""
    grown = [cv2.dilate(side, line, borderType=cv2.BORDER_REPLICATE) for line in _LINES]
    return np.asarray(np.minimum.reduce(grown), np.uint8)


def _without_capes(side: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Keep inside only where a straight line of three pixels is inside."""
    shrunk = [cv2.erode(side, line, borderType=cv2.BORDER_REPLICATE) for line in _LINES]
    return np.asarray(np.maximum.reduce(shrunk), np.uint8)


def _smaller_side(side: NDArray[np.uint8], included: NDArray[np.bool_]) -> int:
    bright = int(np.count_nonzero(side[included]))
    return min(bright, int(included.sum()) - bright)
