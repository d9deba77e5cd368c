"""What correcting more pictures would gain."""

import math
from dataclasses import dataclass
from typing import Any

from scipy.special import stdtrit

from segmetry.measure.intervals import Estimate
from segmetry.measure.wording import count_of, few_digits

__all__ = ["CorrectionPlan", "plan_corrections"]


@dataclass(frozen=True)
class CorrectionPlan:
    """How narrow the interval of a total would be with more corrected pictures.

    Parameters
    ----------
    half_widths : dict of int to float
        Predicted relative half-width by the number of corrected pictures, the present
        one first.
    target : float
        Wanted relative half-width.
    needed : int or None
        Corrected pictures that give it; `None` where no prediction is possible.
    sentence : str
        For the reader.
    """

    half_widths: dict[int, float]
    target: float
    needed: int | None
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        widths = [{"n": n, "half_width": width} for n, width in self.half_widths.items()]
        return {
            "half_widths": widths,
            "target": self.target,
            "needed": self.needed,
            "sentence": self.sentence,
        }


def plan_corrections(
    total: Estimate, *, n_pictures: int, target: float = 0.05, level: float = 0.95
) -> CorrectionPlan:
    """Return what one, five, and as many more corrected pictures would gain.

    The pictures to come are taken to be like those corrected: with n of K corrected the
    standard error goes with the root of (1 - n / K) / n, and Student's t falls with n.
    The prediction scatters as the interval does, much with few pictures.

    Parameters
    ----------
    total : Estimate
        As `estimate_total` returns it.
    n_pictures : int
        All pictures.
    target : float
        Wanted relative half-width; 0.05 is ±5 %.
    level : float
        Of the interval of `total`.

    Returns
    -------
    CorrectionPlan

    Raises
    ------
    ValueError
        If `target` is not positive.

    Examples
    --------
    >>> plan = plan_corrections(Estimate(1000.0, 880.0, 1120.0, 6), n_pictures=60)
    >>> [(n, round(width, 3)) for n, width in plan.half_widths.items()], plan.needed
    ([(6, 0.12), (7, 0.105), (11, 0.073), (12, 0.068)], 19)
    """
    if not target > 0:
        msg = f"target must be positive, got {target}"
        raise ValueError(msg)
    n = total.n
    if not total.value or total.high is None or n < 2:
        sentence = "Too few corrected pictures to say what more of them would gain."
        return CorrectionPlan({}, target, None, sentence)
    now = (total.high - total.value) / total.value
    if n == n_pictures:
        sentence = "All pictures are corrected: the total is exact."
        return CorrectionPlan({n: 0.0}, target, n, sentence)

    def width(more: int) -> float:
        return now * _shape(more, n_pictures, level) / _shape(n, n_pictures, level)

    steps = sorted({min(step, n_pictures) for step in (n, n + 1, n + 5, 2 * n)})
    widths = {step: width(step) for step in steps}
    needed = next(step for step in range(n, n_pictures + 1) if width(step) <= target)
    return CorrectionPlan(widths, target, needed, _sentence(widths, target, needed))


def _shape(n: int, n_pictures: int, level: float) -> float:
    """Return the half-width with n corrected pictures but for a factor."""
    student = float(stdtrit(n - 1, (1 + level) / 2))
    return student * math.sqrt((1 - n / n_pictures) / n)


def _sentence(widths: dict[int, float], target: float, needed: int) -> str:
    (n, now), *more = widths.items()
    told = f"{count_of(n, 'corrected picture')} give ±{few_digits(100 * now)} %"
    parts = [
        f"{step} would give about ±{few_digits(100 * width)} %" for step, width in more
    ]
    told = ", ".join([told, *parts])
    if needed == n:
        return f"{told}; ±{100 * target:g} % is reached."
    return f"{told}; for ±{100 * target:g} % correct {needed}."
