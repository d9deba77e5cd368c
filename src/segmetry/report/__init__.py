"""Pictures, figures, text and the HTML report: how results meet the eye.

The public names are loaded on first use: the command line needs only the text.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "DatasetContent": "dataset_page",
    "ReportContent": "content",
    "dataset_html": "dataset_page",
    "class_colors": "palette",
    "description_lines": "dataset_text",
    "draw_classes": "class_picture",
    "draw_overlay": "overlay",
    "draw_panels": "panels",
    "draw_thumbnail": "thumbnails",
    "report_html": "page",
    "summary_lines": "terminal",
    "write_report": "page",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the one list of names


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOME:
        msg = f"module 'segmetry.report' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"segmetry.report.{_HOME[name]}"), name)
