"""From a foreground in a volume to numbered objects.

What holds of pictures in `segmetry.segment.objects` holds here in three dimensions, with
voxels that may be longer than wide: foreground touches over sides, edges and corners (26
neighbours), background over sides only (6 neighbours), and objects that touch are cut where
the waist between them is narrow against the smaller of both. Edges lie where the method's
cutoff puts them.
"""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image, Labels, Step

if TYPE_CHECKING:
    from segmetry.segment.segmenter import Maps, Segmenter

__all__ = [
    "fill_enclosed",
    "grey_of_volume",
    "number_in_volume",
    "objects_of_volume",
    "spacing_of",
]

Spacing = tuple[float, float, float]

_ROUGH = 0.75  # voxels: a waist shallower than this is only a rough edge
_ALL = np.ones((3, 3, 3), dtype=bool)
_FLAT = 3  # slices and rows are the fewest that make a volume


def objects_of_volume(segmenter: "Segmenter", image: Image) -> tuple[Labels, "Maps"]:
    """Return the objects of a volume and the maps in which they were found.

    Parameters
    ----------
    segmenter : Segmenter
    image : Image
        Axes ZYX.

    Raises
    ------
    PictureError
        If the method is made for pictures only, or there is nothing in the volume.
    """
    from segmetry.segment.objects import without_specks

    if not segmenter.takes_volumes:
        msg = (
            f"the method {segmenter.name!r} is for single pictures, and this is a volume "
            f"of {image.spatial_shape[0]} slices; choose one slice with --page, or a "
            "method for volumes: threshold or lungs"
        )
        raise PictureError(msg)
    if image.axes != "ZYX":
        msg = (
            f"expected a volume of one channel, got {image.pixels.shape[-1]}; choose one "
            "with --channel, counted from 0"
        )
        raise PictureError(msg)
    maps = segmenter.maps(image)
    foreground = (maps.foreground > maps.cutoff) & image.included
    if maps.objects is not None:
        data = maps.objects
    else:
        if segmenter.fill_holes:
            foreground = fill_enclosed(foreground) & image.included
        data = number_in_volume(
            foreground,
            min_volume=segmenter.min_area,
            separate=segmenter.separate,
            waist=segmenter.waist,
            spacing=spacing_of(image),
        )
        data = without_specks(data, segmenter.min_share)
    step = Step(segmenter.name, {**asdict(segmenter), **maps.found})
    seen = np.where(image.included, maps.foreground, np.float32(0))
    return Labels(data, image, steps=(step,)), replace(maps, foreground=seen)


def spacing_of(image: Image) -> Spacing:
    """Return how far voxels lie apart along z, y and x, in widths of the smallest side.

    1, 1, 1 where it is not known.

    Examples
    --------
    >>> from segmetry.image import PixelSize
    >>> size = PixelSize(z=5, y=1, x=1, unit="mm", source="typed")
    >>> spacing_of(Image(np.zeros((2, 3, 4)), axes="ZYX", pixel_size=size))
    (5.0, 1.0, 1.0)
    """
    size = image.pixel_size
    if size is None or size.z is None:
        return (1.0, 1.0, 1.0)
    sides = np.array([size.z, size.y, size.x], dtype=np.float64)
    z, y, x = (sides / sides.min()).tolist()
    return (z, y, x)


def number_in_volume(
    foreground: NDArray[np.bool_],
    *,
    min_volume: int = 1,
    separate: bool = True,
    waist: float = 0.85,
    spacing: Spacing = (1.0, 1.0, 1.0),
) -> NDArray[np.uint32]:
    """Give every object in a foreground its own number.

    Objects that touch are cut by a watershed of the distance to the background. Two hills
    of it stay apart if the waist between them is narrower than a share of the smaller one
    and by more than a rough edge: the hills that are left when the whole is lowered by as
    much and grown again under itself.

    Parameters
    ----------
    foreground : ndarray of bool, shape (Z, Y, X)
    min_volume : int
        Smaller objects are dropped. In voxels.
    separate : bool
        Cut objects that touch, also by a corner. If `False`, they count as one.
    waist : float
        Two objects are cut where they are narrower than this share of the smaller one.
    spacing : tuple of float
        Distance of voxels along z, y and x.

    Returns
    -------
    ndarray of uint32, shape (Z, Y, X)
        0 is background; objects are 1 to n, in the order of their first voxels. No voxel
        is lost but those of objects below `min_volume`.

    Raises
    ------
    ValueError
        If `foreground` is not boolean or has not three axes, or `min_volume` is below 1.

    Examples
    --------
    >>> foreground = np.zeros((3, 3, 7), bool)
    >>> foreground[:, :, :2] = foreground[:, :, 4:] = True
    >>> np.bincount(number_in_volume(foreground).ravel()).tolist()
    [18, 18, 27]
    """
    _check(foreground)
    if min_volume < 1:
        msg = f"min_volume must be at least 1 voxel, got {min_volume}"
        raise ValueError(msg)
    from scipy import ndimage

    pieces, _ = ndimage.label(foreground, structure=_ALL)
    data = np.asarray(pieces, dtype=np.uint32)
    if separate:
        data = _cut(data, waist, spacing)
    return _in_order(data, min_volume)


