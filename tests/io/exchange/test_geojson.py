import json
import uuid

import numpy as np
import pytest
from shapely.geometry import shape as shape_of

from segmetry.errors import ReadError
from segmetry.io.exchange import (
    Annotation,
    read_geojson,
    write_geojson,
    write_geojson_annotations,
)


def features_of(path):
    return json.loads(path.read_text(encoding="utf-8"))["features"]


def written(path, *geometries, names=()):
    """A file of polygons, as another program may write it."""
    features = [
        {"type": "Feature", "geometry": one, "properties": {}} for one in geometries
    ]
    for feature, name in zip(features, names, strict=False):
        feature["properties"] = None if name is None else {"name": name}
    content = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def square(x, y, side=1):
    corners = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return {"type": "Polygon", "coordinates": [corners]}


@pytest.mark.parametrize("seed", range(60))
def test_objects_come_back_with_their_numbers(tmp_path, random_labels, seed):
    labels = random_labels(seed)
    write_geojson(tmp_path / "a.geojson", Annotation("a", labels))
    found = read_geojson(tmp_path / "a.geojson", shape=labels.shape)
    assert found.name == "a"
    assert np.array_equal(found.labels, labels)


@pytest.mark.parametrize("seed", range(40))
def test_shapely_sees_valid_areas_of_the_same_size(tmp_path, random_labels, seed):
    labels = random_labels(seed)
    write_geojson(tmp_path / "a.geojson", Annotation("a", labels))
    for feature in features_of(tmp_path / "a.geojson"):
        area = shape_of(feature["geometry"])
        assert area.is_valid
        assert area.area == (labels == int(feature["properties"]["name"])).sum()


def test_features_are_as_qupath_wants_them(tmp_path, labels):
    measured = {5: {"area_px": 24, "solidity": 0.5, "note": "x", "hole": float("nan")}}
    one = Annotation("a", labels, measurements=measured)
    write_geojson(tmp_path / "a.geojson", one)
    features = features_of(tmp_path / "a.geojson")
    for feature in features:
        assert feature["type"] == "Feature"
        assert feature["properties"]["objectType"] == "detection"
        uuid.UUID(feature["id"])
        coordinates = feature["geometry"]["coordinates"]
        is_one = feature["geometry"]["type"] == "Polygon"
        for ring in (
            ring for part in ([coordinates] if is_one else coordinates) for ring in part
        ):
            assert ring[0] == ring[-1]
    by_name = {feature["properties"]["name"]: feature["properties"] for feature in features}
    assert by_name["5"]["measurements"] == {"area_px": 24, "solidity": 0.5}
    assert by_name["7"]["measurements"] == {}
    assert len({feature["id"] for feature in features}) == len(features)


def test_annotations_can_be_edited_in_qupath(tmp_path, labels):
    write_geojson_annotations(tmp_path / "a.geojson", Annotation("a", labels))
    kinds = {one["properties"]["objectType"] for one in features_of(tmp_path / "a.geojson")}
    assert kinds == {"annotation"}


def test_many_objects_come_back(tmp_path, many):
    write_geojson(tmp_path / "a.geojson", Annotation("a", many))
    found = read_geojson(tmp_path / "a.geojson", shape=many.shape)
    assert np.array_equal(found.labels, many)


def test_what_was_drawn_elsewhere_joins_with_the_next_numbers(tmp_path):
    places = square(0, 0), square(1, 0), square(2, 0)
    path = written(tmp_path / "a.geojson", *places, names=["new", "7", None])
    assert read_geojson(path, shape=(1, 3)).labels.tolist() == [[8, 7, 9]]


def test_a_list_of_features_will_do(tmp_path):
    written(tmp_path / "a.json", square(0, 0))
    features = features_of(tmp_path / "a.json")
    (tmp_path / "a.json").write_text(json.dumps(features))
    assert read_geojson(tmp_path / "a.json", shape=(1, 2)).labels.tolist() == [[1, 0]]


def test_what_qupath_nests_in_other_objects_is_read(tmp_path):
    path = written(tmp_path / "a.geojson", square(0, 0), square(2, 0), names=["3", "5"])
    outer, inner = features_of(path)
    outer["properties"]["childObjects"] = [inner]
    for content in (outer, [outer], {"type": "FeatureCollection", "features": [outer]}):
        path.write_text(json.dumps(content))
        assert read_geojson(path, shape=(1, 4)).labels.tolist() == [[3, 0, 5, 0]]


@pytest.mark.parametrize(
    ("geometry", "told"),
    [
        ({"type": "Point", "coordinates": [1, 2]}, "a Point, which has no area"),
        ({"type": "Polygon", "coordinates": [[1, 2, 3]]}, "no x and y"),
        ({"type": "Polygon", "coordinates": [[["x", 1]]]}, "could not convert"),
        ({"type": "Polygon", "coordinates": [[[0, float("nan")]]]}, "are no numbers"),
        ({"type": "Polygon", "coordinates": [[[0, float("inf")]]]}, "are no numbers"),
        ({"type": "Polygon", "coordinates": [[[0, 10**400]]]}, "too large"),
        (None, "is not GeoJSON"),
    ],
)
def test_what_has_no_area_is_told(tmp_path, geometry, told):
    path = written(tmp_path / "a.geojson", geometry)
    with pytest.raises(ReadError, match=told):
        read_geojson(path, shape=(2, 2))


@pytest.mark.parametrize("content", ["", "{}", "[1]"])
def test_what_is_no_geojson_is_refused(tmp_path, content):
    (tmp_path / "a.geojson").write_text(content)
    with pytest.raises(ReadError, match=r"a\.geojson is not GeoJSON"):
        read_geojson(tmp_path / "a.geojson", shape=(2, 2))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ReadError, match="No such file"):
        read_geojson(tmp_path / "none.geojson", shape=(2, 2))
