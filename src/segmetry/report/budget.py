"""The error budget of a report: one bar chart, and what is to be said of it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from segmetry.measure.error_budget import SOURCES
from segmetry.measure.wording import few_digits, named
from segmetry.report.canvas import blank_figure, drawing_style, to_svg
from segmetry.report.palette import SERIES
from segmetry.report.sections import Drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["QUANTITIES", "budget_drawing", "budget_plot", "budget_remarks", "together"]

QUANTITIES = {"count": "count", "density": "number per area", "mean": "mean diameter"}

_ROWS = (*SOURCES, "together")
_THICKNESS = 0.8  # of the bars of one source, of the distance to the next
_SOFT = "#55616e"
_COLORS = {"count": SERIES[2], "density": SERIES[0], "mean": SERIES[1]}


def budget_plot(budgets: Mapping[str, Mapping[str, Any]]) -> "Figure":
    """Return the bar chart of what makes numbers uncertain.

    Parameters
    ----------
    budgets : mapping of str to mapping
        "error_budget" of a summary or of an estimate: what `Budget.as_json` returns, by
        quantity.
    """
    thickness = _THICKNESS / len(budgets)
    with drawing_style():
        figure, axes = blank_figure(height=1.3 + 0.22 * len(_ROWS) * (1 + len(budgets)))
        for index, (key, budget) in enumerate(budgets.items()):
            shift = (index - (len(budgets) - 1) / 2) * thickness
            values = [_relative(budget, row) for row in _ROWS]
            axes.barh(
                [place + shift for place in range(len(_ROWS))],
                [100 * (value or 0.0) for value in values],
                height=0.9 * thickness,
                color=_COLORS[key],
                label=QUANTITIES[key],
            )
            for place, value in enumerate(values):
                text = _bar_text(key, budget, _ROWS[place], value)
                at = 100 * (value or 0.0), place + shift
                axes.annotate(
                    text, at, xytext=(4, 0), textcoords="offset points", va="center",
                    fontsize=8.5, color=_SOFT,
                )  # fmt: skip
        axes.axhline(len(SOURCES) - 0.5, color="#8793a0", linewidth=0.8)
        axes.set_yticks(range(len(_ROWS)), _ROWS)
        axes.invert_yaxis()
        axes.margins(x=0.16)
        axes.set_xlim(left=0)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("relative standard uncertainty / %")
        axes.set_title("What makes the numbers uncertain")
        figure.legend(loc="outside lower right", ncols=len(budgets))
    return figure


def budget_drawing(budgets: Mapping[str, Mapping[str, Any]] | None) -> Drawing | None:
    """Return the chart for a page; `None` where no uncertainty is known.

    Parameters
    ----------
    budgets : mapping or None
        As for `budget_plot`.
    """
    known = _known(budgets)
    if not known:
        return None
    svg = to_svg(budget_plot(known), name="budget")
    caption = "Together: the root of the sum of the squares of what is known."
    return Drawing(svg, caption)


def together(budgets: Mapping[str, Mapping[str, Any]] | None) -> str:
    """Return what the sources come to together, in sentences; "" where nothing is known.

    Parameters
    ----------
    budgets : mapping or None
        As for `budget_plot`.

    Examples
    --------
    >>> known = {"relative": 0.02, "half_width": 0.04, "level": 0.95, "unknown": []}
    >>> together({"mean": known | {"unknown": ["segmentation"]}})
    'Together ±4.0 % on the mean diameter (95 % interval). Without segmentation, which is \
not known.'
    """
    known = _known(budgets)
    if not known:
        return ""
    parts = [
        f"±{few_digits(100 * budget['half_width'])} % on the {QUANTITIES[key]}"
        for key, budget in known.items()
    ]
    level = next(iter(known.values()))["level"]
    text = f"Together {named(parts)} ({100 * level:g} % interval)."
    unknown = dict.fromkeys(name for one in known.values() for name in one["unknown"])
    if unknown:
        verb = "is" if len(unknown) == 1 else "are"
        text += f" Without {named(list(unknown))}, which {verb} not known."
    return text


def budget_remarks(budgets: Mapping[str, Mapping[str, Any]] | None) -> Iterator[str]:
    """Yield what is to be said of each source, and of which numbers.

    Parameters
    ----------
    budgets : mapping or None
        As for `budget_plot`.
    """
    known = _known(budgets)
    for source in SOURCES:
        notes: dict[str, list[str]] = {}
        for key, budget in known.items():
            note = budget["sources"].get(source, {}).get("note")
            if note:
                notes.setdefault(note, []).append(QUANTITIES[key])
        for note, of in notes.items():
            where = "" if len(of) == len(known) else f" ({named(of)})"
            yield f"{source.capitalize()}{where}: {note}"


def _known(
    budgets: Mapping[str, Mapping[str, Any]] | None,
) -> dict[str, Mapping[str, Any]]:
    return {
        key: budget
        for key, budget in (budgets or {}).items()
        if budget["relative"] is not None
    }


def _relative(budget: Mapping[str, Any], row: str) -> float | None:
    if row == "together":
        return float(budget["relative"])
    part = budget["sources"].get(row)
    return None if part is None else part["relative"]


def _bar_text(key: str, budget: Mapping[str, Any], row: str, value: float | None) -> str:
    """Return a bar's number; where there is no bar, also what it would be of."""
    if value is not None:
        return f"{few_digits(100 * value)} %"
    bears = row == "together" or row in budget["sources"]
    return f"{QUANTITIES[key]}: {'not known' if bears else 'does not bear on it'}"
