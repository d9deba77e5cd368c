import io as stdlib_io
import json
import zipfile

import numpy as np
import pytest
import tifffile

from segmetry.io import read_labels
from segmetry.io.exchange import EXCHANGE_FORMATS
from segmetry.project.annotated import mark_checked


@pytest.fixture
def identifier(store, project):
    (found,) = [one.id for one in store.listed()]
    assert project.name
    return found


@pytest.fixture
def get(client):
    def fetched(address, **params):
        answer = client.get(f"/api/v1/{address}", params=params)
        assert answer.status_code == 200, answer.text
        return answer

    return fetched


def test_the_formats_are_told_with_what_they_lose(get):
    told = get("formats").json()
    assert [one["name"] for one in told] == list(EXCHANGE_FORMATS)
    assert told[0] == {
        "name": "masks",
        "title": "Label images (TIFF)",
        "loses": "",
        "is_of_set": False,
    }


def test_tables_that_belong_together_are_a_zip(get, label):
    answer = get(f"labels/{label}/exchange", to="cellprofiler")
    assert 'filename="a-cellprofiler.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(stdlib_io.BytesIO(answer.content)) as packed:
        assert packed.namelist() == ["Image.csv", "Objects.csv"]


@pytest.mark.parametrize("name", ["ome-zarr", "ome-zarr-0.5"])
def test_a_folder_of_ome_zarr_is_a_zip(get, label, opened, name, tmp_path):
    answer = get(f"labels/{label}/exchange", to=name)
    assert f'filename="a-{name}.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(stdlib_io.BytesIO(answer.content)) as packed:
        packed.extractall(tmp_path)
    assert np.array_equal(read_labels(tmp_path / "a_labels.ome.zarr"), opened.labels.data)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, one in EXCHANGE_FORMATS.items()
        if not one.beside and not one.is_folder
    ],
)
def test_every_format_is_a_file_of_a_picture(get, label, name):
    answer = get(f"labels/{label}/exchange", to=name)
    ending = EXCHANGE_FORMATS[name].ending
    mark = "-" if EXCHANGE_FORMATS[name].is_of_set else ""
    told = f'attachment; filename="a{mark}{ending}"'
    assert answer.headers["content-disposition"] == told
    assert answer.content


def test_labels_are_those_of_now(get, label, opened):
    data = tifffile.imread(
        stdlib_io.BytesIO(get(f"labels/{label}/exchange", to="masks").content)
    )
    assert np.array_equal(data, opened.labels.data)


def test_a_set_is_one_file_and_pictures_are_a_zip(get, identifier, label):
    assert label
    told = json.loads(get(f"projects/{identifier}/exchange", to="coco").content)
    assert [one["file_name"] for one in told["images"]] == ["a.png"]
    answer = get(f"projects/{identifier}/exchange", to="imagej")
    assert "-imagej.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(stdlib_io.BytesIO(answer.content)) as packed:
        assert packed.namelist() == ["a_rois.zip"]


def test_the_annotated_set_is_a_zip_of_images_and_masks(get, identifier, project, label):
    mark_checked(project, project.pictures.records()[0].id, label)
    answer = get(f"projects/{identifier}/annotated")
    with zipfile.ZipFile(stdlib_io.BytesIO(answer.content)) as packed:
        names = set(packed.namelist())
        table = packed.read("masks/masks.csv").decode()
    assert {"images/a.tif", "masks/a.tif", "masks/masks.csv"} <= names
    assert "a,draft,threshold," in table


@pytest.mark.usefixtures("label")
def test_without_a_checked_picture_the_set_says_what_to_do(client, identifier):
    answer = client.get(f"/api/v1/projects/{identifier}/annotated")
    assert answer.status_code == 409
    assert "no annotated picture yet" in answer.json()["error"]["message"]


def test_a_format_that_nobody_writes_is_refused(client, label, identifier):
    for place in (f"labels/{label}", f"projects/{identifier}"):
        answer = client.get(f"/api/v1/{place}/exchange", params={"to": "pickle"})
        assert answer.status_code == 422
