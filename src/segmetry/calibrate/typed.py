"""Lengths that a person typed."""

import re

from segmetry.errors import CalibrationError
from segmetry.image import PixelSize

__all__ = ["parse_length"]

_UNITS = {
    "pm": "pm",
    "å": "angstrom",
    "angstrom": "angstrom",
    "angstroms": "angstrom",
    "nm": "nm",
    "um": "um",
    "micron": "um",
    "microns": "um",
    "mm": "mm",
    "cm": "cm",
    "m": "m",
}
_PATTERN = re.compile(
    r"""\s*(?P<number>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?)
        \s*(?P<unit>[^\W\d_]*)\s*(?:(?:/|per)\s*(?:px|pixels?))?\s*""",
    re.VERBOSE,
)
_EXPECTED = 'a length with its unit, such as "12.3 nm" or "0.5 µm"'


def parse_length(text: str) -> PixelSize:
    """Return the length that a text names, as the size of a square pixel.

    Parameters
    ----------
    text : str
        A positive number with a unit: pm, Å, nm, µm (um), mm, cm or m. The decimal sign
        is a point or a comma, the space may be left out, "per pixel" may follow.

    Returns
    -------
    PixelSize
        In the unit that was typed, with the source "typed".

    Raises
    ------
    CalibrationError
        If there is no number, no unit, an unknown unit, a value that is not positive, or
        a comma that could mean thousands.

    Examples
    --------
    >>> parse_length("0,5 µm").in_um.x
    0.5
    >>> parse_length("3 nm per pixel").unit
    'nm'
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        msg = f"Expected {_EXPECTED}, got {text!r}."
        raise CalibrationError(msg)
    unit = _unit(match["unit"], text)
    size = _number(match["number"], text)
    return PixelSize(y=size, x=size, unit=unit, source="typed")


def _unit(name: str, text: str) -> str:
    if name.lower() in {"dpi", "ppi"}:
        msg = (
            f"Expected {_EXPECTED}, got {text!r}: dots per inch say how a picture is "
            "printed, not how large a pixel is on the sample."
        )
        raise CalibrationError(msg)
    if not name:
        msg = f"Expected {_EXPECTED}, got {text!r} without a unit; add one."
        raise CalibrationError(msg)
    unit = _UNITS.get(_plain(name))
    if unit is None:
        known = "pm, Å, nm, µm, mm, cm, m"
        msg = f"Expected {_EXPECTED}, got {text!r}; the units known are {known}."
        raise CalibrationError(msg)
    return unit


def _plain(name: str) -> str:
    # Capitals are spellings of the small letters, except where they mean another unit.
    if name in {"A", "\u212b"}:
        return "å"
    if name[0] == "M" and len(name) == 2:
        return name
    return re.sub("^[\u00b5\u03bc]", "u", name.lower())


def _number(digits: str, text: str) -> float:
    if re.match(r"[+-]?[1-9]\d{0,2},\d{3}(?!\d)", digits):
        msg = (
            f"Expected {_EXPECTED}, got {text!r}: the comma can mean thousands or decimals."
        )
        raise CalibrationError(msg)
    size = float(digits.replace(",", "."))
    if not 0 < size < float("inf"):
        msg = f"Expected {_EXPECTED}, got {text!r}; it must be larger than zero and finite."
        raise CalibrationError(msg)
    return size
