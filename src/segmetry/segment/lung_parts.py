"""What is what in the air of a chest: body, airways, two lungs, and their outline.

All of it works on volumes of Hounsfield units with the axes Z, Y, X and voxels that may be
longer than wide; `sides` are their lengths along these axes in mm.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "airways",
    "closed",
    "enclosed_air",
    "gas",
    "large_parts",
    "small_holes_filled",
    "two_lungs",
]

Mask = NDArray[np.bool_]
Sides = tuple[float, ...]

# Pure gas, as in the windpipe and the bowel, is darker than the air in lungs and has walls.
_GAS = -930.0  # HU, of values that are blurred against noise
_GAS_BLUR = 1.5  # mm
_GAS_LEAST = 3.0  # ml: a windpipe holds 20 or more
_WALL = 7.0  # mm around gas in which its wall lies
_WALL_HU = -600.0
_WALLED = 0.35  # share of wall around gas; a bubble of emphysema has 0.02 to 0.25

_AROUND = 5.0  # mm: walls of the airways, and gas that is mixed with them
_NEAR = 20.0  # mm: from the airways to the vessels that enter a lung beside them
_LARGE = 0.1  # of the largest part: lungs are; bubbles in the bowel are not
_SHARE = 0.15  # of the larger lung that the smaller has at least
_NECKS = (0.0, 2.0, 3.0, 4.5, 6.0, 8.0, 10.0, 12.0, 15.0)  # mm: half width of what joins
_HOLE = 10.0  # cm²: vessels in a slice are smaller, the dome of the liver is larger


def enclosed_air(air: Mask) -> Mask:
    """Return the air that does not reach the sides of the volume.

    Above and below are no sides: a scan may begin or end inside a lung.
    """
    from scipy.ndimage import label

    parts, n = label(air)
    sides = (parts[:, 0], parts[:, -1], parts[:, :, 0], parts[:, :, -1])
    outside = np.zeros(n + 1, bool)
    for side in sides:
        outside[side] = True
    outside[0] = True
    return np.asarray(~outside[parts])


def gas(values: NDArray[np.float32], air: Mask, sides: Sides) -> Mask:
    """Return pure gas with walls around it: windpipe, main bronchi and bowel."""
    from scipy.ndimage import distance_transform_edt, find_objects, gaussian_filter, label

    blurred = gaussian_filter(values, [_GAS_BLUR / side for side in sides])
    parts, _ = label((blurred < _GAS) & air)
    volume = np.bincount(parts.ravel()) * np.prod(sides) / 1000
    found = np.zeros_like(air)
    for number, where in enumerate(find_objects(parts), 1):
        if volume[number] < _GAS_LEAST:
            continue
        wide = _grown(where, _WALL, sides, air.shape)
        part = parts[wide] == number
        distance = distance_transform_edt(~part, sampling=sides)
        around = (distance > 0) & (distance <= _WALL)
        if (values[wide][around] > _WALL_HU).mean() > _WALLED:
            found[wide] |= part
    return found


def airways(pure: Mask, air: Mask, sides: Sides) -> tuple[Mask, Mask]:
    """Return the airways with the air at their walls, and all that is near to them."""
    from scipy.ndimage import distance_transform_edt

    if not pure.any():
        return pure, pure
    distance = distance_transform_edt(~pure, sampling=sides)
    return (distance <= _AROUND) & air, np.asarray(distance <= _NEAR)


def large_parts(mask: Mask) -> Mask:
    """Return the parts that are not small against the largest."""
    from scipy.ndimage import label

    parts, n = label(mask)
    if not n:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.asarray((sizes > _LARGE * sizes.max())[parts])


def two_lungs(mask: Mask, sides: Sides) -> list[Mask]:
    """Return the two lungs, cut apart where they touch; all as one where they cannot be."""
    from scipy.ndimage import distance_transform_edt, label
    from skimage.segmentation import watershed

    if not mask.any():
        return []
    depth = distance_transform_edt(mask, sampling=sides)
    for neck in _NECKS:
        parts, n = label(depth > neck)
        sizes = np.bincount(parts.ravel(), minlength=3)
        sizes[0] = 0
        first, second = np.argsort(sizes)[::-1][:2]
        if n >= 2 and sizes[second] > _SHARE * sizes[first]:
            seeds = (parts == first) + 2 * (parts == second).astype(np.int32)
            lungs = watershed(-depth, seeds, mask=mask)
            return [lungs == 1, lungs == 2]
    return [mask]


def closed(mask: Mask, radius: float, sides: Sides) -> Mask:
    """Return a mask with the gaps closed into which no ball of a radius fits."""
    from scipy.ndimage import distance_transform_edt

    if not radius or not mask.any():
        return mask
    margin = [(int(np.ceil(radius / side)) + 1,) * 2 for side in sides]
    # No wider than it needs to be: distances are the price of this method.
    box = tuple(
        slice(places.min(), places.max() + 1)
        for places in map(np.asarray, np.nonzero(mask))
    )
    framed = np.pad(mask[box], margin)
    grown = distance_transform_edt(~framed, sampling=sides) <= radius
    left = distance_transform_edt(np.pad(grown, 1), sampling=sides)[1:-1, 1:-1, 1:-1]
    inner = tuple(slice(before, -after) for before, after in margin)
    whole = mask.copy()
    whole[box] |= ((left > radius) | framed)[inner]
    return whole


def small_holes_filled(mask: Mask, sides: Sides) -> Mask:
    """Fill what a lung encloses in a slice, but for what is as large as an organ."""
    from scipy.ndimage import binary_fill_holes, label

    filled = np.stack([binary_fill_holes(plane) for plane in mask])
    in_slices = np.zeros((3, 3, 3), bool)
    in_slices[1] = [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
    holes, _ = label(filled & ~mask, structure=in_slices)
    area = np.bincount(holes.ravel()) * sides[1] * sides[2] / 100
    small = area <= _HOLE
    small[0] = False
    return np.asarray(mask | small[holes])


def _grown(
    where: tuple[slice, ...], reach: float, sides: Sides, shape: tuple[int, ...]
) -> tuple[slice, ...]:
    steps = [int(np.ceil(reach / side)) + 1 for side in sides]
    return tuple(
        slice(max(0, part.start - step), min(n, part.stop + step))
        for part, step, n in zip(where, steps, shape, strict=True)
    )
