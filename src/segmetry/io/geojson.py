"""Regions as GeoJSON, the way QuPath writes and reads its annotations.

Of QuPath's properties `objectType`, `name` and `classification` are used; colours, locks
and measurements, of whatever version, are not [1]_.

References
----------
.. [1] https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from segmetry.errors import RegionError
from segmetry.region import Floats, Region

__all__ = ["regions_as_geojson", "regions_of_geojson"]

_AREA = 1e-6  # polygons that overlap by less, or by a smaller share, only touch


def regions_of_geojson(data: bytes, *, file: str) -> tuple[Region, ...]:
    """Return the annotations of a GeoJSON file: a collection, a list or one feature.

    Parameters
    ----------
    data : bytes
    file : str
        Its name, for messages; without ending the name of a region that has none.

    Returns
    -------
    tuple of Region
        Features that QuPath calls detections, cells or tiles are left out.

    Raises
    ------
    RegionError
        If it is no GeoJSON, holds no annotation, or one that has no area.
    """
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        msg = (
            f"{file} holds no regions: expected an ImageJ ROI, a zip of such, or GeoJSON "
            "as QuPath exports it; save it again."
        )
        raise RegionError(msg) from error
    features = [one for one in _features(content, file) if _is_annotation(one)]
    if not features:
        msg = f"{file} holds no annotation; export annotations from QuPath, not detections."
        raise RegionError(msg)
    return tuple(_region(one, file, number) for number, one in enumerate(features, 1))


def regions_as_geojson(regions: Sequence[Region]) -> bytes:
    """Return regions as GeoJSON that QuPath reads as annotations.

    Parameters
    ----------
    regions : sequence of Region

    Returns
    -------
    bytes
        Coordinates are written so that they are read as the very same numbers.
    """
    content = {"type": "FeatureCollection", "features": [_feature(one) for one in regions]}
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()


def _features(content: Any, file: str) -> list[Any]:
    if isinstance(content, list):
        return content
    kind = content.get("type") if isinstance(content, dict) else None
    if kind == "FeatureCollection" and isinstance(content.get("features"), list):
        return list(content["features"])
    if kind == "Feature":
        return [content]
    msg = f"{file} is not GeoJSON of regions: expected features, got {kind or 'none'}."
    raise RegionError(msg)


def _is_annotation(feature: Any) -> bool:
    kind = _properties(feature).get("objectType", "annotation")
    return kind == "annotation"


def _properties(feature: Any) -> dict[str, Any]:
    found = feature.get("properties") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _region(feature: Any, file: str, number: int) -> Region:
    told = _properties(feature)
    classification = _classification(told.get("classification"))
    name = str(told.get("name") or classification or f"region {number}")
    polygons = list(_polygons(feature, file, name))
    region = Region(name, tuple(ring for one in polygons for ring in one), classification)
    # Of overlapping polygons the even-odd rule would make holes.
    apart = sum(
        2 * Region(name, one[:1]).area - sum(Region(name, (r,)).area for r in one)
        for one in polygons
    )
    if abs(apart - region.area) > _AREA * max(1.0, region.area):
        msg = (
            f"{file}: the polygons of {name} overlap, or a hole lies outside; merge them "
            "in the program that drew them."
        )
        raise RegionError(msg)
    return region


def _classification(value: Any) -> str:
    """Return the class; QuPath up to 0.1 wrote it as text, later with its colour."""
    if isinstance(value, dict):
        names = value.get("names")
        names = names if isinstance(names, list) else []
        value = value.get("name") or ": ".join(map(str, names))
    return value if isinstance(value, str) else ""


def _polygons(feature: Any, file: str, name: str) -> Iterator[tuple[Floats, ...]]:
    geometry: Any = feature.get("geometry") if isinstance(feature, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        what = kind if isinstance(kind, str) else "nothing"
        msg = f"{file}: {name} is drawn as {what}, which has no area; expected a polygon."
        raise RegionError(msg)
    found: Any = geometry.get("coordinates")
    try:
        for polygon in [found] if kind == "Polygon" else found:
            yield tuple(_ring(points) for points in polygon)
    except (TypeError, ValueError, LookupError, OverflowError) as error:
        msg = f"{file}: {name} has coordinates of no polygon; export it again."
        raise RegionError(msg) from error


def _ring(points: Any) -> Floats:
    ring = np.array([(point[0], point[1]) for point in points], dtype=np.float64)
    if np.array_equal(ring[0], ring[-1]):
        ring = ring[:-1]
    if len(ring) < 3 or not np.isfinite(ring).all():
        msg = "too few points, or such that are no numbers"
        raise ValueError(msg)
    return ring


def _feature(region: Region) -> dict[str, Any]:
    polygons = [[_closed(ring) for ring in one] for one in _grouped(region)]
    several = len(polygons) > 1
    properties: dict[str, Any] = {"objectType": "annotation", "name": region.name}
    if region.classification:
        properties["classification"] = {"name": region.classification}
    return {
        "type": "Feature",
        "id": str(uuid5(NAMESPACE_URL, f"segmetry:{region.name}:{region.bounds}")),
        "geometry": {
            "type": "MultiPolygon" if several else "Polygon",
            "coordinates": polygons if several else polygons[0],
        },
        "properties": properties,
    }


def _closed(ring: Floats) -> list[list[float]]:
    return [*ring.tolist(), ring[0].tolist()]


def _grouped(region: Region) -> list[list[Floats]]:
    """Return each outline of a part with those of its holes."""
    rings = sorted(
        (Region(region.name, (ring,)) for ring in region.rings), key=lambda one: -one.area
    )
    inside = [
        [k for k, other in enumerate(rings[:i]) if other.holds(ring.inner_point)[0]]
        for i, ring in enumerate(rings)
    ]
    groups = {
        i: [rings[i].rings[0]] for i, others in enumerate(inside) if not len(others) % 2
    }
    for i, others in enumerate(inside):
        if len(others) % 2:  # the smallest that holds it is the last
            groups[others[-1]].append(rings[i].rings[0])
    return list(groups.values())
