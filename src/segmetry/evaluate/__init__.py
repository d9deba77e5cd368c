"""Arrays in, scores out: pixels, objects, counts and sizes, each with its interval."""

from segmetry.evaluate.catalogue import SCORES
from segmetry.evaluate.centres import match_centres, object_centres
from segmetry.evaluate.choosing import choose_pictures
from segmetry.evaluate.classes import (
    ClassTable,
    JudgedClasses,
    class_table,
    judge_classes,
    score_classes,
)
from segmetry.evaluate.corrected_sample import estimate_mean, estimate_total
from segmetry.evaluate.counts import judge_counts, score_counts
from segmetry.evaluate.detection import judge_detection
from segmetry.evaluate.evaluation import (
    HEADLINES,
    Evaluation,
    Task,
    differences,
    evaluate_set,
    other_means,
)
from segmetry.evaluate.intervals import (
    MeanScore,
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
from segmetry.evaluate.mistakes import (
    KINDS,
    Example,
    Mistakes,
    Outline,
    examples,
    find_mistakes,
)
from segmetry.evaluate.observers import BesideObserver, beside_observer
from segmetry.evaluate.panoptic import true_things
from segmetry.evaluate.pixels import PixelCounts, count_pixels, dice
from segmetry.evaluate.ranking import Ranking, merge_rankings, rank_pixels
from segmetry.evaluate.reliability import (
    ReliabilityBin,
    brier_score,
    calibration_error,
    reliability,
)
from segmetry.evaluate.scoring import (
    JudgedPixels,
    judge_objects,
    judge_pixels,
    score_objects,
    score_pixels,
)
from segmetry.evaluate.sizes import (
    SizeErrors,
    area_errors,
    count_error,
    equivalent_diameters,
    size_errors,
    typical_of_set,
)
from segmetry.evaluate.thin import WIDTH_CLASSES, ThinCounts, count_thin, skeleton_widths
from segmetry.evaluate.trivial import better_of_each

__all__ = [
    "DSB_THRESHOLDS",
    "HEADLINES",
    "KINDS",
    "SCORES",
    "WIDTH_CLASSES",
    "BesideObserver",
    "ClassTable",
    "Evaluation",
    "Example",
    "JudgedClasses",
    "JudgedPixels",
    "Matches",
    "MeanScore",
    "Mistakes",
    "Outline",
    "PixelCounts",
    "Ranking",
    "ReliabilityBin",
    "SizeErrors",
    "Task",
    "ThinCounts",
    "aggregated_jaccard",
    "area_errors",
    "beside_observer",
    "better_of_each",
    "brier_score",
    "calibration_error",
    "choose_pictures",
    "class_table",
    "count_error",
    "count_pixels",
    "count_thin",
    "dice",
    "differences",
    "dsb_precision",
    "dsb_score",
    "equivalent_diameters",
    "estimate_mean",
    "estimate_total",
    "evaluate_set",
    "examples",
    "f1_at",
    "find_mistakes",
    "judge_classes",
    "judge_counts",
    "judge_detection",
    "judge_objects",
    "judge_pixels",
    "match_centres",
    "match_objects",
    "mean_score",
    "merge_rankings",
    "object_centres",
    "other_means",
    "paired_difference",
    "panoptic_quality",
    "precision_at",
    "rank_pixels",
    "recall_at",
    "reliability",
    "score_classes",
    "score_counts",
    "score_objects",
    "score_pixels",
    "size_errors",
    "skeleton_widths",
    "true_things",
    "typical_of_set",
]
