"""Pictures, objects and regions as layers of napari, and layers as pictures.

A layer's first pixel has its centre at 0, where Segmetry's regions begin at its corner.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Axes, Image, Labels, PixelSize
from segmetry.napari_plugin.stored import StoredPicture
from segmetry.region import Region

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image as ImageLayer
    from napari.layers import Labels as LabelsLayer
    from napari.layers import Layer

__all__ = [
    "EXCLUDED",
    "SOURCE",
    "LayerData",
    "add_to",
    "features_of",
    "grid_of",
    "image_layer",
    "image_of",
    "labels_layer",
    "labels_of",
    "layers_of",
    "pixel_size_of",
    "region_layer",
]

LayerData = tuple[Any, dict[str, Any], str]

SOURCE, EXCLUDED = "segmetry", "excluded"  # of a layer's metadata

_CENTRE = 0.5


def layers_of(stored: StoredPicture) -> list[LayerData]:
    """Return the layers of a picture: the picture, its objects, and its regions if any.

    Parameters
    ----------
    stored : StoredPicture

    Returns
    -------
    list of tuple
        Data, options and kind of each layer, as readers of napari give them.
    """
    name = stored.source.name
    layers = [
        image_layer(stored.labels.image, name=name),
        labels_layer(stored.labels, stored.objects, name=f"{name} objects"),
    ]
    if stored.regions:
        image = stored.labels.image
        layers.append(region_layer(stored.regions, image, name=f"{name} regions"))
    for _, options, _ in layers:
        options.setdefault("metadata", {})[SOURCE] = stored.source
    return layers


def add_to(viewer: "ViewerModel", layer: LayerData) -> list["Layer"]:
    """Add a layer to a viewer; channels that are no colours become one layer each.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
    layer : tuple
        As `layers_of` gives it.
    """
    data, options, kind = layer
    added = getattr(viewer, f"add_{kind}")(data, **options)
    return added if isinstance(added, list) else [added]


def grid_of(image: Image) -> dict[str, Any]:
    """Return the options by which a layer lies on its picture: scale and units.

    Parameters
    ----------
    image : Image

    Returns
    -------
    dict
        In micrometres where the pixel size is known, else in pixels.

    Examples
    --------
    >>> size = PixelSize(y=20, x=10, unit="nm", source="typed")
    >>> grid_of(Image(np.zeros((2, 3), np.uint8), pixel_size=size))
    {'scale': (0.02, 0.01), 'units': ('um', 'um')}
    """
    n_axes = len(image.spatial_shape)
    if image.pixel_size is None:
        return {"scale": (1.0,) * n_axes, "units": ("pixel",) * n_axes}
    size = image.pixel_size.in_um
    sides = (size.y, size.x) if n_axes == 2 else (size.z or size.y, size.y, size.x)
    return {"scale": sides, "units": ("um",) * n_axes}


def image_layer(image: Image, *, name: str) -> LayerData:
    """Return the layer of a picture; of several channels that are no colours, several.

    Parameters
    ----------
    image : Image
    name : str
    """
    options: dict[str, Any] = {"name": name, **grid_of(image)}
    options["metadata"] = {EXCLUDED: image.excluded}
    if image.axes.endswith("C"):
        is_colour = image.pixels.shape[-1] in {3, 4} and image.pixels.dtype == np.uint8
        options |= {"rgb": True} if is_colour else {"channel_axis": image.pixels.ndim - 1}
    return image.pixels, options, "image"


def labels_layer(labels: Labels, objects: pd.DataFrame, *, name: str) -> LayerData:
    """Return the layer of objects, with their table as its features.

    Parameters
    ----------
    labels : Labels
    objects : DataFrame
        Their table.
    name : str
    """
    options = {"name": name, "features": features_of(objects), **grid_of(labels.image)}
    options["metadata"] = {EXCLUDED: labels.image.excluded}
    # A copy: tools of napari paint in place.
    return np.array(labels.data), options, "labels"


def features_of(objects: pd.DataFrame) -> pd.DataFrame:
    """Return a table of objects as the features of a layer, which look up `index`.

    Examples
    --------
    >>> features_of(pd.DataFrame({"label": [7], "area_px": [4]})).columns.tolist()
    ['index', 'area_px']
    """
    return objects.rename(columns={"label": "index"}).reset_index(drop=True)


def region_layer(regions: tuple[Region, ...], image: Image, *, name: str) -> LayerData:
    """Return the layer of regions: a polygon for each outline, named by its region.

    Parameters
    ----------
    regions : tuple of Region
    image : Image
    name : str
    """
    rings = [(one.name, ring) for one in regions for ring in one.rings]
    options = {
        "name": name,
        "shape_type": "polygon",
        "face_color": "transparent",
        "edge_color": "yellow",
        "edge_width": max(image.spatial_shape) / 500,
        "features": pd.DataFrame({"region": [name for name, _ in rings]}),
        "text": {"string": "{region}", "color": "yellow"},
        **grid_of(image),
    }
    return [ring[:, ::-1] - _CENTRE for _, ring in rings], options, "shapes"


def image_of(layer: "ImageLayer") -> Image:
    """Return the picture of a layer.

    Parameters
    ----------
    layer : napari.layers.Image
        Of a picture or a volume; of several resolutions, the finest counts.

    Raises
    ------
    PictureError
        If it has more axes than a volume.
    """
    pixels = np.asarray(layer.data[0] if layer.multiscale else layer.data)
    n_axes = pixels.ndim - bool(layer.rgb)
    known: Mapping[int, Axes] = {2: "YX", 3: "ZYX"}
    if n_axes not in known:
        msg = (
            f"{layer.name} has {n_axes} axes; expected a picture of 2 or a volume of 3. "
            "Take a part of it first."
        )
        raise PictureError(msg)
    axes = known[n_axes]
    if layer.rgb:
        axes, pixels = ("YXC" if n_axes == 2 else "ZYXC"), pixels[..., :3]
    return Image(
        pixels,
        axes=axes,
        pixel_size=pixel_size_of(layer),
        excluded=_excluded(layer, pixels.shape[:n_axes]),
        name=layer.name,
    )


def labels_of(layer: "LabelsLayer", image: Image | None = None) -> Labels:
    """Return the objects of a layer.

    Parameters
    ----------
    layer : napari.layers.Labels
    image : Image or None
        Their picture; `None` takes a blank one of the layer's pixel size.

    Raises
    ------
    PictureError
        If they are of another shape than their picture.
    """
    data = np.asarray(layer.data[0] if layer.multiscale else layer.data)
    if image is None:
        image = Image(
            np.zeros(data.shape, np.uint8),
            axes="YX" if data.ndim == 2 else "ZYX",
            pixel_size=pixel_size_of(layer),
            excluded=_excluded(layer, data.shape),
        )
    if data.shape != image.spatial_shape:
        msg = (
            f"{layer.name} has the shape {data.shape}, {image.name or 'its picture'} "
            f"{image.spatial_shape}; choose the picture of these objects."
        )
        raise PictureError(msg)
    return Labels(np.array(data), image)


def pixel_size_of(layer: "Layer") -> PixelSize | None:
    """Return the pixel size of a layer; `None` where its units are no lengths.

    Parameters
    ----------
    layer : napari.layers.Layer
    """
    sides = [
        float((scale * unit).to("um").magnitude)
        for scale, unit in zip(layer.scale, layer.units, strict=True)
        if unit.dimensionality == {"[length]": 1}
    ]
    if len(sides) != layer.ndim or layer.ndim not in {2, 3}:
        return None
    z = sides[0] if layer.ndim == 3 else None
    return PixelSize(y=sides[-2], x=sides[-1], z=z, unit="um", source="napari")


def _excluded(layer: "Layer", shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    excluded = layer.metadata.get(EXCLUDED)
    return excluded if excluded is not None and excluded.shape == shape else None
