"""What correcting a few pictures says of all of them: in sentences, rows and a page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segmetry.evaluate.corrected_sample import METHODS
from segmetry.measure.wording import count_of, few_digits
from segmetry.report.budget import budget_drawing, budget_remarks, together
from segmetry.report.reading import choose_unit, density_text, number_text
from segmetry.report.rendering import rendered
from segmetry.report.values import ValueRow

__all__ = [
    "EstimateContent",
    "bias_sentence",
    "count_text",
    "estimate_html",
    "estimate_rows",
    "group_lines",
    "scores_sentence",
]

_NONE = "–"


@dataclass(frozen=True, eq=False)
class EstimateContent:
    """All that the page of an estimate shows.

    Parameters
    ----------
    title : str
    told : dict
        What `segmetry estimate --json` prints.
    version : str
    """

    title: str
    told: dict[str, Any]
    version: str


def estimate_html(content: EstimateContent) -> str:
    """Return the page of an estimate as the text of an HTML file.

    Parameters
    ----------
    content : EstimateContent

    Returns
    -------
    str
        Self-contained: style and figure are inside.
    """
    told = content.told
    return rendered(
        "estimate.html",
        {
            "content": content,
            "told": told,
            "level": f"{100 * told['level']:g} %",
            "rows": list(estimate_rows(told)),
            "bias": bias_sentence(told),
            "scores": scores_sentence(told),
            "methods": list(_method_rows(told["methods"])),
            "groups": list(group_lines(told["groups"], told["unit"])),
            "drawing": budget_drawing(told["error_budget"]),
            "together": together(told["error_budget"]),
            "remarks": list(budget_remarks(told["error_budget"])),
        },
    )


def estimate_rows(told: Mapping[str, Any]) -> Iterator[ValueRow]:
    """Yield count, density and mean diameter; what automatic objects give as meaning.

    Parameters
    ----------
    told : mapping
        An estimate of all pictures, or one of its groups.
    """
    automatic = told["automatic_count"]
    yield ValueRow("objects", *count_text(told["count"]), "", str(automatic))
    per = {"unit": f"per {told['unit']}2"}
    texts = density_text(told["density"] | per)
    plain = density_text({"value": told["automatic_density"], **per})
    yield ValueRow("number per area", *texts, _with_unit(plain[0], plain[2]))
    unit = choose_unit(told["mean"]["value"], told["unit"])
    value, interval = number_text(told["mean"], factor=unit.factor)
    alone = _with_unit(
        number_text(told["automatic_mean"], factor=unit.factor)[0], unit.name
    )
    yield ValueRow("mean diameter", value, interval, unit.name, alone)


def count_text(estimate: Mapping[str, Any]) -> tuple[str, str]:
    """Return a count of objects and its interval as text, without fractions of objects.

    Parameters
    ----------
    estimate : mapping
        With "value", "low" and "high".

    Examples
    --------
    >>> count_text({"value": 174.02, "low": 167.2, "high": 180.8})
    ('174', '167 to 181')
    """
    texts = number_text(estimate)
    if "." not in texts[0]:
        return texts
    if estimate["low"] is None or estimate["high"] is None:
        return f"{estimate['value']:.0f}", ""
    return f"{estimate['value']:.0f}", f"{estimate['low']:.0f} to {estimate['high']:.0f}"


def bias_sentence(told: Mapping[str, Any]) -> str:
    """Return by how much the automatic count is off.

    Parameters
    ----------
    told : mapping

    Examples
    --------
    >>> bias = {"value": -6.2, "low": -9.0, "high": -3.1}
    >>> bias_sentence({"bias_percent": bias, "level": 0.95})
    'Automatic counts are 6.2 % low (95 % interval: 9.0 % low to 3.1 % low).'
    """
    bias = told["bias_percent"]
    if bias["value"] is None:
        return ""
    text = f"Automatic counts are {_side(bias['value'])}"
    if bias["low"] is None or bias["high"] is None:
        return f"{text}."
    between = f"{_side(bias['low'])} to {_side(bias['high'])}"
    return f"{text} ({100 * told['level']:g} % interval: {between})."


def scores_sentence(told: Mapping[str, Any]) -> str:
    """Return precision and recall of the automatic objects.

    Parameters
    ----------
    told : mapping

    Examples
    --------
    >>> part = {"value": 0.93, "low": 0.88, "high": 0.96, "n": 6}
    >>> scores_sentence({"precision": part, "recall": part | {"value": None}})
    'Automatic objects: precision 0.93 (0.88 to 0.96), at an IoU over 0.5.'
    """
    parts = []
    for name in ("precision", "recall"):
        share = told[name]
        if share["value"] is None:
            continue
        interval = "" if share["low"] is None else f" ({share['low']:.2f} to "
        interval += "" if share["high"] is None else f"{share['high']:.2f})"
        parts.append(f"{name} {share['value']:.2f}{interval}")
    if not parts:
        return ""
    return f"Automatic objects: {', '.join(parts)}, at an IoU over 0.5."


def group_lines(
    groups: Sequence[Mapping[str, Any]], unit: str
) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield each condition: its name, pictures, and the three numbers or why not.

    Parameters
    ----------
    groups : sequence of mapping
        "groups" of an estimate.
    unit : {"um", "px"}
    """
    for group in groups:
        of = count_of(group["n_pictures"], "picture")
        pictures = f"{group['n_corrected']} of {of} corrected"
        if "count" not in group:
            yield group["name"], pictures, "too few corrected", "", ""
            continue
        texts = [_text(row) for row in estimate_rows({**group, "unit": unit})]
        yield group["name"], pictures, texts[0], texts[1], texts[2]


def _method_rows(methods: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for name, meaning in METHODS.items():
        value, interval = count_text(methods[name])
        yield name, value, interval, meaning


def _text(row: ValueRow) -> str:
    value = _with_unit(row.value, row.unit)
    return f"{value} ({row.interval})" if row.interval else value


def _with_unit(value: str, unit: str) -> str:
    return f"{value} {unit}".strip() if value != _NONE else _NONE


def _side(percent: float) -> str:
    if abs(percent) < 0.05:
        return "right"
    return f"{few_digits(abs(percent))} % {'high' if percent > 0 else 'low'}"
