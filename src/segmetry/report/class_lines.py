"""What a terminal says of classes, and the texts that it shares with the report."""

from collections.abc import Iterator, Mapping
from typing import Any

from segmetry.measure.wording import count_of
from segmetry.report.reading import area_text, number_text

__all__ = ["amount_text", "class_lines", "percent_texts"]

_IN_MM3 = 1e7  # cubic micrometres, from which on mm³ read better
_MOST_LINES = 20  # about as many as a screen has room for


def class_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a terminal says of classes; nothing where there are none.

    Parameters
    ----------
    summary : mapping
        Of a run; its "classes" is what `segmetry.measure.classes.summarize_classes`
        returns.
    """
    told = summary.get("classes")
    if not told:
        return
    n_pictures = told["rows"][0]["n_pictures"]
    yield f"Share of the sample by class, {count_of(n_pictures, 'picture')}"
    for row in told["rows"][:_MOST_LINES]:
        value, between = percent_texts(row)
        name = ", ".join(filter(None, (row["group"], row["class"])))
        yield f"  {name}: {value}{f' ({between})' if between else ''}"
    rest = len(told["rows"]) - _MOST_LINES
    if rest > 0:
        yield f"  and {rest} more in the report"


def percent_texts(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the share of a class with its unit, and its interval.

    Examples
    --------
    >>> percent_texts({"percent": {"value": 12.345, "low": 10.1, "high": 14.9}})
    ('12.3 %', '10.1 to 14.9')
    """
    value, between = number_text(row["percent"])
    return (value if value == "–" else f"{value} %"), between


def amount_text(amount: float, unit: str) -> str:
    """Return an area or volume with its unit.

    Parameters
    ----------
    amount : float
    unit : {"um2", "um3", "px"}

    Examples
    --------
    >>> amount_text(2500000.0, "um2"), amount_text(1234.0, "px")
    ('2.50 mm²', '1234 px')
    """
    if unit == "px":
        return f"{amount:.0f} px"
    if unit == "um2":
        value, _, name = area_text(amount, unit="um")
        return f"{value} {name}"
    factor, name = (1.0, "µm³") if amount < _IN_MM3 else (1e-9, "mm³")
    return f"{number_text(amount, factor=factor)[0]} {name}"
