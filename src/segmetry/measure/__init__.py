"""From numbered objects to a table, and from tables to statistics.

Names are looked up when they are first used: pandas and numba cost half a second, and
`segmetry --help` needs neither.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segmetry.measure.objects import PERIMETERS, measure
    from segmetry.measure.some import measure_some
    from segmetry.measure.summary import summarize
    from segmetry.measure.thin import measure_thin
    from segmetry.measure.volume import measure_volume

__all__ = [
    "PERIMETERS",
    "measure",
    "measure_some",
    "measure_thin",
    "measure_volume",
    "summarize",
]

_HOMES = {
    "PERIMETERS": "segmetry.measure.objects",
    "measure": "segmetry.measure.objects",
    "measure_some": "segmetry.measure.some",
    "measure_thin": "segmetry.measure.thin",
    "measure_volume": "segmetry.measure.volume",
    "summarize": "segmetry.measure.summary",
}


def __getattr__(name: str) -> Any:
    """Import the module in which `name` lives, and return it from there."""
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
