"""A package of bioimage.io as a model file that runs like any other."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from os import PathLike
from typing import Any

from pydantic import ValidationError

from segmetry.errors import ModelError
from segmetry.models.bioimageio.description import NAMES
from segmetry.models.bioimageio.graph import Arithmetic, adapted, ports_of
from segmetry.models.bioimageio.meaning import Meaning, meaning
from segmetry.models.bioimageio.package import Package, opened_package
from segmetry.models.bioimageio.processing import Before, after_network, before_network
from segmetry.models.bioimageio.reading import (
    Described,
    Space,
    read_description,
    spaces_of,
)
from segmetry.models.bioimageio.trial import trial
from segmetry.models.card import IMPORTED, Card, Training, model_name
from segmetry.models.card_text import card_from_json
from segmetry.models.contents import check_onnx
from segmetry.models.file import write_model

__all__ = ["Imported", "import_package"]

_MAX_NETWORK = 2**30  # bytes
_MAX_TEXT = 2**20
_OWN_FILES = {"weights.safetensors", "model_int8.onnx", "LICENSE.txt"}
_NO_ONNX = {
    "torchscript": "a program of PyTorch",
    "pytorch_state_dict": "a pickle with the source code of a network",
    "keras_hdf5": "a file of Keras",
    "keras_v3": "a file of Keras",
    "tensorflow_saved_model_bundle": "a program of TensorFlow",
    "tensorflow_js": "a program of TensorFlow",
}


@dataclass(frozen=True)
class Imported:
    """What became of a package.

    Parameters
    ----------
    card : Card
        Of the model file that was written.
    whole : bool
        Whether Segmetry made the package, and the model is the one that it was made of.
    difference : float or None
        Greatest difference of a map to the test output in the package, on a scale from 0
        to 1; `None` where there is no test that can be repeated.
    """

    card: Card
    whole: bool
    difference: float | None


def import_package(
    package: str | PathLike[str],
    path: str | PathLike[str],
    *,
    name: str | None = None,
    maps: Sequence[str] = (),
    diameter: float | None = None,
) -> Imported:
    """Write a model file of a package of bioimage.io that may come from anyone.

    The package must have the network as ONNX, which is no program, with one input of 1 or 3
    channels and one output with a value for each pixel. Its preprocessing becomes part of
    the model, and its own test is repeated where it has one. Nothing is fetched or run but
    that network.

    Parameters
    ----------
    package : path
        A zip, or a folder with what such a zip holds.
    path : path
        Of the model file; it should end in ".segmodel". An existing file is replaced.
    name : str or None
        Of the model; `None` makes one of the package's.
    maps : sequence of str
        What each map of the network is; see `meaning`. Empty: their names tell.
    diameter : float or None
        Typical diameter in pixels of the objects from which it learned: pictures are then
        resampled so that theirs have it. `None` takes pictures as they are.

    Returns
    -------
    Imported

    Raises
    ------
    MissingExtraError
        If `bioimageio.spec` or `onnx` is not installed.
    ModelError
        If the package is damaged, hostile, or asks for what Segmetry cannot do.
    WriteError
        If the model file cannot be written.
    """
    with opened_package(package) as opened:
        described = read_description(opened)
        content = _network(described, opened)
        if (own := _own(described, opened, content)) is not None:
            write_model(path, *own)
            return Imported(own[0], whole=True, difference=None)
        space = spaces_of(described, file=opened.file)
        way = _Way.through(described, space, maps, opened.file)
        network, space = _adapted(content, space, way, opened.file)
        card = _card(described, space, way, name or _name(described))
        if diameter is not None:
            card = card.model_copy(update={"diameter_px": diameter, "scale": "match"})
        files = {NAMES["network"]: network}
        if (text := _licence(described, opened)) is not None:
            files[NAMES["licence"]] = text
        difference = trial(network, card, described, opened, axes=space, after=way.after)
    write_model(path, card, files)
    return Imported(card, whole=False, difference=difference)


@dataclass(frozen=True)
class _Way:
    """From grey values to named maps."""

    before: Before
    after: tuple[Arithmetic, ...]
    outputs: tuple[str, ...]
    cutoff: float

    @classmethod
    def through(
        cls, described: Described, space: Space, maps: Sequence[str], file: str
    ) -> "_Way":
        taken, given = described.model.inputs[0], described.model.outputs[0]
        before = before_network(taken.preprocessing, own=str(taken.id), file=file)
        after, cutoff = after_network(given.postprocessing, file=file)
        known: Meaning = meaning(space.channel_names, file=file, told=maps)
        outputs, mix = known
        # Rounding may lead a little beyond 0 and 1, which no map of a probability does.
        steps = (*after, mix)
        if any(step.kind in {"sigmoid", "softmax"} for step in after):
            steps = (*steps, Arithmetic("clip", (0.0,), (1.0,)))
        return cls(before, steps, outputs, cutoff)


def _network(described: Described, package: Package) -> bytes:
    weights = described.model.weights
    if weights.onnx is None:
        there = [kind for kind in _NO_ONNX if getattr(weights, kind, None) is not None]
        told = ", ".join(f"{kind} ({_NO_ONNX[kind]})" for kind in there)
        msg = (
            f"{package.file} has its network as {told}, not as ONNX, and Segmetry runs no "
            "programs of others; ask its authors for ONNX, or convert it where you trust "
            "it: bioimageio add-weights (of bioimageio.core)"
        )
        raise ModelError(msg)
    if getattr(weights.onnx, "external_data", None) is not None:
        msg = (
            f"the network of {package.file} keeps its weights in another file; ask for one"
        )
        raise ModelError(msg)
    content = package.read(str(weights.onnx.source), limit=_MAX_NETWORK)
    said = weights.onnx.sha256
    if said is not None and hashlib.sha256(content).hexdigest() != str(said):
        msg = (
            f"{package.file} is damaged or changed: its network is not what its "
            "description says (another hash); get it again"
        )
        raise ModelError(msg)
    check_onnx(content, name=f"the network of {package.file}")
    return content


def _own(
    described: Described, package: Package, network: bytes
) -> tuple[Card, dict[str, bytes]] | None:
    """Return the model of which Segmetry made a package, if it is all there."""
    config = described.content.get("config")
    ours = config.get("segmetry") if isinstance(config, dict) else None
    if not isinstance(ours, dict) or not package.holds(NAMES["card"]):
        return None
    content = package.read(NAMES["card"], limit=_MAX_TEXT)
    card = card_from_json(content, name=f"{NAMES['card']} of {package.file}")
    files = {NAMES["network"]: network}
    for name in set(card.files) - set(files):
        if name not in _OWN_FILES or not package.holds(name):
            return None
        files[name] = package.read(name, limit=_MAX_NETWORK)
    same = all(
        hashlib.sha256(files[name]).hexdigest() == said for name, said in card.files.items()
    )
    return (card, files) if same and NAMES["network"] in card.files else None


def _adapted(content: bytes, space: Space, way: _Way, file: str) -> tuple[bytes, Space]:
    """Return the network as Segmetry runs it, and which pictures it then takes."""
    name = f"the network of {file}"
    ports = ports_of(content, name=name)
    if len(ports.sides) != len(space.axes_in):
        msg = (
            f"{name} takes arrays of {len(ports.sides)} axes, not those that are described"
        )
        raise ModelError(msg)
    sides = dict(zip(space.axes_in, ports.sides, strict=True))
    fixed = {sides["y"], sides["x"]} - {None}
    if fixed:  # it says so itself, whatever is described
        if len(fixed) > 1 or None in {sides["y"], sides["x"]}:
            msg = f"{name} takes pictures of one size that is not square; ask for another"
            raise ModelError(msg)
        side = int(fixed.pop() or 0)
        space = Space(
            **{**space.__dict__, "multiple": 1, "shortest": side, "longest": side}
        )
    network = adapted(
        content,
        name=name,
        before=way.before.steps,
        after=way.after,
        axes_in=space.axes_in,
        axes_out=space.axes_out,
    )
    return network, space


def _card(described: Described, space: Space, way: _Way, name: str) -> Card:
    model = described.model
    try:
        return Card(
            name=model_name(name),
            created=_created(model),
            architecture={"kind": IMPORTED, "from": "bioimage.io"},
            channels=space.channels,
            outputs=way.outputs,
            multiple=space.multiple,
            shortest_px=space.shortest,
            longest_px=space.longest,
            normalization=way.before.normalization,
            scale="native",
            pixel_size_um=space.pixel_size_um,
            cutoffs={"foreground": way.cutoff},
            scores_on="",
            training=Training(options={"note": _note(described)}),
        )
    except ValidationError as error:
        said = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in said["loc"]) or "its card"
        msg = f"{_name(described)} cannot be a model of Segmetry: {where}: {said['msg']}"
        raise ModelError(msg) from error


def _name(described: Described) -> str:
    return str(described.model.name)


def _created(model: Any) -> date:
    told = getattr(getattr(model, "timestamp", None), "root", None)
    return told.date() if isinstance(told, datetime) else datetime.now(tz=UTC).date()


def _note(described: Described) -> str:
    """Return where a model came from, in one line."""
    model = described.model
    parts = [f"imported from a package of bioimage.io, {model.name}"]
    if model.version is not None:
        parts.append(f"version {model.version}")
    if model.authors:
        parts.append(f"by {', '.join(str(author.name) for author in model.authors)}")
    parts += [
        f"cite {entry.doi or entry.url}" for entry in model.cite if entry.doi or entry.url
    ]
    if (data := getattr(model, "training_data", None)) is not None:
        parts.append(f"trained on {getattr(data, 'name', None) or getattr(data, 'id', '')}")
    return _printable("; ".join(parts))[:2000]


def _licence(described: Described, package: Package) -> bytes | None:
    told = described.model.license
    if told is None:
        return None
    source = getattr(told, "source", None)
    if source is None:
        text = f"The package of bioimage.io states the licence {told}.\n"
        return _printable(text, keep="\n").encode()
    return package.read(str(source), limit=_MAX_TEXT)


def _printable(text: str, *, keep: str = "") -> str:
    return "".join(
        each if each.isprintable() or each in keep else " "
        for each in re.sub("\r", "", text)
    )
