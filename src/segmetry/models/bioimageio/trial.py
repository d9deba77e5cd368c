"""The test that a package brings along, repeated with the model that is made of it."""

import io as memory
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ModelError
from segmetry.image import Image
from segmetry.models.bioimageio.graph import Arithmetic
from segmetry.models.bioimageio.package import Package
from segmetry.models.bioimageio.reading import Described, Space
from segmetry.models.card import Card
from segmetry.models.file import read_model, write_model
from segmetry.models.network import Network
from segmetry.models.normalization import normalized

__all__ = ["trial"]

_MAX_ARRAY = 2**28  # bytes of a test array
_CLOSE = 0.02  # of a map from 0 to 1
_MOST_FAR = 1e-3  # share of pixels that may differ by more: percentiles differ a little
# A header may promise more than memory or a number holds, or be nested without end.
_DAMAGED = (
    *(ValueError, EOFError, OSError, TokenError),
    *(MemoryError, OverflowError, RecursionError),
)
_NCYX = ("batch", "channel", "y", "x")


def trial(
    network: bytes,
    card: Card,
    described: Described,
    package: Package,
    *,
    axes: Space,
    after: Sequence[Arithmetic],
) -> float | None:
    """Return how far a model's maps are from those in the package it was made of.

    Parameters
    ----------
    network : bytes
        As Segmetry runs it.
    card : Card
    described : Described
    package : Package
    axes : Space
    after : sequence of Arithmetic
        The last ones choose the maps among those of the package's test output.

    Returns
    -------
    float or None
        The greatest difference; `None` where the package has no test of one picture.

    Raises
    ------
    ModelError
        If the maps are not those in the package, or the network cannot be run.
    """
    taken = _array(described.model.inputs[0], package, axes.axes_in)
    given = _array(described.model.outputs[0], package, axes.axes_out)
    if taken is None or given is None or len(taken) != 1 or len(given) != 1:
        return None
    found = _maps(network, card, taken[0])
    chosen = [step for step in after if step.kind == "mix"]
    wanted = chosen[0].applied(given.astype(np.float32))[0]
    if wanted.shape != found.shape:
        return None  # of a test output that is cropped
    if described.model.outputs[0].postprocessing[-1:] and _is_binary(given):
        found = (found > card.cutoffs["foreground"]).astype(np.float32)
    distance = np.abs(found - wanted)
    if not np.mean(distance <= _CLOSE) >= 1 - _MOST_FAR:
        msg = (
            f"the network of {package.file} does not give here what its own test says: "
            f"maps differ by {distance.max():.2g}; name the maps (--maps) if they were "
            "taken for others, or ask its authors"
        )
        raise ModelError(msg)
    return float(distance.max())


def _maps(network: bytes, card: Card, pixels: NDArray[Any]) -> NDArray[np.float32]:
    is_grey = card.channels == 1
    image = Image(pixels[0]) if is_grey else Image(np.moveaxis(pixels, 0, -1), axes="YXC")
    values = normalized(image, channels=card.channels, **card.normalization.model_dump())
    height, width = values.shape[:2]
    fitting = [math.ceil(side / card.multiple) * card.multiple for side in (height, width)]
    lacking = [(0, side - had) for side, had in zip(fitting, (height, width), strict=True)]
    padded = np.pad(values, [*lacking, (0, 0)], mode="reflect")
    with tempfile.TemporaryDirectory(prefix="segmetry-") as folder:
        path = Path(folder) / "trial.segmodel"
        write_model(path, card, {"model.onnx": network})
        opened = Network.open(read_model(path), precision="fp32")
        maps = opened.predict(np.moveaxis(padded, -1, 0)[None])
    return maps[0, :, :height, :width]


def _array(tensor: Any, package: Package, axes: Sequence[str]) -> NDArray[Any] | None:
    """Return a test array with the axes NCYX; `None` if there is no proper one."""
    source = getattr(tensor.test_tensor, "source", None)
    if source is None or not package.holds(str(source)):
        return None
    content = package.read(str(source), limit=_MAX_ARRAY)
    try:
        array = np.load(memory.BytesIO(content), allow_pickle=False)
    except _DAMAGED as error:
        msg = (
            f"a test array of {package.file} is damaged, or no file of NumPy; get it again"
        )
        raise ModelError(msg) from error
    if (
        not isinstance(array, np.ndarray)
        or array.ndim != 4
        or not array.size
        or array.dtype.kind not in "iufb"
    ):
        return None
    return np.asarray(np.transpose(array, [list(axes).index(axis) for axis in _NCYX]))


def _is_binary(values: NDArray[Any]) -> bool:
    return bool(np.isin(values, (0, 1)).all())
