"""What makes the automatic numbers of a project uncertain, kept until they change."""

from collections.abc import Sequence

import pandas as pd

from segmetry.measure import summarize
from segmetry.measure.error_budget import Budget
from segmetry.measure.options import StatisticsOptions
from segmetry.project.label_sets import LabelSetRecord

__all__ = ["AutomaticBudgets"]


class AutomaticBudgets:
    """Error budgets of what was found; corrections change none of them."""

    def __init__(self) -> None:
        self._state: tuple[list[LabelSetRecord], StatisticsOptions] | None = None
        self._kept: dict[str, Budget] = {}

    def of(
        self,
        found: Sequence[LabelSetRecord],
        tables: tuple[pd.DataFrame, pd.DataFrame],
        statistics: StatisticsOptions,
    ) -> dict[str, Budget]:
        """Return the error budgets of density and mean size of all pictures.

        Parameters
        ----------
        found : sequence of LabelSetRecord
            Whose tables these are.
        tables : tuple of DataFrame
            Objects as they were found, and images.
        statistics : StatisticsOptions
        """
        state = (list(found), statistics)
        if state != self._state:
            objects, images = tables
            pooled = summarize(objects, images, options=statistics)["pooled"]
            budgets = pooled["error_budget"].items()
            self._kept = {key: Budget.from_json(told) for key, told in budgets}
            self._state = state
        return self._kept
