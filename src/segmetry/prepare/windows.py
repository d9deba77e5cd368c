"""Windows of Hounsfield units: which part of a CT scan is shown from black to white.

Centres and widths are those in common clinical use, such as the tables of Radiopaedia [1]_;
those of the lung differ from house to house by some hundred units.

References
----------
.. [1] A. Murphy and others, "Windowing (CT)", Radiopaedia.org, doi:10.53347/rID-52108
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image

__all__ = ["WINDOWS", "Window", "fitting_window", "window"]

_AIR = -500.0  # HU: below are gas and lungs, above fat and all else
_MOST = 40_000.0  # no scanner gives as much, metal included


@dataclass(frozen=True)
class Window:
    """A part of the range of Hounsfield units.

    Parameters
    ----------
    centre : float
        Shown as middle grey.
    width : float
        From black to white.
    """

    centre: float
    width: float

    @property
    def low(self) -> float:
        """What is shown black, with all below."""
        return self.centre - self.width / 2

    @property
    def high(self) -> float:
        """What is shown white, with all above."""
        return self.centre + self.width / 2


WINDOWS: Mapping[str, Window] = {
    "lung": Window(-600, 1500),
    "mediastinum": Window(50, 350),
    "soft tissue": Window(50, 400),
    "bone": Window(400, 1800),
    "brain": Window(40, 80),
    "liver": Window(30, 150),
    "subdural": Window(75, 215),
    "stroke": Window(40, 40),
}


def window(image: Image, name: str) -> NDArray[np.float32]:
    """Return what a window shows of a scan in Hounsfield units.

    Parameters
    ----------
    image : Image
        Of any axes.
    name : str
        One of `WINDOWS`.

    Returns
    -------
    ndarray of float32, shape of the picture's spatial axes
        0 (black) to 1 (white).

    Raises
    ------
    ValueError
        If there is no such window.

    Examples
    --------
    >>> scan = Image(np.array([[-1000, 50, 1000]], np.int16))
    >>> window(scan, "mediastinum").tolist()
    [[0.0, 0.5, 1.0]]
    """
    if name not in WINDOWS:
        msg = f"expected a window of {', '.join(WINDOWS)}, got {name!r}"
        raise ValueError(msg)
    chosen = WINDOWS[name]
    scaled = (image.grey - np.float32(chosen.low)) / np.float32(chosen.width)
    return np.clip(scaled, 0, 1)


def fitting_window(image: Image) -> str | None:
    """Return the window in which a scan is best seen, `None` for what is no CT scan.

    Parameters
    ----------
    image : Image

    Returns
    -------
    str or None
        "lung" where a tenth of the voxels that are no tissue lie between air and tissue,
        as in a chest, else "soft tissue".

    Examples
    --------
    >>> fitting_window(Image(np.array([[0, 255]], np.uint8))) is None
    True
    """
    grey = image.grey
    # Hounsfield units: air is at -1000 by definition, whatever padding lies below.
    if grey.min() > -800 or grey.max() > _MOST or (grey < _AIR).mean() < 0.02:
        return None
    in_air = grey < _AIR
    in_lung = in_air & (grey > -950) & (grey < -700)
    return "lung" if in_lung.sum() > 0.1 * in_air.sum() else "soft tissue"
