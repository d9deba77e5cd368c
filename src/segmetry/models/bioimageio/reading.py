"""The description of a package of bioimage.io, checked and in our terms."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from segmetry.errors import MissingExtraError, ModelError
from segmetry.models.bioimageio.package import Package

__all__ = ["Described", "Space", "read_description", "silently", "spaces_of"]

_MAX_TEXT = 2**18  # bytes; real ones have 20,000 at most
_MAX_VALUES = 20_000
_ODD = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError)
_LOUD = ("bioimageio", "pydantic")  # who logs, as the library that it logs with sees it
_UM = {"nanometer": 1e-3, "micrometer": 1.0, "millimeter": 1e3}
_AXES = {"batch", "channel", "y", "x"}


@dataclass(frozen=True)
class Described:
    """A description with one input and one output.

    Parameters
    ----------
    model : ModelDescr
        As `bioimageio.spec` has it, in format 0.5.
    content : dict
        As the file has it.
    """

    model: Any
    content: dict[str, Any]


@dataclass(frozen=True)
class Space:
    """Which pictures a network takes.

    Parameters
    ----------
    axes_in, axes_out : tuple of str
    channels : int
    channel_names : tuple of str
        Of the output.
    multiple, shortest : int
        Of heights and widths, in pixels.
    longest : int or None
    pixel_size_um : float or None
    """

    axes_in: tuple[str, ...]
    axes_out: tuple[str, ...]
    channels: int
    channel_names: tuple[str, ...]
    multiple: int
    shortest: int
    longest: int | None
    pixel_size_um: float | None


@contextmanager
def silently() -> Iterator[None]:
    """Keep what checks descriptions from writing to the terminal."""
    from loguru import logger

    for each in _LOUD:
        logger.disable(each)
    try:
        yield
    finally:
        for each in _LOUD:
            logger.enable(each)


def read_description(package: Package) -> Described:
    """Read the description of a package that may come from anyone; nobody is asked.

    Raises
    ------
    MissingExtraError
        If `bioimageio.spec` is not installed.
    ModelError
        If it is damaged, or not one of a model with one input and one output.
    """
    try:
        import onnx  # noqa: F401 (needed later; both come with the extra)
        from bioimageio.spec import InvalidDescr, ValidationContext, build_description
        from ruyaml import YAML
        from ruyaml.error import YAMLError
    except ModuleNotFoundError as error:
        purpose = "Reading packages of bioimage.io"
        raise MissingExtraError(purpose, "bioimageio") from error
    text = package.read(package.description, limit=_MAX_TEXT)
    try:
        content = YAML(typ="safe", pure=True).load(text.decode("utf-8"))
    except (YAMLError, *_ODD) as error:
        msg = f"{package.description} of {package.file} is no proper YAML; get it again"
        raise ModelError(msg) from error
    if not isinstance(content, dict) or _count(content) > _MAX_VALUES:
        msg = f"{package.description} of {package.file} describes no model"
        raise ModelError(msg)
    if content.get("type") != "model":
        msg = f"{package.file} describes no model; packages with models can be imported"
        raise ModelError(msg)
    context = ValidationContext(perform_io_checks=False, log_warnings=False)
    try:
        with silently():
            found = build_description(content, context=context, format_version="latest")
    except _ODD as error:
        msg = f"{package.file} is not described as bioimage.io asks; get it again"
        raise ModelError(msg) from error
    if isinstance(found, InvalidDescr):
        msg = (
            f"{package.file} is not described as bioimage.io asks: {_reason(found)}; ask "
            "its authors"
        )
        raise ModelError(msg)
    model: Any = found
    form = (len(model.inputs), len(model.outputs))
    if form != (1, 1):
        msg = (
            f"{package.file} has {form[0]} inputs and {form[1]} outputs; models with "
            "one of each can be imported"
        )
        raise ModelError(msg)
    return Described(model, content)


def spaces_of(described: Described, *, file: str) -> Space:
    """Return which pictures a model takes.

    Raises
    ------
    ModelError
        If it is not for single pictures of 1 or 3 channels, or its maps are smaller.
    """
    taken, given = described.model.inputs[0], described.model.outputs[0]
    for what, tensor in (("takes", taken), ("gives", given)):
        axes = {_axis(axis) for axis in tensor.axes}
        if axes != _AXES:
            told = ", ".join(_axis(axis) for axis in tensor.axes)
            msg = (
                f"the network of {file} {what} arrays with the axes {told}; those with "
                "batch, channel, y and x can be imported"
            )
            raise ModelError(msg)
    inside = {_axis(axis): axis for axis in taken.axes}
    outside = {_axis(axis): axis for axis in given.axes}
    channels = int(inside["channel"].size)
    if channels not in {1, 3}:
        msg = f"the network of {file} takes {channels} channels; 1 or 3 can be imported"
        raise ModelError(msg)
    for name in ("y", "x"):
        _check_same(inside[name], outside[name], str(taken.id), file)
    multiple, shortest, longest = _sizes(inside["y"].size, inside["x"].size, file)
    return Space(
        axes_in=tuple(map(_axis, taken.axes)),
        axes_out=tuple(map(_axis, given.axes)),
        channels=channels,
        channel_names=tuple(str(name) for name in outside["channel"].channel_names),
        multiple=multiple,
        shortest=shortest,
        longest=longest,
        pixel_size_um=_pixel_size(inside["y"], inside["x"]),
    )


def _axis(axis: Any) -> str:
    """Return the kind of an axis, of those in space which."""
    return str(axis.id) if axis.type == "space" else str(axis.type)


def _check_same(inside: Any, outside: Any, tensor: str, file: str) -> None:
    size = outside.size
    if isinstance(size, int):
        same = size == inside.size
    else:
        place = (str(getattr(size, "tensor_id", "")), str(getattr(size, "axis_id", "")))
        same = place == (tensor, str(inside.id)) and size.offset == 0
        same = same and outside.scale == inside.scale
    if not same:
        msg = (
            f"the maps of {file} are of another size than its picture; networks that give "
            "a value for each pixel can be imported"
        )
        raise ModelError(msg)


def _sizes(height: Any, width: Any, file: str) -> tuple[int, int, int | None]:
    """Return the multiple, the least and the greatest side."""
    if isinstance(height, int) and height == width:
        return 1, height, height
    step, other = (int(getattr(size, "step", 0)) for size in (height, width))
    least = max(int(getattr(size, "min", 0)) for size in (height, width))
    if not step or step != other or least % step:
        msg = (
            f"the network of {file} takes pictures of unusual sizes; those of one square "
            "size, or of heights and widths that are multiples of one number, can be "
            "imported"
        )
        raise ModelError(msg)
    return step, least, None


def _pixel_size(height: Any, width: Any) -> float | None:
    same = height.unit == width.unit and height.scale == width.scale
    return float(height.scale) * _UM[height.unit] if same and height.unit in _UM else None


def _count(value: Any) -> int:
    """Return how many values there are, each as often as it is named, up to a limit."""
    todo, n = [value], 0
    while todo and n <= _MAX_VALUES:
        each = todo.pop()
        n += 1
        if isinstance(each, dict):
            todo += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            todo += each
    return n


def _reason(found: Any) -> str:
    for detail in found.validation_summary.details:
        for error in detail.errors:
            where = ".".join(str(part) for part in error.loc)
            lines = f"{where}: {error.msg}".splitlines()
            return re.sub(r"[^\x20-\x7e]", "?", lines[0])[:200]
    return "no reason is told"
