"""Types of pictures in a set, told by brightness and colour.

A set often mixes stains and contrasts: dark fluorescence, purple tissue on white, grey
transmission. Their mean hue, saturation and value (HSV) fall into clusters, which K-means
[1]_ finds; the number of clusters is the one with the best silhouette [2]_, and of numbers
that are about as good, the greatest. Types differ as an eye sees it, and where they have
few pictures, so do their nearest pictures: any few points fall into clusters. What has the
same brightness and colour is of one type, however different its objects are.

References
----------
.. [1] D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding",
       Proceedings of the 18th ACM-SIAM Symposium on Discrete Algorithms, 2007.
.. [2] P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation
       of cluster analysis", Journal of Computational and Applied Mathematics 20, 1987.
       doi:10.1016/0377-0427(87)90125-7
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image

__all__ = ["PictureTypes", "bit_depth", "color_features", "find_types", "type_name"]

_SIDE = 128  # px: colours need no more
_STRUCTURE = 0.5  # silhouette from which clusters are usually believed
_AS_GOOD = 0.05  # of the silhouette
_STARTS = 10
_MANY = 4  # pictures of each type on average: of fewer, any two may look like types
_STRUCTURE_OF_FEW = 0.6  # silhouette; two alike and one apart have 2/3
_SEEN = (
    0.15  # of full scale, between types; 0.22 parts purple tissue with and without white
)
_MOST_COMPARED = 1500  # pictures; all pairs of more would not fit into memory
_DEPTHS = (8, 10, 12, 14, 16, 32, 64)  # bits of cameras and files
_GREY = 0.1  # saturation below which no hue is seen
_HUES = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink")
_HUE_ENDS = (15, 40, 70, 160, 200, 250, 300, 345)  # degrees


@dataclass(frozen=True, eq=False)
class PictureTypes:
    """Types of the pictures of a set.

    Parameters
    ----------
    numbers : ndarray of int, shape (n,)
        Type of each picture, from 0; type 0 has the most pictures.
    centers : ndarray of float, shape (k, 5)
        Mean features of each type.
    silhouette : float or None
        From -1 to 1: how well the types are apart. `None` where there is one type.
    """

    numbers: NDArray[np.intp]
    centers: NDArray[np.float64]
    silhouette: float | None

    @property
    def used(self) -> range:
        """The numbers of the types."""
        return range(len(self.centers))

    def samples(self, features: NDArray[np.float64], number: int, n: int) -> list[int]:
        """Return the positions of pictures of a type, from typical to odd.

        Parameters
        ----------
        features : ndarray of float, shape (n, 5)
        number : int
            The type.
        n : int
            At most so many pictures.
        """
        members = np.flatnonzero(self.numbers == number)
        distances = np.linalg.norm(features[members] - self.centers[number], axis=1)
        ordered = members[np.argsort(distances, kind="stable")]
        places = np.linspace(0, len(ordered) - 1, min(n, len(ordered))).round().astype(int)
        return [int(position) for position in ordered[places]]


def bit_depth(pixels: NDArray[Any]) -> int:
    """Return the depth of the camera, as the values tell it.

    Parameters
    ----------
    pixels : ndarray

    Returns
    -------
    int
        The least of 8, 10, 12, 14, 16, 32 and 64 that holds the largest value; for
        fractions, the bits of their type. A dim picture may come from a deeper camera.

    Examples
    --------
    >>> bit_depth(np.array([3000], np.uint16))
    12
    """
    if pixels.dtype.kind == "f":
        return pixels.dtype.itemsize * 8
    high = max(abs(int(pixels.min())), int(pixels.max()))
    return next(depth for depth in _DEPTHS if high < 2**depth)


def color_features(image: Image) -> NDArray[np.float64]:
    """Return what tells the type of a picture.

    Parameters
    ----------
    image : Image
        Of a stack, the middle slice is taken. More or fewer than three channels count as
        grey.

    Returns
    -------
    ndarray of float, shape (5,)
        Means of saturation times cosine and sine of the hue, mean saturation, mean value,
        standard deviation of the value; all on a scale of 0 to 1.

    Examples
    --------
    >>> red = np.zeros((4, 4, 3), np.uint8)
    >>> red[..., 0] = 255
    >>> color_features(Image(red, axes="YXC")).round(2).tolist()
    [1.0, 0.0, 1.0, 1.0, 0.0]
    """
    colors = _small_colors(image)
    hue, saturation, value = cv2.split(cv2.cvtColor(colors, cv2.COLOR_RGB2HSV))
    angle = np.deg2rad(hue)
    return np.array(
        [
            (saturation * np.cos(angle)).mean(),
            (saturation * np.sin(angle)).mean(),
            saturation.mean(),
            value.mean(),
            value.std(),
        ],
        dtype=np.float64,
    )


def find_types(
    features: NDArray[np.float64], *, most: int = 8, seed: int = 0
) -> PictureTypes:
    """Sort pictures into types.

    Two pictures are always of one type; of three, one may be of a type of its own.

    Parameters
    ----------
    features : ndarray of float, shape (n, 5)
        What `color_features` returns for each picture.
    most : int
        Greatest number of types.
    seed : int

    Returns
    -------
    PictureTypes
        One type where no division has a silhouette of at least 0.5 and types that differ
        by 0.15. With fewer than four pictures of each type on average, the silhouette
        must be 0.6, and the nearest pictures of two types differ by as much.

    Examples
    --------
    >>> dark, light = np.full((5, 5), 0.1), np.full((3, 5), 0.9)
    >>> found = find_types(np.concatenate([dark, light]) + 0.01 * np.eye(8)[:, :5])
    >>> found.numbers.tolist()
    [0, 0, 0, 0, 0, 1, 1, 1]
    """
    divisions = {}
    step = -(-len(features) // _MOST_COMPARED)
    for k in range(2, min(most, len(features) - 1) + 1):
        numbers = _clusters(features, k, np.random.default_rng([seed, k]))
        score = _silhouette(features[::step], numbers[::step])
        if _are_types(features, numbers, score):
            divisions[k] = score, numbers
    if not divisions:
        one = np.zeros(len(features), dtype=np.intp)
        return PictureTypes(one, features.mean(axis=0, keepdims=True), None)
    best = max(score for score, _ in divisions.values())
    score, numbers = max(
        (k, found) for k, found in divisions.items() if found[0] >= best - _AS_GOOD
    )[1]
    numbers = _by_size(numbers)
    centers = [features[numbers == number].mean(axis=0) for number in np.unique(numbers)]
    return PictureTypes(numbers, np.array(centers), score)


def type_name(center: NDArray[np.float64]) -> str:
    """Return how pictures of a type look, in two words.

    Parameters
    ----------
    center : ndarray of float, shape (5,)
        Mean features of the type.

    Examples
    --------
    >>> type_name(np.array([0.0, 0.0, 0.0, 0.1, 0.1]))
    'dark grey'
    """
    cosine, sine, saturation, value, _ = center
    brightness = "dark" if value < 1 / 3 else "bright" if value > 2 / 3 else "medium"
    if saturation < _GREY:
        return f"{brightness} grey"
    degrees = np.rad2deg(np.arctan2(sine, cosine)) % 360
    place = int(np.searchsorted(_HUE_ENDS, degrees)) % len(_HUES)
    return f"{brightness} {_HUES[place]}"


def _small_colors(image: Image) -> NDArray[np.float32]:
    """Return three channels from 0 to 1, of at most 128 pixels on a side."""
    pixels = image.pixels
    if image.axes not in {"YXC", "ZYXC"} or pixels.shape[-1] != 3:
        pixels = image.grey[..., None]
    if image.axes.startswith("Z"):
        pixels = pixels[len(pixels) // 2]
    share = _SIDE / max(pixels.shape[:2])
    values: NDArray[Any] = pixels.astype(np.float32)
    if share < 1:
        size = [max(1, round(length * share)) for length in pixels.shape[1::-1]]
        values = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    low, full = _scale(image.pixels)
    values = ((values - low) / full).clip(0, 1).reshape(*values.shape[:2], -1)
    return np.ascontiguousarray(np.broadcast_to(values, (*values.shape[:2], 3)))


def _scale(pixels: NDArray[Any]) -> tuple[float, float]:
    """Return black and the distance from it to white."""
    low, high = min(0.0, float(pixels.min())), float(pixels.max())
    if pixels.dtype.kind == "f" or low < 0:
        return low, max(high - low, 1.0)
    return low, 2.0 ** bit_depth(pixels) - 1


def _clusters(
    features: NDArray[np.float64], k: int, generator: np.random.Generator
) -> NDArray[np.intp]:
    """Return the best of several K-means, each from its own k-means++ start."""
    from scipy.cluster.vq import kmeans, vq

    found = []
    for _ in range(_STARTS):
        centers, _ = kmeans(features, _start(features, k, generator))
        numbers, distances = vq(features, centers)
        found.append((float((distances**2).sum()), numbers))
    return np.asarray(min(found, key=lambda one: one[0])[1], dtype=np.intp)


def _are_types(
    features: NDArray[np.float64], numbers: NDArray[np.intp], silhouette: float
) -> bool:
    """Return whether clusters are apart enough for their number of pictures."""
    from scipy.spatial.distance import cdist, pdist

    used = np.unique(numbers)
    if len(used) < 2:
        return False
    centers = [features[numbers == number].mean(axis=0) for number in used]
    if silhouette < _STRUCTURE or pdist(centers).min() < _SEEN:
        return False
    if len(features) >= _MANY * len(used):
        return True
    apart = cdist(features, features)[numbers[:, None] != numbers]
    return silhouette >= _STRUCTURE_OF_FEW and bool(apart.min() >= _SEEN)


def _start(
    features: NDArray[np.float64], k: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Choose pictures that are far from each other, with k-means++."""
    chosen = [features[generator.integers(len(features))]]
    while len(chosen) < k:
        apart = features[:, None] - np.array(chosen)
        squared = (apart**2).sum(axis=2).min(axis=1)
        if not squared.any():
            break
        place = generator.choice(len(features), p=squared / squared.sum())
        chosen.append(features[place])
    return np.array(chosen)


def _silhouette(features: NDArray[np.float64], numbers: NDArray[np.intp]) -> float:
    """Return the mean silhouette of all pictures; 0 for those alone in their cluster."""
    from scipy.spatial.distance import cdist

    used, own, sizes = np.unique(numbers, return_inverse=True, return_counts=True)
    if len(used) < 2:
        return 0.0
    members = np.eye(len(used))[own]
    total = cdist(features, features) @ members
    here = np.arange(len(features)), own
    within = total[here] / np.maximum(sizes[own] - 1, 1)
    between = total / sizes
    between[here] = np.inf
    nearest = between.min(axis=1)
    larger = np.maximum(within, nearest)
    scores = np.divide(
        nearest - within, larger, out=np.zeros_like(larger), where=larger > 0
    )
    return float(np.where(sizes[own] > 1, scores, 0).mean())


def _by_size(numbers: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return new numbers, the biggest cluster first; of equal ones, the first to be met."""
    used, first, own, sizes = np.unique(
        numbers, return_index=True, return_inverse=True, return_counts=True
    )
    place = np.empty(len(used), dtype=np.intp)
    place[np.lexsort((first, -sizes))] = np.arange(len(used))
    return place[own]
