"""Stains of a section told apart by their colours: colour deconvolution.

A stain takes away a share of the light (Beer and Lambert): the optical density
-log10(I / I0) of a pixel is the sum over its stains of how much of each there is, times the
colour of that stain as three optical densities, a vector of length 1. Two stains and what
is left over are three unknowns for red, green and blue.

The published vectors are those of one laboratory's dyes and camera. `estimate_stains` finds
vectors in the picture itself. DAB scatters light and does not follow Beer and Lambert
strictly, so its optical density orders objects but is no measure of the amount of antigen.

References
----------
.. [1] A. C. Ruifrok and D. A. Johnston, "Quantification of histochemical staining by color
       deconvolution", Analytical and Quantitative Cytology and Histology 23, 2001,
       291-299.
.. [2] M. Macenko et al., "A method for normalizing histology slides for quantitative
       analysis", IEEE International Symposium on Biomedical Imaging, 2009.
       doi:10.1109/ISBI.2009.5193250
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image, Step

__all__ = [
    "SLIDES",
    "Slide",
    "Stain",
    "Stains",
    "estimate_stains",
    "look_at_stain",
    "optical_density",
    "published_stains",
    "stain_density",
]

Stain = Literal["haematoxylin", "eosin", "dab"]
Slide = Literal["haematoxylin-eosin", "haematoxylin-dab"]

SLIDES: dict[Slide, tuple[Stain, Stain]] = {
    "haematoxylin-eosin": ("haematoxylin", "eosin"),
    "haematoxylin-dab": ("haematoxylin", "dab"),
}

# Of Ruifrok and Johnston, as ImageJ and scikit-image have them: red, green, blue.
_PUBLISHED: dict[Stain, tuple[float, float, float]] = {
    "haematoxylin": (0.65, 0.70, 0.29),
    "eosin": (0.07, 0.99, 0.11),
    "dab": (0.27, 0.57, 0.78),
}
_STAINED = 0.15  # length of the optical densities from which a pixel is no background
_PERCENTILE = 1.0  # of the angles, at either end, as published
_FEWEST = 100  # stained pixels from which colours can be told
_CLOSEST_DEG = 5.0  # between two stains: nearer ones are one colour and its noise


@dataclass(frozen=True, eq=False)
class Stains:
    """The colours of the two stains of a section.

    Parameters
    ----------
    names : tuple of str
        Of the stains.
    vectors : ndarray of float64, shape (2, 3)
        A row for each stain: its optical densities in red, green and blue, of length 1.
    source : {"published", "picture"}
        Where they come from.
    """

    names: tuple[Stain, Stain]
    vectors: NDArray[np.float64]
    source: Literal["published", "picture"]


def published_stains(slide: Slide) -> Stains:
    """Return the colours that Ruifrok and Johnston published.

    Parameters
    ----------
    slide : {"haematoxylin-eosin", "haematoxylin-dab"}

    Returns
    -------
    Stains

    Raises
    ------
    ValueError
        If the slide is not one of those named.

    Examples
    --------
    >>> published_stains("haematoxylin-dab").names
    ('haematoxylin', 'dab')
    """
    if slide not in SLIDES:
        msg = f"slide must be one of {', '.join(SLIDES)}, got {slide!r}"
        raise ValueError(msg)
    names = SLIDES[slide]
    vectors = np.array([_PUBLISHED[name] for name in names])
    return Stains(names, _unit(vectors), "published")


def estimate_stains(image: Image, slide: Slide) -> Stains:
    """Return the colours of the stains as a picture shows them, after Macenko et al.

    Pixels whose three optical densities have a length over 0.15 lie near a plane; within
    it, the 1st and the 99th percentile of their angles are the two stains. Each takes the
    name of the published stain it is nearer to. Fails where one stain is rare: fewer than
    1 % of the stained pixels are taken for noise; and where there is a third colour, such
    as ink.

    Parameters
    ----------
    image : Image
        Axes YXC, with three channels.
    slide : {"haematoxylin-eosin", "haematoxylin-dab"}

    Returns
    -------
    Stains

    Raises
    ------
    PictureError
        If the picture is none in colour, hardly stained, or of one colour only.

    Examples
    --------
    >>> known = published_stains("haematoxylin-eosin")
    >>> amounts = np.random.default_rng(0).uniform(0, 1, (50, 50, 2))
    >>> amounts[:, :25, 1], amounts[:, 25:, 0] = 0, 0
    >>> picture = Image(10 ** -(amounts @ known.vectors), axes="YXC")
    >>> found = estimate_stains(picture, "haematoxylin-eosin")
    >>> bool(np.allclose(found.vectors, known.vectors, atol=0.01))
    True
    """
    published = published_stains(slide)
    density = optical_density(image)[image.included].astype(np.float64)
    density = density[np.linalg.norm(density, axis=1) > _STAINED]
    if len(density) < _FEWEST:
        msg = (
            f"expected a stained section, got {len(density)} stained pixels; take the "
            "published colours of the stains"
        )
        raise PictureError(msg)
    plane = np.linalg.eigh(np.cov(density.T))[1][:, 1:]
    plane = plane * np.where(plane.sum(axis=0) < 0, -1, 1)  # stains take away light
    x, y = (density @ plane[:, ::-1]).T
    low, high = np.percentile(np.arctan2(y, x), [_PERCENTILE, 100 - _PERCENTILE])
    if np.degrees(high - low) < _CLOSEST_DEG:
        msg = (
            "expected two stains, got pixels of one colour; take the published colours of "
            "the stains"
        )
        raise PictureError(msg)
    ends = np.array([[np.cos(angle), np.sin(angle)] for angle in (low, high)])
    found = _unit(np.maximum(ends @ plane[:, ::-1].T, 0))
    alike = found @ published.vectors.T
    if alike[0, 1] + alike[1, 0] > alike[0, 0] + alike[1, 1]:
        found = found[::-1]
    return Stains(published.names, found, "picture")


def optical_density(image: Image) -> NDArray[np.float32]:
    """Return -log10(I / I0) of each colour of a picture.

    Parameters
    ----------
    image : Image
        Axes YXC, with three channels. White, I0, is the largest number that the type can
        hold, and 1 for fractions.

    Returns
    -------
    ndarray of float32, shape (Y, X, 3)
        0 is white. Values are cut at one step above black (2.4 in 8 bits).

    Raises
    ------
    PictureError
        If the picture is none in red, green and blue, or its fractions exceed 0 to 1.

    Examples
    --------
    >>> white_and_grey = Image(np.full((1, 1, 3), 26, np.uint8), axes="YXC")
    >>> optical_density(white_and_grey).round(2).tolist()
    [[[0.9900000095367432, 0.9900000095367432, 0.9900000095367432]]]
    """
    pixels = image.pixels
    if image.axes != "YXC" or pixels.shape[-1] != 3:
        got = f"{pixels.shape[-1]} channels" if image.axes == "YXC" else "grey values"
        msg = f"stains are told apart in red, green and blue, got {got}; leave stains out"
        raise PictureError(msg)
    if pixels.dtype.kind in "iu":
        white = float(np.iinfo(pixels.dtype).max)
        step = 1.0
    else:
        white, step = 1.0, 1e-6
        if not (np.isfinite(pixels).all() and 0 <= pixels.min() <= pixels.max() <= 1):
            msg = (
                "expected fractions of white, from 0 to 1, got "
                f"{pixels.min():g} to {pixels.max():g}; divide them by the value of white"
            )
            raise PictureError(msg)
    light = np.maximum(pixels.astype(np.float32), np.float32(step)) / np.float32(white)
    return np.asarray(-np.log10(light), dtype=np.float32)


def stain_density(image: Image, stains: Stains) -> NDArray[np.float32]:
    """Return the optical density of each stain alone.

    Parameters
    ----------
    image : Image
        Axes YXC, with three channels.
    stains : Stains

    Returns
    -------
    ndarray of float32, shape (Y, X, 2)
        In the order of `stains.names`. Colours that no mixture of the two makes leave a
        remainder that is not returned; noise makes values below 0.

    Raises
    ------
    PictureError
        If the picture is none in red, green and blue, or its fractions exceed 0 to 1.

    Examples
    --------
    >>> known = published_stains("haematoxylin-eosin")
    >>> picture = Image(10 ** -(np.array([[[0.3, 0.5]]]) @ known.vectors), axes="YXC")
    >>> stain_density(picture, known).round(3).tolist()
    [[[0.30000001192092896, 0.5]]]
    """
    rest = _unit(np.cross(*stains.vectors)[np.newaxis])
    parted = np.linalg.inv(np.concatenate([stains.vectors, rest]))[:, :2]
    return np.asarray(optical_density(image) @ parted.astype(np.float32))


def look_at_stain(image: Image, stain: Stain, stains: Stains) -> Image:
    """Return a grey picture in which one stain is bright, whatever the other does.

    Parameters
    ----------
    image : Image
        Axes YXC, with three channels.
    stain : {"haematoxylin", "eosin", "dab"}
    stains : Stains

    Returns
    -------
    Image
        float32, axes YX: the optical density of the stain.

    Raises
    ------
    PictureError
        If the picture is none in red, green and blue, or its fractions exceed 0 to 1.
    ValueError
        If the section does not have the stain.

    Examples
    --------
    >>> stains = published_stains("haematoxylin-eosin")
    >>> amounts = np.array([[[0.0, 0.6], [0.4, 0.6]]])
    >>> picture = Image(10 ** -(amounts @ stains.vectors), axes="YXC")
    >>> look_at_stain(picture, "haematoxylin", stains).pixels.round(2).tolist()
    [[-0.0, 0.4000000059604645]]
    """
    if stain not in stains.names:
        msg = f"stain must be one of {', '.join(stains.names)}, got {stain!r}"
        raise ValueError(msg)
    density = stain_density(image, stains)[..., stains.names.index(stain)]
    told = {
        "stain": stain,
        "vectors": {
            name: np.round(vector, 4).tolist()
            for name, vector in zip(stains.names, stains.vectors, strict=True)
        },
        "source": stains.source,
    }
    return image.after(Step("look at stain", told), pixels=density, axes="YX")


def _unit(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
