"""Many pictures through one recipe, with all results on disk."""

from segmetry.batch.batch import BatchOptions, BatchResult, run_batch
from segmetry.batch.inputs import Picture, find_pictures

__all__ = [
    "BatchOptions",
    "BatchResult",
    "Picture",
    "find_pictures",
    "run_batch",
]
