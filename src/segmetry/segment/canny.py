"""Objects within closed outlines, which are where grey values step: Canny's edges.

Edges are the crests of steepness [1]_. Small gaps in them are closed; what lies within a
closed outline is a region, and an object if it is brighter (or darker) than what lies
across its outline. So no cutoff on grey values is needed, and light may be uneven.

References
----------
.. [1] J. Canny, "A computational approach to edge detection", IEEE Trans. Pattern Anal.
       Mach. Intell. 8, 1986. doi:10.1109/TPAMI.1986.4767851
"""

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.prepare.background import blurred
from segmetry.segment.edges import distance_inside, nearest_object
from segmetry.segment.grey import grey_for_edges, grey_for_segmenting, noise_of
from segmetry.segment.options import (
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

__all__ = ["Canny", "contrasts", "edges_of", "regions_within"]

Steepness = Literal["otsu", "share"]

_FAINTER = 0.4  # of the steepness asked for: how steep an edge must be where it goes on
_CLEAR = 5.0  # standard deviations of noise above the slope of light
_SOBEL = 8.0  # scipy's and OpenCV's Sobel filters give this many times the gradient
_FRAME = 3  # pixels
_SOME = 1e-3  # share of a blurred pixel that counts, from which on its value is known


@dataclass(frozen=True, kw_only=True)
class Canny(Segmenter):
    """What lies within closed outlines is objects, if it is brighter than around them.

    Follows uneven light. Fails where outlines have gaps wider than `gap`, on textured
    ground, which is full of edges, and for objects much fainter than others, unless
    `steepness` is "share" and `steepest` is large enough.

    Parameters
    ----------
    steepness : {"otsu", "share"}
        How steep an edge must be somewhere. "otsu" takes Otsu's cutoff of the steepness
        of all pixels, and no less than noise reaches; "share" that of the `steepest`
        share of them. Edges go on while they are at least 0.4 times as steep.
    steepest : float
        Of the method "share": share of the pixels that are steep.
    gap : int
        Gaps up to this many pixels are closed. Objects stay apart from others only where
        they are as far from them.
    polarity : {"auto", "bright", "dark"}
        Whether objects are brighter or darker than what lies across their outline.
    denoise : float
        Standard deviation of the blur with which steepness is taken, in pixels.
    flatten : float
        See `segmetry.segment.grey_for_segmenting`. In pixels.
    edges : {"halfway", "cutoff"}
        "cutoff" leaves edges where they are steepest; see `segmetry.segment.edges`.
    **options
        The options of every `Segmenter`.

    Raises
    ------
    RecipeError
        If a value is not one that its option can take.

    Examples
    --------
    >>> pixels = np.tile(np.arange(80.0), (40, 1))
    >>> pixels[10:30, 5:25] += 60
    >>> pixels[10:30, 50:70] += 60
    >>> len(Canny()(Image(pixels)).ids)
    2
    """

    name: ClassVar[str] = "canny"

    steepness: Steepness = field(
        default="otsu", metadata=about("How it is found how steep an edge must be.")
    )
    steepest: float = field(
        default=0.1,
        metadata=about(
            "Share of pixels that are steep, of the method share.", low=0, high=1
        ),
    )
    gap: int = field(
        default=4,
        metadata=about(
            "Gaps in outlines up to this many pixels are closed.", low=0, high=50
        ),
    )
    polarity: Polarity = field(default="auto", metadata=POLARITY)
    denoise: float = field(
        default=2.0,
        metadata=about("Blur with which steepness is taken, in pixels.", low=0.1, high=50),
    )
    flatten: float = field(default=0, metadata=FLATTEN)
    edges: Edges = field(default="halfway", metadata=EDGES)

    def maps(self, image: Image) -> Maps:
        """Return how far each pixel's region stands out from those around it."""
        included = image.included
        grey = grey_for_segmenting(image, flatten=self.flatten)
        smooth = _blurred(grey, included, self.denoise)
        steep = self._steep(grey, smooth, included)
        regions = regions_within(edges_of(smooth, steep), included, self.gap)
        contrast = contrasts(smooth, regions)
        polarity = self.polarity
        if polarity == "auto":
            polarity = polarity_of((contrast > 0)[regions], smooth, included)
        if polarity == "dark":
            contrast = -contrast
        most = max(float(contrast.max()), float(np.finfo(np.float32).tiny))
        likely = np.clip(0.5 + 0.5 * contrast / most, 0, 1).astype(np.float32)
        found = {
            "found_polarity": polarity,
            "found_steepness": float(f"{steep:.6g}"),
            "found_regions": int(regions.max()),
        }
        edge_grey = None
        if self.edges == "halfway":
            edge_grey = grey_for_edges(image, polarity=polarity, denoise=self.denoise)
        return Maps(likely[regions], edge_grey=edge_grey, found=found)

    def _steep(
        self,
        grey: NDArray[np.float32],
        smooth: NDArray[np.float32],
        included: NDArray[np.bool_],
    ) -> float:
        """Return how steep an edge must be, in grey values per pixel."""
        steepness = _steepness(smooth)[included]
        if self.steepness == "share":
            return float(np.quantile(steepness, 1 - self.steepest))
        # What a Gaussian blur leaves of the steepness of white noise.
        noise = noise_of(grey, included) / (math.sqrt(8 * math.pi) * self.denoise**2)
        slope = float(np.median(steepness))  # of light, and of noise
        return max(cutoff_of(steepness, method="otsu"), slope + _CLEAR * noise)


def edges_of(grey: NDArray[np.float32], steep: float) -> NDArray[np.bool_]:
    """Return the crests of steepness, of lines that are steep somewhere.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
        Blurred grey values.
    steep : float
        Least steepness somewhere on a line, in grey values per pixel. The whole line is
        at least 0.4 times as steep.

    Returns
    -------
    ndarray of bool, shape (Y, X)

    Examples
    --------
    >>> grey = np.repeat(np.float32([[0, 0, 0, 1, 5, 6, 6, 6]]), 5, 0)
    >>> edges_of(grey, steep=2)[2].astype(int).tolist()
    [0, 0, 0, 1, 1, 0, 0, 0]
    """
    from skimage.feature import canny

    framed = np.pad(grey, _FRAME, mode="symmetric")  # edges shall reach the frame
    found = canny(
        framed,
        sigma=0,  # blurred already
        low_threshold=_SOBEL * _FAINTER * steep,
        high_threshold=_SOBEL * steep,
    )
    return np.asarray(found[_FRAME:-_FRAME, _FRAME:-_FRAME])


def regions_within(
    edges: NDArray[np.bool_], included: NDArray[np.bool_], gap: int
) -> NDArray[np.int32]:
    """Return the regions into which edges divide a picture, with small gaps closed.

    Pixels of edges, and of gaps, go to the nearest region.

    Parameters
    ----------
    edges : ndarray of bool, shape (Y, X)
    included : ndarray of bool, shape (Y, X)
    gap : int
        Widest gap that is closed, in pixels.

    Returns
    -------
    ndarray of int32, shape (Y, X)
        1 to n; 0 is what does not count.

    Examples
    --------
    >>> edges = np.zeros((5, 9), bool)
    >>> edges[:, 4] = True
    >>> regions_within(edges, np.ones((5, 9), bool), 0)[2].tolist()
    [1, 1, 1, 1, 1, 2, 2, 2, 2]
    """
    free = included & ~edges
    if not free.any():
        return included.astype(np.int32)
    far = free & (distance_inside(~edges) > 0.5 * gap + 0.5)
    n, pieces = cv2.connectedComponents(free.astype(np.uint8), connectivity=4)
    n_cores, cores = cv2.connectedComponents(far.astype(np.uint8), connectivity=4)
    # A piece with one core or none is closed already, and stays as it is.
    piece_of = np.zeros(n_cores, np.int32)
    piece_of[cores[far]] = pieces[far]
    has_gaps = np.bincount(piece_of[1:], minlength=n) > 1
    seeds = np.where(has_gaps[pieces], np.where(far, cores + n, 0), pieces)
    names = np.zeros(n + n_cores, np.uint32)
    present = np.bincount(seeds.ravel(), minlength=names.size) > 0
    present[0] = False
    names[present] = np.arange(1, present.sum() + 1)
    return np.where(included, nearest_object(names[seeds]), 0).astype(np.int32)


def contrasts(grey: NDArray[np.float32], regions: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return how much brighter each region is than what lies across its outline.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
    regions : ndarray of int, shape (Y, X)
        1 to n; 0 does not count, and neither does the frame.

    Returns
    -------
    ndarray of float64, shape (n + 1,)
        Mean step of grey value over the outline, from outside to inside; 0 for a region
        that has no neighbour, and for number 0.

    Examples
    --------
    >>> contrasts(np.float32([[1, 1, 4, 3]]), np.array([[1, 1, 2, 2]])).tolist()
    [0.0, -3.0, 3.0]
    """
    n = int(regions.max()) + 1
    steps, length = np.zeros(n), np.zeros(n)
    for one, other in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:-1], np.s_[1:]),
    ):
        meet = (regions[one] != regions[other]) & (regions[one] > 0) & (regions[other] > 0)
        here, there = regions[one][meet], regions[other][meet]
        step = grey[one][meet].astype(np.float64) - grey[other][meet]
        steps += np.bincount(here, step, n) - np.bincount(there, step, n)
        length += np.bincount(here, minlength=n) + np.bincount(there, minlength=n)
    return steps / np.maximum(length, 1)


def _blurred(
    grey: NDArray[np.float32], included: NDArray[np.bool_], sigma: float
) -> NDArray[np.float32]:
    """Blur what counts, so that there is no edge where it ends."""
    if included.all():
        return blurred(grey, sigma)
    share = blurred(included.astype(np.float32), sigma)
    inside = blurred(np.where(included, grey, np.float32(0)), sigma)
    return np.where(share > _SOME, inside / np.maximum(share, _SOME), grey)


def _steepness(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the length of the gradient, in grey values per pixel."""
    down = cv2.Sobel(grey, -1, 0, 1, borderType=cv2.BORDER_REFLECT)
    right = cv2.Sobel(grey, -1, 1, 0, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.magnitude(down, right) / np.float32(_SOBEL))
