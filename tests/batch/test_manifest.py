import json

import pytest

from segmetry.batch.inputs import file_hash
from segmetry.batch.manifest import fingerprint, manifest, write_manifest
from segmetry.recipe import Recipe


@pytest.fixture
def results(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "objects.csv").write_text("label\n1\n")
    (tmp_path / "a" / "labels.tif").write_bytes(b"labels")
    (tmp_path / "run.log").write_text("now")
    (tmp_path / "mine.txt").write_text("not of the run")
    write_manifest(tmp_path, [{"path": "../a.tif", "sha256": "12"}], ["a"])
    return tmp_path


def test_all_files_but_the_log_are_hashed(results):
    kept = json.loads((results / "manifest.json").read_text())
    assert kept["outputs"] == {
        "a/labels.tif": file_hash(results / "a" / "labels.tif"),
        "objects.csv": file_hash(results / "objects.csv"),
    }
    assert kept["inputs"] == [{"path": "../a.tif", "sha256": "12"}]
    assert kept["packages"]["numpy"]


def test_the_same_folder_gives_the_same_manifest(results):
    assert manifest(results, [], ["a"]) == manifest(results, [], ["a"])


@pytest.mark.parametrize(
    "change",
    [
        {"segmentation": {"name": "threshold"}},
        {"segmentation": {"options": {"min_area": 9}}},
        {"calibration": {"pixel_size": "1 nm"}},
        {"banner": {"exclude": "none"}},
        {"area": {"exclude": [[0, 0, 9, 9]]}},
        {"measurement": {"perimeters": ["crofton"]}},
        {"thin": {"enabled": True}},
        {"reading": {"page": 1}},
    ],
)
def test_what_changes_an_object_changes_the_fingerprint(change):
    assert fingerprint(Recipe.model_validate(change)) != fingerprint(Recipe())


def test_statistics_do_not_change_the_fingerprint():
    other = Recipe.model_validate({"statistics": {"edge_rule": "keep", "seed": 3}})
    assert fingerprint(other) == fingerprint(Recipe())
