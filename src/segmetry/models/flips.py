"""Averaging a network over a picture and its mirror images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.models.card import FLOWS
from segmetry.models.tiling import Predict

__all__ = ["over_flips"]

_FLIPS = ((2,), (3,), (2, 3))
_ALONG = dict(zip((2, 3), FLOWS, strict=True))  # maps that mirroring an axis turns round


def over_flips(predict: Predict, outputs: Sequence[str]) -> Predict:
    """Return a network that gives the mean over a picture and its mirror images.

    Parameters
    ----------
    predict : callable
        From pictures of axes NCYX to maps of the same axes.
    outputs : sequence of str
        Names of the maps: those of flows change their sign with the picture.

    Returns
    -------
    callable
        Takes four times as long. A mirror image of a picture gives the mirror image of
        its maps.

    Examples
    --------
    >>> ramp = np.arange(3, dtype=np.float32).reshape(1, 1, 1, 3)
    >>> averaged = over_flips(lambda tensor: tensor + ramp, ["foreground"])
    >>> averaged(np.zeros_like(ramp)).ravel()
    array([1., 1., 1.], dtype=float32)
    """

    def mirrored_back(maps: NDArray[np.float32], axes: tuple[int, ...]) -> Any:
        back = np.flip(maps, axes).copy()
        for axis in axes:
            for k, name in enumerate(outputs):
                if name == _ALONG[axis]:  # what led down leads up in the mirror
                    back[:, k] = 1 - back[:, k]
        return back

    def averaged(tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        total = predict(tensor)
        for axes in _FLIPS:
            total = total + mirrored_back(predict(np.flip(tensor, axes)), axes)
        return np.asarray(total / (len(_FLIPS) + 1), dtype=np.float32)

    return averaged
