import io as stdlib_io
import tempfile
import time
import uuid
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tifffile

from segmetry.measure import measure, measure_thin
from segmetry.project import look_at
from segmetry.recipe import read_recipe_text


@pytest.fixture
def fetch(client, label):
    """Return a file about the labels."""

    def get(fmt):
        answer = client.get(f"/api/v1/labels/{label}/export", params={"fmt": fmt})
        assert answer.status_code == 200, answer.text
        return answer

    return get


def test_the_label_image_is_that_of_now(fetch, client, label, opened):
    body = {"op_id": str(uuid.uuid4()), "base": 0, "kind": "delete", "ids": [5]}
    client.post(f"/api/v1/labels/{label}/ops", json=body)
    data = tifffile.imread(stdlib_io.BytesIO(fetch("labels").content))
    assert np.array_equal(data, opened.labels.data)
    assert 5 not in data


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_the_table_is_that_of_measure(fetch, opened, fmt):
    read = pd.read_csv if fmt == "csv" else pd.read_parquet
    table = read(stdlib_io.BytesIO(fetch(fmt).content))
    expected = measure(opened.labels)
    assert list(table.columns) == ["image", *expected.columns]
    assert (table["image"] == "a").all()
    pd.testing.assert_frame_equal(table[expected.columns], expected, check_dtype=False)


def test_sizes_are_one_area_a_line_and_the_name_tells_the_unit(fetch, opened):
    answer = fetch("sizes")
    expected = measure(opened.labels)["area_px"].tolist()
    assert [float(line) for line in answer.text.splitlines()] == expected
    assert "a-area_px.csv" in answer.headers["content-disposition"]


def test_the_recipe_can_be_run_again(fetch):
    assert read_recipe_text(fetch("recipe").text).segmentation.name == "threshold"


def test_the_overlay_is_a_picture_and_the_report_a_page(fetch):
    assert fetch("overlay").content.startswith(b"\x89PNG")
    page = fetch("report").text
    assert page.lstrip().startswith("<!")
    assert "a.png" in page


def test_a_file_is_saved_and_never_shown(fetch):
    headers = fetch("report").headers
    assert headers["content-disposition"] == 'attachment; filename="a-report.html"'
    assert headers["content-type"] == "application/octet-stream"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("whole", [True, False])
def test_a_zip_holds_the_folder_of_a_run(client, store, project, label, whole):
    (identifier,) = [one.id for one in store.listed()]
    address = f"projects/{identifier}" if whole else f"labels/{label}"
    answer = client.get(
        f"/api/v1/{address}/export", params=None if whole else {"fmt": "folder"}
    )
    with zipfile.ZipFile(stdlib_io.BytesIO(answer.content)) as packed:
        names = set(packed.namelist())
        text = packed.read("a/recipe.toml").decode()
    assert {"objects.csv", "images.csv", "summary.json", "report.html"} <= names
    assert {"a/labels.tif", "a/overlay.png", "manifest.json"} <= names
    assert read_recipe_text(text) == project.labels.record(label).recipe


def test_a_name_that_is_a_formula_is_none_in_any_table(client, project, home, simple):
    content = (home / "a.png").read_bytes()
    picture = project.pictures.upload("=cmd|calc.png", [content])
    project.pictures.keep_look(picture, look_at(home / "a.png", simple))
    label = project.labels.run(picture, simple)

    def fetched(fmt):
        address = f"/api/v1/labels/{label}/export"
        return stdlib_io.BytesIO(client.get(address, params={"fmt": fmt}).content)

    table = pd.read_csv(fetched("csv"))
    assert set(table["image"]) == {"'=cmd|calc"}
    assert set(pd.read_parquet(fetched("parquet"))["image"]) == {"=cmd|calc"}
    with zipfile.ZipFile(fetched("folder")) as packed:
        objects, images = (
            pd.read_csv(packed.open(name)) for name in ("objects.csv", "images.csv")
        )
    assert len(objects.merge(images, on="image")) == len(table) == 12
    assert "=cmd|calc" not in {*objects["image"], *images["image"]}


def test_a_project_without_labels_has_nothing_to_download(client, store, project):
    assert project.pictures.records() == []
    (identifier,) = [one.id for one in store.listed()]
    answer = client.get(f"/api/v1/projects/{identifier}/export")
    assert answer.status_code == 409
    assert "no picture was segmented" in answer.json()["error"]["message"]


def test_a_format_that_nobody_writes_is_refused(client, label):
    answer = client.get(f"/api/v1/labels/{label}/export", params={"fmt": "pickle"})
    assert answer.status_code == 422


def test_nothing_is_left_in_the_folder_of_temporary_files(fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    Path(tempfile.gettempdir()).mkdir()
    for fmt in ("csv", "report"):
        fetch(fmt)
    latest = time.monotonic() + 10  # a file goes away once its last byte is sent
    while left := list(Path(tempfile.gettempdir()).glob("segmetry-*")):
        assert time.monotonic() < latest, left
        time.sleep(0.05)


@pytest.mark.slow
def test_tables_and_figure_of_lines_are_given_where_they_were_measured(
    client, label, lines, project
):
    def get(fmt, of=lines):
        return client.get(f"/api/v1/labels/{of}/export", params={"fmt": fmt})

    found = measure_thin(project.labels.open(lines).labels.data > 0)
    for fmt in ("segments", "nodes"):
        answer = get(fmt)
        assert f"bar-{fmt}.csv" in answer.headers["content-disposition"]
        table = pd.read_csv(stdlib_io.BytesIO(answer.content))
        assert (table.pop("image") == "bar").all()
        pd.testing.assert_frame_equal(table, getattr(found, fmt), check_dtype=False)
        assert get(fmt, label).status_code == 409
    assert get("widths").content.startswith(b"\x89PNG")
    with zipfile.ZipFile(stdlib_io.BytesIO(get("folder").content)) as packed:
        assert {"segments.csv", "nodes.csv", "bar/widths.png"} <= set(packed.namelist())
        assert packed.read("segments.csv") == get("segments").content
