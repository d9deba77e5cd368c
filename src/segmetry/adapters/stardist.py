"""StarDist as a segmenter, where the user has installed it.

References
----------
.. [1] U. Schmidt, M. Weigert, C. Broaddus, G. Myers, "Cell detection with star-convex
       polygons", MICCAI 2018. doi:10.1007/978-3-030-00934-2_30
"""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from segmetry.adapters.foreign import hashes, not_there, objects_of, quietly
from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.segment.grey import check_picture
from segmetry.segment.options import about
from segmetry.segment.segmenter import Maps, Segmenter

__all__ = ["StarDist"]

_USUAL = "2D_versatile_fluo"
_SOURCE = "https://github.com/stardist/stardist-models/releases"
_TERMS = "the models of StarDist are under BSD-3-Clause"
_CONFIG = "config.json"
_PERCENTILES = (1.0, 99.8)  # as StarDist's own examples, and its published models, have it


@dataclass(frozen=True, kw_only=True)
class StarDist(Segmenter):
    """Round objects such as nuclei as StarDist finds them, by a model on this machine.

    StarDist [1]_ is another program: install it beside Segmetry with TensorFlow, and get
    its models yourself, for nothing is fetched here. Runs on the processor. Objects are
    star-shaped; long and bent ones are not. `separate`, `waist` and `fill_holes` do
    nothing: StarDist's objects are apart and have no holes.

    Parameters
    ----------
    model : str
        Folder of a model, or its name in StarDist's own folder.
    scale : float
        The picture is resampled by this before.
    probability : float
        Objects less likely than this are dropped; 0 takes the model's own choice.
    overlap : float
        Of objects that overlap more than this the likelier one is kept; 0 takes the
        model's own choice.
    **options
        The other options of every `Segmenter`.

    Raises
    ------
    RecipeError
        If the model is not on this machine.
    """

    name: ClassVar[str] = "stardist"

    model: str = field(
        default="",
        metadata=about(
            f"Folder of a model, or its name in StarDist's folder; empty takes {_USUAL}."
        ),
    )
    scale: float = field(
        default=1.0,
        metadata=about(
            "The picture is resampled by this before.",
            low=0.01,
            high=100,
            tunable=(0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4),
        ),
    )
    probability: float = field(
        default=0.0,
        metadata=about(
            "Objects less likely than this are dropped; 0 takes the model's choice.",
            low=0,
            high=1,
            tunable=(0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        ),
    )
    overlap: float = field(
        default=0.0,
        metadata=about(
            "Of objects that overlap more, the likelier stays; 0 takes the model's choice.",
            low=0,
            high=1,
            tunable=(0, 0.2, 0.3, 0.4, 0.5),
        ),
    )

    def maps(self, image: Image) -> Maps:
        """Return StarDist's objects of a picture.

        Raises
        ------
        PictureError
            If there is nothing to segment in the picture, or it is a stack.
        RecipeError
            If the model is not on this machine, or StarDist cannot run it.
        """
        check_picture(image)
        folder = self._folder()
        model = _opened(folder, (folder / _CONFIG).stat().st_mtime_ns)
        pixels = _pixels(image, int(model.config.n_channel_in), folder.name)
        with quietly():
            labels, _ = model.predict_instances(
                pixels,
                axes="YXC" if pixels.ndim == 3 else "YX",
                prob_thresh=self.probability or None,
                nms_thresh=self.overlap or None,
                scale=None if self.scale == 1 else self.scale,
                n_tiles=model._guess_n_tiles(pixels),  # noqa: SLF001 (it has no other)
                show_tile_progress=False,
            )
        objects = objects_of(labels, image, min_area=self.min_area)
        return Maps(
            (objects > 0).astype(np.float32),
            objects=objects,
            found={
                "found_model": folder.name,
                "reason": f"Chosen: StarDist {version('stardist')}, model {folder.name}.",
            },
        )

    def files(self) -> Mapping[str, str]:
        """Return the SHA-256 of each file of the model, by its name.

        Raises
        ------
        RecipeError
            If it is not on this machine.
        """
        folder = self._folder()
        kinds = (".json", ".h5")
        return hashes(sorted(path for path in folder.iterdir() if path.suffix in kinds))

    def _folder(self) -> Path:
        home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
        name = self.model or _USUAL
        place = home / "models" / "StarDist2D" / name
        for folder in (Path(name), place, place / name, place / f"{name}_extracted"):
            if (folder / _CONFIG).is_file():
                return folder
        raise RecipeError(
            not_there("StarDist", name, place=place, source=_SOURCE, terms=_TERMS)
        )


def _pixels(image: Image, channels: int, name: str) -> NDArray[np.float32]:
    """Return a picture with the percentiles that StarDist wants as 0 and 1."""
    is_colour = image.axes == "YXC" and image.pixels.shape[-1] == 3
    if channels not in {1, 3} or (channels == 3 and not is_colour):
        msg = f"StarDist's model {name!r} takes pictures of {channels} channels; give such"
        raise RecipeError(msg)
    values = np.asarray(image.pixels if channels == 3 else image.grey, np.float32)
    low, high = np.percentile(values[image.included], _PERCENTILES, axis=0)
    return np.asarray((values - low) / (high - low + 1e-20), np.float32)


@lru_cache(maxsize=1)
def _opened(folder: Path, changed: int) -> Any:
    """Open a model once for many pictures, and again when it has changed."""
    del changed
    if not any(folder.glob("*.h5")):  # StarDist would go on with random weights
        msg = (
            f"StarDist's model {folder.name} has no weights (a file NAME.h5); get it again"
        )
        raise RecipeError(msg)
    with quietly():
        from stardist.models import StarDist2D
        from tensorflow import config

        with contextlib.suppress(RuntimeError):  # where a graphics card is in use already
            config.set_visible_devices([], "GPU")
        try:
            return StarDist2D(None, name=folder.name, basedir=str(folder.parent))
        except Exception as error:  # of any kind: it is another program's file
            lines = str(error).strip().splitlines() or [type(error).__name__]
            msg = (
                f"StarDist cannot open {folder.name} as one of its models: {lines[0][:200]}"
            )
            raise RecipeError(msg) from error
