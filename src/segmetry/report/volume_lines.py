"""What a terminal and the report say of volumes."""

from collections.abc import Iterator, Mapping
from typing import Any

from segmetry.measure.wording import count_of, few_digits
from segmetry.report.reading import choose_unit, number_text

__all__ = ["size_rows", "volume_lines", "volume_text"]

_MOST_LINES = 20  # about as many as a screen has room for
_FEWEST = 5  # objects: the sizes of fewer are better read one by one
_UNITS = ((1e12, "ml"), (1e9, "mm³"), (1.0, "µm³"))


def volume_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a terminal says of volumes; nothing where there are none.

    Parameters
    ----------
    summary : mapping
        Of a run; its "volumes" is what `segmetry.measure.volume_summary` returns.
    """
    told = summary.get("volumes")
    if not told:
        return
    used = f"{told['pooled']['n_used']} used for sizes"
    yield (
        f"{count_of(told['n_volumes'], 'volume')}, "
        f"{count_of(told['n_objects'], 'object')}, {used}"
    )
    for one in told["each"][:_MOST_LINES]:
        share = "" if one["fraction"] is None else f" ({100 * one['fraction']:.1f} %)"
        total = volume_text(one["total_volume"], told["unit"])
        yield f"  {one['image']}: {count_of(one['n_objects'], 'object')}, {total}{share}"
    rest = len(told["each"]) - _MOST_LINES
    if rest > 0:
        yield f"  and {rest} more in images.csv"
    for name, value, between in size_rows(told):
        yield f"  {name} {value}{f' ({between})' if between else ''}"


def size_rows(told: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and interval of the sizes of objects; nothing for few objects.

    Parameters
    ----------
    told : mapping
        The "volumes" of a summary.
    """
    pooled, unit = told["pooled"], told["unit"]
    if pooled["n_used"] < _FEWEST:
        return
    middle = pooled["number"]["d50"]["value"]
    read = choose_unit(middle, unit)
    for name, key in (
        ("mean diameter", "mean"),
        ("sd of the diameter", "sd"),
        ("D10", "d10"),
        ("D50", "d50"),
        ("D90", "d90"),
    ):
        value, between = number_text(pooled["number"][key], factor=read.factor)
        yield name, f"{value} {read.name}", between
    value, between = number_text(pooled["volume"]["d43"], factor=read.factor)
    yield "D[4,3], by volume", f"{value} {read.name}", between
    factor, name = (1e9, "per mm³") if unit == "um" else (1.0, "per voxel")
    value, between = number_text(pooled["density"], factor=factor)
    yield "objects by volume", f"{value} {name}", between


def volume_text(volume: float, unit: str) -> str:
    """Return a volume in the unit in which it reads best.

    Examples
    --------
    >>> volume_text(4.7e15, "um"), volume_text(2500.0, "um"), volume_text(812.0, "px")
    ('4700 ml', '2500 µm³', '812 voxels')
    """
    if unit == "px":
        return f"{volume:.0f} voxels"
    scale, name = next((one for one in _UNITS if volume >= 0.1 * one[0]), _UNITS[-1])
    return f"{few_digits(volume / scale, 4)} {name}"
