"""Pictures made fit for segmentation: Image in, Image out."""

from segmetry.prepare.background import BackgroundMethod, flatten_background
from segmetry.prepare.banner import BannerFill, remove_banner
from segmetry.prepare.field_of_view import exclude_outside, find_field_of_view
from segmetry.prepare.noise import DenoiseMethod, denoise, stretch_contrast
from segmetry.prepare.watermark import (
    WatermarkFill,
    fill_watermark,
    published_banner_box,
)

__all__ = [
    "BackgroundMethod",
    "BannerFill",
    "DenoiseMethod",
    "WatermarkFill",
    "denoise",
    "exclude_outside",
    "fill_watermark",
    "find_field_of_view",
    "flatten_background",
    "published_banner_box",
    "remove_banner",
    "stretch_contrast",
]
