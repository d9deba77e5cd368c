"""Pictures made fit for segmentation: Image in, Image out."""

from segmetry.prepare.background import BackgroundMethod, background, flatten_background
from segmetry.prepare.banner import BannerFill, remove_banner

__all__ = [
    "BackgroundMethod",
    "BannerFill",
    "background",
    "flatten_background",
    "remove_banner",
]
