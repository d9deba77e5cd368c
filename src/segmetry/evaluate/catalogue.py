"""Every score by the name it has in JSON: its title, its formula and its bounds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from segmetry.evaluate.matching import DSB_THRESHOLDS

__all__ = ["SCORES", "Entry"]


@dataclass(frozen=True)
class Entry:
    """What a score is.

    Parameters
    ----------
    title : str
        Its name in plain words.
    formula : str
    low, high : float
        Values that it cannot pass.
    unit : str
        "", "%", "mm", "px" or "objects".
    aim : {"high", "low", "zero"}
        Where a good prediction has it.
    """

    title: str
    formula: str
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    aim: str = "high"

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and highest value."""
        return self.low, self.high


_INF = math.inf
_OBJECTS: Mapping[str, Entry] = {
    "dsb_score": Entry(
        "mean precision over IoU 0.50 to 0.95", "mean of TP / (TP + FP + FN)"
    ),
    **{
        f"dsb_precision_{round(100 * level)}": Entry(
            f"precision at IoU {level:.2f}", f"TP / (TP + FP + FN), IoU > {level:.2f}"
        )
        for level in DSB_THRESHOLDS
    },
    "f1_50": Entry("F1", "2 TP / (2 TP + FP + FN), IoU > 0.50"),
    "precision_50": Entry("share of found objects that are right", "TP / (TP + FP)"),
    "recall_50": Entry("share of true objects that were found", "TP / (TP + FN)"),
    "pq": Entry("panoptic quality", "sum of IoU > 0.5 / (TP + FP / 2 + FN / 2)"),
    "aji": Entry("aggregated Jaccard index", "shared pixels / pixels of either"),
    "f1_50_pooled": Entry("F1 of all objects together", "2 TP / (2 TP + FP + FN)"),
    "precision_50_pooled": Entry("precision of all objects together", "TP / (TP + FP)"),
    "recall_50_pooled": Entry("recall of all objects together", "TP / (TP + FN)"),
    "tp_50": Entry("true objects found", "TP, IoU > 0.50", high=_INF, unit="objects"),
    "fp_50": Entry(
        "found objects that are wrong", "FP", high=_INF, unit="objects", aim="low"
    ),
    "fn_50": Entry("true objects not found", "FN", high=_INF, unit="objects", aim="low"),
}
_DETECTION: Mapping[str, Entry] = {
    key: entry
    for tag, how, near in (
        ("centres", "by centres", "centres within the distance, one to one"),
        ("40", "at IoU 0.40", "IoU > 0.40, one to one"),
    )
    for key, entry in {
        f"f1_{tag}": Entry(f"F1 {how}", f"2 TP / (2 TP + FP + FN), {near}"),
        f"precision_{tag}": Entry(
            f"share of found objects that are right, {how}", "TP / (TP + FP)"
        ),
        f"recall_{tag}": Entry(
            f"share of true objects that were found, {how}", "TP / (TP + FN)"
        ),
        f"f1_{tag}_pooled": Entry(
            f"F1 of all objects together, {how}", "2 TP / (2 TP + FP + FN)"
        ),
        f"precision_{tag}_pooled": Entry(
            f"precision of all objects together, {how}", "TP / (TP + FP)"
        ),
        f"recall_{tag}_pooled": Entry(
            f"recall of all objects together, {how}", "TP / (TP + FN)"
        ),
        f"tp_{tag}": Entry(
            f"true objects found, {how}", f"TP, {near}", high=_INF, unit="objects"
        ),
        f"fp_{tag}": Entry(
            f"found objects that are wrong, {how}",
            "FP",
            high=_INF,
            unit="objects",
            aim="low",
        ),
        f"fn_{tag}": Entry(
            f"true objects not found, {how}", "FN", high=_INF, unit="objects", aim="low"
        ),
    }.items()
}
_COUNTS: Mapping[str, Entry] = {
    "count_bias": Entry(
        "mean error of the count", "mean of found − true", -_INF, _INF, "objects", "zero"
    ),
    "count_mae": Entry(
        "mean absolute error of the count",
        "mean of |found − true|",
        0,
        _INF,
        "objects",
        "low",
    ),
    "count_rmse": Entry(
        "root mean squared error of the count",
        "√ mean of (found − true)²",
        0,
        _INF,
        "objects",
        "low",
    ),
    "count_medae": Entry(
        "median absolute error of the count",
        "median of |found − true|",
        0,
        _INF,
        "objects",
        "low",
    ),
    "count_limit_low": Entry(
        "lower limit of agreement of the count",
        "bias − 1.96 SD",
        -_INF,
        _INF,
        "objects",
        "zero",
    ),
    "count_limit_high": Entry(
        "upper limit of agreement of the count",
        "bias + 1.96 SD",
        -_INF,
        _INF,
        "objects",
        "zero",
    ),
    "count_error_percent": Entry(
        "mean absolute error in percent of the larger count",
        "mean of |found − true| / max(found, true), 0 where both are 0",
        0,
        100,
        "%",
        "low",
    ),
    "count_bias_percent": Entry(
        "error of the total count",
        "(sum found − sum true) / sum true",
        -100,
        _INF,
        "%",
        "zero",
    ),
}
_SIZES: Mapping[str, Entry] = {
    "size_bias_mean": Entry(
        "error of the mean diameter", "(found − true) / true", -100, _INF, "%", "zero"
    ),
    "size_bias_median": Entry(
        "error of the median diameter", "(found − true) / true", -100, _INF, "%", "zero"
    ),
    "size_bias_d50_volume": Entry(
        "error of D50 by volume", "(found − true) / true", -100, _INF, "%", "zero"
    ),
    "size_ks": Entry(
        "distance of the size distributions", "greatest |F found − F true|", aim="low"
    ),
}
_SURFACES: Mapping[str, Entry] = {
    **{
        f"surface_distance_{key}_{unit}": Entry(
            f"{said} distance of the surfaces{where}",
            f"{how} of the distances of either surface from the other",
            high=_INF,
            unit=unit,
            aim="low",
        )
        for unit, where in (("mm", ""), ("px", " in voxels"))
        for key, said, how in (
            ("mean", "mean", "mean"),
            ("p95", "95 % Hausdorff", "95th percentile"),
            ("max", "Hausdorff", "greatest"),
        )
    },
    "volume_error_percent": Entry(
        "error of the volume", "(found − true) / true", -100, _INF, "%", "zero"
    ),
}
_PIXELS: Mapping[str, Entry] = {
    "dice": Entry("Dice", "2 TP / (2 TP + FP + FN)"),
    "iou": Entry("intersection over union", "TP / (TP + FP + FN)"),
    "accuracy": Entry("accuracy", "(TP + TN) / all"),
    "sensitivity": Entry("sensitivity", "TP / (TP + FN)"),
    "specificity": Entry("specificity", "TN / (TN + FP)"),
    "precision": Entry("precision", "TP / (TP + FP)"),
    "cldice": Entry("clDice", "2 PR / (P + R), P and R of the skeletons"),
    "skeleton_precision": Entry(
        "skeleton precision", "share of the found skeleton in the true mask"
    ),
    "skeleton_recall": Entry(
        "skeleton recall", "share of the true skeleton in the found mask"
    ),
    **{
        f"skeleton_recall_{key}": Entry(
            f"skeleton recall, {said} px wide", "the same where the truth is so wide"
        )
        for key, said in (
            ("1_2", "1 to 2"),
            ("2_4", "over 2 to 4"),
            ("4_8", "over 4 to 8"),
            ("over_8", "over 8"),
        )
    },
    "auc_roc": Entry("area under the ROC curve", "chance that foreground ranks higher"),
    "auc_pr": Entry("area under precision and recall", "sum of precision × gain in recall"),
    "sensitivity_at_specificity": Entry(
        "sensitivity at a fixed specificity", "best TP / (TP + FN) of cutoffs allowed"
    ),
}
_CLASSES: Mapping[str, Entry] = {
    "mean_iou": Entry(
        "mean IoU of the classes", "mean over classes of TP / (TP + FP + FN)"
    ),
    "mean_dice": Entry(
        "mean Dice of the classes", "mean over classes of 2 TP / (2 TP + FP + FN)"
    ),
    "mean_iou_pooled": Entry(
        "mean IoU of the classes, all pixels together",
        "mean over classes of TP / (TP + FP + FN)",
    ),
    "mean_dice_pooled": Entry(
        "mean Dice of the classes, all pixels together",
        "mean over classes of 2 TP / (2 TP + FP + FN)",
    ),
    "pq_classes": Entry("panoptic quality, mean of the classes", "mean of SQ × RQ"),
    "sq_classes": Entry("segmentation quality, mean of the classes", "mean IoU of matches"),
    "rq_classes": Entry(
        "recognition quality, mean of the classes", "TP / (TP + FP / 2 + FN / 2)"
    ),
    "pq_things": Entry("panoptic quality of classes of objects", "mean of SQ × RQ"),
    "pq_stuff": Entry("panoptic quality of the other classes", "mean of SQ × RQ"),
}

SCORES: Mapping[str, Entry] = {
    **_OBJECTS,
    **_CLASSES,
    **_DETECTION,
    **_COUNTS,
    **_SIZES,
    **_PIXELS,
    **_SURFACES,
    **{
        f"{name}_pooled": Entry(
            f"{score.title}, all pixels together", score.formula, aim=score.aim
        )
        for name, score in _PIXELS.items()
    },
}
