"""Channels of a picture: what files call them, and one of them as a picture of its own."""

from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from segmetry.errors import ReadError
from segmetry.image import Image, Step

__all__ = ["channel_names", "names_in_tiff", "one_channel"]

_COLOURS = ("red", "green", "blue")


def one_channel(image: Image, channel: int) -> Image:
    """Return one channel of a picture.

    Parameters
    ----------
    image : Image
        Of any axes.
    channel : int
        Counted from 0. A picture without channels has a channel 0: itself.

    Returns
    -------
    Image
        Axes YX or ZYX.

    Raises
    ------
    ReadError
        If there is no such channel.

    Examples
    --------
    >>> picture = Image(np.arange(12).reshape(2, 3, 2), axes="YXC", name="cells.tif")
    >>> one_channel(picture, 1).pixels.tolist()
    [[1, 3, 5], [7, 9, 11]]
    """
    has_channels = image.axes.endswith("C")
    n_channels = image.pixels.shape[-1] if has_channels else 1
    if not 0 <= channel < n_channels:
        known = f"the channels 0 to {n_channels - 1}" if has_channels else "one channel 0"
        msg = f"{image.name} has {known}, so there is no channel {channel}"
        raise ReadError(msg)
    if not has_channels:
        return image
    told = Step("channel", {"number": channel, "name": channel_names(image)[channel]})
    pixels = np.ascontiguousarray(image.pixels[..., channel])
    return image.after(told, pixels=pixels, axes="YX" if pixels.ndim == 2 else "ZYX")


def channel_names(image: Image) -> list[str]:
    """Return what the channels of a picture are called.

    Parameters
    ----------
    image : Image

    Returns
    -------
    list of str
        None for a picture without channels; empty where the file gives no name.

    Examples
    --------
    >>> channel_names(Image(np.zeros((2, 3, 3), np.uint8), axes="YXC"))
    ['red', 'green', 'blue']
    """
    if not image.axes.endswith("C"):
        return []
    for step in image.steps:
        if "channels" in step.options:
            return list(step.options["channels"])
    n_channels = image.pixels.shape[-1]
    # Three channels of 8 bits are a photograph's; of 16 bits, as a rule a microscope's.
    if n_channels == len(_COLOURS) and image.pixels.dtype == np.uint8:
        return list(_COLOURS)
    return [""] * n_channels


def names_in_tiff(tif: Any) -> tuple[str, ...]:
    """Return what the fields of OME or ImageJ call the channels of a TIFF file.

    Parameters
    ----------
    tif : tifffile.TiffFile

    Returns
    -------
    tuple of str
        Empty where the file names none.
    """
    if tif.is_ome:
        try:
            root = ET.fromstring(tif.ome_metadata)  # noqa: S314 - a broken one names none
        except ET.ParseError:
            return ()
        pixels = next((part for part in root.iter() if part.tag.endswith("}Pixels")), ())
        channels = [part for part in pixels if part.tag.endswith("}Channel")]
        names = tuple(part.get("Name", "") for part in channels)
    else:
        fields = (tif.imagej_metadata or {}) if tif.is_imagej else {}
        labels = fields.get("Labels", ())
        is_by_channel = len(labels) == fields.get("channels", 1)
        names = tuple(str(label) for label in labels) if is_by_channel else ()
    return names if any(names) else ()
