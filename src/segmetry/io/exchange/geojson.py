"""Objects as GeoJSON of QuPath, a file for each picture.

Coordinates count pixels of the picture from its upper left corner. Each object is a feature
with its number as its name, so that what is drawn, deleted or changed in QuPath comes back
under the same numbers. Regions, which are areas and no objects, are `segmetry.io.regions`.

References
----------
H. Butler et al., "The GeoJSON Format", RFC 7946, 2016. doi:10.17487/RFC7946
"""

import json
import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.filling import fill_polygons
from segmetry.io.exchange.numbering import numbers_of
from segmetry.io.exchange.outlines import Polygon, trace_outlines
from segmetry.io.names import plain_stem
from segmetry.io.writing import write_text

__all__ = ["read_geojson", "write_geojson", "write_geojson_annotations"]

_WRONG = (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError)
_AREAS = ("Polygon", "MultiPolygon")


def write_geojson(
    path: str | PathLike[str],
    annotation: Annotation,
    *,
    kind: Literal["detection", "annotation"] = "detection",
) -> None:
    """Write the objects of a picture as QuPath reads them.

    Parameters
    ----------
    path : path
    annotation : Annotation
        Of axes Y, X. Measurements are written too; what is no number is left out.
    kind : {"detection", "annotation"}
        QuPath shows any number of detections; annotations can be edited there.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> cells = Annotation("a", np.array([[0, 7, 7], [0, 7, 0]]))
    >>> with TemporaryDirectory() as folder:
    ...     write_geojson(Path(folder, "a.geojson"), cells)
    ...     read_geojson(Path(folder, "a.geojson"), shape=(2, 3)).labels
    array([[0, 7, 7],
           [0, 7, 0]], dtype=uint32)
    """
    outlines = trace_outlines(annotation.labels)
    features = [
        {
            "type": "Feature",
            # The same objects have the same identifiers in every file.
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{annotation.name}#{number}")),
            "geometry": _geometry(polygons),
            "properties": {
                "objectType": kind,
                "name": str(number),
                "isLocked": False,
                "measurements": _measured(annotation.measurements.get(number, {})),
            },
        }
        for number, polygons in outlines.items()
    ]
    content = {"type": "FeatureCollection", "features": features}
    write_text(path, json.dumps(content, ensure_ascii=False))


def write_geojson_annotations(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write the objects of a picture as annotations, which can be edited in QuPath.

    Parameters
    ----------
    path : path
    annotation : Annotation
        Of axes Y, X.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    write_geojson(path, annotation, kind="annotation")


def read_geojson(path: str | PathLike[str], *, shape: tuple[int, int]) -> Annotation:
    """Read the objects of a picture, as QuPath or `write_geojson` wrote them.

    Parameters
    ----------
    path : path
    shape : tuple of int
        (Y, X) of the picture, which the file does not tell.

    Returns
    -------
    Annotation
        Numbers are the names of the objects, where these are numbers; see `numbers_of`.

    Raises
    ------
    ReadError
        If it is no GeoJSON, or an object is no polygon.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        features = list(_features(content))
        numbers, unnamed = numbers_of(_name(feature) for feature in features)
        polygons = [
            (number, rings)
            for number, feature in zip(numbers, features, strict=True)
            for rings in _polygons(feature["geometry"])
        ]
    except (OSError, RecursionError, *_WRONG) as error:
        told = error.strerror if isinstance(error, OSError) else str(error)
        msg = f"{path.name} is not GeoJSON with polygons, as QuPath writes it: {told}"
        raise ReadError(msg) from error
    labels = fill_polygons(polygons, shape)
    return Annotation(plain_stem(path), labels, unnamed=unnamed)


def _geometry(polygons: Sequence[Polygon]) -> dict[str, Any]:
    parts = [[_closed(ring) for ring in rings] for rings in polygons]
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _closed(ring: NDArray[Any]) -> list[list[int]]:
    corners: list[list[int]] = ring.tolist()
    return [*corners, corners[0]]


def _measured(values: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }


def _features(content: Any) -> Iterator[Mapping[str, Any]]:
    """Yield all features; QuPath may nest those that lie in others."""
    if isinstance(content, Mapping) and content.get("type") != "Feature":
        content = content["features"]
    for feature in [content] if isinstance(content, Mapping) else content:
        yield feature
        yield from _features((feature.get("properties") or {}).get("childObjects") or [])


def _name(feature: Mapping[str, Any]) -> str:
    return str((feature.get("properties") or {}).get("name") or "")


def _polygons(geometry: Mapping[str, Any]) -> Iterator[list[NDArray[np.float64]]]:
    if geometry["type"] not in _AREAS:
        msg = f"an object is a {geometry['type']}, which has no area"
        raise ValueError(msg)
    parts = geometry["coordinates"]
    for part in parts if geometry["type"] == "MultiPolygon" else [parts]:
        rings = [np.array(ring, dtype=np.float64) for ring in part]
        if any(ring.ndim != 2 or ring.shape[1] < 2 for ring in rings):
            msg = "a polygon whose corners have no x and y"
            raise ValueError(msg)
        if not all(np.isfinite(ring).all() for ring in rings):
            msg = "a polygon whose corners are no numbers"
            raise ValueError(msg)
        yield [ring[:, :2] for ring in rings]
