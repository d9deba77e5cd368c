"""The model file: a zip of a card, the weights, and the network ready to run.

Anyone can send a model file, so nothing in it is believed before it is checked: only known
names, the hash of every member, and nothing that could make another library open a file.
Never pickle.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from segmetry import io
from segmetry.errors import ModelError
from segmetry.models.archive import opened, packed
from segmetry.models.card import IMPORTED, Card, is_classifier
from segmetry.models.card_text import card_from_json, card_to_json
from segmetry.models.contents import check_onnx, check_safetensors

__all__ = ["CLASSIFIER_ARRAYS", "Model", "read_model", "segmenter_of_file", "write_model"]

_CARD = "model.json"
CLASSIFIER_ARRAYS = "classifier.safetensors"
_LICENSE = "LICENSE.txt"
_OF_NETWORK = ("model.onnx", "weights.safetensors")
_LIGHTER = "model_int8.onnx"
_MAX_TEXT = 2**20  # bytes of a card or a licence


@dataclass(frozen=True, eq=False)
class Model:
    """A model file whose card was read; the rest is read and checked when it is asked for.

    Parameters
    ----------
    card : Card
    path : Path
        Where the file lies.
    """

    card: Card
    path: Path

    def read(self, name: str) -> bytes:
        """Return one member of the file, with its hash and structure checked.

        Parameters
        ----------
        name : str
            One of `card.files`: "model.onnx", "weights.safetensors" and "model_int8.onnx"
            of a network, "classifier.safetensors" of a pixel classifier, "LICENSE.txt".

        Raises
        ------
        KeyError
            If the model has no such member.
        ModelError
            If the content is not what the card says, or not safe to use.
        """
        expected = self.card.files[name]
        with opened(self.path) as archive:
            content = archive.read(name)
        if hashlib.sha256(content).hexdigest() != expected:
            msg = (
                f"{self.path.name} is damaged or changed: {name} is not what its card "
                "says (another hash); get it again"
            )
            raise ModelError(msg)
        _check_content(name, content, self.path.name)
        return content

    def verify(self) -> None:
        """Read and check every member.

        Raises
        ------
        ModelError
            If one is not what the card says, or not safe to use.
        """
        for name in self.card.files:
            self.read(name)


def read_model(path: str | PathLike[str]) -> Model:
    """Open a model file that may come from anyone, and read its card.

    Parameters
    ----------
    path : path

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        If there is no such file, or it is damaged, hostile, or of a newer format. Nothing
        in the file is run or written, whatever it holds.
    """
    path = Path(path)
    with opened(path) as archive:
        # The card first: of a newer format, it is the only part that is sure to be known.
        card = card_from_json(archive.read(_CARD, limit=_MAX_TEXT), name=path.name)
        _check_names(archive.names, card, path.name)
        for name in card.files:
            archive.check(name)
    return Model(card, path)


def segmenter_of_file(path: str | PathLike[str]) -> str:
    """Return the name of the segmenter that runs a model file.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
        Of a file that cannot be read "network", which then says what is wrong with it.
    """
    try:
        card = read_model(path).card
    except ModelError:
        return "network"
    return str(card.architecture["kind"]) if is_classifier(card) else "network"


def write_model(path: str | PathLike[str], card: Card, files: Mapping[str, bytes]) -> None:
    """Write a model file, whole or not at all; equal models give equal bytes.

    Parameters
    ----------
    path : path
        An existing file is replaced. It should end in ".segmodel".
    card : Card
        Its `files` are filled in here.
    files : mapping
        Content of "model.onnx" and "weights.safetensors", and where there are any of
        "model_int8.onnx" and "LICENSE.txt"; of a pixel classifier that of
        "classifier.safetensors".

    Raises
    ------
    ModelError
        If a member is missing, not known, or not fit for a model file.
    WriteError
        If the file cannot be written.
    """
    path = Path(path)
    hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    card = card.model_copy(update={"files": hashes})
    _check_names([_CARD, *files], card, path.name)
    for name, content in files.items():
        _check_content(name, content, path.name)
    content = card_to_json(card)
    # What cannot be read again must not be written.
    card_from_json(content, name=path.name)
    io.write_bytes(path, packed({**files, _CARD: content}))


def _check_names(names: Iterable[str], card: Card, file: str) -> None:
    of_pixels = is_classifier(card)
    of_network: tuple[str, ...] = _OF_NETWORK
    if card.architecture.get("kind") == IMPORTED:  # to train further, a network is needed
        of_network = _OF_NETWORK[:1]
    required = (CLASSIFIER_ARRAYS,) if of_pixels else of_network
    known = {_CARD, _LICENSE, *required, *(() if of_pixels else (_LIGHTER,))}
    for name in {*names, *card.files} - known:
        shown = re.sub(r"[^\x20-\x7e]", "?", name)[:60]
        msg = f"{file} holds '{shown}', which no model file has; do not use it"
        raise ModelError(msg)
    for name in sorted({*required, *card.files} - set(names)):
        msg = f"{file} is not a whole model file: {name} is missing; get it again"
        raise ModelError(msg)
    for name in sorted({*names} - {_CARD} - set(card.files)):
        msg = f"{file} is damaged or changed: its card does not list {name}"
        raise ModelError(msg)


def _check_content(name: str, content: bytes, file: str) -> None:
    if name.endswith(".onnx"):
        check_onnx(content, name=f"{name} of {file}")
    elif name.endswith(".safetensors"):
        check_safetensors(content, name=f"{name} of {file}")
    elif len(content) > _MAX_TEXT:
        msg = f"{name} of {file} has more than {_MAX_TEXT:,} bytes; shorten it"
        raise ModelError(msg)
