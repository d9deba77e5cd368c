"""Sentences that the report and the terminal share: edge rule, conditions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from segmetry.measure.wording import count_of

__all__ = [
    "UNCORRECTED",
    "bias_text",
    "counted_text",
    "group_remarks",
    "other_intervals",
    "rule_text",
]

UNCORRECTED = ("keep", "drop")
_MOST_BIAS = 10.0  # relative: beyond it the estimate itself is worthless
_BIASED = {"mean": "the mean", "d50": "D50 (number)"}
_RULES = {
    "keep": "objects at the edge count as they look",
    "drop": "objects that touch the edge are left out",
    "two-sides": "objects at two of the four sides are left out",
    "miles-lantuejoul": "objects that touch the edge are left out, and the others weighted "
    "for it (Miles-Lantuéjoul)",
    "truncated-log-normal": "a log-normal is fitted that allows for objects lost at the "
    "edge",
}


def rule_text(name: str) -> str:
    """Return what an edge rule does, for people who never chose one by its name.

    Parameters
    ----------
    name : str
        One of `segmetry.measure.edge_rules.EDGE_RULES`.

    Examples
    --------
    >>> rule_text("drop")
    'objects that touch the edge are left out'
    """
    return _RULES[name]


def bias_text(edge_rule: Mapping[str, Any]) -> str:
    """Return what bias the edge rule removes, in a sentence; "" where it is not known.

    Parameters
    ----------
    edge_rule : mapping
        "edge_rule" of a group of a summary.

    Examples
    --------
    >>> bias_text({"name": "two-sides", "bias_removed": {"mean": 0.012}})
    'Without this rule, the bias would be +1.2 % on the mean.'
    >>> bias_text({"name": "keep", "bias_removed": None})
    'This rule does not correct for the edge.'
    """
    if edge_rule.get("name") in UNCORRECTED:
        return "This rule does not correct for the edge."
    bias = edge_rule.get("bias_removed") or {}
    parts = [
        f"{_share(bias[key])} on {name}"
        for key, name in _BIASED.items()
        if bias.get(key) is not None
    ]
    return f"Without this rule, the bias would be {' and '.join(parts)}." if parts else ""


def counted_text(summary: Mapping[str, Any]) -> str:
    """Return which of the objects found lie in pictures that count; "" where all do.

    Parameters
    ----------
    summary : mapping

    Examples
    --------
    >>> pooled = {"n_objects": 445, "n_images": 4, "unit": "um"}
    >>> counted_text({"n_objects": 554, "pooled": pooled})
    '445 of them in 4 pictures of known pixel size'
    >>> counted_text({"n_objects": 445, "pooled": pooled})
    ''
    """
    pooled = summary["pooled"]
    if pooled["n_objects"] == summary["n_objects"]:
        return ""
    why = "of known pixel size" if pooled["unit"] == "um" else "with an area to look at"
    pictures = count_of(pooled["n_images"], "picture")
    return f"{pooled['n_objects']} of them in {pictures} {why}"


def group_remarks(groups: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the notes on intervals and the warnings of groups, each told once.

    Parameters
    ----------
    groups : iterable of mapping
        "groups" of a summary.

    Returns
    -------
    list of str
        Each sentence with the names of its groups in front, unless it holds for all.

    Examples
    --------
    >>> group_remarks([{"name": "a", "warnings": ["Few."]}, {"name": "b"}])
    ['a: Few.']
    """
    groups = list(groups)
    names: dict[str, list[str]] = {}
    for group in groups:
        for text in dict.fromkeys(_remarks(group)):
            names.setdefault(text, []).append(group["name"])
    return [
        f"All groups: {text}" if len(of) == len(groups) > 1 else f"{'; '.join(of)}: {text}"
        for text, of in names.items()
    ]


def other_intervals(
    pooled: Mapping[str, Any], groups: Iterable[Mapping[str, Any]]
) -> dict[str, list[str]]:
    """Return the notes on intervals of groups that differ from that of all pictures.

    Parameters
    ----------
    pooled : mapping
    groups : iterable of mapping
        "groups" of a summary.

    Returns
    -------
    dict of str to list of str
        Method and note in one text, and the names of its groups.
    """
    own = _interval_text(pooled)
    notes: dict[str, list[str]] = {}
    for group in groups:
        text = _interval_text(group)
        if text and text != own:
            notes.setdefault(text, []).append(group["name"])
    return notes


def _remarks(group: Mapping[str, Any]) -> Iterator[str]:
    text = _interval_text(group)
    if text:
        yield text
    yield from group.get("warnings") or []


def _interval_text(group: Mapping[str, Any]) -> str:
    intervals = group.get("intervals") or {}
    method, note = intervals.get("method"), (intervals.get("note") or "").strip()
    if method in (None, "none"):
        return f"No intervals. {note}".strip() if method else ""
    return f"Intervals by {method}. {note}".strip()


def _share(bias: float) -> str:
    if abs(bias) > _MOST_BIAS:
        return "more than a factor of ten"
    return f"{100 * bias:+.1f} %".replace("-", "−")
