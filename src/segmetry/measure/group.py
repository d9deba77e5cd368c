"""The statistics of one group of images as a dictionary, ready for JSON."""

from dataclasses import replace
from typing import Any

import numpy as np

from segmetry.measure.distribution import (
    Floats,
    effective_number,
    mean,
    quantile,
)
from segmetry.measure.edge_rules import (
    EDGE_RULES,
    MENDS_SIZES,
    EdgeRule,
)
from segmetry.measure.error_budget import error_budget
from segmetry.measure.estimates import (
    by_number,
    by_volume,
    density,
    geometric_mean,
    of_area,
)
from segmetry.measure.fitted import fitted_estimates, log_normal_resamples
from segmetry.measure.histogram import histogram
from segmetry.measure.intervals import (
    FEWEST_IMAGES,
    Estimate,
    normal_quantile,
)
from segmetry.measure.log_normal import FailedFit, seen_share
from segmetry.measure.notes import about_frame, about_intervals
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.planner import (
    UNLIKE,
    more_objects,
    refuse_volume,
    spread_between_images,
)
from segmetry.measure.pooling import Sample
from segmetry.measure.share import share_below
from segmetry.measure.weighted import (
    TRUNCATED,
    Weighted,
    mean_shape,
    rule_weights,
    truncated_fit,
    weigh,
)
from segmetry.measure.wording import few_digits

__all__ = ["summarize_group"]

_DOUBTFUL_VOLUME = 0.1  # wider intervals of D[4,3] hold the truth in under 9 of 10

Estimates = dict[str, dict[str, Estimate]]


def summarize_group(
    sample: Sample, options: StatisticsOptions, *, name: str, conditions: dict[str, Any]
) -> dict[str, Any]:
    """Return the statistics of the images of one sample.

    Parameters
    ----------
    sample : Sample
    options : StatisticsOptions
    name : str
        Of the group, for people.
    conditions : dict
        The conditions that its images share.

    Returns
    -------
    dict
        JSON values; `docs/statistics.md` explains each key. Numbers that cannot be told
        are `None`.
    """
    group = weigh(sample, options)
    estimates = _estimates(group)
    volume, warnings = _volume(group, estimates)
    objects_per_area = number_density(group)
    area = {key: number.as_json() for key, number in estimates["area"].items()}
    return {
        "name": name,
        "conditions": conditions,
        "n_images": sample.n_images,
        "n_objects": sample.n,
        "n_used": group.sample.n,
        "quantity": "equivalent_diameter",
        "unit": sample.unit,
        "edge_rule": _edge_rule(group, estimates),
        "intervals": about_intervals(group.resampling, sample),
        "number": {
            **{key: number.as_json() for key, number in estimates["number"].items()},
            "sd_ddof": 1,
        },
        "volume": volume,
        "area": {**area, "total": float(sample.areas.sum())},
        "share_below": _share_below(group),
        "fit": _fit(group, estimates),
        "density": objects_per_area,
        "error_budget": _error_budget(group, estimates, objects_per_area),
        "planner": _planner(group, estimates["number"]["d50"]),
        "histogram": _histogram(group),
        "warnings": [*sample.warnings, *_warnings(group), *warnings],
    }


def _estimates(group: Weighted) -> Estimates:
    sample = group.sample
    if group.truncated and group.fit is not None:
        replicates = log_normal_resamples(
            group.fit,
            sample.diameters,
            frames=sample.frames,
            resampling=group.resampling,
            image=sample.image,
            shape=mean_shape(sample),
        )
        found = fitted_estimates(
            group.fit,
            replicates,
            resampling=group.resampling,
            relative_uncertainty=group.shared,
        )
        mode = found["number"]["mode"]
        if not sample.diameters.min() <= (mode.value or 0) <= sample.diameters.max():
            # The peak of a fit as wide as this says nothing of sizes that were seen.
            found["number"]["mode"] = Estimate(None, None, None, mode.n)
        return found
    # A truncated fit that failed leaves nothing to report, rather than biased numbers.
    empty = slice(0, 0) if group.truncated else slice(None)
    diameters, areas = sample.diameters[empty], sample.areas[empty]
    weights, resampling, shared = group.weights[empty], group.resampling, group.shared
    return {
        block: numbers(values, weights, resampling=resampling, relative_uncertainty=shared)
        for block, numbers, values in (
            ("number", by_number, diameters),
            ("volume", by_volume, diameters),
            ("area", of_area, areas),
        )
    }


