"""The diameters and weights behind a curve: which objects count, and how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.measure.distribution import effective_number
from segmetry.measure.edge_rules import EdgeRule, edge_weights
from segmetry.measure.mode import log_bandwidth
from segmetry.measure.pooling import pool

__all__ = ["SizeSample", "group_sample", "size_sample"]

_NARROWEST = 0.02  # of ln(diameter): equal sizes must not give an infinite peak


@dataclass(frozen=True, eq=False)
class SizeSample:
    """Diameters of the objects that count, and their weights.

    Parameters
    ----------
    diameters : ndarray of float, shape (n,)
        Ascending, in the unit of the table: micrometres or pixels.
    weights : ndarray of float, shape (n,)
        1 where the edge rule gives no weights.
    """

    diameters: NDArray[np.float64]
    weights: NDArray[np.float64]

    def cumulative(self, *, power: int = 0) -> NDArray[np.float64]:
        """Return the share below each diameter, half of its own weight included.

        Parameters
        ----------
        power : int
            0 weights by number, 3 by volume of the equivalent sphere.

        Returns
        -------
        ndarray of float, shape (n,)
            From 0 to 1.
        """
        share = self.weights * self.diameters**power
        return np.asarray((np.cumsum(share) - share / 2) / share.sum())

    def density(self, at: NDArray[np.float64], *, power: int = 0) -> NDArray[np.float64]:
        """Return the smoothed density per unit of ln(diameter).

        Parameters
        ----------
        at : ndarray of float
            Diameters at which the density is wanted.
        power : int
            0 weights by number, 3 by volume of the equivalent sphere.

        Returns
        -------
        ndarray of float, shape of `at`
            A Gaussian kernel on ln(diameter), its width by Silverman's rule; by number it
            is the density whose peak per unit of diameter is `segmetry.measure.mode`.
        """
        logs = np.log(self.diameters)
        share = self.weights * self.diameters**power
        # The effective number: a few large objects hold most of the volume.
        n_effective = effective_number(share)
        share = share / share.sum()
        spread = np.sqrt(share @ (logs - share @ logs) ** 2)
        width = 1.06 * spread * n_effective**-0.2
        if power == 0:
            width = log_bandwidth(self.diameters, self.weights)
        width = max(width, _NARROWEST)
        # One place after the other: all at once take 2 GB for a large picture's objects.
        sums = [np.exp(-0.5 * ((log - logs) / width) ** 2) @ share for log in np.log(at)]
        return np.asarray(sums) / (width * np.sqrt(2 * np.pi))


def group_sample(
    objects: pd.DataFrame, images: pd.DataFrame, group: Mapping[str, Any]
) -> SizeSample:
    """Return the objects of a group of a summary, by its own edge rule.

    Parameters
    ----------
    objects, images : DataFrame
        Tables of a run; pictures that failed do not count.
    group : mapping
        "pooled" or one of the "groups" of a summary.

    Returns
    -------
    SizeSample
    """
    done = images[images["status"] == "done"]
    rule = (group.get("edge_rule") or {}).get("name", "keep")
    return size_sample(objects, done, edge_rule=rule, conditions=group["conditions"])


def size_sample(
    objects: pd.DataFrame,
    images: pd.DataFrame,
    *,
    edge_rule: EdgeRule,
    conditions: Mapping[str, Any] | None = None,
) -> SizeSample:
    """Return the objects that an edge rule lets count, with their weights.

    Parameters
    ----------
    objects, images : DataFrame
        Tables of a run; the images without those that failed.
    edge_rule : str
        One of `segmetry.measure.edge_rules.EDGE_RULES`. "truncated-log-normal", which
        corrects by its fit alone, gets the weights of "miles-lantuejoul".
    conditions : mapping or None
        Values of columns of `images` that the images must have; `None` there means that
        the value is missing. All images have to be given all the same: they settle the
        unit.

    Returns
    -------
    SizeSample
        In micrometres where at least one pixel size is known, as in the summary.
    """
    known = objects[objects["image"].isin(images["image"])] if len(objects) else objects
    sample, used = pool(known, images)
    chosen = np.ones(len(used), dtype=bool)
    for column, value in (conditions or {}).items():
        same = used[column].isna() if value is None else used[column] == value
        chosen &= same.to_numpy(dtype=bool)
    sample = sample.of_images(chosen)
    weights = edge_weights(
        "miles-lantuejoul" if edge_rule == "truncated-log-normal" else edge_rule,
        sample.boxes,
        sample.frames,
        touches=sample.touches,
        touches_far=sample.touches_far,
    )
    order = np.argsort(sample.diameters, kind="stable")
    order = order[weights[order] > 0]
    return SizeSample(sample.diameters[order], weights[order])
