"""What a report is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Picture", "ReportContent"]

Picture = NDArray[np.uint8] | Path


@dataclass(frozen=True, eq=False)
class ReportContent:
    """All that a report shows; nothing else goes in, so equal content gives equal bytes.

    Parameters
    ----------
    title : str
        Heading of the page.
    objects : DataFrame
        One row per object, with the columns of objects.csv.
    images : DataFrame
        One row per picture, with the columns of images.csv.
    summary : dict
        What `segmetry.measure.summarize` returns.
    recipe_toml : str
        Text of the recipe that was run.
    command : str
        Command line that repeats the run.
    version : str
        Version of Segmetry.
    overlays : mapping
        Overlay of each picture by its "image": an RGB array, or the path of a PNG file.
    bar_crops : mapping
        Crop with the scale bar drawn, likewise, for the pictures that have one.
    width_pictures : mapping
        Lines coloured by width, likewise, where lines were measured.
    class_pictures : mapping
        Pixels coloured by class, likewise, where the method tells classes.
    """

    title: str
    objects: pd.DataFrame
    images: pd.DataFrame
    summary: dict[str, Any]
    recipe_toml: str
    command: str
    version: str
    overlays: Mapping[str, Picture] = field(default_factory=dict)
    bar_crops: Mapping[str, Picture] = field(default_factory=dict)
    width_pictures: Mapping[str, Picture] = field(default_factory=dict)
    class_pictures: Mapping[str, Picture] = field(default_factory=dict)

    @property
    def done(self) -> pd.DataFrame:
        """The pictures that gave a result."""
        return self.images[self.images["status"] == "done"]

    @property
    def failed(self) -> pd.DataFrame:
        """The pictures that gave none."""
        return self.images[self.images["status"] == "failed"]
