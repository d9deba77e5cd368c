"""What came of one method on one picture, as it is kept on disk."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from segmetry.compare.cost import Cost

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What came of one method on one picture.

    Parameters
    ----------
    method, picture : str
    scores : mapping of str to float
        By the names of `segmetry.evaluate.SCORES`; empty where it failed.
    cost : Cost or None
        Of finding the objects alone: reading, judging and learning are not counted.
    megapixels : float
    reason : str
        Why it failed; "" where it did not.
    teaching_cpu_s : float
        Seconds of learning for this picture and those of its fold, 0 where nothing was.
    taught_by : int
        Number of pictures that were learned from.
    """

    method: str
    picture: str
    scores: Mapping[str, float] = field(default_factory=dict)
    cost: Cost | None = None
    megapixels: float = math.nan
    reason: str = ""
    teaching_cpu_s: float = 0.0
    taught_by: int = 0

    @property
    def failed(self) -> bool:
        """Whether there are no scores."""
        return bool(self.reason)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values; what is not known is `None`."""
        values = asdict(self)
        values["scores"] = {name: _or_none(one) for name, one in self.scores.items()}
        values["megapixels"] = _or_none(self.megapixels)
        return values

    @classmethod
    def from_text(cls, text: str) -> "Outcome":
        """Return what a JSON text says.

        Raises
        ------
        ValueError, KeyError, TypeError
            If it is no such text.

        Examples
        --------
        >>> one = Outcome("auto", "a", {"f1_50": math.nan}, Cost(1.0, 2.0, None), 0.25)
        >>> again = Outcome.from_text(json.dumps(one.as_json()))
        >>> again.cost == one.cost, again.scores
        (True, {'f1_50': nan})
        """
        values = json.loads(text)
        values["scores"] = {name: _or_nan(one) for name, one in values["scores"].items()}
        values["megapixels"] = _or_nan(values["megapixels"])
        if values["cost"] is not None:
            values["cost"] = Cost(**values["cost"])
        return cls(**values)


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
