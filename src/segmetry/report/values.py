"""The rows of the report's tables of values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from segmetry.report.reading import (
    ReadingUnit,
    area_text,
    choose_unit,
    density_text,
    number_text,
)

__all__ = [
    "ValueRow",
    "area_rows",
    "density_row",
    "number_rows",
    "share_row",
    "volume_rows",
]

_SUM = 4  # significant digits of a sum, which has no interval


@dataclass(frozen=True)
class ValueRow:
    """A value as text, with its interval and what it means."""

    name: str
    value: str
    interval: str
    unit: str
    meaning: str = ""


def number_rows(group: Mapping[str, Any], unit: ReadingUnit) -> Iterator[ValueRow]:
    """Yield what is said of the number-weighted distribution of a group.

    Parameters
    ----------
    group : mapping
        "pooled" or one of the "groups" of a summary.
    unit : ReadingUnit
    """
    values = group.get("number") or {}
    divisor = "n − 1" if values.get("sd_ddof", 1) else "n"
    for name, key, meaning in (
        ("mean", "mean", "arithmetic mean, D[1,0]"),
        ("median", "median", "half of the objects are smaller"),
        ("sd", "sd", f"standard deviation (divided by {divisor})"),
        ("mode", "mode", f"peak of the density per {unit.name}, not per ln(diameter)"),
        ("D10", "d10", "10 % of the objects are smaller"),
        ("D50", "d50", "the median again, under its usual name"),
        ("D90", "d90", "90 % of the objects are smaller"),
    ):
        texts = number_text(values.get(key), factor=unit.factor)
        yield ValueRow(name, *texts, unit.name, meaning)
    for name, key, meaning in (
        ("span", "span", "(D90 − D10) / D50"),
        ("GSD", "gsd", "geometric standard deviation"),
        ("skewness", "skewness", "above 0: a tail of large objects"),
    ):
        yield ValueRow(name, *number_text(values.get(key)), "", meaning)


def volume_rows(group: Mapping[str, Any], unit: ReadingUnit) -> Iterator[ValueRow]:
    """Yield what is said of the volume-weighted distribution; nothing where refused.

    Parameters
    ----------
    group : mapping
        "pooled" or one of the "groups" of a summary.
    unit : ReadingUnit
    """
    values = group.get("volume") or {"refused": ""}
    if "refused" in values:
        return
    for name, key, meaning in (
        ("D10", "d10", "10 % of the volume is in smaller objects"),
        ("D50", "d50", "half of the volume is in smaller objects"),
        ("D90", "d90", "90 % of the volume is in smaller objects"),
        ("D[4,3]", "d43", "volume-weighted mean"),
        ("D[3,2]", "d32", "Sauter mean: volume over surface"),
    ):
        texts = number_text(values.get(key), factor=unit.factor)
        yield ValueRow(name, *texts, unit.name, meaning)
    yield ValueRow("span", *number_text(values.get("span")), "", "(D90 − D10) / D50")


def area_rows(group: Mapping[str, Any]) -> Iterator[ValueRow]:
    """Yield mean, median and total of the projected area.

    Parameters
    ----------
    group : mapping
        "pooled" or one of the "groups" of a summary.
    """
    values = group.get("area") or {}
    for name, meaning in (("mean", ""), ("median", ""), ("total", "sum of what was seen")):
        texts = area_text(values.get(name), unit=group["unit"], digits=_SUM)
        total = values.get("total")
        if name == "total" and group["unit"] == "px" and total is not None:
            texts = (f"{total:.0f}", *texts[1:])  # a count of pixels is exact
        yield ValueRow(f"{name} area", *texts, meaning)


def density_row(group: Mapping[str, Any]) -> ValueRow:
    """Return the number of objects per area.

    Parameters
    ----------
    group : mapping
        "pooled" or one of the "groups" of a summary.
    """
    meaning = "objects per included area"
    return ValueRow("density", *density_text(group.get("density")), meaning)


def share_row(group: Mapping[str, Any]) -> ValueRow | None:
    """Return the share of objects below a limit; `None` where none was asked for.

    Parameters
    ----------
    group : mapping
        "pooled" or one of the "groups" of a summary.
    """
    share = group.get("share_below")
    if not share:
        return None
    unit = choose_unit(share["limit"], share["unit"])
    name = f"share below {share['limit'] * unit.factor:g} {unit.name}"
    meaning = f"of the objects; {share['method']} interval"
    return ValueRow(name, *number_text(share, factor=100), "%", meaning)
