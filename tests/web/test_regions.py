"""Regions are imported, copied, counted in, and told as tables."""

import json

import numpy as np
import pandas as pd
import pytest

from segmetry.batch import BatchOptions, run_batch
from segmetry.io import write_png
from segmetry.io.regions import write_regions
from segmetry.recipe import Regions, read_recipe_text
from segmetry.recipe.model import Input
from segmetry.region import Region

OCTETS = {"Content-Type": "application/octet-stream"}
SHEET = b"image,animal,group\nsquares.png,m1,a\nmore.png,m2,b\n"
LEFT = {"name": "left", "rings": [[[0, 0], [60, 0], [60, 80], [0, 80]]]}
RIGHT = {"name": "right", "rings": [[[60, 0], [120, 0], [120, 80], [60, 80]]]}


def put(client, picture, *regions, **more):
    body = {"banner": None, "rectangles": [], "regions": list(regions), **more}
    return client.put(f"/api/v1/images/{picture}/roi", json=body)


def send(client, picture, content, name="slice.geojson", headers=OCTETS):
    return client.post(
        f"/api/v1/images/{picture}/regions",
        params={"name": name},
        content=content,
        headers=headers,
    )


@pytest.fixture
def drawn(tmp_path):
    """The content of a file of one region in a format."""

    def write(name):
        corners = np.array([[60, 0], [120, 0], [120, 80], [60, 80.0]])
        write_regions(tmp_path / name, [Region("CA1", (corners,))])
        return (tmp_path / name).read_bytes()

    return write


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.geojson", "a.roi", "a_RoiSet.zip"])
def test_regions_of_a_file_are_added_to_those_that_were_drawn(
    client, application, squares, drawn, name
):
    put(client, squares, LEFT)
    answer = send(client, squares, drawn(name), name)
    assert answer.status_code == 200
    told = answer.json()
    assert [one["name"] for one in told["excluded"]["regions"]] == ["left", "CA1"]
    events = application.state.events.after(0)
    assert events[-1].content == {"picture": told}
    twice = send(client, squares, drawn(name), name)
    assert twice.status_code == 422
    assert "2 regions are called CA1" in twice.json()["error"]["message"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"no regions", OCTETS, 409),
        (b'{"type": "FeatureCollection", "features": []}', OCTETS, 409),
        (b"PK\x03\x04 no zip", OCTETS, 409),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b" " * (16 * 2**20 + 1), OCTETS, 413),
    ],
)
def test_what_holds_no_regions_is_refused_in_a_sentence(
    client, squares, content, headers, status
):
    answer = send(client, squares, content, headers=headers)
    assert answer.status_code == status
    assert len(answer.json()["error"]["message"]) > 20
    shown = client.get(f"/api/v1/images/{squares}").json()
    assert shown["excluded"]["regions"] == []


@pytest.mark.slow
def test_the_name_of_a_file_reaches_no_other_folder(client, squares, drawn):
    for name in ("../../etc/passwd.roi", "..\\..\\a.roi", "\x00.roi", "/.roi"):
        content = drawn("a.roi")
        answer = send(client, squares, content, name)
        assert answer.status_code == 200, answer.text
        put(client, squares)


def test_other_pictures_take_over_regions(client, application, squares, two_channels):
    put(client, squares, LEFT, RIGHT)
    last = application.state.events.last
    answer = client.post(f"/api/v1/images/{squares}/regions/copy")
    assert answer.json() == {"n_pictures": 1, "other": []}
    (event,) = application.state.events.after(last)
    told = event.content["picture"]
    assert told["id"] == two_channels
    assert [one["name"] for one in told["excluded"]["regions"]] == ["left", "right"]


@pytest.fixture
def counted(client, project, squares, simple):
    """Labels of three squares, of which one lies left and one on both sides."""
    put(client, squares, LEFT, RIGHT)
    return project.labels.run(squares, simple)


def test_counts_follow_a_correction(client, counted):
    def told():
        rows = client.get(f"/api/v1/labels/{counted}/regions").json()
        assert rows["columns"] == ["region", "n_objects", "area_px"]
        return [row[1] for row in rows["values"]]

    before = told()
    assert sum(before) == 3
    op = {"op_id": "1" * 36, "base": 0, "group": None, "kind": "draw", "points": [[5, 70]]}
    op |= {"width": 5, "ids": [], "overwrite": False}
    answer = client.post(f"/api/v1/labels/{counted}/ops", json=op)
    assert answer.status_code == 200, answer.text
    assert told() == [before[0] + 1, before[1]]


