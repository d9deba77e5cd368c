"""What statistics to make, as one value that a recipe can hold."""

from dataclasses import dataclass

import numpy as np

from segmetry.measure.edge_rules import EDGE_RULES, EdgeRule

__all__ = ["StatisticsOptions"]


@dataclass(frozen=True)
class StatisticsOptions:
    """What statistics to make.

    Parameters
    ----------
    edge_rule : str
        One of `edge_rules.EDGE_RULES`.
    limit_um : float
        Limit of "share below", in micrometres; 0.1 is that of nanomaterials.
    bin_width : float or None
        Of the histogram of diameters, in their unit. `None` chooses one that suits.
    target : float
        Relative half-width that the planner plans for.
    level : float
        Confidence level of all intervals.
    resamples : int
        Resamples behind each interval.
    seed : int
        The same seed gives the same intervals.

    Raises
    ------
    ValueError
        If an option is out of range or the edge rule is not known.
    """

    edge_rule: EdgeRule = "miles-lantuejoul"
    limit_um: float = 0.1
    bin_width: float | None = None
    target: float = 0.05
    level: float = 0.95
    resamples: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse options that mean nothing."""
        if self.edge_rule not in EDGE_RULES:
            msg = (
                f"edge rule must be one of {', '.join(EDGE_RULES)}, got {self.edge_rule!r}"
            )
            raise ValueError(msg)
        positive = {"limit_um": self.limit_um, "target": self.target}
        if self.bin_width is not None:
            positive["bin_width"] = self.bin_width
        for name, number in positive.items():
            if not (np.isfinite(number) and number > 0):
                msg = f"{name} must be positive and finite, got {number}"
                raise ValueError(msg)
        if not 0 < self.level < 1:
            msg = f"level must lie between 0 and 1, got {self.level}"
            raise ValueError(msg)
        if self.resamples < 2:
            msg = f"resamples must be at least 2, got {self.resamples}"
            raise ValueError(msg)
