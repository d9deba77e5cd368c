"""The card of a model as JSON, and reading one that may come from anyone."""

import json
import math
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from segmetry.errors import ModelError
from segmetry.models.card import MODEL_FORMAT, Card

__all__ = ["card_from_json", "card_to_json"]


def card_to_json(card: Card) -> bytes:
    """Return a card as JSON in UTF-8; equal cards give equal bytes.

    Raises
    ------
    ValueError
        If a number in it is NaN or infinite.
    """
    values = card.model_dump(mode="json")
    text = json.dumps(values, indent=1, sort_keys=True, allow_nan=False)
    return f"{text}\n".encode()


def card_from_json(content: bytes, *, name: str) -> Card:
    """Read a card that may come from anyone.

    Parameters
    ----------
    content : bytes
    name : str
        The file's name, for messages.

    Returns
    -------
    Card

    Raises
    ------
    ModelError
        If it is not JSON, of a newer format, or has a key or value that is not known.
    """
    try:
        text = content.decode("utf-8")
        values = json.loads(text, parse_constant=_no_number, parse_float=_finite)
        _refuse_unprintable(values)
    except (ValueError, RecursionError) as error:
        msg = f"{name} is damaged: its card is no proper JSON; get the file again"
        raise ModelError(msg) from error
    _check_format(values, name)
    try:
        # Strict: a text is never taken for a number.
        return Card.model_validate_json(text, strict=True)
    except ValidationError as error:
        msg = f"{name} is no model that Segmetry can run: {_reason(error)}"
        raise ModelError(msg) from error


def _check_format(values: Any, name: str) -> None:
    version = values.get("format") if isinstance(values, dict) else None
    if type(version) is not int or version < 1:
        msg = f"{name} is not a model file of Segmetry: its card states no format"
        raise ModelError(msg)
    if version > MODEL_FORMAT:
        msg = (
            f"{name} was made by a newer Segmetry (format {min(version, 9999)}); this one "
            f"reads format {MODEL_FORMAT}: update with pip install --upgrade segmetry"
        )
        raise ModelError(msg)


def _no_number(word: str) -> float:
    msg = f"{word} is no JSON"
    raise ValueError(msg)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        return _no_number(text)
    return number


def _refuse_unprintable(values: Any) -> None:
    # Control characters in a name or note could rewrite what a terminal shows.
    for text in _texts(values):
        if not text.replace("\n", "").replace("\t", "").isprintable():
            msg = "a text in it cannot be printed"
            raise ValueError(msg)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])[:60] or "its card"
    said = first["msg"].removeprefix("Value error, ")
    return f"{where}: {said[:1].lower()}{said[1:]}"