def _volume(group: Weighted, estimates: Estimates) -> tuple[dict[str, Any], list[str]]:
    half_width = estimates["volume"]["d43"].relative_half_width
    refusal = _volume_refusal(group, half_width)
    if refusal is not None:
        return {"refused": refusal}, []
    volume = {key: number.as_json() for key, number in estimates["volume"].items()}
    if group.truncated or not half_width or half_width <= _DOUBTFUL_VOLUME:
        return volume, []
    warning = (
        f"Numbers by volume are rough (D[4,3] ±{100 * half_width:.0f} %), and their "
        "intervals rather too narrow: a few of the largest objects carry most of the "
        "volume."
    )
    return volume, [warning]


def _volume_refusal(group: Weighted, half_width: float | None) -> str | None:
    diameters, weights = group.sample.diameters, group.weights
    n, level = effective_number(weights), group.options.level
    if not group.truncated:
        upper = 1.0
        if diameters.size:
            d50, d84 = quantile(diameters, [0.5, 0.8413], weights=weights)
            upper = float(d84 / d50)
        return refuse_volume(n, upper, half_width=half_width, level=level)
    if group.fit is not None and not group.check.accepted:
        return (
            "Refused: with this edge rule the numbers by volume come from the log-normal "
            "fit alone, and the fit check does not accept it."
        )
    return refuse_volume(n, 1.0, half_width=half_width, level=level)


def _edge_rule(group: Weighted, estimates: Estimates) -> dict[str, Any]:
    rule = group.options.edge_rule
    by_rule = {other: _plain_sizes(group.everything, other) for other in EDGE_RULES}
    return {
        "name": rule,
        "description": EDGE_RULES[rule],
        "n_touching": int(np.count_nonzero(group.everything.touches)),
        "bias_removed": _bias_removed(rule, by_rule["keep"], estimates),
        "by_rule": by_rule,
    }


def _bias_removed(
    rule: EdgeRule, kept: dict[str, float | None], estimates: Estimates
) -> dict[str, float | None] | None:
    """Return how far sizes would be off without the rule; `None` if it mends no sizes."""
    if rule not in MENDS_SIZES:
        return None
    removed = {}
    for key, size in kept.items():
        value = estimates["number"][key].value
        removed[key] = None if not value or size is None else size / value - 1
    return removed


def _plain_sizes(sample: Sample, rule: EdgeRule) -> dict[str, Any]:
    """Return mean and D50 by number as one edge rule gives them.

    A fit that failed gives neither, but "failed": why.
    """
    weights = rule_weights(sample, rule)
    used = sample.of_objects(weights > 0)
    if rule == TRUNCATED:
        fit = truncated_fit(used)
        if isinstance(fit, FailedFit):
            return {"mean": None, "d50": None, "failed": fit.reason}
        return {"mean": fit.moment_ratio(1, 0), "d50": fit.median}
    if not used.n:
        return {"mean": None, "d50": None}
    weights = weights[weights > 0]
    return {
        "mean": mean(used.diameters, weights=weights),
        "d50": float(quantile(used.diameters, 0.5, weights=weights)),
    }


def _error_budget(
    group: Weighted, estimates: Estimates, objects_per_area: dict[str, Any]
) -> dict[str, Any]:
    numbers = {key: objects_per_area[key] for key in ("value", "low", "high", "n")}
    budgets = error_budget(
        group, mean_size=estimates["number"]["mean"], density=Estimate(**numbers)
    )
    return {key: budget.as_json() for key, budget in budgets.items()}


def _share_below(group: Weighted) -> dict[str, Any] | None:
    sample, limit = group.sample, group.options.limit_um
    if sample.unit == "px":
        return None
    found = _share(group, sample.diameters)
    if sample.feret_min is not None:
        # The recommendation on nanomaterials speaks of external dimensions.
        found["by_feret_diameter_min"] = _share(group, sample.feret_min)
    return {"limit": limit, "unit": sample.unit, **found, "method": "Wilson"}


