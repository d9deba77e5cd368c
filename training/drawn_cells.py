"""One drawn cell, and how cells that lie in one slice look together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cell", "Light", "drawn"]

Light = NDArray[np.float32]

_BOTH = 0.3  # of the dimmer of two cells that lie over each other is seen


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: where it lies, how large it is, and how it looks."""

    y: float
    x: float
    length: float  # half of it
    width: float
    angle: float
    brightness: float
    wobble: tuple[float, ...]  # of its outline: a cosine and a sine for each wave
    fall: float  # of the brightness from its middle to its edge
    edge: float  # pixels over which it ends
    grain: float  # of its texture
    nucleus: float  # how dark

    def radius(self, angle: NDArray[np.floating] | float) -> NDArray[np.float64]:
        """Return the radius of its ellipse in a direction of the slice."""
        turned = np.asarray(angle) - self.angle
        across = np.hypot(self.width * np.cos(turned), self.length * np.sin(turned))
        return np.asarray(self.length * self.width / across)

    def outline(self, angle: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return how far it reaches in directions of the slice."""
        waves = sum(
            self.wobble[2 * k] * np.cos((k + 2) * angle)
            + self.wobble[2 * k + 1] * np.sin((k + 2) * angle)
            for k in range(len(self.wobble) // 2)
        )
        return self.radius(angle) * (1 + waves)


def drawn(cells: Sequence[Cell], grain: Light) -> tuple[Light, NDArray[np.uint32]]:
    """Return the light of cells, and which pixel is of which.

    Parameters
    ----------
    cells : sequence of Cell
    grain : ndarray of float32, shape (Y, X)
        Texture of the slice, of standard deviation 1.

    Returns
    -------
    light : ndarray of float32, shape (Y, X)
    labels : ndarray of uint32, shape (Y, X)
        Numbers from 1 in the order of the cells; where cells lie over each other, a pixel
        is of that to whose middle it is nearer, by the way to the outline.
    """
    light = np.zeros(grain.shape, np.float32)
    labels = np.zeros(grain.shape, np.uint32)
    nearest = np.ones(grain.shape)
    for number, cell in enumerate(cells, start=1):
        reach = round(1.4 * cell.length) + 6
        top, left = (max(round(place) - reach, 0) for place in (cell.y, cell.x))
        window = np.s_[top : round(cell.y) + reach, left : round(cell.x) + reach]
        rows, columns = light[window].shape
        y, x = np.mgrid[top : top + rows, left : left + columns]
        y, x = y - cell.y, x - cell.x
        share = np.hypot(y, x) / cell.outline(np.arctan2(y, x))
        is_own = share < nearest[window]
        labels[window][is_own] = number
        nearest[window][is_own] = share[is_own]
        own, there = _light_of(cell, share, grain[window]), light[window]
        light[window] = np.maximum(own, there) + _BOTH * np.minimum(own, there)
    return light, labels


def _light_of(cell: Cell, share: NDArray[np.float64], grain: Light) -> Light:
    """Return the light of a cell, by the way from its middle (0) to its outline (1)."""
    inside = np.clip((1 - share) * cell.width / cell.edge + 0.5, 0, 1)
    body = 1 - cell.fall * np.minimum(share, 1) ** 2
    body -= cell.nucleus * np.exp(-((share / 0.45) ** 4))
    texture = np.clip(1 + cell.grain * grain, 0.4, 1.6)
    return np.asarray(cell.brightness * inside * body * texture, np.float32)
