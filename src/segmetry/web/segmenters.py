"""Routes about methods, added models too: what each finds, and a form of its options."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse

from segmetry.errors import MissingError
from segmetry.models import InstalledModel, installed_models
from segmetry.models.file import segmenter_of_file
from segmetry.segment import (
    Option,
    Segmenter,
    segmenter_names,
    segmenter_options,
    segmenter_picks_channel,
    segmenter_sentence,
)
from segmetry.segment.options import options_of

__all__ = ["router", "schema"]

router = APIRouter(tags=["segmenters"])

_TYPES = {"bool": "boolean", "int": "integer", "float": "number", "str": "string"}
_OF_MODELS = {"cutoff", "diameter", "min_confidence"}  # beside what all methods have


@router.get("/segmenters")
def list_segmenters() -> list[dict[str, Any]]:
    """Return all methods with a JSON schema of their options, added models last."""
    methods = [
        {
            "name": name,
            "title": name.capitalize(),
            "description": segmenter_sentence(name),
            "picks_channel": segmenter_picks_channel(name),
            "options": schema(segmenter_options(name)),
        }
        for name in segmenter_names()
    ]
    return [*methods, *(_of_model(model) for model in _added())]


@router.get("/models/{name}", response_class=FileResponse)
def model_file(name: Annotated[str, Path(max_length=100)]) -> FileResponse:
    """Return the file of a model that was added."""
    for model in _added():
        if model.name == name:
            return FileResponse(model.path, filename=model.path.name)
    msg = f"No model {name!r} was added; it may have been removed."
    raise MissingError(msg)


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


def _added() -> list[InstalledModel]:
    return [model for model in installed_models() if not model.shipped]


def _of_model(model: InstalledModel) -> dict[str, Any]:
    """Return a model as a method of its own, without options about learning one."""
    kind = segmenter_of_file(model.path)
    known = {option.name for option in options_of(Segmenter)} | _OF_MODELS
    options = [option for option in segmenter_options(kind) if option.name in known]
    return {
        "name": str(model.path),
        "title": model.name,
        "description": segmenter_sentence(kind),
        "picks_channel": segmenter_picks_channel(kind),
        "options": schema(tuple(options)),
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
