"""Lengths, areas and densities in the unit that is easiest to read, and in few digits.

Tables and summaries hold micrometres. For the eye, 0.165 µm is 165 nm.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segmetry.measure import wording

__all__ = [
    "ReadingUnit",
    "area_text",
    "choose_unit",
    "density_text",
    "number_text",
    "reading_unit",
    "reason_text",
]

_NONE = "–"
_WIDE = 10  # an interval over such a factor has no digits in common with its value
_PLAIN = (1e-4, 1e8)  # numbers outside are read more easily as powers of ten
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class ReadingUnit:
    """A unit for the eye.

    Parameters
    ----------
    name : str
        "pm", "nm", "µm", "mm" or "px".
    factor : float
        A length of the summary times this is a length in the unit.
    """

    name: str
    factor: float


def choose_unit(length: float | None, unit: str) -> ReadingUnit:
    """Return the unit in which a length has one to three digits before the point.

    Parameters
    ----------
    length : float or None
        A typical length in `unit`. `None` keeps micrometres.
    unit : {"um", "px"}

    Examples
    --------
    >>> choose_unit(0.165, "um")
    ReadingUnit(name='nm', factor=1000.0)
    >>> choose_unit(12.0, "px").name
    'px'
    """
    factor, name = wording.reading_unit(_finite(length) or 0.0, unit)
    return ReadingUnit(name, factor)


def reading_unit(group: Mapping[str, Any]) -> ReadingUnit:
    """Return the unit that suits the median of a group of a summary.

    Parameters
    ----------
    group : mapping
        "pooled" or one of the "groups" of a summary.
    """
    median = group.get("number", {}).get("median") or {}
    return choose_unit(median.get("value"), group["unit"])


def number_text(
    estimate: Mapping[str, Any] | float | None, *, factor: float = 1.0, digits: int = 3
) -> tuple[str, str]:
    """Return a value and its interval as text, in the digits that the interval supports.

    Each of the three has two significant digits at least; where the interval spans more
    than a factor of ten, exactly two.

    Parameters
    ----------
    estimate : mapping with "value", "low", "high", or float, or None
    factor : float
        What all three are multiplied by.
    digits : int
        Significant digits of a value that has no interval.

    Returns
    -------
    tuple of str
        The value ("–" where there is none), and "low to high" ("" where there is none).

    Examples
    --------
    >>> number_text({"value": 0.16523, "low": 0.16101, "high": 0.16987}, factor=1000)
    ('165.2', '161.0 to 169.9')
    >>> number_text({"value": 191.3, "low": 2.006, "high": 18254.0})
    ('190', '2.0 to 18000')
    >>> number_text(None)
    ('–', '')
    """
    if not isinstance(estimate, Mapping):
        estimate = {"value": estimate}
    value, low, high = (_finite(estimate.get(key)) for key in ("value", "low", "high"))
    if value is None:
        return _NONE, ""
    value *= factor
    if low is None or high is None:
        return _rounded(value, _decimals(abs(value), digits=digits)), ""
    low, high = low * factor, high * factor
    if low > 0 and high > _WIDE * low:
        texts = [_two_digits(number) for number in (value, low, high)]
    else:
        shared = _decimals((high - low) / 2 or abs(value) / 10, digits=2)
        texts = [
            _rounded(number, max(shared, _decimals(abs(number), digits=2)))
            if number
            else _rounded(number, shared)
            for number in (value, low, high)
        ]
    return texts[0], f"{texts[1]} to {texts[2]}"


def area_text(
    area: Mapping[str, Any] | float | None, *, unit: str, digits: int = 3
) -> tuple[str, str, str]:
    """Return an area as value, interval and unit.

    Parameters
    ----------
    area : mapping with "value", "low", "high", or float, or None
        In square micrometres or pixels.
    unit : {"um", "px"}
    digits : int
        Significant digits of an area that has no interval.

    Examples
    --------
    >>> area_text(0.165289, unit="um")
    ('0.165', '', 'µm²')
    """
    value = _finite(area.get("value") if isinstance(area, Mapping) else area)
    factor, name = wording.reading_unit(value or 0.0, f"{unit}2")
    return (*number_text(area, factor=factor, digits=digits), name)


def density_text(density: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """Return a number density as value, interval and unit.

    Parameters
    ----------
    density : mapping or None
        Estimate with "unit": "per um2" or "per px2".

    Examples
    --------
    >>> density_text({"value": 2e-5, "low": 1e-5, "high": 3e-5, "unit": "per px2"})
    ('20', '10 to 30', 'per megapixel')
    """
    value = _finite((density or {}).get("value"))
    if density is None or value is None:
        return _NONE, "", ""
    if density["unit"] == "per px2":
        return (*number_text(density, factor=1e6), "per megapixel")
    if abs(value) < 0.01:
        return (*number_text(density, factor=1e6), "per mm²")
    return (*number_text(density), "per µm²")


def reason_text(reason: str | None) -> str:
    """Return the reason of a verdict as the end of a sentence, after a colon.

    Parameters
    ----------
    reason : str or None
        Its own verdict in front, "Accepted: " or "Refused: ", is left out.

    Examples
    --------
    >>> "The fit was refused" + reason_text("Refused: too few objects.")
    'The fit was refused: too few objects'
    """
    text = (reason or "").strip().rstrip(".")
    for verdict in ("Accepted:", "Refused:"):
        text = text.removeprefix(verdict).strip()
    return f": {text}" if text else ""


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _decimals(size: float, *, digits: int) -> int:
    """Return how many decimals show a number of this size with so many digits."""
    if size == 0:
        return 0
    return digits - 1 - math.floor(math.log10(size))


def _two_digits(value: float) -> str:
    """Return a number with two significant digits, as a power of ten where it is far."""
    if value == 0 or _PLAIN[0] <= abs(value) < _PLAIN[1]:
        return _rounded(value, _decimals(float(f"{abs(value):.1e}"), digits=2))
    digits, power = f"{value:.1e}".replace("e+", "e").split("e")
    return f"{digits} × 10{str(int(power)).translate(_POWERS)}".replace("-", "−")


def _rounded(value: float, decimals: int) -> str:
    return wording.format_number(value, decimals).replace("-", "−")
