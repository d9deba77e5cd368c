"""From a microscope's file to objects, counts and size distributions in real units.

The names below are loaded on first use, so that `import segmetry` stays fast. Functions
that are named like their module live there: `from segmetry.measure import measure`.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Image": "segmetry.image",
    "Labels": "segmetry.image",
    "PixelSize": "segmetry.image",
    "Step": "segmetry.image",
    "read": "segmetry.io",
    "read_labels": "segmetry.io",
    "segmenter": "segmetry.segment",
    "summarize": "segmetry.measure",
    "Recipe": "segmetry.recipe",
    "run": "segmetry.recipe",
    "run_batch": "segmetry.batch",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the one list of names


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOME:
        msg = f"module 'segmetry' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """All public names, loaded or not."""
    return [*__all__, "__version__"]
