import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from segmetry.archive import archive, recompute, verify
from segmetry.archive.zips import unpack, write_zip
from segmetry.batch import run_batch
from segmetry.cli import app
from segmetry.errors import ReadError, RecipeError
from segmetry.io import read_labels, write_labels, write_png, write_table
from segmetry.io.regions import write_regions
from segmetry.models import find_model
from segmetry.recipe import Recipe, changed
from segmetry.region import Region


def packed_anew(folder, path):
    names = sorted(one for one in folder.rglob("*") if one.is_file())
    write_zip(path, [(one.relative_to(folder).as_posix(), one) for one in names])
    return path


def test_an_archive_with_pictures_comes_out_the_same_anywhere(archived):
    found = recompute(archived, jobs=1)
    assert found.differences == found.corrected == found.versions == ()
    assert found.n_pictures == 3
    assert found.as_json()["is_equal"]


def test_a_run_comes_out_the_same_where_its_pictures_are(run):
    assert recompute(run, jobs=1).differences == ()


def test_pictures_are_found_by_what_they_hold(run, person, tmp_path):
    made = archive(run).path
    with pytest.raises(RecipeError, match=r"3 of 3 pictures are not there.*--pictures"):
        recompute(made)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copyfile(person / "pictures" / "b.png", elsewhere / "renamed.png")
    with pytest.raises(RecipeError, match="2 of 3"):
        recompute(made, pictures=elsewhere)
    shutil.copytree(person / "pictures", elsewhere / "more")
    # The picture that could not be read has no hash, and is found by its name.
    assert recompute(made, pictures=elsewhere, jobs=1).differences == ()


def test_masks_regions_and_a_model_come_along(made, tmp_path):
    model = shutil.copy(find_model("nuclei"), tmp_path / "own.segmodel")
    for kind in ("masks", "regions"):
        (tmp_path / kind).mkdir()
    inside = np.zeros((120, 120), np.uint8)
    inside[5:115, 5:100] = 255
    write_png(tmp_path / "masks" / "b.png", inside)
    corner = Region("corner", (np.array([[0, 0], [60, 0], [60, 60], [0, 60]], float),))
    write_regions(tmp_path / "regions" / "b.geojson", [corner])
    recipe = changed(
        Recipe(),
        {
            "segmentation": {"name": str(model)},
            "area": {"field_of_view": str(tmp_path / "masks")},
            "regions": {"path": str(tmp_path / "regions")},
        },
    )
    run_batch(recipe, [made / "pictures" / "b.png"], tmp_path / "run")
    packed = archive(tmp_path / "run", with_pictures=True)
    assert packed.left_out == verify(packed.path).additional == ()
    with zipfile.ZipFile(packed.path) as files:
        report = files.read("report.html").decode()
    assert "inputs/models/own.segmodel" in report
    assert "../" not in report
    for kind in ("masks", "regions"):
        shutil.rmtree(tmp_path / kind)
    model.unlink()
    assert recompute(packed.path, jobs=1).differences == ()


def test_what_differs_is_told_with_how_much(run):
    labels = read_labels(run / "b" / "labels.tif")
    labels[labels == 1] = 0
    write_labels(run / "b" / "labels.tif", labels)
    table = pd.read_csv(run / "objects.csv")
    table.loc[0, "area_um2"] *= 2
    write_table(run / "objects.csv", table)
    found = recompute(run, jobs=1)
    assert found.differences[0].startswith("b: 0 of 7 objects")
    assert "area_um2 (by up to 50 %)" in found.differences[1]
    assert len(found.differences) == 2


def test_other_versions_are_named(run):
    kept = json.loads((run / "manifest.json").read_text())
    kept["packages"] |= {"numpy": "1.0", "gone": "2.0"}
    (run / "manifest.json").write_text(json.dumps(kept))
    told = recompute(run, jobs=1).versions
    assert told[0].startswith("numpy 1.0 then, ")
    assert told[1] == "gone 2.0 then, unknown now"


@pytest.fixture
def corrected(run, tmp_path):
    """The run as it is after a person has removed an object with another program."""
    labels = read_labels(run / "b" / "labels.tif")
    labels[labels == 1] = 0
    (tmp_path / "edited").mkdir()
    write_labels(tmp_path / "edited" / "b.tif", labels)
    done = CliRunner().invoke(app, ["import", str(tmp_path / "edited"), "--into", str(run)])
    assert done.exit_code == 0, done.output
    return run


def test_of_corrected_pictures_what_the_method_found_is_compared(corrected):
    assert verify(corrected).findings == verify(corrected).additional == ()
    made = archive(corrected, with_pictures=True).path
    assert verify(made).findings == verify(made).additional == ()
    found = recompute(made, jobs=1)
    assert found.differences == found.corrected == ()


def test_verdicts_that_a_correction_of_another_picture_changes_are_no_difference(corrected):
    table = corrected / "images.csv"
    images = pd.read_csv(table, dtype=str, keep_default_na=False)
    images.loc[images["image"] != "b", "verdict"] = "another"
    images.to_csv(table, index=False)
    assert recompute(corrected, jobs=1).differences == ()
    images.loc[images["image"] != "b", "n_objects"] = "77"
    images.to_csv(table, index=False)
    (told,) = recompute(corrected, jobs=1).differences
    assert told.startswith("images.csv differs in ")
    assert "verdict" not in told


def test_what_the_method_found_may_differ_beside_corrections(corrected):
    picture = corrected / "b"
    write_labels(picture / "labels_found.tif", 0 * read_labels(picture / "labels.tif"))
    shutil.copyfile(picture / "objects.parquet", picture / "objects_found.parquet")
    labels, objects = recompute(corrected, jobs=1).differences
    assert labels.startswith("b: ")
    assert objects.startswith("b/objects_found.parquet ")


def test_corrections_whose_draft_is_not_kept_are_told_and_no_difference(corrected):
    (corrected / "b" / "labels_found.tif").unlink()
    found = recompute(corrected, jobs=1)
    assert found.differences == ()
    assert found.corrected[0].startswith("b, as it was corrected: ")


def test_an_archive_whose_recipe_names_other_files_is_refused(archived, tmp_path):
    folder = tmp_path / "unpacked"
    unpack(archived, folder)
    recipe = (folder / "recipe.toml").read_text(encoding="utf-8")
    for path in ("/etc/hostname", "../secret.png"):
        changed = recipe.replace("inputs/pictures/b.png", path)
        (folder / "recipe.toml").write_text(changed, encoding="utf-8")
        made = packed_anew(folder, tmp_path / "hostile.zip")
        with pytest.raises(ReadError, match="lies outside"):
            recompute(made)


def test_what_cannot_be_compared_is_told(run, tmp_path):
    (run / "images.csv").write_text("no,such,columns\n")
    with pytest.raises(ReadError, match=r"images\.csv is missing or damaged"):
        recompute(run, jobs=1)
    with pytest.raises(ReadError, match="no readable"):
        recompute(tmp_path)


def test_nothing_stays_behind(archived, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    recompute(archived, jobs=1)
    assert list(Path(tmp_path / "temporary").iterdir()) == []
