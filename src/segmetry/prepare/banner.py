"""Removing a microscope's banner, and what each way of filling it leaves behind.

The filled rows are no part of the sample whatever they are filled with: a mirror image of
particles would be counted twice, a constant moves every threshold. So all methods but
"crop" mark the rows as excluded, and no object is found there and no area counted.
"""

from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image, Step

__all__ = ["BannerFill", "remove_banner"]

BannerFill = Literal["crop", "reflect", "nearest", "constant", "inpaint"]

_INPAINT_RADIUS = 3  # pixels; wider is slower and no less blurred


def remove_banner(
    image: Image, rows: tuple[int, int], *, method: BannerFill, value: float = 0
) -> Image:
    """Return a picture with the rows of its banner cut off or filled.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.
    rows : tuple of int
        First row of the banner, and the row after its last one. The banner may lie at
        the bottom, at the top or between, and be taller than what is left.
    method : {"crop", "reflect", "nearest", "constant", "inpaint"}
        "crop" removes the rows, so the picture becomes lower; a banner between two parts
        of the picture leaves the larger part. The others keep the shape and mark the
        rows as excluded: "reflect" mirrors the rows beside the banner, again and again
        if it is tall; "nearest" repeats the row beside it; "constant" writes `value`;
        "inpaint" continues the grey values into it. Between two parts, each half of the
        banner is filled from its own side.
    value : float
        Grey value for "constant".

    Returns
    -------
    Image
        Same dtype as before, but for "inpaint" of pictures of other than 8 bits, which
        is exact to 1 part in 255 of the range only.

    Raises
    ------
    PictureError
        If the rows are none, all, or not rows of the picture, or it is a stack.
    ValueError
        If the method is not known.

    References
    ----------
    A. Telea, J. Graph. Tools 9, 2004. doi:10.1080/10867651.2004.10487596

    Examples
    --------
    >>> picture = Image(np.array([[1, 2], [3, 4], [9, 9]], np.uint8))
    >>> remove_banner(picture, (2, 3), method="crop").pixels
    array([[1, 2],
           [3, 4]], dtype=uint8)
    >>> remove_banner(picture, (2, 3), method="reflect").pixels[2]
    array([3, 4], dtype=uint8)
    """
    if method not in get_args(BannerFill):
        msg = f"method must be one of {', '.join(get_args(BannerFill))}, got {method!r}"
        raise ValueError(msg)
    _check_rows(image, rows)
    step = Step(
        "remove banner", {"first_row": rows[0], "stop_row": rows[1], "method": method}
    )
    if method == "crop":
        kept = _larger_part(rows, image.spatial_shape[0])
        excluded = None if image.excluded is None else image.excluded[kept]
        return image.after(step, pixels=image.pixels[kept], excluded=excluded)
    excluded = np.array(~image.included)
    excluded[slice(*rows)] = True
    pixels = image.pixels.copy()
    if method == "constant":
        pixels[slice(*rows)] = value
    elif method == "inpaint":
        pixels = _inpainted(pixels, rows)
    else:
        pixels[slice(*rows)] = pixels[_source_rows(rows, len(pixels), method)]
    return image.after(step, pixels=pixels, excluded=excluded)


def _check_rows(image: Image, rows: tuple[int, int]) -> None:
    if image.axes.startswith("Z"):
        msg = "expected one picture, got a stack; remove the banner of each picture"
        raise PictureError(msg)
    top, bottom = rows
    height = image.spatial_shape[0]
    if not 0 <= top < bottom <= height:
        msg = f"banner rows must lie within 0 to {height}, got {top} to {bottom}"
        raise PictureError(msg)
    if bottom - top == height:
        msg = f"the banner takes all {height} rows; some of the picture must be left"
        raise PictureError(msg)


def _larger_part(rows: tuple[int, int], height: int) -> slice:
    top, bottom = rows
    return slice(0, top) if top >= height - bottom else slice(bottom, height)


def _source_rows(rows: tuple[int, int], height: int, method: str) -> NDArray[np.intp]:
    """Return for each banner row the row of the picture that it is filled from."""
    top, bottom = rows
    banner = np.arange(top, bottom)
    # A side without picture cannot give rows; then the other side gives them all.
    from_above = banner - top < bottom - 1 - banner
    from_above |= (banner - top == bottom - 1 - banner) | (bottom == height)
    from_above &= top > 0
    above = top - 1 - _bounced(banner - top, max(top, 1), method)
    below = bottom + _bounced(bottom - 1 - banner, max(height - bottom, 1), method)
    return np.where(from_above, above, below)


def _bounced(steps: NDArray[np.intp], length: int, method: str) -> NDArray[np.intp]:
    """Fold steps into a part of `length` rows, running back and forth."""
    if method == "nearest":
        return np.zeros_like(steps)
    folded = steps % (2 * length)
    return np.minimum(folded, 2 * length - 1 - folded)


def _inpainted(pixels: NDArray[np.generic], rows: tuple[int, int]) -> NDArray[np.generic]:
    mask = np.zeros(pixels.shape[:2], np.uint8)
    mask[slice(*rows)] = 1
    values = pixels.astype(np.float32)
    low, high = float(values[mask == 0].min()), float(values[mask == 0].max())
    scale = 255 / (high - low) if high > low else 0.0
    eight_bits = np.clip((values - low) * scale, 0, 255).round().astype(np.uint8)
    channels = [
        cv2.inpaint(np.ascontiguousarray(channel), mask, _INPAINT_RADIUS, cv2.INPAINT_TELEA)
        for channel in np.moveaxis(np.atleast_3d(eight_bits), -1, 0)
    ]
    filled = np.stack(channels, axis=-1).reshape(pixels.shape)[slice(*rows)]
    result = pixels.copy()
    result[slice(*rows)] = filled / scale + low if scale else low
    return result
