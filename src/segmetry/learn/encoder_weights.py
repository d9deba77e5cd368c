"""Loading ImageNet weights from a file that the user has downloaded.

Files of torchvision (.pth) and the same tables as .safetensors are read. Nothing is
fetched, and no code in a file is run: a file with pickled objects is refused.
"""

import hashlib
import pickle
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from segmetry.errors import ModelError

__all__ = ["load_encoder_weights"]

_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.")
_CLASSIFIER = ("fc.", "classifier.")
_COUNTER = "num_batches_tracked"  # files from before PyTorch 0.4.1 lack it, and need not
_NAMES_SHOWN = 4


def load_encoder_weights(encoder: nn.Module, path: Path) -> None:
    """Set the weights of an encoder to those in a file.

    Parameters
    ----------
    encoder : nn.Module
        From `segmetry.learn.encoders`; it is changed.
    path : Path
        A .pth file as torchvision publishes them, or .safetensors with the same names.
        The classifier in it is left out. Where the name ends in a dash and eight or more
        hexadecimal digits, the file's SHA-256 must begin with them.

    Raises
    ------
    ModelError
        If the file cannot be read, is not what its name says, holds anything but
        tensors, or was made for another network.

    Examples
    --------
    >>> import tempfile
    >>> from segmetry.learn.encoders import build_encoder
    >>> encoder = build_encoder("resnet18")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "weights.pth"
    ...     torch.save(build_encoder("resnet18").state_dict(), path)
    ...     load_encoder_weights(encoder, path)
    """
    if not path.is_file():
        msg = f"{path}: no such file; download the weights first, nothing is fetched"
        raise ModelError(msg)
    _check_hash(path)
    found = _read(path)
    found = {key: value for key, value in found.items() if not _is_ignored(key)}
    _check_fit(found, encoder.state_dict(), path)
    encoder.load_state_dict(found, strict=False)


def _is_ignored(key: str) -> bool:
    return key.startswith(_CLASSIFIER) or key.endswith(_COUNTER)


def _check_hash(path: Path) -> None:
    promised = _HASH_IN_NAME.search(path.name)
    if promised is None:
        return
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(promised[1]):
        msg = (
            f"{path.name}: the SHA-256 of this file must begin with {promised[1]}, as its "
            f"name says, but begins with {digest[: len(promised[1])]}; download it again, "
            "or rename it if those digits are no hash"
        )
        raise ModelError(msg)


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            found = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        msg = (
            f"{path.name}: expected a table of tensors, but the file is damaged or holds "
            "pickled code, which is never run; download it from its publisher"
        )
        raise ModelError(msg) from error
    except Exception as error:  # damaged pickles raise whatever they happen upon
        msg = f"{path.name}: the weights cannot be read; download them again ({error})"
        raise ModelError(msg) from error
    if not _is_table(found):
        msg = (
            f"{path.name}: expected a table of names and tensors (a state dict), got "
            "something else; save the network's state_dict() alone"
        )
        raise ModelError(msg)
    return found


def _is_table(found: object) -> bool:
    return isinstance(found, Mapping) and all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in found.items()
    )


def _check_fit(
    found: Mapping[str, Tensor], needed: Mapping[str, Tensor], path: Path
) -> None:
    needed = {key: value for key, value in needed.items() if not _is_ignored(key)}
    both = [key for key in needed if key in found]
    faults = {
        "missing": [key for key in needed if key not in found],
        "unknown": [key for key in found if key not in needed],
        "of another shape": [
            f"{key} ({_shape(found[key])} instead of {_shape(needed[key])})"
            for key in both
            if found[key].shape != needed[key].shape
        ],
        "not finite": [key for key in both if not found[key].isfinite().all()],
    }
    told = [f"{fault}: {_listed(keys)}" for fault, keys in faults.items() if keys]
    if told:
        msg = (
            f"{path.name} does not fit this encoder ({'; '.join(told)}); take the file "
            "that is published for the encoder you named"
        )
        raise ModelError(msg)


def _shape(tensor: Tensor) -> str:
    return "x".join(str(size) for size in tensor.shape) or "a single number"


def _listed(keys: Iterable[str]) -> str:
    names = list(keys)
    more = len(names) - _NAMES_SHOWN
    shown = ", ".join(names[:_NAMES_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown
