"""How much each pixel counts in a training on crowded cells.

Between cells that nearly touch, a network must learn to leave a gap, and such pixels are
few. So each of them counts the more, the nearer and the more cells there are [1]_.

References
----------
.. [1] R. Morelli et al., "Automating cell counting in fluorescent microscopy through deep
       learning with c-ResUnet", Scientific Reports 11, 22920, 2021.
       doi:10.1038/s41598-021-01929-5
"""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

__all__ = ["Crowding", "cleaned", "crowding_weights"]

_FAR = 6.0  # widths of the bell: beyond, a cell adds less than single precision holds


@dataclass(frozen=True, kw_only=True)
class Crowding:
    """How far cells make the pixels between them count more, in pixels of `pixel_um`.

    Parameters
    ----------
    width : float
        Standard deviation of the bell by which a cell's weight falls with the distance to
        it.
    reach : float
        Side of the square about each pixel of a cell in which weights are raised.
    inside : float
        Weight of the pixels of cells.
    divisor : float
        All weights are divided by this; the greatest weight of the published set.
    min_area, min_hole : float
        Smaller cells are left out, and smaller holes in cells filled, first.
    pixel_um : float
        Pixel size to which these lengths and areas belong. Where the pixel size of a
        picture is known, they are the same in micrometres; else they are in its pixels.

    Examples
    --------
    >>> round(Crowding().scaled(0.63).width, 3)
    12.5
    """

    width: float = 25.0
    reach: float = 100.0
    inside: float = 1.5
    divisor: float = 3.8177538
    min_area: float = 100.0
    min_hole: float = 200.0
    pixel_um: float = 0.315  # 40 pixels are 12.6 um, by the publishers' later work

    def scaled(self, pixel_um: float | None) -> "Crowding":
        """Return the same for pixels of another size in micrometres, `None` if unknown."""
        if pixel_um is None:
            return self
        factor = self.pixel_um / pixel_um
        return replace(
            self,
            width=self.width * factor,
            reach=self.reach * factor,
            min_area=self.min_area * factor**2,
            min_hole=self.min_hole * factor**2,
            pixel_um=pixel_um,
        )


def cleaned(labels: NDArray[np.uint32], crowding: Crowding) -> NDArray[np.uint32]:
    """Return labels without small cells, and with small holes in cells filled.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Objects, of which only those that do not touch need numbers of their own.
    crowding : Crowding
        In the picture's own pixels.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
        The parts of the foreground that hang together by the sides of pixels, numbered.
    """
    mask = _without_small(labels > 0, crowding.min_area)
    filled = ~_without_small(~mask, crowding.min_hole) if mask.any() else mask
    parts = cv2.connectedComponents(filled.astype(np.uint8), connectivity=4)[1]
    return np.asarray(parts, np.uint32)


def _without_small(mask: NDArray[np.bool_], least: float) -> NDArray[np.bool_]:
    """Return a mask without its parts of fewer pixels."""
    found = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    large = found[2][:, cv2.CC_STAT_AREA] >= least
    large[0] = False
    return np.asarray(large[found[1]])


def crowding_weights(
    labels: NDArray[np.uint32], crowding: Crowding | None = None
) -> NDArray[np.float32]:
    """Return how much each pixel of a picture counts.

    Near cells, but outside of them, it is the sum over all cells of exp(-d^2 / 2 w^2),
    where d is the distance to the cell and w the width of the bell, and at least 1.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Cells, as `cleaned` gives them.
    crowding : Crowding or None
        In the picture's own pixels; `None` takes the published one.

    Returns
    -------
    ndarray of float32, shape (Y, X)
        Above 0.

    Examples
    --------
    Pixels beside two cells, in one of them, and between them:

    >>> labels = np.zeros((30, 90), np.uint32)
    >>> labels[10:20, 10:20], labels[10:20, 24:34] = 1, 2
    >>> weights = 3.8177538 * crowding_weights(labels)
    >>> weights[15, [5, 15, 21]].round(2)
    array([1.73, 1.5 , 1.99], dtype=float32)
    """
    chosen = crowding or Crowding()
    sums = np.zeros(labels.shape, np.float32)
    margin = math.ceil(_FAR * chosen.width)
    for number, window in _windows(labels, margin):
        outside = (labels[window] != number).astype(np.uint8)
        away = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        sums[window] += np.exp(-np.square(away) / (2 * chosen.width**2))
    cells = labels > 0
    side = max(round(chosen.reach), 1)
    near = cv2.dilate(cells.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    between = np.maximum(np.where(near, sums, 0), 1)
    weights = np.where(cells, chosen.inside, between) / chosen.divisor
    return np.asarray(weights, np.float32)


def _windows(
    labels: NDArray[np.uint32], margin: int
) -> list[tuple[int, tuple[slice, slice]]]:
    """Return the number of each cell, and the part of the picture that it can reach."""
    found = []
    for number, box in enumerate(find_objects(labels.astype(np.int32)), start=1):
        if box is not None:
            rows, columns = (
                slice(max(side.start - margin, 0), side.stop + margin) for side in box
            )
            found.append((number, (rows, columns)))
    return found
