"""Routes about methods: what each finds, and a form's worth of its options."""

from typing import Any

from fastapi import APIRouter

from segmetry.segment import (
    Option,
    segmenter_names,
    segmenter_options,
    segmenter_picks_channel,
    segmenter_sentence,
)

__all__ = ["router", "schema"]

router = APIRouter(prefix="/segmenters", tags=["segmenters"])

_TYPES = {"bool": "boolean", "int": "integer", "float": "number", "str": "string"}


@router.get("")
def list_segmenters() -> list[dict[str, Any]]:
    """Return all methods with a JSON schema of their options."""
    return [
        {
            "name": name,
            "title": name.capitalize(),
            "description": segmenter_sentence(name),
            "picks_channel": segmenter_picks_channel(name),
            "options": schema(segmenter_options(name)),
        }
        for name in segmenter_names()
    ]


def schema(options: tuple[Option, ...]) -> dict[str, Any]:
    """Return options as a JSON schema, in their order.

    Examples
    --------
    >>> form = schema((Option("min_area", "int", 16, "Smaller ones go.", low=1),))
    >>> form["properties"]["min_area"]
    {'type': 'integer', 'default': 16, 'description': 'Smaller ones go.', 'minimum': 1}
    """
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {option.name: _property(option) for option in options},
    }


def _property(option: Option) -> dict[str, Any]:
    described: dict[str, Any] = {
        "type": _TYPES[option.kind],
        "default": option.default,
        "description": option.help,
        "minimum": option.low,
        "maximum": option.high,
        "enum": list(option.choices) or None,
    }
    return {name: value for name, value in described.items() if value is not None}
