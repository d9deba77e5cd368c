"""Pictures inside a page: reduced, compressed, and written as data URIs."""

import base64

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.report.content import Picture

__all__ = ["jpeg_uri"]

_QUALITIES = (88, 78, 66, 52)  # below this, outlines smear and a smaller picture is better
_SMALLEST = 120  # px: a picture is never made smaller to save bytes


def jpeg_uri(picture: Picture, *, side: int, max_bytes: int) -> str | None:
    """Return a picture as the URI of a JPEG of at most so many bytes.

    Parameters
    ----------
    picture : ndarray of uint8, shape (Y, X, 3), or path of a PNG file
    side : int
        Longer side at most, in pixels.
    max_bytes : int
        Length of the URI at most. The quality is lowered first, then the size.

    Returns
    -------
    str or None
        `None` if the file cannot be read.
    """
    pixels = _pixels(picture)
    if pixels is None:
        return None
    while True:
        small = _reduced(pixels, side)
        for quality in _QUALITIES:
            uri = _uri(small, quality)
            if len(uri) <= max_bytes or (side <= _SMALLEST and quality == _QUALITIES[-1]):
                return uri
        side = max(_SMALLEST, round(max(small.shape[:2]) * 0.75))


def _pixels(picture: Picture) -> NDArray[np.uint8] | None:
    """Return a picture as RGB, read from its bytes because names may be in any script."""
    if isinstance(picture, np.ndarray):
        return picture
    try:
        encoded = np.frombuffer(picture.read_bytes(), dtype=np.uint8)
        decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        return None
    return None if decoded is None else np.asarray(decoded[..., ::-1], dtype=np.uint8)


def _reduced(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    share = side / max(height, width)
    if share >= 1:
        return pixels
    size = (max(1, round(width * share)), max(1, round(height * share)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _uri(pixels: NDArray[np.uint8], quality: int) -> str:
    # Colour at full resolution: halving it washes out lines one pixel wide.
    full_color = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
    options = [cv2.IMWRITE_JPEG_QUALITY, quality]
    options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, full_color]
    _, encoded = cv2.imencode(".jpeg", np.ascontiguousarray(pixels[..., ::-1]), options)
    return f"data:image/jpeg;base64,{base64.b64encode(encoded.tobytes()).decode('ascii')}"
