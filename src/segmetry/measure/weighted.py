"""The objects of a sample as an edge rule weighs them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from segmetry.measure.distribution import Floats
from segmetry.measure.edge_rules import EdgeRule, edge_weights
from segmetry.measure.intervals import Resampling, resample
from segmetry.measure.log_normal import (
    FailedFit,
    FitCheck,
    LogNormal,
    check_log_normal,
    fit_log_normal,
    fit_truncated_log_normal,
)
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.pooling import Sample, pool

__all__ = [
    "TRUNCATED",
    "Weighted",
    "mean_shape",
    "picture_sums",
    "rule_weights",
    "truncated_fit",
    "weigh",
]

TRUNCATED: EdgeRule = "truncated-log-normal"


@dataclass(frozen=True, eq=False)
class Weighted:
    """The objects of a sample that its edge rule uses, ready to be estimated from.

    Parameters
    ----------
    everything, sample : Sample
        All objects, and those that are used.
    weights : ndarray of float64, shape (sample.n,)
    resampling : Resampling
    options : StatisticsOptions
    fit : LogNormal or None
        To the objects that are used; `None` where there is none.
    failure : str
        Why a truncated fit failed; else empty.
    """

    everything: Sample
    sample: Sample
    weights: Floats
    resampling: Resampling
    options: StatisticsOptions
    fit: LogNormal | None
    failure: str = ""

    @property
    def shared(self) -> float:
        """Relative standard uncertainty that all lengths share."""
        return self.sample.relative_uncertainty

    @property
    def truncated(self) -> bool:
        """Whether all sizes come from the fit of a truncated log-normal."""
        return self.options.edge_rule == TRUNCATED

    @property
    def empirical_weights(self) -> Floats:
        """Weights for what a truncated fit does not give: the share, the fit check."""
        if not self.truncated:
            return self.weights
        return rule_weights(self.sample, "miles-lantuejoul")

    @cached_property
    def check(self) -> FitCheck:
        """Whether the objects follow the fit."""
        if self.failure:
            reason = f"Refused: it could not be fitted, because {self.failure}."
            return FitCheck(accepted=False, reason=reason)
        return check_log_normal(
            self.sample.diameters, self.fit, weights=self.empirical_weights
        )


def weigh(sample: Sample, options: StatisticsOptions) -> Weighted:
    """Return the objects that the edge rule of the options uses, with their weights."""
    weights = rule_weights(sample, options.edge_rule)
    used = sample.of_objects(weights > 0)
    weights = weights[weights > 0]
    resampling = resample(
        used.image,
        n_images=sample.n_images,
        resamples=options.resamples,
        level=options.level,
        seed=options.seed,
    )
    if options.edge_rule == TRUNCATED:
        found = truncated_fit(used)
        if isinstance(found, FailedFit):
            return Weighted(sample, used, weights, resampling, options, None, found.reason)
        return Weighted(sample, used, weights, resampling, options, found)
    fit = fit_log_normal(used.diameters, weights=weights) if used.n else None
    return Weighted(sample, used, weights, resampling, options, fit)


def rule_weights(sample: Sample, rule: EdgeRule) -> Floats:
    """Return how many objects each one stands for under an edge rule, shape (n,)."""
    return edge_weights(
        rule,
        sample.boxes,
        sample.frames,
        touches=sample.touches,
        touches_far=sample.touches_far,
    )


def picture_sums(
    objects: pd.DataFrame, images: pd.DataFrame, *, edge_rule: EdgeRule
) -> tuple[pd.DataFrame, Sample]:
    """Return sums over the objects of each picture that statistics can use.

    Parameters
    ----------
    objects, images : DataFrame
        As `segmetry.measure.summarize` takes them.
    edge_rule : str
        A truncated log-normal has no weights; those of Miles and Lantuéjoul stand in.

    Returns
    -------
    sums : DataFrame
        By picture: `n`, the number of objects; `weight`, the number that they stand for
        by the edge rule; `size`, the sum of their diameters weighted so; `included_area`.
    sample : Sample
        The objects behind it.
    """
    sample, used = pool(objects, images)
    rule: EdgeRule = "miles-lantuejoul" if edge_rule == TRUNCATED else edge_rule
    weights = rule_weights(sample, rule)

    def summed(values: Floats) -> Floats:
        return np.bincount(sample.image, values, sample.n_images).astype(np.float64)

    sums = {
        "n": summed(np.ones(sample.n)),
        "weight": summed(weights),
        "size": summed(weights * sample.diameters),
        "included_area": sample.included_areas,
    }
    return pd.DataFrame(sums, index=pd.Index(used["image"])), sample


def mean_shape(sample: Sample) -> tuple[float, float]:
    """Return the mean sides of bounding boxes along x and y, in diameters."""
    x, y = (sample.boxes / sample.diameters[:, np.newaxis]).mean(axis=0)
    return float(x), float(y)


def truncated_fit(sample: Sample) -> LogNormal | FailedFit:
    """Return the log-normal of sizes whose cut objects are missing, or why it failed."""
    if not sample.n:
        return FailedFit("no object is left")
    return fit_truncated_log_normal(
        sample.diameters, sample.frames, image=sample.image, shape=mean_shape(sample)
    )
