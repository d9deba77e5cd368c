"""The report's section on classes: shares of the sample, and pictures in their colours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segmetry.measure.wording import count_of
from segmetry.report.canvas import blank_figure, drawing_style, to_svg
from segmetry.report.class_lines import amount_text, percent_texts
from segmetry.report.content import ReportContent
from segmetry.report.embedding import jpeg_uri
from segmetry.report.palette import class_colors
from segmetry.report.sections import Card, Drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ClassSection", "class_bars", "class_section"]

_SIDE = 900  # px: longer side of a picture in the report
_BUDGET = 1_000_000  # bytes for all pictures together
_MOST_PICTURES = 30  # more would be too small to see within the budget
_MOST_BARS = 24  # groups
_ALL = "all pictures"


@dataclass(frozen=True)
class ClassSection:
    """What the template shows of classes.

    Parameters
    ----------
    lead : str
        What the numbers are of.
    columns : tuple of str
    rows : tuple of tuple of str
        A row of text per group and class.
    drawing : Drawing
    cards : tuple of Card
        Pictures tinted by class.
    """

    lead: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    drawing: Drawing
    cards: tuple[Card, ...]


def class_section(content: ReportContent) -> ClassSection | None:
    """Return the section on classes; `None` where the method tells none.

    Parameters
    ----------
    content : ReportContent
        Its summary has "classes", as `segmetry.measure.classes.summarize_classes` gives it.
    """
    told = content.summary.get("classes")
    if not told:
        return None
    rows = [
        (
            row["class"],
            row["group"] or _ALL,
            *percent_texts(row),
            amount_text(row["amount"], told["unit"]),
        )
        for row in told["rows"]
    ]
    svg = to_svg(class_bars(told), name="classes")
    return ClassSection(
        lead=_lead(told),
        columns=("class", "group", "share", "interval", told["quantity"]),
        rows=tuple(rows),
        drawing=Drawing(svg, f"Share of the {told['quantity']} that each class takes."),
        cards=tuple(_cards(content)),
    )


def class_bars(told: Mapping[str, Any]) -> "Figure":
    """Return the shares of classes as stacked bars, one for each group.

    Parameters
    ----------
    told : mapping
        As `segmetry.measure.classes.summarize_classes` returns it.

    Returns
    -------
    matplotlib.figure.Figure
    """
    groups = list(dict.fromkeys(row["group"] for row in told["rows"]))[:_MOST_BARS]
    numbers = sorted({row["class_number"] for row in told["rows"]})
    colors = class_colors(numbers[-1] + 1)
    shares = {
        (row["group"], row["class_number"]): row["percent"]["value"] or 0.0
        for row in told["rows"]
    }
    names = {row["class_number"]: row["class"] for row in told["rows"]}
    with drawing_style():
        figure, axes = blank_figure(height=1.2 + 0.32 * len(groups))
        left = [0.0] * len(groups)
        for number in numbers:
            widths = [shares.get((group, number), 0.0) for group in groups]
            color = tuple(part / 255 for part in colors[number])
            axes.barh(range(len(groups)), widths, left=left, color=color, height=0.6)
            left = [start + width for start, width in zip(left, widths, strict=True)]
        axes.set_yticks(range(len(groups)), [group or _ALL for group in groups])
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel(f"share of the {told['quantity']} (%)")
        axes.grid(visible=False, axis="y")
        axes.legend(
            axes.containers,
            [names[number] for number in numbers],
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=min(len(numbers), 4),
        )
    return figure


def _lead(told: Mapping[str, Any]) -> str:
    n_pictures = told["rows"][0]["n_pictures"]
    lead = (
        f"{count_of(n_pictures, 'picture')}: what each class takes of the "
        f"{told['quantity']} whose class is known, all pictures of a group together."
    )
    if any(row["percent"]["low"] is not None for row in told["rows"]):
        return f"{lead} {100 * told['level']:g} % intervals from resampling pictures."
    return f"{lead} An interval needs at least five pictures: it tells how they differ."


def _cards(content: ReportContent) -> Iterator[Card]:
    shown = list(content.class_pictures.items())[:_MOST_PICTURES]
    room = _BUDGET // max(1, len(shown))
    paths = dict(zip(content.done["image"], content.done["path"], strict=True))
    for key, picture in shown:
        name = str(paths.get(key) or key)
        source = jpeg_uri(picture, side=_SIDE, max_bytes=room)
        yield Card(name, source, f"{name} tinted by class", ())
