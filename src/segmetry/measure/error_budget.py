"""What the uncertainty of a number is made of, source by source, and their sum.

Each source is a relative standard uncertainty with its degrees of freedom. Sources do not
know of each other, so their squares add up; the degrees of freedom of the sum follow from
Welch and Satterthwaite, and Student's t of these makes an interval of it [1]_. What is not
known is named, and never counted as nothing in silence.

References
----------
.. [1] JCGM 100:2008, "Evaluation of measurement data: Guide to the expression of
       uncertainty in measurement" (GUM), sections 5.1.2 and G.4.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy.special import stdtrit

from segmetry.measure.distribution import Floats, mean
from segmetry.measure.edge_rules import MENDS_SIZES, EdgeRule
from segmetry.measure.intervals import (
    FEWEST_UNITS,
    Estimate,
    Resampling,
    normal_quantile,
    resample,
)
from segmetry.measure.weighted import Weighted, rule_weights

__all__ = ["SOURCES", "Budget", "Part", "Source", "error_budget"]

Source = Literal["calibration", "segmentation", "edge rule", "sampling"]
SOURCES: tuple[Source, ...] = ("calibration", "segmentation", "edge rule", "sampling")

_MENDS: EdgeRule = "miles-lantuejoul"
_MENDS_COUNTS = MENDS_SIZES | {"two-sides"}
_NOT_CORRECTED = (
    "Not known, and not in the sum: correct some pictures chosen at random, and "
    "`segmetry estimate` tells."
)


@dataclass(frozen=True)
class Part:
    """What one source adds to the uncertainty of a number.

    Parameters
    ----------
    relative : float or None
        Relative standard uncertainty; `None` where it is not known.
    freedom : float
        Degrees of freedom behind it; infinite where it is taken as exact.
    bias_removed : float or None
        By how much the number would be off without a correction, relative to itself;
        `None` where nothing was corrected.
    note : str
        For the reader.
    """

    relative: float | None
    freedom: float = math.inf
    bias_removed: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Budget:
    """A number and what its uncertainty is made of.

    Parameters
    ----------
    value : float or None
        In the unit of the summary; `None` where there is no number.
    parts : mapping of str to Part
        By source, one of `SOURCES` each.
    level : float
        Share of intervals that should hold the truth.

    Raises
    ------
    ValueError
        If the level does not lie between 0 and 1.
    """

    value: float | None
    parts: Mapping[Source, Part]
    level: float = 0.95

    def __post_init__(self) -> None:
        """Refuse a level that no interval can have."""
        if not 0 < self.level < 1:
            msg = f"level must lie between 0 and 1, got {self.level}"
            raise ValueError(msg)

    @property
    def relative(self) -> float | None:
        """Combined relative standard uncertainty of all known parts; `None` without any."""
        known = [part.relative for part in self.parts.values() if part.relative is not None]
        return math.hypot(*known) if known else None

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the sum, after Welch and Satterthwaite."""
        shares = sum(
            (part.relative or 0.0) ** 4 / part.freedom for part in self.parts.values()
        )
        return (self.relative or 0.0) ** 4 / shares if shares else math.inf

    @property
    def half_width(self) -> float | None:
        """Half the relative width of the interval that the known parts give."""
        if self.relative is None:
            return None
        return coverage_factor(self.freedom, self.level) * self.relative

    @property
    def unknown(self) -> tuple[Source, ...]:
        """Sources that nothing is known of."""
        return tuple(
            name for name in SOURCES if name in self.parts and self._is_unknown(name)
        )

    def with_part(self, source: Source, part: Part, *, value: float | None) -> "Budget":
        """Return the budget of a value with one source known anew."""
        return replace(self, value=value, parts={**self.parts, source: part})

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values; infinite degrees of freedom are `None`."""
        parts = {
            name: {
                "relative": part.relative,
                "freedom": _finite(part.freedom),
                "bias_removed": part.bias_removed,
                "note": part.note,
            }
            for name, part in self.parts.items()
        }
        return {
            "value": self.value,
            "level": self.level,
            "sources": parts,
            "relative": self.relative,
            "freedom": _finite(self.freedom),
            "half_width": self.half_width,
            "unknown": list(self.unknown),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Budget":
        """Return the budget that `as_json` told of.

        Raises
        ------
        ValueError
            If it is none.

        Examples
        --------
        >>> known = Budget(10.0, {"sampling": Part(0.03, 9), "edge rule": Part(0.04)})
        >>> Budget.from_json(known.as_json()) == known, round(known.relative, 6)
        (True, 0.05)
        """
        try:
            return cls(_number(told["value"]), _parts(told["sources"]), told["level"])
        except (KeyError, TypeError, ValueError) as error:
            msg = f"expected an error budget as `as_json` tells it, got {str(told)[:60]}"
            raise ValueError(msg) from error

    def _is_unknown(self, name: Source) -> bool:
        return self.parts[name].relative is None


def _parts(told: Mapping[str, Any]) -> dict[Source, Part]:
    parts = {name: _part(told[name]) for name in SOURCES if name in told}
    if len(parts) < len(told):
        raise ValueError
    return parts


def _part(told: Mapping[str, Any]) -> Part:
    relative, freedom = _number(told["relative"]), _number(told["freedom"])
    freedom = math.inf if freedom is None else freedom
    if (relative or 0.0) < 0 or not freedom > 0:
        raise ValueError
    return Part(relative, freedom, _number(told["bias_removed"]), str(told["note"]))


def _number(told: Any) -> float | None:
    """Return a number of JSON; `None` where it is not known."""
    if told is None:
        return None
    if isinstance(told, bool | str) or not math.isfinite(told):
        raise ValueError
    return float(told)


def coverage_factor(freedom: float, level: float) -> float:
    """Return how many standard uncertainties reach to either end of an interval.

    Parameters
    ----------
    freedom : float
        Degrees of freedom, which may be infinite.
    level : float

    Examples
    --------
    >>> round(coverage_factor(5, 0.95), 3), round(coverage_factor(math.inf, 0.95), 3)
    (2.571, 1.96)
    """
    if math.isinf(freedom):
        return normal_quantile((1 + level) / 2)
    return float(stdtrit(freedom, (1 + level) / 2))


def error_budget(
    group: Weighted, *, mean_size: Estimate, density: Estimate
) -> dict[str, Budget]:
    """Return what is known of the uncertainty of density and mean size.

    Lengths carry the pixel size's relative uncertainty once, densities twice. Of the
    interval by pictures, the edge rule's share is how the correction that it makes
    scatters from picture to picture; the rest is sampling.

    Parameters
    ----------
    group : Weighted
    mean_size, density : Estimate
        As the summary has them.

    Returns
    -------
    dict of str to Budget
        Keys "density" and "mean".
    """
    edges = _edge_parts(group, mean_size)
    return {
        "density": _budget(group, density, edges["density"], power=2),
        "mean": _budget(group, mean_size, edges["mean"], power=1),
    }


def _budget(group: Weighted, estimate: Estimate, edge: Part, *, power: int) -> Budget:
    parts: dict[Source, Part] = {
        "calibration": _calibration(group, power),
        "segmentation": Part(None, note=_NOT_CORRECTED),
        "edge rule": edge,
        "sampling": _sampling(group, estimate, edge, power=power),
    }
    return Budget(estimate.value, parts, group.options.level)


def _calibration(group: Weighted, power: int) -> Part:
    sample = group.everything
    if sample.unit == "px":
        return Part(0.0, note="In pixels: no pixel size is needed.")
    if not np.isfinite(sample.uncertainties).any():
        return Part(None, note="No pixel size states its uncertainty.")
    how = "twice that" if power == 2 else "that"
    return Part(power * group.shared, note=f"{how.capitalize()} of the pixel size.")


def _sampling(group: Weighted, estimate: Estimate, edge: Part, *, power: int) -> Part:
    drawn = group.resampling
    width = _log_half_width(estimate)
    if width is None or drawn.n_units < FEWEST_UNITS:
        return Part(None, note="Too few objects.")
    level = group.options.level
    shared = coverage_factor(math.inf, level) * power * group.shared
    freedom = drawn.n_units - 1.0
    note = f"How {drawn.n_units} pictures differ."
    if not drawn.by_image:
        # A density of few pictures takes objects to be strewn at random.
        freedom = math.inf if power == 2 else freedom
        note = "How objects differ; pictures are too few to tell how they do."
    random = math.sqrt(max(width**2 - shared**2, 0.0)) / coverage_factor(freedom, level)
    if edge.bias_removed is not None:
        random = math.sqrt(max(random**2 - (edge.relative or 0.0) ** 2, 0.0))
    return Part(random, freedom, note=note)


def _log_half_width(estimate: Estimate) -> float | None:
    """Return half the width of an interval on a logarithmic scale."""
    value, low, high = estimate.value, estimate.low, estimate.high
    if not value or low is None or high is None:
        return None
    return math.log(high / low) / 2 if low > 0 else high / value - 1


def _edge_parts(group: Weighted, mean_size: Estimate) -> dict[str, Part]:
    everything, rule = group.everything, group.options.edge_rule
    weights = rule_weights(everything, _MENDS)
    if not weights.any():
        nothing = Part(None, note="No object lies inside the frame.")
        return {"density": nothing, "mean": nothing}
    drawn = resample(
        everything.image,
        n_images=everything.n_images,
        resamples=group.options.resamples,
        level=group.options.level,
        seed=group.options.seed,
    )
    scatter = _scatter_of_corrections(everything.diameters, weights, drawn)
    own = rule_weights(everything, rule)
    kept = mean(everything.diameters)
    best = mean(everything.diameters, weights=weights)
    used = mean(everything.diameters, weights=own) if own.any() else best
    given = (mean_size.value or used) if rule in MENDS_SIZES else best
    return {
        "density": _edge_part(
            scatter[0],
            drawn,
            removed=everything.n / weights.sum() - 1,
            left=own.sum() / weights.sum() - 1,
            mends=rule in _MENDS_COUNTS,
        ),
        "mean": _edge_part(
            scatter[1],
            drawn,
            removed=kept / given - 1,
            left=used / best - 1,
            mends=rule in MENDS_SIZES,
        ),
    }


def _edge_part(
    scatter: float, drawn: Resampling, *, removed: float, left: float, mends: bool
) -> Part:
    if not mends:
        note = (
            f"The rule leaves {_percent(left)} by the rule of Miles and Lantuéjoul; all of "
            "it counts as uncertainty."
        )
        return Part(abs(float(left)), note=note)
    note = f"Without the rule, the number would be off by {_percent(removed)}."
    if not math.isfinite(scatter):
        return Part(None, bias_removed=float(removed), note=f"{note} Too few objects.")
    return Part(scatter, drawn.n_units - 1.0, float(removed), note)


def _scatter_of_corrections(
    sizes: Floats, weights: Floats, drawn: Resampling
) -> tuple[float, float]:
    """Return how the edge's correction of density and of mean size scatters."""
    if drawn.n_units < FEWEST_UNITS:
        return math.nan, math.nan
    features = np.stack([np.ones_like(sizes), sizes, weights, weights * sizes], axis=1)
    count, total, weight, weighted = drawn.totals(features).T
    with np.errstate(divide="ignore", invalid="ignore"):
        on_density = np.log(weight / count)
        on_mean = np.log(weighted / weight * count / total)
    units = math.sqrt(drawn.n_units / (drawn.n_units - 1))
    first, second = (
        float(found[np.isfinite(found)].std(ddof=1)) * units
        for found in (on_density, on_mean)
    )
    return first, second


def _percent(share: float) -> str:
    return f"{100 * share:+.1f} %".replace("-", "−")


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
