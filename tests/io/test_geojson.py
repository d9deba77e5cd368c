import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import RegionError
from segmetry.io.geojson import regions_as_geojson, regions_of_geojson
from segmetry.region import Region

SQUARE = [[0, 0], [20, 0], [20, 20], [0, 20], [0, 0]]
HOLE = [[5, 5], [5, 10], [10, 10], [10, 5], [5, 5]]
FAR = [[40, 0], [50, 0], [50, 10], [40, 10], [40, 0]]


def feature(coordinates=(SQUARE,), kind="Polygon", **properties):
    return {
        "type": "Feature",
        "id": "0d4b-11",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {"objectType": "annotation", "name": "CA1", **properties},
    }


def read(content):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return regions_of_geojson(data, file="a.geojson")


def rings_of(region):
    return {tuple(map(tuple, ring.tolist())) for ring in region.rings}


@pytest.mark.parametrize(
    "content",
    [feature(), [feature()], {"type": "FeatureCollection", "features": [feature()]}],
)
def test_a_feature_alone_in_a_list_or_in_a_collection_is_a_region(content):
    (region,) = read(content)
    assert (region.name, region.area, region.bounds) == ("CA1", 400, (0, 0, 20, 20))


def test_a_mark_of_the_byte_order_does_no_harm():
    assert read(b"\xef\xbb\xbf" + json.dumps(feature()).encode())[0].area == 400


def test_holes_and_several_polygons_are_read():
    (region,) = read(feature(([SQUARE, HOLE], [FAR]), kind="MultiPolygon"))
    assert region.area == 400 - 25 + 100
    assert region.holds(np.array([[7.0, 7], [45, 5], [30, 5]])).tolist() == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("told", "name", "classification"),
    [
        ({"name": "CA1"}, "CA1", ""),
        (
            {"name": None, "classification": {"name": "Hippocampus", "color": [1, 2, 3]}},
            *("Hippocampus",) * 2,
        ),
        ({"name": "left", "classification": {"names": ["HPC", "CA1"]}}, "left", "HPC: CA1"),
        ({"name": "Größe 海馬", "classification": "old style"}, "Größe 海馬", "old style"),
        ({"name": None}, "region 1", ""),
        ({"name": "a", "classification": None}, "a", ""),
    ],
)
def test_names_and_classes_are_those_of_qupath(told, name, classification):
    (region,) = read(feature(**told))
    assert (region.name, region.classification) == (name, classification)


@pytest.mark.parametrize(
    "measurements", [[{"name": "Area", "value": 3}], {"Area": 3}, None]
)
def test_measurements_of_any_version_are_passed_over(measurements):
    assert read(feature(measurements=measurements, isLocked=True))[0].area == 400


def test_detections_are_no_regions():
    cell = feature((FAR,), name=None, objectType="cell")
    assert [region.name for region in read([cell, feature()])] == ["CA1"]
    with pytest.raises(RegionError, match="holds no annotation; export annotations"):
        read([cell])


def test_a_feature_of_another_program_without_an_object_type_is_a_region():
    other = feature()
    del other["properties"]
    assert read(other)[0].name == "region 1"


@pytest.mark.parametrize(
    "kind", ["Point", "LineString", "MultiPoint", "GeometryCollection", 7]
)
def test_points_and_lines_are_refused(kind):
    with pytest.raises(RegionError, match=r"CA1 is drawn as \w+, which has no area"):
        read(feature([1, 2], kind=kind))


def test_a_feature_without_geometry_is_refused():
    with pytest.raises(RegionError, match="CA1 is drawn as nothing"):
        read({**feature(), "geometry": None})


@pytest.mark.parametrize(
    "coordinates",
    [
        None,
        7,
        [[]],
        [[[0, 0], [1, 1], [0, 0]]],
        [[["a", 0], [1, 1], [2, 0]]],
        [[[0], [1], [2]]],
        [[{"x": 0}, {"x": 1}, {"x": 2}]],
        [[[0, 0], [1e400, 0], [5, 5]]],
        [[[0, 0], [10**400, 0], [5, 5]]],
    ],
)
def test_coordinates_of_no_polygon_are_refused(coordinates):
    with pytest.raises(RegionError, match="CA1 has coordinates of no polygon"):
        read(feature(coordinates))


@pytest.mark.parametrize(
    "coordinates",
    [
        ([SQUARE], [HOLE]),  # one polygon within another
        ([SQUARE, FAR],),  # a hole beside its polygon
    ],
)
def test_polygons_that_overlap_are_refused_instead_of_making_holes(coordinates):
    with pytest.raises(RegionError, match="the polygons of CA1 overlap, or a hole lies"):
        read(feature(coordinates, kind="MultiPolygon"))


def test_a_polygon_that_crosses_itself_is_refused():
    tie = [[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]
    with pytest.raises(RegionError, match="CA1"):
        read(feature((tie,)))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"name,x,y\n"]
)
def test_what_is_no_json_is_told_in_one_sentence(data):
    with pytest.raises(
        RegionError, match=r"a.geojson holds no regions: expected an ImageJ"
    ):
        read(data)


@pytest.mark.parametrize("content", [{}, 7, "text", {"type": "FeatureCollection"}, None])
def test_json_of_another_kind_is_refused(content):
    with pytest.raises(RegionError, match="not GeoJSON of regions: expected features"):
        read(content)


@pytest.mark.parametrize("content", [[], [7], ["a"]])
def test_a_list_of_no_features_is_refused(content):
    with pytest.raises(RegionError, match=r"a\.geojson"):
        read(content)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_regions_are_read_as_they_were_written(seed):
    rng = np.random.default_rng(seed)
    angles = 2 * np.pi * (np.arange(12) + rng.uniform(0, 1, 12)) / 12
    unit = np.column_stack([np.cos(angles), np.sin(angles)])
    star = unit * rng.uniform(30, 50, (12, 1))
    rings = [star + 60, unit * rng.uniform(12, 20, (12, 1)) + 60, unit * 5 + 60, star + 200]
    regions = [
        Region("nested", tuple(rings[i] for i in rng.permutation(4)), "layer"),
        Region("Größe", (rings[0],)),
    ]
    again = regions_of_geojson(regions_as_geojson(regions), file="a.geojson")
    for before, after in zip(regions, again, strict=True):
        assert (after.name, after.classification) == (before.name, before.classification)
        assert rings_of(after) == rings_of(before)
        assert after.area == pytest.approx(before.area, rel=1e-12)


def test_what_is_written_is_as_qupath_wants_it():
    hole = np.array(HOLE[:-1], float)
    region = Region("CA1", (np.array(SQUARE[:-1], float), hole, np.array(FAR[:-1], float)))
    content = json.loads(regions_as_geojson([region, Region("b", (hole,))]))
    first, second = content["features"]
    assert content["type"] == "FeatureCollection"
    assert first["geometry"]["type"] == "MultiPolygon"
    assert [len(polygon) for polygon in first["geometry"]["coordinates"]] == [2, 1]
    assert second["geometry"] == {"type": "Polygon", "coordinates": [HOLE]}
    assert second["properties"] == {"objectType": "annotation", "name": "b"}
    assert first["id"] != second["id"]


@pytest.mark.parametrize("names", [5, True, "layer", None, {"a": 1}])
def test_names_of_classes_that_are_no_list_are_passed_over(names):
    (region,) = read(feature(classification={"names": names}))
    assert (region.name, region.classification) == ("CA1", "")
