"""The report: one HTML file that needs nothing else, neither files nor a network."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from segmetry.errors import WriteError
from segmetry.report.budget import budget_drawing, budget_remarks, together
from segmetry.report.class_section import class_section
from segmetry.report.content import ReportContent
from segmetry.report.methods import methods_text
from segmetry.report.reading import reading_unit, reason_text
from segmetry.report.region_section import region_section
from segmetry.report.remarks import bias_text, counted_text, group_remarks, rule_text
from segmetry.report.rendering import rendered
from segmetry.report.sections import (
    calibration_cards,
    calibration_rows,
    condition_drawings,
    drawings,
    group_rows,
    picture_cards,
    rule_rows,
)
from segmetry.report.terminal import fit_sentence
from segmetry.report.thin_section import thin_section
from segmetry.report.values import (
    ValueRow,
    area_rows,
    density_row,
    number_rows,
    share_row,
    volume_rows,
)
from segmetry.report.volume_page import volume_html

__all__ = ["ReportContent", "report_html", "write_report"]

_HEADLINES = ("D50", "D10", "D90", "mean", "sd")


def write_report(path: Path, content: ReportContent) -> None:
    """Write the report as one HTML file; a file is there whole or not at all.

    Parameters
    ----------
    path : Path
        Where to write; an existing file is replaced.
    content : ReportContent

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    text = report_html(content).encode("utf-8")
    unfinished: str | None = None
    try:
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".report-")
        with os.fdopen(handle, "wb") as file:
            file.write(text)
        # mkstemp makes files for their owner only; others may read a report.
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except OSError as error:
        msg = f"Cannot write {path.name}: {error.strerror or error}."
        raise WriteError(msg) from error
    finally:
        if unfinished is not None:
            with suppress(OSError):
                Path(unfinished).unlink(missing_ok=True)


def report_html(content: ReportContent) -> str:
    """Return the report as the text of an HTML page.

    Parameters
    ----------
    content : ReportContent

    Returns
    -------
    str
        Self-contained: style, figures and pictures are inside, and the page forbids the
        browser to load anything. Equal content gives equal text.
    """
    if content.summary.get("volumes") and not len(content.done) - _n_volumes(content):
        return volume_html(content)
    return rendered("report.html", _parts(content))


def _n_volumes(content: ReportContent) -> int:
    return int(content.summary["volumes"]["n_volumes"])


def _parts(content: ReportContent) -> dict[str, Any]:
    """Return all that the template names."""
    summary = content.summary
    group = summary["pooled"]
    edge, unit = group.get("edge_rule") or {}, reading_unit(group)
    numbers = list(number_rows(group, unit))
    warnings = dict.fromkeys([*summary.get("warnings", []), *group.get("warnings", [])])
    cards = picture_cards(content)
    return {
        "content": content,
        "summary": summary,
        "group": group,
        "counted": counted_text(summary),
        "level": f"{100 * (group.get('intervals') or {}).get('level', 0.95):g} %",
        "headlines": _headlines(numbers, density_row(group)),
        "number_rows": numbers,
        "volume_rows": list(volume_rows(group, unit)),
        "other_rows": _other_rows(group),
        "drawings": list(drawings(content, unit)),
        "condition_drawings": list(condition_drawings(content, unit)),
        "group_rows": group_rows(content, unit),
        "group_remarks": group_remarks(summary.get("groups") or []),
        "planner": (group.get("planner") or {}).get("sentence"),
        "cards": cards,
        "thin": thin_section(content),
        "regions": region_section(summary),
        "classes": class_section(content),
        "n_hidden": len(content.done) - len(cards),
        "crops": calibration_cards(content),
        "calibrations": calibration_rows(content),
        "failed": content.failed.to_dict("records"),
        "rule_rows": rule_rows(group, unit),
        "bias": bias_text(edge),
        "rule": rule_text(edge["name"]) if edge else "",
        "budget": budget_drawing(group.get("error_budget")),
        "together": together(group.get("error_budget")),
        "budget_remarks": list(budget_remarks(group.get("error_budget"))),
        "fit": fit_sentence(group.get("fit"), unit).removeprefix("Fit: "),
        "fit_reason": reason_text((group.get("fit") or {}).get("reason")),
        "refusal": reason_text((group.get("volume") or {}).get("refused")),
        "warnings": list(warnings),
        "methods": methods_text(content),
    }


def _headlines(numbers: list[ValueRow], density: ValueRow) -> list[ValueRow]:
    by_name = {row.name: row for row in numbers}
    return [*(by_name[name] for name in _HEADLINES), density]


def _other_rows(group: dict[str, Any]) -> list[ValueRow]:
    share = share_row(group)
    rows = [density_row(group), *area_rows(group)]
    return rows if share is None else [share, *rows]
