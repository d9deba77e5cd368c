"""Templates to pages that need nothing else, neither files nor a network."""

import re
from collections.abc import Mapping
from typing import Any

from segmetry.measure.wording import count_of

__all__ = ["rendered"]

_UNIT = re.compile(r"(?<=\d) (?=(?:%|px|[pnµm]m\b))|(?<=\bper) (?=[µm]m²)")


def rendered(template: str, parts: Mapping[str, Any]) -> str:
    """Return a page as text.

    Parameters
    ----------
    template : str
        Name of a file in the folder `templates`.
    parts : mapping
        All that the template names; a name that is missing is an error.

    Returns
    -------
    str
        Equal parts give equal text.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("segmetry.report"),
        autoescape=True,  # names of files and columns come from strangers
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["count_of"] = count_of
    environment.filters["unbroken"] = _unbroken
    return environment.get_template(template).render(parts)


def _unbroken(text: str) -> str:
    """Let no line end between a number and its unit."""
    return _UNIT.sub("\u00a0", text)
