"""Cellpose as a segmenter, where the user has installed it.

References
----------
.. [1] C. Stringer, T. Wang, M. Michaelos, M. Pachitariu, "Cellpose: a generalist algorithm
       for cellular segmentation", Nature Methods 18, 2021. doi:10.1038/s41592-020-01018-x
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from segmetry.adapters.foreign import hashes, not_there, objects_of, quietly
from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.segment.grey import check_picture
from segmetry.segment.options import about
from segmetry.segment.segmenter import Maps, Segmenter

__all__ = ["Cellpose"]

_FOLDER = "CELLPOSE_LOCAL_MODELS_PATH"  # Cellpose's own variable for its own folder
_TERMS = "the weights of Cellpose are under CC BY-NC: no commercial use"
_SOURCES = {  # by the first number of Cellpose's version: its models, and where they are
    3: (("cyto3",), "https://www.cellpose.org/models/cyto3"),
    4: (("cpsam_v2", "cpsam"), "https://huggingface.co/mouseland/cellpose-sam"),
}


@dataclass(frozen=True, kw_only=True)
class Cellpose(Segmenter):
    """Cells and nuclei as Cellpose finds them, by a model that you have on this machine.

    Cellpose [1]_ is another program: install it beside Segmetry, and get its models
    yourself, for nothing is fetched here. Runs on the processor. `separate`, `waist` and
    `fill_holes` do nothing: Cellpose cuts and fills by itself.

    Parameters
    ----------
    model : str
        File of a model, or its name in Cellpose's own folder.
    diameter : float
        Typical diameter of the objects in pixels; 0 takes that of the training.
    flow_threshold : float
        Greatest error of the flows of an object; 0 keeps all objects.
    probability : float
        Pixels whose logit is over this belong to objects.
    **options
        The other options of every `Segmenter`.

    Raises
    ------
    RecipeError
        If the model is not on this machine.
    """

    name: ClassVar[str] = "cellpose"

    model: str = field(
        default="",
        metadata=about(
            "File of a model, or its name in Cellpose's folder; empty takes the usual one."
        ),
    )
    diameter: float = field(
        default=0.0,
        metadata=about(
            "Typical diameter in pixels; 0 takes that of the model's training.",
            low=0,
            high=10_000,
            tunable=(0, 8, 12, 18, 27, 40, 60, 90, 135),
        ),
    )
    flow_threshold: float = field(
        default=0.4,
        metadata=about(
            "Greatest error of the flows of an object; 0 keeps all.",
            low=0,
            high=10,
            tunable=(0.1, 3),
        ),
    )
    probability: float = field(
        default=0.0,
        metadata=about(
            "Pixels whose logit is over this belong to objects.",
            low=-20,
            high=20,
            tunable=(-6, 6),
        ),
    )

    def maps(self, image: Image) -> Maps:
        """Return Cellpose's objects of a picture, and the probability of each pixel.

        Raises
        ------
        PictureError
            If there is nothing to segment in the picture, or it is a stack.
        RecipeError
            If the model is not on this machine, or Cellpose cannot run it.
        """
        check_picture(image)
        path = self._path()
        labels, logits = _evaluated(
            _opened(path, path.stat().st_mtime_ns),
            _pixels(image),
            diameter=self.diameter or None,
            flow_threshold=self.flow_threshold,
            cellprob_threshold=self.probability,
            min_size=self.min_area,
        )
        objects = objects_of(labels, image, min_area=self.min_area)
        return Maps(
            _foreground(logits, objects),
            cutoff=float(expit(self.probability)),
            objects=objects,
            found={
                "found_model": path.name,
                "reason": f"Chosen: Cellpose {version('cellpose')}, model {path.name}.",
            },
        )

    def files(self) -> Mapping[str, str]:
        """Return the SHA-256 of the model's file, by its name.

        Raises
        ------
        RecipeError
            If it is not on this machine.
        """
        return hashes([self._path()])

    def _path(self) -> Path:
        folder = Path(os.environ.get(_FOLDER) or Path.home() / ".cellpose" / "models")
        names, source = _SOURCES[_generation()]
        asked = (self.model,) if self.model else names
        for name in asked:
            for path in (Path(name), folder / name):
                if path.is_file():
                    return path
        raise RecipeError(
            not_there("Cellpose", asked[0], place=folder, source=source, terms=_TERMS)
        )


def _generation() -> int:
    return 3 if int(version("cellpose").split(".")[0]) < 4 else 4


def _pixels(image: Image) -> NDArray[np.float32]:
    """Return a picture as Cellpose takes it: colours from version 4 on, grey before."""
    is_colour = image.axes == "YXC" and image.pixels.shape[-1] == 3 and _generation() > 3
    return np.asarray(image.pixels if is_colour else image.grey, np.float32)


@lru_cache(maxsize=1)
def _opened(path: Path, changed: int) -> Any:
    """Open a model once for many pictures, and again when its file has changed."""
    del changed
    with quietly():
        from cellpose.models import CellposeModel

        try:
            return CellposeModel(gpu=False, pretrained_model=str(path))
        except Exception as error:  # of any kind: it is another program's file
            msg = f"Cellpose cannot open {path.name} as one of its models: {_said(error)}"
            raise RecipeError(msg) from error


def _evaluated(model: Any, pixels: NDArray[np.float32], **options: Any) -> Any:
    """Return labels and logits as Cellpose gives them."""
    if _generation() == 3:
        options["channels"] = [0, 0]  # grey; later versions find out themselves
    with quietly():
        labels, flows, *_ = model.eval(pixels, **options)
    return np.asarray(labels), np.asarray(flows[2], np.float32)


def _foreground(
    logits: NDArray[np.float32], objects: NDArray[np.uint32]
) -> NDArray[np.float32]:
    if logits.shape == objects.shape:
        return np.asarray(expit(logits), np.float32)
    return (objects > 0).astype(np.float32)


def _said(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
