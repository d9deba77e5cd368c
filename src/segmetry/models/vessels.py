"""Vessels of the retina by a trained network, at the scale of its training."""

import warnings
from dataclasses import dataclass, field
from typing import ClassVar

from segmetry.errors import SegmetryWarning
from segmetry.image import Image
from segmetry.models.segmenter import NetworkSegmenter
from segmetry.segment.options import about

__all__ = ["Vessels"]

_PX_PER_DEGREE = 12.0  # of the training: 540 pixels for 45 degrees
_CLOSE = 1.2  # a smaller change of scale is not worth the blur
_SCALE_UNKNOWN = (
    "The field of view is not known, so nothing tells how large the eye appears, and the "
    f"picture is taken as it is: right only at about {_PX_PER_DEGREE:.0f} pixels a degree. "
    "Give a mask of the field of view (--field-of-view)."
)


@dataclass(frozen=True, kw_only=True)
class Vessels(NetworkSegmenter):
    """Vessels of the retina in fundus pictures, by the shipped model.

    The field of view tells how large the eye appears: where it has been found, the picture
    is brought to the scale of the training; else it is taken as it is, with a warning.
    Fails on pictures of other kinds, and finds the rims of bright spots in sick eyes.

    Parameters
    ----------
    angle : float
        Of the eye that the field of view shows, in degrees.
    flips : bool
        Average over the picture and its mirror images: four times the work.
    **options
        The other options of every `NetworkSegmenter`.
    """

    name: ClassVar[str] = "vessels"
    has_field_of_view: ClassVar[bool] = True

    model: str = field(
        default="vessels",
        metadata=about("Name of a model that is shipped or was added, or a file."),
    )
    angle: float = field(
        default=45.0,
        metadata=about(
            "Angle that the field of view shows, in degrees: 45 for most cameras.",
            low=5,
            high=220,
        ),
    )
    flips: bool = field(
        default=True, metadata=about("Average over mirror images: four times slower.")
    )
    separate: bool = field(
        default=False, metadata=about("Cut objects that touch; no for vessels.")
    )

    def usual_factor(self, image: Image) -> float:
        """Return pixels of the training per pixel of a picture, by its field of view.

        Parameters
        ----------
        image : Image
            `segmetry.prepare.exclude_outside` has told its field of view.

        Returns
        -------
        float
            1 where it is not known, of which a warning tells, or close to that of the
            training.
        """
        views = [step for step in image.steps if step.name == "field of view"]
        if not views:
            warnings.warn(_SCALE_UNKNOWN, SegmetryWarning, stacklevel=2)
            return 1.0
        factor = _PX_PER_DEGREE * self.angle / float(views[-1].options["extent_px"])
        return 1.0 if 1 / _CLOSE < factor < _CLOSE else factor
