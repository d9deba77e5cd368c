"""All numbers of a run that follow from correcting a few of its pictures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from segmetry.errors import DatasetError
from segmetry.evaluate.corrected_sample import METHODS, estimate_mean, estimate_total
from segmetry.evaluate.correction_plan import plan_corrections
from segmetry.evaluate.correction_scores import share_over_pictures
from segmetry.evaluate.corrections import Correction
from segmetry.measure.conditions import condition_groups
from segmetry.measure.distribution import Floats
from segmetry.measure.error_budget import Budget, Part
from segmetry.measure.intervals import Estimate, normal_quantile
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.weighted import picture_sums
from segmetry.measure.wording import count_of, named

__all__ = ["FEWEST_IN_GROUP", "estimate_run"]

FEWEST_IN_GROUP = 3  # Student's t of two pictures makes intervals of no use

_COUNTS = ["n", "weight", "size"]
_UNSEEN = 2.0  # pictures so much richer than all corrected ones decide the total


def estimate_run(
    objects: pd.DataFrame,
    images: pd.DataFrame,
    corrections: Sequence[Correction],
    *,
    statistics: StatisticsOptions,
    conditions: Sequence[str] = (),
    budgets: Mapping[str, Budget] | None = None,
) -> dict[str, Any]:
    """Return totals, density and mean size of all pictures of a run, corrected.

    Parameters
    ----------
    objects, images : DataFrame
        Tables of the run, without pictures that failed.
    corrections : sequence of Correction
        Of the pictures that were corrected; they should have been chosen at random.
    statistics : StatisticsOptions
        Of the run: edge rule, level, and the wanted half-width.
    conditions : sequence of str
        Columns of `images` that tell samples apart.
    budgets : mapping of str to Budget or None
        What the run knows of the uncertainty of "density" and "mean".

    Returns
    -------
    dict
        JSON values; docs/corrected_sample.md explains each key.

    Raises
    ------
    DatasetError
        If no picture that can be used was corrected.

    Examples
    --------
    >>> from segmetry.evaluate.corrections import compare
    >>> frame = {"frame_x_min_px": 0, "frame_y_min_px": 0, "frame_x_max_px": 9}
    >>> frame |= {"frame_y_max_px": 9, "included_area_px": 81, "pixel_size": None}
    >>> images = pd.DataFrame([{"image": name, **frame} for name in "abc"])
    >>> found = np.zeros((9, 9), np.uint32)
    >>> found[4, 4] = 1
    >>> wanted = found.copy()
    >>> wanted[6, 6:8] = 2
    >>> changed = [compare(found, wanted, row) for row in images.to_dict("records")]
    >>> objects = pd.concat([one.before for one in changed])
    >>> told = estimate_run(objects, images, changed, statistics=StatisticsOptions())
    >>> told["automatic_count"], told["count"]["value"], told["recall"]["value"]
    (3, 6.0, 0.5)
    """
    everything, sample = picture_sums(objects, images, edge_rule=statistics.edge_rule)
    used = [one for one in corrections if one.name in everything.index]
    if not used:
        msg = (
            f"None of {count_of(len(corrections), 'corrected picture')} can be used: the "
            "statistics of the run leave them out; correct pictures of known pixel size"
        )
        raise DatasetError(msg)
    names = [one.name for one in used]
    corrected = everything.loc[names, _COUNTS] + _changes(used, images, statistics)
    part = _Tables(everything, corrected, sample.unit, sample.relative_uncertainty)
    told = _numbers(part, statistics)
    segmentation = told.pop("segmentation")
    rows = images.set_index("image", drop=False).loc[everything.index]
    return {
        "unit": sample.unit,
        "edge_rule": statistics.edge_rule,
        "level": statistics.level,
        "corrected": names,
        **told,
        **_scores(used, everything, statistics.level),
        "methods": _by_method(everything, corrected, statistics.level),
        "plan": _plan(told, len(everything), statistics),
        "error_budget": _budgets(told, segmentation, budgets or {}, statistics.level),
        "groups": _groups(part, rows, conditions, statistics),
        "notes": _notes(corrections, used, images, everything),
    }


@dataclass(frozen=True, eq=False)
class _Tables:
    """Sums by picture: automatic ones of all, corrected ones of some."""

    everything: pd.DataFrame
    corrected: pd.DataFrame
    unit: str
    shared: float

    def of(self, chosen: NDArray[np.bool_]) -> "_Tables":
        """Return the part of some of the pictures."""
        names = self.everything.index[chosen]
        here = self.corrected[self.corrected.index.isin(names)]
        return replace(self, everything=self.everything[chosen], corrected=here)

    def columns(self, names: str | list[str]) -> tuple[Floats, Floats, Floats]:
        """Return automatic values of all pictures and of the corrected, and corrected."""
        sampled = self.everything.loc[self.corrected.index]
        everything, before, after = (
            np.asarray(table[names], np.float64)
            for table in (self.everything, sampled, self.corrected)
        )
        return everything, before, after


def _changes(
    used: Sequence[Correction], images: pd.DataFrame, statistics: StatisticsOptions
) -> pd.DataFrame:
    """Return what corrections add to the sums of their pictures."""
    sides = []
    for objects in ([one.after for one in used], [one.before for one in used]):
        filled = [table for table in objects if len(table)] or objects[:1]
        table = pd.concat(filled, ignore_index=True)
        sides.append(picture_sums(table, images, edge_rule=statistics.edge_rule)[0])
    after, before = sides
    return (after - before).loc[[one.name for one in used], _COUNTS]


def _numbers(part: _Tables, statistics: StatisticsOptions) -> dict[str, Any]:
    level, area = statistics.level, float(part.everything["included_area"].sum())
    count = estimate_total(*part.columns("n"), level=level)
    weight = estimate_total(*part.columns("weight"), level=level)
    mean = estimate_mean(*part.columns(["size", "weight"]), level=level)
    density = _scaled(weight, 1 / area)
    automatic = float(part.everything["n"].sum())
    weights, sizes = part.everything["weight"].sum(), part.everything["size"].sum()
    return {
        "n_pictures": len(part.everything),
        "n_corrected": len(part.corrected),
        "automatic_count": round(automatic),
        "automatic_density": float(weights) / area,
        "automatic_mean": float(sizes / weights) if weights else None,
        "count": count.as_json(),
        "bias_percent": _bias(automatic, count).as_json(),
        "density": _widened(density, 2 * part.shared, level).as_json(),
        "mean": _widened(mean, part.shared, level).as_json(),
        "segmentation": {
            key: _part(estimate, automatic, level)
            for key, estimate, automatic in (
                ("count", count, automatic),
                ("density", density, float(weights) / area),
                ("mean", mean, float(sizes / weights) if weights else math.nan),
            )
        },
    }


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    value, low, high = (
        None if number is None else number * factor
        for number in (estimate.value, estimate.low, estimate.high)
    )
    return Estimate(value, low, high, estimate.n)


def _widened(estimate: Estimate, shared: float, level: float) -> Estimate:
    """Return an estimate whose interval also holds the uncertainty of the pixel size."""
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None or low is None or high is None:
        return estimate
    more = normal_quantile((1 + level) / 2) * shared * value
    low = max(value - math.hypot(value - low, more), 0.0)
    return replace(estimate, low=low, high=value + math.hypot(high - value, more))


def _bias(automatic: float, total: Estimate) -> Estimate:
    """Return by how many percent of the truth the automatic number is off."""
    value, low, high = (
        None if not number else 100 * (automatic / number - 1)
        for number in (total.value, total.high, total.low)
    )
    return Estimate(value, low, high, total.n)


def _part(estimate: Estimate, automatic: float, level: float) -> dict[str, Any]:
    """Return what segmentation adds to the error budget, as JSON values."""
    value, high, n = estimate.value, estimate.high, estimate.n
    if not value or high is None:
        return {"relative": None, "freedom": None, "bias_removed": None}
    student = float(stdtrit(n - 1, (1 + level) / 2))
    bias = automatic / value - 1
    return {
        "relative": (high - value) / (student * value),
        "freedom": n - 1,
        "bias_removed": bias if math.isfinite(bias) else None,
    }


def _scores(
    used: Sequence[Correction], everything: pd.DataFrame, level: float
) -> dict[str, Any]:
    matched = [one.n_matched for one in used]
    of = {
        "precision": [len(one.before) for one in used],
        "recall": [len(one.after) for one in used],
    }
    n = len(everything)
    return {
        name: share_over_pictures(matched, whole, n_pictures=n, level=level).as_json()
        for name, whole in of.items()
    }


def _by_method(
    everything: pd.DataFrame, corrected: pd.DataFrame, level: float
) -> dict[str, Any]:
    tables = everything["n"], everything.loc[corrected.index, "n"], corrected["n"]
    return {
        method: estimate_total(*tables, method=method, level=level).as_json()
        for method in METHODS
    }


def _plan(
    told: Mapping[str, Any], n_pictures: int, statistics: StatisticsOptions
) -> dict[str, Any]:
    plan = plan_corrections(
        Estimate(**told["count"]),
        n_pictures=n_pictures,
        target=statistics.target,
        level=statistics.level,
    )
    return plan.as_json()


def _budgets(
    told: Mapping[str, Any],
    parts: Mapping[str, Any],
    known: Mapping[str, Budget],
    level: float,
) -> dict[str, Any]:
    found = {}
    for key in ("count", "density", "mean"):
        part = parts[key]
        n = told["n_corrected"]
        if part["relative"] is None:
            continue
        note = f"From {count_of(n, 'corrected picture')}."
        if part["bias_removed"] is not None:
            bias = f"{100 * part['bias_removed']:+.1f} %".replace("-", "−")
            note = f"{note[:-1]}, which take off a bias of {bias}."
        segmentation = Part(part["relative"], part["freedom"], part["bias_removed"], note)
        # The count is that of these pictures: no other source bears on it.
        budget = known.get(key) or Budget(None, {}, level)
        if key != "count" and not budget.parts:
            continue
        value = told[key]["value"]
        found[key] = budget.with_part("segmentation", segmentation, value=value).as_json()
    return found


def _groups(
    part: _Tables,
    rows: pd.DataFrame,
    conditions: Sequence[str],
    statistics: StatisticsOptions,
) -> list[dict[str, Any]]:
    groups = []
    for same in condition_groups(rows, list(conditions)):
        here = part.of(same.chosen)
        told: dict[str, Any] = {
            "n_pictures": len(here.everything),
            "n_corrected": len(here.corrected),
        }
        if len(here.corrected) >= min(FEWEST_IN_GROUP, len(here.everything)):
            told = _numbers(here, statistics)
            del told["segmentation"]
        groups.append({"name": same.name, "conditions": same.shared, **told})
    return groups


def _notes(
    corrections: Sequence[Correction],
    used: Sequence[Correction],
    images: pd.DataFrame,
    everything: pd.DataFrame,
) -> list[str]:
    notes = []
    known = {one.name for one in used}
    if lost := [one.name for one in corrections if one.name not in known]:
        notes.append(f"Corrected, but not in the statistics of the run: {named(lost)}.")
    if left := len(images) - len(everything):
        notes.append(
            f"{count_of(left, 'picture')} of the run {'is' if left == 1 else 'are'} left "
            "out, as in its statistics: without a known pixel size."
        )
    largest = everything["n"].max()
    seen = everything.loc[[one.name for one in used], "n"].max()
    if len(everything) > len(used) and largest > _UNSEEN * max(seen, 1):
        notes.append(
            f"A picture that was not corrected has {largest:.0f} automatic objects, the "
            f"richest corrected one {seen:.0f}: chance left out the rich pictures. Look at "
            "them; if they are as automatic counts say, correct more of all."
        )
    return notes
