"""The method that a picture asks for, and why."""

from dataclasses import asdict, dataclass
from typing import ClassVar

from segmetry.image import Image, Labels, Step
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.threshold import Threshold

__all__ = ["Auto"]


@dataclass(frozen=True, kw_only=True)
class Auto(Segmenter):
    """Choose a method for the picture, and say why."""

    name: ClassVar[str] = "auto"

    def maps(self, image: Image) -> Maps:
        """Return the foreground map of the chosen method."""
        return self.labels_and_maps(image)[1]

    def labels_and_maps(self, image: Image) -> tuple[Labels, Maps]:
        """Return the objects that the chosen method finds, and its maps."""
        labels, maps = Threshold(**asdict(self)).labels_and_maps(image)
        found = {**labels.steps[0].options, "reason": "Otsu's cutoff suits most pictures."}
        return Labels(labels.data, image, steps=(Step(self.name, found),)), maps
