"""Arrays in, scores out: pixels, objects, counts and sizes, each with its interval."""

from segmetry.evaluate.confidence import (
    Confidence,
    ReliabilityBin,
    brier_score,
    calibration_error,
    fit_confidence,
    reliability,
)
from segmetry.evaluate.counts import score_counts
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
from segmetry.evaluate.mistakes import Mistakes, Outline, find_mistakes
from segmetry.evaluate.pixels import PixelCounts, count_pixels, dice
from segmetry.evaluate.ranking import Ranking, merge_rankings, rank_pixels
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
    "Mistakes",
    "Outline",
    "PixelCounts",
    "Ranking",
    "ReliabilityBin",
    "SizeErrors",
    "aggregated_jaccard",
    "brier_score",
    "calibration_error",
    "count_error",
    "count_pixels",
    "dice",
    "dsb_precision",
    "dsb_score",
    "equivalent_diameters",
    "f1_at",
    "find_mistakes",
    "fit_confidence",
    "group_means",
    "match_objects",
    "mean_score",
    "merge_rankings",
    "paired_difference",
    "panoptic_quality",
    "precision_at",
    "rank_pixels",
    "recall_at",
    "reliability",
    "score_counts",
    "size_errors",
]