def fill_enclosed(foreground: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Fill background that is enclosed on all sides, above and below included.

    Parameters
    ----------
    foreground : ndarray of bool, shape (Z, Y, X)

    Returns
    -------
    ndarray of bool, shape (Z, Y, X)

    Raises
    ------
    ValueError
        If `foreground` is not boolean or has not three axes.

    Examples
    --------
    >>> shell = np.ones((3, 3, 3), bool)
    >>> shell[1, 1, 1] = False
    >>> bool(fill_enclosed(shell).all())
    True
    """
    _check(foreground)
    from scipy import ndimage

    around = np.pad(~foreground, 1, constant_values=True)
    gaps, _ = ndimage.label(around)
    return np.asarray((gaps != gaps[0, 0, 0])[1:-1, 1:-1, 1:-1])


def grey_of_volume(image: Image, *, denoise: float = 0) -> NDArray[np.float32]:
    """Return smoothed grey values of a volume that is fit to be segmented.

    Parameters
    ----------
    image : Image
        Axes ZYX.
    denoise : float
        Standard deviation of a Gaussian blur, in pixels of a slice; across slices it is
        as wide in the sample. 0 does not blur.

    Returns
    -------
    ndarray of float32, shape (Z, Y, X)
        Excluded voxels hold the median of the others.

    Raises
    ------
    PictureError
        If the volume is flat, too small or all excluded.
    """
    from scipy import ndimage

    if min(image.spatial_shape[1:]) < _FLAT:
        sides = " x ".join(str(side) for side in image.spatial_shape)
        msg = f"a volume of {sides} voxels is too small to segment"
        raise PictureError(msg)
    grey = image.grey
    counted = grey[image.included]
    if not counted.size:
        msg = "all of the volume is excluded; leave some of it to segment"
        raise PictureError(msg)
    if counted.min() == counted.max():
        msg = f"the volume has one flat value ({counted.min():g}); nothing to segment"
        raise PictureError(msg)
    if image.excluded is not None:
        grey = np.where(image.excluded, np.median(counted), grey).astype(np.float32)
    if not denoise:
        return grey
    z, y, x = spacing_of(image)
    sigmas = [denoise * np.sqrt(y * x) / side for side in (z, y, x)]
    return np.asarray(ndimage.gaussian_filter(grey, sigmas), dtype=np.float32)


def _cut(pieces: NDArray[np.uint32], waist: float, spacing: Spacing) -> NDArray[np.uint32]:
    from scipy import ndimage

    data = np.zeros_like(pieces)
    n = 0
    for number, where in enumerate(ndimage.find_objects(pieces.astype(np.int32)), 1):
        parts = _cut_piece(pieces[where] == number, waist, spacing)
        mine = parts > 0
        data[where][mine] = parts[mine] + np.uint32(n)
        n += int(parts.max())
    return data


def _cut_piece(
    piece: NDArray[np.bool_], waist: float, spacing: Spacing
) -> NDArray[np.uint32]:
    """Return the objects, from 1, of a piece of foreground that hangs together."""
    from scipy import ndimage
    from skimage.morphology import local_maxima, reconstruction
    from skimage.segmentation import watershed

    if piece.size < 2 * _FLAT**3:
        return piece.astype(np.uint32)
    framed = np.pad(piece, 1)
    hills = ndimage.distance_transform_edt(framed, sampling=spacing)
    lowered = np.minimum(hills * waist, hills - _ROUGH * float(np.mean(spacing)))
    lowered = np.where(framed, np.maximum(lowered, 0), 0)
    left = reconstruction(lowered, hills, footprint=_ALL)
    tops = local_maxima(left, connectivity=3) & framed
    seeds, n = ndimage.label(tops, structure=_ALL)
    if n < 2:
        return piece.astype(np.uint32)
    basins = watershed(-hills, seeds, mask=framed, connectivity=_ALL)
    return np.asarray(basins[1:-1, 1:-1, 1:-1], dtype=np.uint32)


def _in_order(data: NDArray[np.uint32], min_volume: int) -> NDArray[np.uint32]:
    """Drop small objects, and number the others in the order of their first voxels."""
    ids, first, counts = np.unique(data, return_index=True, return_counts=True)
    keep = (ids > 0) & (counts >= min_volume)
    names = np.zeros(int(ids[-1]) + 1, np.uint32)
    names[ids[keep][np.argsort(first[keep])]] = np.arange(1, int(keep.sum()) + 1)
    return names[data]


def _check(foreground: NDArray[np.bool_]) -> None:
    if foreground.dtype != bool or foreground.ndim != 3:
        msg = (
            f"foreground must be boolean with the axes Z, Y and X, got {foreground.dtype} "
            f"with {foreground.ndim} axes"
        )
        raise ValueError(msg)
