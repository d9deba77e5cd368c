"""The description of a set of pictures, for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["description_lines", "finding_counts", "number", "spread_text", "whole"]

_MOST_PAIRS = 6
_MOST_FINDINGS = 10
_MOST_VALUES = 4  # shapes and the like in one line


def description_lines(told: Mapping[str, Any]) -> list[str]:
    """Return what is in a set, as lines for a terminal.

    Parameters
    ----------
    told : mapping
        What `segmetry.dataset.Description.to_json` returns.

    Returns
    -------
    list of str
    """
    lines = [_count_line(told), *_part_lines(told)]
    lines.append(f"Sizes: {_values(told['shapes'], 'shape')}")
    lines.append(f"Channels: {_values(told['channels'], 'channels')}")
    lines.append(f"Values: {_values(told['values'], 'values')}")
    lines += _origin_lines(told)
    if told["diameter_px"]:
        typical = number(told["typical_diameter_px"])
        lines.append(
            f"Typical object diameter: {typical} px (median of the medians of pictures)"
        )
        lines.append(f"Diameter of all objects: {spread_text(told['diameter_px'])} px")
    if told["objects_per_picture"]:
        counts = spread_text(whole(told["objects_per_picture"]))
        lines.append(f"Objects in a picture: {counts}")
    lines += ["", *_type_lines(told), *_duplicate_lines(told), *_finding_lines(told)]
    return lines


def finding_counts(told: Mapping[str, Any]) -> dict[str, int]:
    """Return how many findings there are of each kind, the most frequent first.

    Parameters
    ----------
    told : mapping
    """
    counts: dict[str, int] = {}
    for finding in told["findings"]:
        counts[finding["kind"]] = counts.get(finding["kind"], 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def spread_text(spread: Mapping[str, float]) -> str:
    """Return the median and the ranges of a quantity.

    Parameters
    ----------
    spread : mapping
        "min", "p05", "median", "p95", "max".

    Examples
    --------
    >>> spread_text({"min": 2, "p05": 3.25, "median": 10.04, "p95": 31, "max": 1200})
    'median 10, 90 % from 3.25 to 31, all from 2 to 1200'
    """
    low, p05, median, p95, high = (number(value) for value in spread.values())
    return f"median {median}, 90 % from {p05} to {p95}, all from {low} to {high}"


def whole(spread: Mapping[str, float]) -> dict[str, float]:
    """Return the quantiles of counts, which lie between two of them, as counts.

    Examples
    --------
    >>> whole({"p05": 9.85, "median": 24.0})
    {'p05': 10.0, 'median': 24.0}
    """
    return {at: float(round(value)) for at, value in spread.items()}


def number(value: float) -> str:
    """Return a number with three digits, or more where it has them before the point.

    Examples
    --------
    >>> number(0.12345), number(12345.6)
    ('0.123', '12346')
    """
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _count_line(told: Mapping[str, Any]) -> str:
    pictures = _plural(told["n_pictures"], "picture")
    if not told["n_annotated"]:
        return f"{pictures} without masks"
    masks = (
        ""
        if told["n_annotated"] == told["n_pictures"]
        else (f", {told['n_annotated']:,} of them with a mask")
    )
    return f"{pictures}{masks}, {_plural(told['n_objects'], 'object')}"


def _part_lines(told: Mapping[str, Any]) -> Iterator[str]:
    if len(told["parts"]) > 1:
        for part in told["parts"]:
            pictures = _plural(part["n_pictures"], "picture")
            yield f"  {part['part']}: {pictures}, {_plural(part['n_objects'], 'object')}"


def _origin_lines(told: Mapping[str, Any]) -> Iterator[str]:
    if told["mask_origins"]:
        line = f"Masks: {_values(told['mask_origins'], 'mask_origin')}"
        drafts = told["n_unchecked_drafts"]
        unchecked = f"; {_plural(drafts, 'draft')} that nobody has checked"
        yield line + (unchecked if drafts else "")


def _values(tally: list[dict[str, Any]], key: str) -> str:
    """Return the most frequent values, each with its number of pictures."""
    shown = [f"{_told(one[key])} ({one['n_pictures']:,})" for one in tally[:_MOST_VALUES]]
    rest = len(tally) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _told(value: Any) -> str:
    return " x ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _type_lines(told: Mapping[str, Any]) -> Iterator[str]:
    types = told["types"]
    if len(types) == 1:
        yield f"All pictures are of one type: {types[0]['looks']}."
        return
    yield f"{len(types)} types of pictures (silhouette {told['silhouette']:.2f})"
    for kind in types:
        pictures = _plural(kind["n_pictures"], "picture")
        yield f"  {kind['type']}: {kind['looks']}, {pictures}, such as {kind['samples'][0]}"


def _duplicate_lines(told: Mapping[str, Any]) -> Iterator[str]:
    pairs = told["near_duplicates"]
    leaks = sum(pair["between_parts"] for pair in pairs)
    yield f"Near-duplicates: {_plural(len(pairs), 'pair') if pairs else 'none'}"
    # Those between parts first: they are the ones to be mended.
    for pair in sorted(pairs, key=lambda pair: not pair["between_parts"])[:_MOST_PAIRS]:
        yield f"  {pair['first']} and {pair['second']}"
    if len(pairs) > _MOST_PAIRS:
        yield f"  and {len(pairs) - _MOST_PAIRS} more, in the report"
    if leaks:
        yield (
            f"Warning: {_plural(leaks, 'pair')} of near-duplicates between parts: a score "
            "on one part is too good."
        )


def _finding_lines(told: Mapping[str, Any]) -> Iterator[str]:
    findings = told["findings"]
    if not findings:
        yield "Nothing odd was found."
        return
    yield f"To look at: {_plural(len(findings), 'finding')}"
    for finding in findings[:_MOST_FINDINGS]:
        yield f"  {finding['name']}: {finding['sentence']}"
    if len(findings) > _MOST_FINDINGS:
        counts = ", ".join(f"{n} {kind}" for kind, n in finding_counts(told).items())
        yield f"  and {len(findings) - _MOST_FINDINGS} more; in all: {counts}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
