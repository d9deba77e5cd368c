"""Labels of scale bars: which lines of text name a length."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from segmetry.calibrate.ocr import Text

__all__ = ["Label", "labels_in", "parse_label"]

_SURE = 0.75  # score under which a line is not worth parsing
_MICRO = "uUµμ"  # the micro sign, the Greek letter, and what stands for them
_LABEL = re.compile(
    rf"""[-–—_·'’\s]*                             # an end of the bar may be read as a sign
         (?:\d+[.,]?\d*\s*[xX×]\s*)?           # a magnification may run into the label
         (?P<number>[\dlI|oOØø]+(?:[.,][\doOØø]+)?)
         \s*(?P<unit>nm|[{_MICRO}]\s?m|mm|cm|Å)[-–—_·'’|1lI.,\s]*""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Label:
    """A length that is written in a picture.

    Parameters
    ----------
    value : float
        In `unit`.
    unit : str
        "angstrom", "nm", "um", "mm" or "cm".
    box : Text
        The line it was read from, with its place.
    """

    value: float
    unit: str
    box: Text

    @property
    def says(self) -> tuple[float, str]:
        """Value and unit, to compare readings."""
        return self.value, self.unit

    @property
    def text(self) -> str:
        """Value and unit as they are written."""
        unit = {"um": "µm", "angstrom": "Å"}.get(self.unit, self.unit)
        return f"{self.value:g} {unit}"


def parse_label(text: str) -> tuple[float, str] | None:
    """Return the value and unit of a scale bar's label, or `None` if it is none.

    Only round values are taken, as people and microscopes choose them: a value such as
    202 is more likely misread. Picometres are not read, because "pm" is what a badly
    drawn "µm" looks like.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of float and str, or None

    Examples
    --------
    >>> parse_label("0.5 μm"), parse_label("200nm"), parse_label("WD = 2.9 mm")
    ((0.5, 'um'), (200.0, 'nm'), None)
    """
    match = _LABEL.fullmatch(text.strip())
    if match is None:
        return None
    digits = re.sub("[lI|]", "1", re.sub("[oOØø]", "0", match["number"])).replace(",", ".")
    # "05" and "1.000" have lost or gained a sign; "1,000" can mean two things.
    if re.fullmatch(r"0\d.*|\d+\.\d{3,}", digits) or not _is_round(float(digits)):
        return None
    unit = match["unit"]
    if unit[0] in _MICRO:
        return float(digits), "um"
    return float(digits), {"Å": "angstrom"}.get(unit, unit)


def _is_round(value: float) -> bool:
    if not 0.1 <= value <= 5000:
        return False
    digits = f"{value:.6g}".replace(".", "").strip("0")
    return len(digits) <= 2 or digits in {"125", "375", "625", "875"}


def labels_in(lines: Sequence[Text]) -> list[Label]:
    """Return the labels among lines of text; "200" and "nm" side by side are one.

    Parameters
    ----------
    lines : sequence of Text

    Returns
    -------
    list of Label
    """
    found = (_label(line) for line in (*lines, *_joined(lines)))
    return [label for label in found if label is not None]


def _joined(lines: Iterable[Text]) -> Iterator[Text]:
    for left, right in permutations(lines, 2):
        height = max(left.height, right.height)
        gap = right.x_min - left.x_max
        level = abs(left.y_max + left.y_min - right.y_max - right.y_min) / 2
        if -0.3 * height <= gap <= 1.2 * height and level <= 0.4 * height:
            yield Text(
                f"{left.text} {right.text}",
                min(left.score, right.score),
                left.x_min,
                min(left.y_min, right.y_min),
                right.x_max,
                max(left.y_max, right.y_max),
            )


def _label(line: Text) -> Label | None:
    says = parse_label(line.text) if line.score >= _SURE else None
    return None if says is None else Label(*says, box=_without_magnification(line))


def _without_magnification(line: Text) -> Text:
    match = re.match(r"\d+[.,]?\d*\s*[xX×]\s*", line.text)
    if match is None:
        return line
    # Letters are about equally wide, which places the start of the label well enough.
    start = line.x_min + line.width * match.end() / len(line.text)
    box = (start, line.y_min, line.x_max, line.y_max)
    return Text(line.text[match.end() :], line.score, *box)