def _share(group: Weighted, sizes: Floats) -> dict[str, Any]:
    known = np.isfinite(sizes)
    resampling = replace(group.resampling, unit=group.resampling.unit[known])
    share = share_below(
        sizes[known],
        group.empirical_weights[known],
        limit=group.options.limit_um,
        resampling=resampling,
        relative_uncertainty=group.shared,
    )
    interval = {"value": share.value, "low": share.low, "high": share.high}
    return {**interval, "n": int(known.sum()), "n_effective": share.n_effective}


def _fit(group: Weighted, estimates: Estimates) -> dict[str, Any]:
    fit, sample = group.fit, group.sample
    check = group.check
    nothing = Estimate(None, None, None, sample.n)
    found = {"median": nothing, "gsd": nothing}
    if fit is not None:
        found = {key: estimates["number"][key] for key in found}
    if fit is not None and not group.truncated:
        found["median"] = geometric_mean(
            sample.diameters,
            group.weights,
            resampling=group.resampling,
            relative_uncertainty=group.shared,
        )
    return {
        "family": "log-normal",
        "median": found["median"].as_json(),
        "gsd": found["gsd"].as_json(),
        "mu": None if fit is None else fit.mu,
        "sigma": None if fit is None else fit.sigma,
        "accepted": check.accepted,
        "reason": check.reason,
        "p_value": check.p_value,
        "gap": check.gap,
    }


def number_density(group: Weighted) -> dict[str, Any]:
    """Return how many objects there are per area, as JSON values with their `unit`."""
    sample, weights = group.sample, group.weights
    if group.truncated and group.fit is not None:
        seen = seen_share(group.fit, sample.frames, shape=mean_shape(sample))
        areas = sample.included_areas
        weights = weights * areas.sum() / (areas @ seen)
    found = density(
        weights,
        sample.included_areas,
        resampling=group.resampling,
        relative_uncertainty=group.shared,
    )
    return {**found.as_json(), "unit": f"per {sample.unit}2"}


def _spread(group: Weighted) -> float:
    return spread_between_images(group.sample.diameters, group.sample.image)


def _planner(group: Weighted, d50: Estimate) -> dict[str, Any]:
    options, resampling = group.options, group.resampling
    z = normal_quantile((1 + options.level) / 2)
    plan = more_objects(
        group.sample.n,
        d50.relative_half_width,
        target=options.target,
        calibration_half_width=z * group.shared,
        n_images=resampling.n_units if resampling.by_image else None,
        spread=_spread(group),
    )
    return {
        "target": options.target,
        "level": options.level,
        "quantity": "d50",
        "more_particles": plan.more,
        "sentence": plan.sentence,
    }


def _histogram(group: Weighted) -> dict[str, Any]:
    bars = histogram(
        group.sample.diameters,
        weights=group.weights,
        bin_width=group.options.bin_width,
    )
    return {
        "bin_width": bars.bin_width,
        "edges": bars.edges.tolist(),
        "counts": bars.counts.tolist(),
        "weighted_counts": bars.weighted.tolist(),
    }


def _warnings(group: Weighted) -> list[str]:
    found = about_frame(group.everything)
    if not group.sample.n:
        return [*found, "No object is left to make statistics of."]
    if group.failure:
        found.append(f"The truncated log-normal could not be fitted: {group.failure}.")
    found += _about_unlike_images(group)
    if group.truncated and group.fit is not None and not group.check.accepted:
        found.append(
            "All sizes come from a log-normal that the fit check does not accept; the "
            "edge rule miles-lantuejoul needs none."
        )
    return found


def _about_unlike_images(group: Weighted) -> list[str]:
    """Return a warning where images that were not resampled differ much."""
    spread = _spread(group)
    if group.resampling.by_image or spread <= UNLIKE:
        return []
    warning = (
        f"D50 differs by a factor of {few_digits(spread)} from one image to the next, and "
        f"fewer than {FEWEST_IMAGES} images cannot be resampled: the intervals hold for "
        "these images alone, not for what they were taken of."
    )
    return [warning]
