"""Pictures larger than memory: tile by tile, with the result of the whole picture."""

from segmetry.large.engine import Found, Options, finds_by_tile, segment_large
from segmetry.large.ready import ReadyPicture
from segmetry.large.store import Store

__all__ = ["Found", "Options", "ReadyPicture", "Store", "finds_by_tile", "segment_large"]
