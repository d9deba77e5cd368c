"""Every score by the name it has in JSON: its title, its formula and its bounds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from segmetry.evaluate.matching import DSB_THRESHOLDS

__all__ = ["SCORES", "Score"]


@dataclass(frozen=True)
class Score:
    """What a score is.

    Parameters
    ----------
    title : str
        Its name in plain words.
    formula : str
    low, high : float
        Values that it cannot pass.
    unit : str
        "", "%" or "objects".
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
_OBJECTS: Mapping[str, Score] = {
    "dsb_score": Score(
        "mean precision over IoU 0.50 to 0.95", "mean of TP / (TP + FP + FN)"
    ),
    **{
        f"dsb_precision_{round(100 * level)}": Score(
            f"precision at IoU {level:.2f}", f"TP / (TP + FP + FN), IoU > {level:.2f}"
        )
        for level in DSB_THRESHOLDS
    },
    "f1_50": Score("F1", "2 TP / (2 TP + FP + FN), IoU > 0.50"),
    "precision_50": Score("share of found objects that are right", "TP / (TP + FP)"),
    "recall_50": Score("share of true objects that were found", "TP / (TP + FN)"),
    "pq": Score("panoptic quality", "sum of IoU > 0.5 / (TP + FP / 2 + FN / 2)"),
    "aji": Score("aggregated Jaccard index", "shared pixels / pixels of either"),
    "f1_50_pooled": Score("F1 of all objects together", "2 TP / (2 TP + FP + FN)"),
    "precision_50_pooled": Score("precision of all objects together", "TP / (TP + FP)"),
    "recall_50_pooled": Score("recall of all objects together", "TP / (TP + FN)"),
    "tp_50": Score("true objects found", "TP, IoU > 0.50", high=_INF, unit="objects"),
    "fp_50": Score(
        "found objects that are wrong", "FP", high=_INF, unit="objects", aim="low"
    ),
    "fn_50": Score("true objects not found", "FN", high=_INF, unit="objects", aim="low"),
}
_COUNTS: Mapping[str, Score] = {
    "count_bias": Score(
        "mean error of the count", "mean of found − true", -_INF, _INF, "objects", "zero"
    ),
    "count_mae": Score(
        "mean absolute error of the count",
        "mean of |found − true|",
        0,
        _INF,
        "objects",
        "low",
    ),
    "count_rmse": Score(
        "root mean squared error of the count",
        "√ mean of (found − true)²",
        0,
        _INF,
        "objects",
        "low",
    ),
    "count_medae": Score(
        "median absolute error of the count",
        "median of |found − true|",
        0,
        _INF,
        "objects",
        "low",
    ),
    "count_limit_low": Score(
        "lower limit of agreement of the count",
        "bias − 1.96 SD",
        -_INF,
        _INF,
        "objects",
        "zero",
    ),
    "count_limit_high": Score(
        "upper limit of agreement of the count",
        "bias + 1.96 SD",
        -_INF,
        _INF,
        "objects",
        "zero",
    ),
    "count_bias_percent": Score(
        "error of the total count",
        "(sum found − sum true) / sum true",
        -100,
        _INF,
        "%",
        "zero",
    ),
}
_SIZES: Mapping[str, Score] = {
    "size_bias_mean": Score(
        "error of the mean diameter", "(found − true) / true", -100, _INF, "%", "zero"
    ),
    "size_bias_median": Score(
        "error of the median diameter", "(found − true) / true", -100, _INF, "%", "zero"
    ),
    "size_bias_d50_volume": Score(
        "error of D50 by volume", "(found − true) / true", -100, _INF, "%", "zero"
    ),
    "size_ks": Score(
        "distance of the size distributions", "greatest |F found − F true|", aim="low"
    ),
}
_PIXELS: Mapping[str, Score] = {
    "dice": Score("Dice", "2 TP / (2 TP + FP + FN)"),
    "iou": Score("intersection over union", "TP / (TP + FP + FN)"),
    "accuracy": Score("accuracy", "(TP + TN) / all"),
    "sensitivity": Score("sensitivity", "TP / (TP + FN)"),
    "specificity": Score("specificity", "TN / (TN + FP)"),
    "precision": Score("precision", "TP / (TP + FP)"),
    "auc_roc": Score("area under the ROC curve", "chance that foreground ranks higher"),
    "auc_pr": Score("area under precision and recall", "sum of precision × gain in recall"),
    "sensitivity_at_specificity": Score(
        "sensitivity at a fixed specificity", "best TP / (TP + FN) of cutoffs allowed"
    ),
}

SCORES: Mapping[str, Score] = {
    **_OBJECTS,
    **_COUNTS,
    **_SIZES,
    **_PIXELS,
    **{
        f"{name}_pooled": Score(
            f"{score.title}, all pixels together", score.formula, aim=score.aim
        )
        for name, score in _PIXELS.items()
    },
}
