"""A model as a package of bioimage.io, with a test that other programs can repeat."""

import io as memory
import zipfile
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import MissingExtraError, ModelError
from segmetry.image import Image
from segmetry.io import write_bytes
from segmetry.models.archive import packed
from segmetry.models.bioimageio.description import NAMES, described, least_side
from segmetry.models.bioimageio.documentation import documentation
from segmetry.models.bioimageio.reading import silently
from segmetry.models.bioimageio.specimen import specimen
from segmetry.models.card import Card, is_classifier
from segmetry.models.card_text import card_to_json
from segmetry.models.file import Model, read_model
from segmetry.models.network import Network
from segmetry.models.normalization import normalized
from segmetry.models.store import find_model, installed_models

__all__ = ["export_package"]

_DESCRIPTION = "bioimageio.yaml"
_OUR_AUTHORS, _OUR_LICENCE = ("The Segmetry developers",), "BSD-3-Clause"
_USUAL_DIAMETER = 24.0  # px, of the discs in the test picture where the card tells none


def export_package(
    name_or_path: str | PathLike[str],
    path: str | PathLike[str],
    *,
    authors: Sequence[str] = (),
    licence: str | None = None,
) -> None:
    """Write a model as a package of bioimage.io [1]_, whole or not at all.

    The package describes the way from grey values to the network's input, and holds the
    network, a drawn picture with the maps that Segmetry finds in it, the card, and all else
    that is in the model's file. Equal models give equal packages.

    Parameters
    ----------
    name_or_path : str or path
        Name of a shipped or an added model, or a file NAME.segmodel.
    path : path
        As a rule NAME.zip. An existing file is replaced.
    authors : sequence of str
        Empty: of a model of Segmetry its developers, of others nobody is named.
    licence : str or None
        An identifier of SPDX, such as "CC-BY-4.0". `None` takes the licence in the model's
        file; of a model of Segmetry without one, that of Segmetry; else none is stated.

    Raises
    ------
    MissingExtraError
        If `bioimageio.spec` or `onnx` is not installed.
    ModelError
        If there is no such model, it is no network, or the description is not one that
        bioimage.io takes.
    WriteError
        If the file cannot be written.

    References
    ----------
    .. [1] https://bioimage.io/docs/#/models/
    """
    where = find_model(name_or_path)
    model = read_model(where)
    card = model.card
    if is_classifier(card):
        msg = (
            f"{card.name} is a classifier of pixels, and packages of bioimage.io hold "
            "networks; export a network"
        )
        raise ModelError(msg)
    if any(each.shipped and each.path == where for each in installed_models()):
        authors = authors or _OUR_AUTHORS
        own = NAMES["licence"] in card.files
        licence = licence or (None if own else _OUR_LICENCE)
    picture, maps = _test(model)
    told = described(
        card,
        opset=_opset(model.read(NAMES["network"])),
        highest=float(maps.max()),
        authors=authors,
        licence=licence,
    )
    files = {
        **{name: model.read(name) for name in card.files},
        NAMES["card"]: card_to_json(card),
        NAMES["readme"]: documentation(card, licence=licence).encode(),
        NAMES["input"]: _array_file(picture),
        NAMES["output"]: _array_file(maps),
        NAMES["cover"]: _cover(picture, maps),
    }
    write_bytes(path, packed({**files, _DESCRIPTION: _checked(told, files, card)}))


def _test(model: Model) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a test input and the maps that our own way gives, axes NCYX."""
    card = model.card
    side = card.shortest_px
    if card.longest_px is None or card.longest_px > side:
        side = least_side(card) + 4 * card.multiple
    picture = specimen(side, card.diameter_px or _USUAL_DIAMETER, channels=card.channels)
    is_grey = card.channels == 1
    image = Image(picture[..., 0]) if is_grey else Image(picture, axes="YXC")
    values = normalized(image, channels=card.channels, **card.normalization.model_dump())
    network = Network.open(model, precision="fp32")
    return _batch(picture), network.predict(_batch(values))


def _batch(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 0)[None])


def _array_file(array: NDArray[np.float32]) -> bytes:
    file = memory.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _cover(picture: NDArray[np.float32], maps: NDArray[np.float32]) -> bytes:
    """Return a PNG of the test picture, beside the first of the maps found in it."""
    import imagecodecs

    pair = np.hstack([picture[0, 0], 255 * maps[0, 0]])
    return bytes(imagecodecs.png_encode(pair.round().astype(np.uint8)))


def _opset(content: bytes) -> int:
    try:
        import onnx
    except ModuleNotFoundError as error:
        purpose = "Writing packages of bioimage.io"
        raise MissingExtraError(purpose, "bioimageio") from error
    sets = onnx.load_from_string(content).opset_import
    return int(next(each.version for each in sets if each.domain in {"", "ai.onnx"}))


def _checked(told: Mapping[str, Any], files: Mapping[str, bytes], card: Card) -> bytes:
    """Return a description as YAML, with the hash of each file, if bioimage.io takes it."""
    try:
        from bioimageio.spec import (
            InvalidDescr,
            ValidationContext,
            build_description,
            dump_description,
        )
        from ruyaml import YAML
    except ModuleNotFoundError as error:
        purpose = "Writing packages of bioimage.io"
        raise MissingExtraError(purpose, "bioimageio") from error
    # In memory: what checks the files leaves them open, and folders with open files stay.
    with zipfile.ZipFile(memory.BytesIO(packed(files))) as root:
        context = ValidationContext(root=root, perform_io_checks=True, log_warnings=False)
        with silently():
            found = build_description(dict(told), context=context)
        if isinstance(found, InvalidDescr):
            msg = (
                f"{card.name} cannot be described as bioimage.io asks: "
                f"{_first_reason(found)}"
            )
            raise ModelError(msg)
        with silently(), context:
            values = dump_description(found)
    text = memory.StringIO()
    YAML(typ="safe").dump(values, text)
    return text.getvalue().encode()


def _first_reason(found: Any) -> str:
    for detail in found.validation_summary.details:
        for error in detail.errors:
            where = ".".join(str(part) for part in error.loc)
            return f"{where}: {error.msg}".splitlines()[0]
    return "no reason is told"
