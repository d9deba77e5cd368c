"""Lengths that a person typed, and lines of known length that a person drew."""

import re
from dataclasses import replace
from math import sqrt

from segmetry.errors import CalibrationError
from segmetry.image import PixelSize

__all__ = ["DRAWN", "parse_length", "parse_pixel_size"]

DRAWN = "a line of "  # how sources begin that are lines which a person drew

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
_SHORTEST = 2.0  # px: a shorter line tells nothing, as its ends are uncertain
_PATTERN = re.compile(
    r"""\s*(?P<number>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?)
        \s*(?P<unit>[^\W\d_]*)\s*(?:(?:/|per)\s*(?:px|pixels?))?\s*""",
    re.VERBOSE,
)
_EXPECTED = 'a length with its unit, such as "12.3 nm" or "0.5 µm"'

_OVER_LINE = re.compile(
    r"(?P<length>.+)/\s*(?P<line>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*px\s*"
)
_OVER_VOXEL = re.compile(r"(?P<z>[^x×]+)[x×](?P<y>[^x×]+)[x×](?P<x>.+)")
_END = 1.0  # px: to so much either way is each end of a line known


def parse_pixel_size(text: str) -> PixelSize:
    """Return the size of a square pixel that a text names.

    Parameters
    ----------
    text : str
        A length, as `parse_length` takes it; or that of a drawn line with the pixels
        that the line is long: "357 µm / 510 px"; or the size of a voxel, the distances
        of slices, rows and columns: "5 x 0.7 x 0.7 mm".

    Returns
    -------
    PixelSize
        Of a line, the relative standard uncertainty is that of its two ends, each anywhere
        within 1 px of where it was put: √(2/3) px over its length. That of the length that
        a person said is not known.

    Raises
    ------
    CalibrationError
        As `parse_length` does, or if the line is shorter than 2 px.

    References
    ----------
    JCGM 100:2008, 4.3.7: the standard uncertainty of what lies anywhere within ± a is a/√3.

    Examples
    --------
    >>> size = parse_pixel_size("357 µm / 510 px")
    >>> size.x, round(size.uncertainty, 4)
    (0.7, 0.0016)
    >>> size.source
    'a line of 510 px drawn by a person, said to be 357 µm'
    >>> parse_pixel_size("2 nm").source
    'typed'
    >>> parse_pixel_size("5 x 0.7 x 0.7 mm").z
    5.0
    """
    match = _OVER_LINE.fullmatch(text)
    if match is None:
        voxel = _OVER_VOXEL.fullmatch(text)
        return parse_length(text) if voxel is None else _voxel(voxel, text)
    said = parse_length(match["length"])
    line = _number(match["line"], text)
    if line < _SHORTEST:
        msg = "The line is too short to tell a pixel size; draw a longer one."
        raise CalibrationError(msg)
    name = {"um": "µm", "angstrom": "Å"}.get(said.unit, said.unit)
    return replace(
        said,
        y=said.y / line,
        x=said.x / line,
        source=f"{DRAWN}{line:.4g} px drawn by a person, said to be {said.x:g} {name}",
        uncertainty=sqrt(2 / 3) * _END / line,
    )


def _voxel(match: re.Match[str], text: str) -> PixelSize:
    """Return the size of a voxel; its unit stands behind the last number."""
    last = parse_length(match["x"])
    numbers = [match[side].strip() for side in "zy"]
    if not all(re.fullmatch(r"\d+(?:[.,]\d*)?|[.,]\d+", number) for number in numbers):
        msg = f'Expected the size of a voxel, such as "5 x 0.7 x 0.7 mm", got {text!r}.'
        raise CalibrationError(msg)
    z, y = (_number(number, text) for number in numbers)
    return replace(last, z=z, y=y)


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
