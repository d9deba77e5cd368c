"""Bright cells on dark ground by a trained network, in the channel that shows them."""

import warnings
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RecipeError, SegmetryWarning
from segmetry.image import Image, Labels
from segmetry.io.channels import channel_names, one_channel
from segmetry.models.normalization import HIGH
from segmetry.models.scale import typical_diameter
from segmetry.models.segmenter import NetworkSegmenter
from segmetry.models.sight import NetworkSurvey
from segmetry.segment.grey import check_picture
from segmetry.segment.options import about
from segmetry.segment.segmenter import Maps
from segmetry.segment.windows import Over
from segmetry.tiled import TiledImage

__all__ = ["Neurons", "clearest_channel"]

_FEW = 5  # cells that are too few to tell their typical size
_FITS = 1.4  # times larger or smaller than looked for: such cells are still of that size
_AS_CLEAR = 0.5  # of the clearest channel: such another one may be the wanted one
_ALIKE = 0.5  # correlation from which two channels show the same
_WIDEST = 10_000.0  # px, and um: a diameter that an option may have
_SAMPLED = 2**20  # pixels of a large picture that are looked at for all this


@dataclass(frozen=True, kw_only=True)
class Neurons(NetworkSegmenter):
    """Bright cells on dark ground, in fluorescence of any one colour, by the shipped model.

    Of a picture with several channels it takes the one that is clearest (see
    `clearest_channel`); choosing a channel when the picture is read decides otherwise.
    Where the pixel size is known, all pictures are seen at one scale, that of cells of
    `diameter_um`; else the size of the cells is looked for in each picture. Fails where
    cells lie over each other by more than half, and on other kinds of pictures; it has
    learned from few real neurons.

    Parameters
    ----------
    diameter_um : float
        Typical diameter of the cells in micrometres, where the pixel size is known; 0 looks
        for it in each picture. A `diameter` in pixels goes before it.
    **options
        The other options of every `NetworkSegmenter`.
    """

    name: ClassVar[str] = "neurons"
    picks_channel: ClassVar[bool] = True

    model: str = field(
        default="neurons",
        metadata=about("Name of a model that is shipped or was added, or a file."),
    )
    diameter_um: float = field(
        default=12.5,  # of the neurons that it has learned from
        metadata=about(
            "Typical diameter of the cells in µm, where the pixel size is known; 0 looks "
            "for it in each picture.",
            low=0,
            high=_WIDEST,
        ),
    )

    def maps(self, image: Image) -> Maps:
        """Return the network's maps of the clearest channel of a picture.

        Raises
        ------
        PictureError
            If there is nothing to segment in the picture, or it is a stack.
        ModelError
            If the model's file is damaged, or cannot be run.
        """
        check_picture(image)
        sized = replace(self, diameter=self._diameter(image))
        if not image.axes.endswith("C"):
            return super(Neurons, sized).maps(image)
        channel = clearest_channel(image)
        told = f"{channel} {channel_names(image)[channel]}".strip()
        if sentence := _rivals(image, channel, told):
            warnings.warn(sentence, SegmetryWarning, stacklevel=2)
        maps = super(Neurons, sized).maps(one_channel(image, channel))
        reason = f"{maps.found['reason']} It looked in channel {told}, the clearest."
        found = {**maps.found, "found_channel": channel, "reason": reason}
        return replace(maps, found=found)

    def survey(self, tiled: TiledImage, *, over: Over = map) -> NetworkSurvey:
        """Return what the network has to know of a whole picture of one channel.

        Raises
        ------
        RecipeError
            If the picture has several channels: the clearest is looked for in memory.
        """
        if tiled.axes.endswith("C"):
            msg = (
                "the segmenter 'neurons' looks for the clearest channel in the whole "
                "picture; of one that is read window by window, choose a channel "
                "(--channel)"
            )
            raise RecipeError(msg)
        sized = replace(self, diameter=self._diameter(tiled))
        return super(Neurons, sized).survey(tiled, over=over)

    def labels_and_maps(self, image: Image) -> tuple[Labels, Maps]:
        """Return the objects of a picture, and the maps in which they were found.

        It warns where the cells are not as large as the pixel size makes one expect: a
        wrong pixel size shows them at a wrong scale, where some are missed or cut.
        """
        labels, maps = super().labels_and_maps(image)
        if sentence := self._misfit(labels):
            warnings.warn(sentence, SegmetryWarning, stacklevel=2)
        return labels, maps

    def _misfit(self, labels: Labels) -> str:
        """Return a sentence where the cells found are not of the size looked for."""
        size = labels.image.pixel_size
        wanted_px = 0 if self.diameter or size is None else self._diameter(labels.image)
        if size is None or not wanted_px or len(labels.ids) < _FEW:
            return ""
        found_px = typical_diameter(labels.data) or wanted_px
        if 1 / _FITS <= found_px / wanted_px <= _FITS:
            return ""
        found_um = self.diameter_um * found_px / wanted_px
        return (
            f"The cells found are typically {found_um:.2g} µm wide, but cells of "
            f"{self.diameter_um:.3g} µm were looked for, so some are probably missed "
            f"or cut. Check the pixel size ({size.in_um.x:.3g} µm); if it is right, --set "
            f"diameter_um={found_um:.2g} looks for cells of that size."
        )

    def _diameter(self, image: Image | TiledImage) -> float:
        """Return the diameter in pixels to take; 0 where it is to be looked for."""
        if self.diameter or image.pixel_size is None:
            return self.diameter
        size = image.pixel_size.in_um
        return min(self.diameter_um / (size.y * size.x) ** 0.5, _WIDEST)


def clearest_channel(image: Image) -> int:
    """Return the channel whose bright parts stand out the most.

    Parameters
    ----------
    image : Image
        Axes YXC.

    Returns
    -------
    int
        Counted from 0: that with the greatest distance from the median of its grey values
        to their 99.8th percentile; of equal ones, the first.

    Examples
    --------
    >>> pixels = np.zeros((20, 20, 3), np.uint8)
    >>> pixels[5:9, 5:9] = (0, 90, 20)
    >>> clearest_channel(Image(pixels, axes="YXC"))
    1
    """
    return int(np.argmax(_spreads(_some(image))))


def _some(image: Image) -> NDArray[np.float32]:
    """Return pixels that are not excluded, spread over the picture, shape (n, C)."""
    if image.excluded is None:
        values = image.pixels.reshape(-1, image.pixels.shape[-1])
    else:
        values = image.pixels[~image.excluded]
    return np.asarray(values[:: max(len(values) // _SAMPLED, 1)], np.float32)


def _spreads(some: NDArray[np.float32]) -> NDArray[np.float64]:
    middle, bright = np.percentile(some, [50, HIGH], axis=0)
    return np.asarray(bright - middle, np.float64)


def _rivals(image: Image, channel: int, told: str) -> str:
    """Return a sentence where another channel shows other things nearly as brightly."""
    some = _some(image)
    spreads = _spreads(some)
    some = some - some.mean(axis=0)
    sizes = np.maximum(np.linalg.norm(some, axis=0), np.finfo(np.float32).tiny)
    alike = (some / sizes).T @ (some[:, channel] / sizes[channel])
    others = (spreads >= _AS_CLEAR * spreads[channel]) & (alike < _ALIKE)
    if not (spreads[channel] > 0 and others.any()):
        return ""
    return (
        f"Cells were looked for in channel {told}, the clearest, but channel "
        f"{int(np.argmax(others))} shows other things nearly as brightly; --channel "
        "chooses one."
    )
