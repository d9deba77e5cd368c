"""The card of a model in the words of bioimage.io."""

from collections.abc import Sequence
from typing import Any

from segmetry import __version__
from segmetry.models.card import BOUNDARY, FLOWS, Card
from segmetry.models.normalization import FEWEST, MOST

__all__ = ["INPUT", "NAMES", "OUTPUT", "described", "least_side"]

INPUT, OUTPUT = "picture", "maps"
HALO = 64  # pixels at each edge of a tile that see too little; half of our tiles' overlap
NAMES = {  # of the files in a package
    "readme": "README.md",
    "input": "test_input.npy",
    "output": "test_output.npy",
    "network": "model.onnx",
    "card": "model.json",
    "cover": "cover.png",
    "licence": "LICENSE.txt",
}
_UNET = ("U-Net", "10.1007/978-3-319-24574-4_28")
_CELLPOSE = ("Cellpose, whose flows lead to objects", "10.1038/s41592-020-01018-x")
_LEAST_SPAN = 1e-12  # what the format has added to the divisor; nothing beside a grey value
_TOLERANCE = 1e-3  # of maps from 0 to 1: processors round differently


def least_side(card: Card) -> int:
    """Return the least height and width that a package names for its tiles, in pixels.

    Examples
    --------
    >>> card = Card(
    ...     name="cells",
    ...     created="2026-01-31",
    ...     architecture={},
    ...     channels=1,
    ...     outputs=["foreground"],
    ...     multiple=16,
    ...     diameter_px=20,
    ... )
    >>> least_side(card)
    192
    """
    wanted = max(card.shortest_px, 3 * HALO)
    return -(-wanted // card.multiple) * card.multiple


def described(
    card: Card, *, opset: int, highest: float, authors: Sequence[str], licence: str | None
) -> dict[str, Any]:
    """Return the description of a model as bioimage.io's format 0.5 has it.

    It names no address of the web, so that checking it asks nobody.

    Parameters
    ----------
    card : Card
    opset : int
        Version of the operators in its network.
    highest : float
        Greatest value of the test output, by which the tolerance is limited.
    authors : sequence of str
    licence : str or None
        An identifier of SPDX; `None` where none was stated.

    Returns
    -------
    dict
        As JSON values; `bioimageio.spec` checks it.
    """
    told: dict[str, Any] = {
        "type": "model",
        "format_version": "0.5.4",
        "name": f"Segmetry {card.name}",
        "description": _sentence(card),
        "documentation": {"source": NAMES["readme"]},
        "covers": [{"source": NAMES["cover"]}],
        "timestamp": f"{card.created.isoformat()}T00:00:00Z",
        "authors": [{"name": name} for name in authors],
        "cite": [{"text": text, "doi": doi} for text, doi in _sources(card)],
        "tags": ["segmentation", "2d", "unet", "segmetry", card.task],
        "inputs": [_input(card)],
        "outputs": [_output(card)],
        "attachments": [
            {"source": name}
            for name in (NAMES["card"], *sorted(card.files))
            if name != NAMES["network"]
        ],
        "weights": {
            "onnx": {
                "source": NAMES["network"],
                "opset_version": opset,
                "comment": f"As Segmetry {card.package_version} wrote it.",
            }
        },
        "config": {
            "bioimageio": {
                "architecture_type": str(card.architecture.get("kind", ""))[:32],
                "task": "segmentation",
                "reproducibility_tolerance": [
                    {
                        "relative_tolerance": _TOLERANCE,
                        "absolute_tolerance": min(_TOLERANCE, highest / 200),
                    }
                ],
            },
            "segmetry": {"version": __version__, "card": NAMES["card"]},
        },
    }
    if licence:
        told["license"] = licence
    elif NAMES["licence"] in card.files:
        told["license"] = {"source": NAMES["licence"]}
    return told


def _sentence(card: Card) -> str:
    what = {"pixels": "pixels of objects", "classes": "classes of pixels"}
    found = what.get(card.task, card.task)
    size = f", {card.diameter_px:.3g} px across" if card.diameter_px else ""
    return f"Finds {found}{size}, in 2-D pictures. Maps of {', '.join(card.outputs)}."


def _sources(card: Card) -> list[tuple[str, str]]:
    return [_UNET, *([_CELLPOSE] if FLOWS[0] in card.outputs else [])]


def _input(card: Card) -> dict[str, Any]:
    names = ["red", "green", "blue"] if card.channels == 3 else ["grey"]
    return {
        "id": INPUT,
        "description": _of_input(card),
        "axes": [
            {"type": "batch"},
            {"type": "channel", "channel_names": names},
            *(_space(card, axis, size=_sizes(card)) for axis in "yx"),
        ],
        "data": {"type": "float32"},
        "test_tensor": {"source": NAMES["input"]},
        "preprocessing": _preprocessing(card),
    }


def _of_input(card: Card) -> str:
    size = ""
    if card.scale == "match":
        size = f"; resample it first so that objects are {card.diameter_px:.3g} px across"
    return f"Grey values as they are, of any bit depth{size}. Repeat grey for 3 channels."


def _preprocessing(card: Card) -> list[dict[str, Any]]:
    how = card.normalization
    axes = [*([] if how.per_channel else ["channel"]), "y", "x"]
    epsilon = max(how.epsilon, _LEAST_SPAN)
    if how.kind == "none":
        return []
    if how.kind == "mean":
        kwargs = {"axes": axes, "eps": epsilon}
        return [{"id": "zero_mean_unit_variance", "kwargs": kwargs}]
    kwargs = {"axes": axes, "min_percentile": how.low, "max_percentile": how.high}
    scaled = {"id": "scale_range", "kwargs": {**kwargs, "eps": epsilon}}
    limited = {"id": "clip", "kwargs": {"min": FEWEST, "max": MOST}}
    return [scaled, *([limited] if how.kind == "percentiles" else [])]


def _output(card: Card) -> dict[str, Any]:
    return {
        "id": OUTPUT,
        "description": _of_output(card),
        "axes": [
            {"type": "batch"},
            {"type": "channel", "channel_names": list(card.outputs)},
            *(_space(card, axis, size=_as_input(axis), halo=HALO) for axis in "yx"),
        ],
        "data": {"type": "float32", "range": [0, 1]},
        "test_tensor": {"source": NAMES["output"]},
    }


def _of_output(card: Card) -> str:
    told = ["Maps from 0 to 1."]
    if FLOWS[0] in card.outputs:
        told.append(
            "Flows: 0.5 + 0.4 v of a unit vector v towards the middle of an object."
        )
    if BOUNDARY in card.outputs:
        told.append("Boundary: how likely two objects meet.")
    return " ".join(told)


def _space(card: Card, axis: str, **others: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "space", "id": axis, **others}
    if card.pixel_size_um is not None:
        told |= {"unit": "micrometer", "scale": card.pixel_size_um}
    return told


def _sizes(card: Card) -> Any:
    if card.longest_px is not None and card.longest_px == card.shortest_px:
        return card.shortest_px
    return {"min": least_side(card), "step": card.multiple}


def _as_input(axis: str) -> dict[str, str]:
    return {"tensor_id": INPUT, "axis_id": axis}
