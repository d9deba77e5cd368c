"""Saving labels from napari."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segmetry import io
from segmetry.napari_plugin.layers import labels_of

__all__ = ["write_labels"]

if TYPE_CHECKING:
    from numpy.typing import NDArray


def write_labels(
    path: str, data: "NDArray[np.integer[Any]]", options: Mapping[str, Any]
) -> list[str]:
    """Write the objects of a layer as a numbered TIFF file, with their pixel size.

    Parameters
    ----------
    path : str
    data : ndarray of integers, shape (Y, X) or (Z, Y, X)
    options : mapping
        What napari tells of the layer.

    Returns
    -------
    list of str
        The file.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    from napari.layers import Labels

    known = {name: options[name] for name in ("scale", "units") if name in options}
    io.write_labels(Path(path), labels_of(Labels(np.asarray(data), **known)))
    return [path]
