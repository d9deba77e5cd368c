"""How much of a picture can be seen at once in the memory that there is."""

from dataclasses import dataclass

import numpy as np

from segmetry.errors import PictureError
from segmetry.large.boxes import Boxes, area_of, grown, hull
from segmetry.large.work import Work

__all__ = ["Room"]

_BYTES = 90  # for each pixel of a window in which objects are cut and their edges placed


@dataclass(frozen=True)
class Room:
    """Memory for windows around long objects.

    Parameters
    ----------
    memory : int
        Bytes.
    sharing : int
        So many workers share it.
    """

    memory: int
    sharing: int

    def check(self, work: Work, boxes: Boxes, margin: int) -> None:
        """Refuse objects that are too large to be seen as a whole.

        Raises
        ------
        PictureError
        """
        for box in boxes:
            window = grown(hull(box[None]), margin, work.shape)
            if _BYTES * area_of(window) > self.memory:
                height, width = (side.stop - side.start for side in window)
                needed = _BYTES * area_of(window) / 10**9
                msg = (
                    f"connected foreground of {width} x {height} pixels has to be seen as "
                    f"a whole, which takes about {needed:.1f} GB; give more with --memory, "
                    "or choose a method that finds less of the picture"
                )
                raise PictureError(msg)

    def not_beside_others(self, work: Work, boxes: Boxes, margin: int) -> set[int]:
        """Return the places of boxes that take more than one worker's share."""
        firsts = np.maximum(boxes[:, :2] - margin, 0)
        areas = (np.minimum(boxes[:, 2:] + margin, work.shape) - firsts).prod(axis=1)
        return set(np.flatnonzero(areas * _BYTES > self.memory / self.sharing).tolist())
