"""The pixel size of a picture: metadata, scale bar and typed value, and its banner."""

from segmetry.calibrate.banner import Banner, find_banner
from segmetry.calibrate.calibration import Calibration, Choice, calibrate, weigh
from segmetry.calibrate.conflicts import kind_of, reconcile
from segmetry.calibrate.crop import crop_of_bar
from segmetry.calibrate.read_bar import read_scale_bar
from segmetry.calibrate.scale_bar import ScaleBar, scale_bar_area
from segmetry.calibrate.typed import parse_length, parse_pixel_size

__all__ = [
    "Banner",
    "Calibration",
    "Choice",
    "ScaleBar",
    "calibrate",
    "crop_of_bar",
    "find_banner",
    "kind_of",
    "parse_length",
    "parse_pixel_size",
    "read_scale_bar",
    "reconcile",
    "scale_bar_area",
    "weigh",
]
