"""Reading the scale bar of a picture."""

from segmetry.calibrate.banner import Banner
from segmetry.calibrate.scale_bar import ScaleBar
from segmetry.image import Image

__all__ = ["read_scale_bar"]


def read_scale_bar(image: Image, *, banner: Banner | None = None) -> ScaleBar | None:
    """Return the scale bar of a picture, or `None`."""
    del image, banner
    return None
