"""Arrays in, scores out: pixels, objects, counts and sizes, each with its interval."""

from segmetry.evaluate.confidence import (
    Confidence,
    ReliabilityBin,
    brier_score,
    calibration_error,
    fit_confidence,
    reliability,
)
from segmetry.evaluate.intervals import (
    MeanScore,
    group_means,
    mean_score,
    paired_difference,
)
from segmetry.evaluate.matching import (
    DSB_THRESHOLDS,
    Matches,
    aggregated_jaccard,
    dsb_precision,
    dsb_score,
    f1_at,
    match_objects,
    panoptic_quality,
    precision_at,
    recall_at,
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
    "Confidence",
    "Matches",
    "MeanScore",
    "ReliabilityBin",
    "SizeErrors",
    "aggregated_jaccard",
    "brier_score",
    "calibration_error",
    "count_error",
    "dice",
    "dsb_precision",
    "dsb_score",
    "equivalent_diameters",
    "f1_at",
    "fit_confidence",
    "group_means",
    "match_objects",
    "mean_score",
    "paired_difference",
    "panoptic_quality",
    "precision_at",
    "recall_at",
    "reliability",
    "size_errors",
]
