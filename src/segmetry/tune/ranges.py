"""What is worth trying of a segmenter's options, as its options declare it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmetry.errors import RecipeError
from segmetry.segment import Option
from segmetry.segment.options import suggestion

__all__ = ["Range", "ranges_of"]

_FACTOR = 4  # an option that says nothing is tried from a quarter of its default to 4 times
_DECADE = 10  # a range that spans as much is gone through in ratios
# What no picture can say: names of files, numbers behind chance, and what only takes time.
_SETTLED = {"model", "seed", "sample", "points", "iterations", "steps"}


@dataclass(frozen=True)
class Range:
    """Values of an option that are worth trying.

    Parameters
    ----------
    name : str
    kind : {"int", "float", "choice"}
    default : bool, int, float or str
        Always tried first.
    low, high : float
        Ends of a range of numbers.
    ratios : bool
        Whether the range is gone through in ratios instead of steps.
    choices : tuple
        The values of a choice.
    """

    name: str
    kind: str
    default: bool | float | str
    low: float = 0.0
    high: float = 0.0
    ratios: bool = False
    choices: tuple[Any, ...] = ()

    def drawn(self, rng: np.random.Generator) -> bool | float | str:
        """Return a value at random, numbers evenly over the range or over its ratios."""
        if self.kind == "choice":
            value: bool | float | str = self.choices[int(rng.integers(len(self.choices)))]
            return value
        share = float(rng.random())
        if self.ratios:
            number = self.low * (self.high / self.low) ** share
        else:
            number = self.low + (self.high - self.low) * share
        return round(number) if self.kind == "int" else number

    def told(self) -> str:
        """Return it in words.

        Examples
        --------
        >>> Range("min_area", "int", 16, low=4, high=1000, ratios=True).told()
        'min_area from 4 to 1000'
        """
        if self.kind == "choice":
            return f"{self.name}: {', '.join(str(one) for one in self.choices)}"
        return f"{self.name} from {self.low:g} to {self.high:g}"


def ranges_of(
    options: Sequence[Option], fixed: Mapping[str, Any] | None = None
) -> tuple[Range, ...]:
    """Return what is worth trying of each option.

    Parameters
    ----------
    options : sequence of Option
        Those that declare `tunable` are tried there. Of the others, truth values and
        choices are tried all; a number from a quarter of its default to four times that,
        within what it may be; texts and options that only cost time are left.
    fixed : mapping or None
        Options that stay as they are.

    Returns
    -------
    tuple of Range
        In the order of the options; each holds its default.

    Raises
    ------
    RecipeError
        If a fixed option is not known, or nothing is left to try.

    Examples
    --------
    >>> from segmetry.segment import segmenter_options
    >>> found = ranges_of(segmenter_options("threshold"), {"method": "li"})
    >>> [one.name for one in found if one.kind == "int"]
    ['min_area']
    """
    fixed = fixed or {}
    names = [option.name for option in options]
    for name in fixed:
        if name not in names:
            msg = f"there is no option {name!r} to leave as it is{suggestion(name, names)}"
            raise RecipeError(msg)
    found = [_range_of(option) for option in options if option.name not in fixed]
    worth = tuple(one for one in found if one is not None)
    if not worth:
        msg = "nothing is left to tune: every option is fixed, or has only one value"
        raise RecipeError(msg)
    return worth


def _range_of(option: Option) -> Range | None:
    if option.name in _SETTLED or option.tunable == ():
        return None
    if option.tunable is not None:
        return _declared(option, option.tunable)
    if option.kind == "bool":
        return Range(option.name, "choice", option.default, choices=(True, False))
    if option.choices:
        return Range(option.name, "choice", option.default, choices=option.choices)
    return _around(option)


def _declared(option: Option, tunable: tuple[Any, ...]) -> Range:
    if option.kind in ("int", "float") and len(tunable) == 2:
        low, high = float(tunable[0]), float(tunable[1])
        return _numbers(option, low, high)
    kind = {"int": int, "float": float}.get(option.kind, lambda value: value)
    values = [kind(one) for one in tunable]
    choices = dict.fromkeys([option.default, *values])
    return Range(option.name, "choice", option.default, choices=tuple(choices))


def _around(option: Option) -> Range | None:
    if option.kind not in ("int", "float") or float(option.default) <= 0:
        return None
    default = float(option.default)
    low, high = default / _FACTOR, default * _FACTOR
    low = max(low, low if option.low is None else option.low)
    high = min(high, high if option.high is None else option.high)
    return _numbers(option, low, high) if low < high else None


def _numbers(option: Option, low: float, high: float) -> Range:
    """Return a range of numbers that holds the default too, which is tried first."""
    default = float(option.default)
    low, high = min(low, default), max(high, default)
    if option.kind == "int":
        low, high = max(round(low), 0), round(high)
    ratios = low > 0 and high / low >= _DECADE
    return Range(option.name, option.kind, option.default, low, high, ratios)
