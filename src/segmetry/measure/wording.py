"""Numbers as people write them: with their interval, and no digit that it does not bear."""

from collections.abc import Mapping, Sequence
from math import floor, isnan, log10
from typing import Any

from segmetry.image import LENGTH_IN_UM
from segmetry.measure.intervals import Estimate

__all__ = [
    "count_of",
    "effective_objects",
    "few_digits",
    "format_estimate",
    "format_number",
    "found_text",
    "named",
    "reading_unit",
]

_READING_UNITS = {"pm": "pm", "nm": "nm", "um": "µm", "mm": "mm"}
_EVEN = 0.2  # sides of an interval this near to each other are written as one
_WHOLE = 1e-6  # equal weights sum to a whole number but for rounding
_WITHOUT_INTERVAL = 2  # digits of a number that does not say how sure it is
_MOST_NAMES = 3  # a sentence with more is not read


def format_estimate(estimate: Estimate, unit: str = "") -> str:
    """Return an estimate as text, with the digits that its interval bears.

    Parameters
    ----------
    estimate : Estimate
        With value and interval in `unit`.
    unit : str
        "um" and "um2" are changed to the unit that reads best: pm, nm, µm or mm, or their
        squares. Any other text is put behind the number as it is; "" is no unit.

    Returns
    -------
    str
        "12.3 ± 0.4 nm" where both sides of the interval are about as long,
        "12.3 [11.9, 13.2] nm" where they are not, "about 12 nm" where there is none, and
        "–" where there is no value.

    Examples
    --------
    >>> format_estimate(Estimate(0.01232, 0.0119, 0.0127, 240), "um")
    '12.3 ± 0.4 nm'
    >>> format_estimate(Estimate(12.34, 11.9, 13.2, 240), "px")
    '12.3 [11.9, 13.2] px'
    >>> format_estimate(Estimate(12.34, None, None, 1), "px")
    'about 12 px'
    """
    if estimate.value is None:
        return "–"
    factor, name = reading_unit(estimate.value, unit)
    value = estimate.value * factor
    tail = f" {name}" if name else ""
    if estimate.low is None or estimate.high is None:
        return f"about {format_number(value, _decimals(value, _WITHOUT_INTERVAL))}{tail}"
    low, high = estimate.low * factor, estimate.high * factor
    half = (high - low) / 2
    if half <= 0:
        return f"{value:.4g}{tail}"
    decimals = _decimals(half, 2 if _leading_digits(half) < 2 else 1)
    texts = [format_number(number, decimals) for number in (value, low, high, half)]
    if abs((high - value) - (value - low)) <= _EVEN * half:
        return f"{texts[0]} ± {texts[3]}{tail}"
    return f"{texts[0]} [{texts[1]}, {texts[2]}]{tail}"


def format_number(number: float, decimals: int) -> str:
    """Return a number rounded to decimals, which may be negative: 1234 to -2 is "1200".

    Examples
    --------
    >>> format_number(1234.0, -2), format_number(1.25, 1), format_number(-0.01, 1)
    ('1200', '1.2', '0.0')
    """
    # Adding 0.0 turns -0.0 into 0.0.
    rounded = round(number, decimals) + 0.0
    return f"{rounded:.{max(decimals, 0)}f}"


def few_digits(number: float, digits: int = 2) -> str:
    """Return a number rounded to some digits, never as a power of ten.

    Examples
    --------
    >>> few_digits(1727.4), few_digits(0.01352), few_digits(0)
    ('1700', '0.014', '0')
    """
    return format_number(number, _decimals(number, digits)) if number else "0"


def named(names: Sequence[str]) -> str:
    """Return names as a list in words, with the number of those that find no room.

    Examples
    --------
    >>> named(["a", "b"]), named(["a", "b", "c", "d", "e"])
    ('a and b', 'a, b, c and 2 more')
    """
    if len(names) > _MOST_NAMES:
        shown = ", ".join(names[:_MOST_NAMES])
        return f"{shown} and {len(names) - _MOST_NAMES} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def found_text(row: Mapping[str, Any]) -> str:
    """Return how many objects a picture has, in words.

    Parameters
    ----------
    row : mapping
        Of the table of images: its `n_objects`, or its `count_regressed` where a model
        counted without finding.

    Examples
    --------
    >>> found_text({"n_objects": 1}), found_text({"n_objects": 0, "count_regressed": 41.73})
    ('1 object', '41.7 objects (counted, none outlined)')
    """
    counted = row.get("count_regressed")
    if counted is None or isnan(counted):
        return count_of(int(row["n_objects"]), "object")
    return f"{counted:,.1f} objects (counted, none outlined)"


def count_of(n: int, name: str) -> str:
    """Return a count with its noun in the right number.

    Examples
    --------
    >>> count_of(1, "image"), count_of(3, "image")
    ('1 image', '3 images')
    """
    return f"{n} {name}" if n == 1 else f"{n} {name}s"


def effective_objects(n: float) -> str:
    """Return an effective number of objects, told from a plain count where it differs.

    Examples
    --------
    >>> effective_objects(120.0), effective_objects(116.3)
    ('120 objects', 'an effective number of 116 objects')
    """
    objects = count_of(round(n), "object")
    if abs(n - round(n)) < _WHOLE:
        return objects
    return f"an effective number of {objects}"


def reading_unit(value: float, unit: str) -> tuple[float, str]:
    """Return the factor to, and the name of, the unit in which a length or area reads best.

    Parameters
    ----------
    value : float
        In `unit`.
    unit : str
        "um" or "um2"; any other is kept.

    Returns
    -------
    factor : float
    name : str
        "nm", "µm²", ...

    Examples
    --------
    >>> reading_unit(0.25, "um"), reading_unit(0.25, "um2"), reading_unit(3.0, "px")
    ((1000.0, 'nm'), (1.0, 'µm²'), (1.0, 'px'))
    """
    power = {"um": 1, "um2": 2}.get(unit)
    if power is None:
        return 1.0, unit.replace("um", "µm").replace("2", "²")
    best = "um"
    for name in _READING_UNITS:
        # An area of 0.1 µm² reads better than one of 100 000 nm².
        least = 1.0 if power == 1 else 0.01
        if abs(value) / LENGTH_IN_UM[name] ** power >= least or name == "pm":
            best = name
    if value == 0:
        best = "um"
    factor = 1 / LENGTH_IN_UM[best] ** power
    return factor, _READING_UNITS[best] + ("²" if power == 2 else "")


def _decimals(number: float, digits: int) -> int:
    """Return the decimals that show a number with so many significant digits."""
    if number == 0:
        return digits - 1
    # Rounding first: 0.096 with one digit is 0.1, not 0.10.
    rounded = float(f"{abs(number):.{digits - 1}e}")
    return digits - 1 - floor(log10(rounded))


def _leading_digits(number: float) -> float:
    return float(f"{number:.1e}".split("e")[0])
