"""Matplotlib, loaded quietly and always drawing the same bytes for the same data."""

import io
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from segmetry.report.palette import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["blank_figure", "drawing_style", "to_png", "to_svg"]

_STYLE: Mapping[str, Any] = {
    "svg.fonttype": "none",  # text stays text: small, searchable, sharp
    "svg.hashsalt": "segmetry",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelcolor": INK,
    "axes.edgecolor": "#8793a0",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": "#e3e8ed",
    "grid.linewidth": 0.8,
    "text.color": INK,
    "text.parse_math": False,  # names of conditions may hold any sign, $ included
    "xtick.color": "#4a5663",
    "ytick.color": "#4a5663",
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 2.0,
}
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}
_TURN = threading.RLock()  # the style is one for the whole process
_REFERENCE = re.compile(r'(id="|href="#|url\(#)([^")]+)')


@contextmanager
def drawing_style() -> Iterator[None]:
    """Apply Segmetry's style to all that is drawn or saved inside the block.

    Other threads wait with their own drawing until its end.
    """
    with _TURN:
        matplotlib = _load_matplotlib()
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(_STYLE)
            yield


def blank_figure(*, height: float = 3.5) -> "tuple[Figure, Axes]":
    """Return an empty figure 5.8 inches wide and its axes, to be drawn on in the style.

    Parameters
    ----------
    height : float
        In inches.
    """
    _load_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.8, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def to_svg(
    figure: "Figure", *, name: str, tooltips: Mapping[str, str] | None = None
) -> str:
    """Return a figure as an `svg` element for a page, without a fixed size.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    name : str
        Put before every id, so that several figures fit on a page.
    tooltips : mapping or None
        Text for the eye that hovers, by the gid of what was drawn.
    """
    file = io.StringIO()
    with drawing_style():
        figure.savefig(file, format="svg", metadata=_NO_METADATA)
    text = file.getvalue()
    svg = text[text.index("<svg") :].strip()
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)
    svg = _REFERENCE.sub(rf"\g<1>{name}-\g<2>", svg)
    for gid, tooltip in (tooltips or {}).items():
        opening = f'<g id="{name}-{gid}">'
        svg = svg.replace(opening, f"{opening}<title>{escape(tooltip)}</title>")
    return svg


def to_png(figure: "Figure", *, dpi: int = 200) -> bytes:
    """Return a figure as the bytes of a PNG file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    dpi : int
        Pixels per inch of the figure.
    """
    file = io.BytesIO()
    with drawing_style():
        figure.savefig(file, format="png", dpi=dpi, metadata={"Software": None})
    return file.getvalue()


def _load_matplotlib() -> Any:
    """Import matplotlib; it must start no program and write nothing in the home folder.

    On its first import it asks another program for the fonts of the system, and keeps
    the answer in the user's cache. Its own fonts are all that is needed here.
    """
    if "matplotlib.font_manager" not in sys.modules:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            environment = patch.dict(os.environ, {"MPLCONFIGDIR": folder})
            with environment, patch.object(subprocess, "check_output", _no_program):
                import_module("matplotlib.font_manager")
    return import_module("matplotlib")


def _no_program(*_arguments: Any, **_options: Any) -> bytes:
    msg = "no other program is asked for fonts"
    raise OSError(msg)
