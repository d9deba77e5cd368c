"""Pictures made fit for segmentation: Image in, Image out."""

from segmetry.prepare.background import BackgroundMethod, flatten_background
from segmetry.prepare.banner import BannerFill, remove_banner
from segmetry.prepare.field_of_view import exclude_outside, find_field_of_view
from segmetry.prepare.noise import DenoiseMethod, denoise, stretch_contrast
from segmetry.prepare.stains import (
    Stains,
    estimate_stains,
    look_at_stain,
    optical_density,
    published_stains,
    stain_density,
)
from segmetry.prepare.watermark import (
    WatermarkFill,
    fill_watermark,
    published_banner_box,
)

__all__ = [
    "BackgroundMethod",
    "BannerFill",
    "DenoiseMethod",
    "Stains",
    "WatermarkFill",
    "denoise",
    "estimate_stains",
    "exclude_outside",
    "fill_watermark",
    "find_field_of_view",
    "flatten_background",
    "look_at_stain",
    "optical_density",
    "published_banner_box",
    "published_stains",
    "remove_banner",
    "stain_density",
    "stretch_contrast",
]