@pytest.fixture
def two_animals(client, project, store, counted, home, look, simple):
    """The address of a project of two pictures with regions, of two animals."""
    stripes = np.where(np.arange(120) // 20 % 2, 200, 40).astype(np.uint8)
    write_png(home / "more.png", np.tile(stripes, (80, 1)))
    project.labels.run(look(home / "more.png"), simple)
    squares = project.labels.record(counted).picture
    client.post(f"/api/v1/images/{squares}/regions/copy").raise_for_status()
    (identifier,) = [one.id for one in store.listed()]
    client.put(
        f"/api/v1/projects/{identifier}/sheet", content=SHEET, headers=OCTETS
    ).raise_for_status()
    return f"/api/v1/projects/{identifier}"


def test_tables_tell_groups_animals_and_pictures(client, two_animals):
    told = client.get(f"{two_animals}/regions").json()
    assert told["unit"] == "animal"
    assert told["groups"]["columns"][:2] == ["group", "region"]
    assert len(told["groups"]["values"]) == 4
    assert len(told["animals"]["values"]) == len(told["regions"]["values"]) == 4
    assert told["remarks"]


def test_tables_are_those_of_the_command_line_to_the_byte(
    client, two_animals, home, tmp_path, simple
):
    folder = tmp_path / "regions"
    folder.mkdir()
    regions = [
        Region(one["name"], (np.array(one["rings"][0], dtype=float),))
        for one in (LEFT, RIGHT)
    ]
    for name in ("squares", "more"):
        write_regions(folder / f"{name}.geojson", regions)
    (tmp_path / "sheet.csv").write_bytes(SHEET)
    sheet = Input(path=str(tmp_path / "sheet.csv"))
    chosen = {"regions": Regions(path=str(folder)), "sheet": sheet}
    recipe = simple.model_copy(update=chosen)
    pictures = [home / "more.png", home / "squares.png"]
    run_batch(
        recipe,
        pictures,
        tmp_path / "out",
        options=BatchOptions(jobs=1),
    )
    for name in ("regions", "animals"):
        content = client.get(f"{two_animals}/tables/{name}.csv").content
        assert content == (tmp_path / "out" / f"{name}.csv").read_bytes()


def test_without_a_sheet_there_are_no_animals_to_download(client, store, counted):
    (identifier,) = [one.id for one in store.listed()]
    address = f"/api/v1/projects/{identifier}"
    assert client.get(f"{address}/regions").json()["animals"] is None
    assert client.get(f"{address}/tables/regions.csv").status_code == 200
    answer = client.get(f"{address}/tables/animals.csv")
    assert answer.status_code == 409
    assert "column called animal" in json.dumps(answer.json())
    assert client.get(f"{address}/tables/objects.csv").status_code == 404
    assert counted


def test_the_command_with_the_downloaded_file_of_regions_counts_the_same(
    client, counted, home, tmp_path
):
    def download(fmt):
        return client.get(f"/api/v1/labels/{counted}/export", params={"fmt": fmt})

    file = download("regions")
    assert 'filename="squares-regions.geojson"' in file.headers["content-disposition"]
    (tmp_path / "squares-regions.geojson").write_bytes(file.content)
    told = client.get(f"/api/v1/labels/{counted}/command").json()
    assert "--regions squares-regions.geojson" in told["command"]
    assert download("recipe").text == told["recipe"]
    recipe = read_recipe_text(told["recipe"])
    run_batch(
        recipe,
        home / "squares.png",
        tmp_path / "out",
        folder=tmp_path,
        options=BatchOptions(jobs=1),
    )
    again = pd.read_csv(tmp_path / "out" / "regions.csv")
    shown = client.get(f"/api/v1/labels/{counted}/regions").json()["values"]
    assert dict(zip(again["region"], again["n_objects"], strict=True)) == {
        name: n for name, n, *_ in shown
    }


def test_where_no_regions_are_there_is_no_file_of_them(client, project, squares, simple):
    label = project.labels.run(squares, simple)
    answer = client.get(f"/api/v1/labels/{label}/export", params={"fmt": "regions"})
    assert answer.status_code == 409
    assert "squares.png has no regions" in answer.json()["error"]["message"]
    assert "--regions" not in client.get(f"/api/v1/labels/{label}/command").text
