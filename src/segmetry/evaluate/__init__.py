"""Arrays in, scores out: pixels, objects, counts and sizes, each with its interval."""

from segmetry.evaluate.intervals import MeanScore, group_means, mean_score
from segmetry.evaluate.matching import (
    DSB_THRESHOLDS,
    Matches,
    dsb_precision,
    dsb_score,
    f1_at,
    match_objects,
    panoptic_quality,
)
from segmetry.evaluate.pixels import dice
from segmetry.evaluate.sizes import (
    SizeErrors,
    count_error,
    equivalent_diameters,
    size_errors,
)

__all__ = [
    "DSB_THRESHOLDS",
    "Matches",
    "MeanScore",
    "SizeErrors",
    "count_error",
    "dice",
    "dsb_precision",
    "dsb_score",
    "equivalent_diameters",
    "f1_at",
    "group_means",
    "match_objects",
    "mean_score",
    "panoptic_quality",
    "size_errors",
]
