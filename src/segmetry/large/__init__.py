"""Pictures larger than memory: tile by tile, with the result of the whole picture."""

from segmetry.large.engine import Found, Options, segment_large
from segmetry.large.store import Store

__all__ = ["Found", "Options", "Store", "segment_large"]
