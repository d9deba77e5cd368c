"""Finding and measuring objects in layers of napari, as `segmetry run` does."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from segmetry import recipe as recipes
from segmetry.calibrate import Calibration
from segmetry.image import Image
from segmetry.measure import measure
from segmetry.napari_plugin.layers import (
    LayerData,
    features_of,
    grid_of,
    image_of,
    labels_layer,
    labels_of,
)
from segmetry.recipe import Ready, Recipe, make_ready

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.layers import Labels as LabelsLayer

__all__ = ["find_in", "find_objects", "measure_objects"]


def find_objects(
    layer: "ImageLayer",
    method: str = "auto",
    options: Mapping[str, Any] | None = None,
    *,
    marks: bool = True,
) -> LayerData:
    """Find the objects of a picture, and measure them.

    Parameters
    ----------
    layer : napari.layers.Image
        Where its pixel size was unknown and a scale bar tells it, the layer gets it.
    method : str
        One of `segmetry.segment.segmenter_names`, or a model's file.
    options : mapping or None
        Options of the method; `None` takes its own.
    marks : bool
        Whether to look for a banner and a scale bar first, as `segmetry run` does.

    Returns
    -------
    tuple
        Data, options and kind of a layer of labels, its features the table of objects.

    Raises
    ------
    SegmetryError
        As of `segmetry.recipe.run`.
    """
    found, grid = find_in(image_of(layer), layer.name, method, options or {}, marks=marks)
    if grid:
        layer.scale, layer.units = grid["scale"], grid["units"]
    return found


def find_in(
    image: Image, name: str, method: str, options: Mapping[str, Any], *, marks: bool
) -> tuple[LayerData, dict[str, Any]]:
    """Find objects without touching a layer, so that another thread may do it.

    Returns
    -------
    layer : tuple
        As of `find_objects`.
    grid : dict
        Scale and units that the picture's layer should get; empty where it has them.
    """
    chosen = {"name": method, "options": dict(options)}
    recipe = Recipe.model_validate({"segmentation": chosen})
    as_told = Calibration(image.pixel_size, (), None, "as the layer says")
    ready = make_ready(recipe, image) if marks else Ready(image, as_told, None)
    result = recipes.find_objects(recipe, ready)
    grid = grid_of(result.image) if image.pixel_size is None else {}
    grid = grid if result.image.pixel_size is not None else {}
    found_by = f"{name} by {Path(method).stem}"
    return labels_layer(result.labels, result.objects, name=found_by), grid


def measure_objects(
    layer: "LabelsLayer", picture: "ImageLayer | None" = None
) -> pd.DataFrame:
    """Measure the objects of a layer, and let the table be its features.

    Parameters
    ----------
    layer : napari.layers.Labels
    picture : napari.layers.Image or None
        Their picture; without one, nothing is said of grey values.

    Returns
    -------
    DataFrame
        As `segmetry.measure.measure` gives it; lengths in µm where the layer's units are
        lengths, else in pixels.

    Raises
    ------
    PictureError
        If the picture is of another shape.
    """
    image = None if picture is None else image_of(picture)
    table = measure(labels_of(layer, image))
    if picture is None:
        table = table.drop(
            columns=[one for one in table if str(one).startswith("intensity")]
        )
    layer.features = features_of(table)
    return table
