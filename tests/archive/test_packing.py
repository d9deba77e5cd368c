import json
import os
import zipfile

import numpy as np
import pytest

from segmetry.archive import archive, verify
from segmetry.archive.zips import unpack
from segmetry.batch import run_batch
from segmetry.errors import ReadError, RecipeError, WriteError
from segmetry.image import Image
from segmetry.io import patients, write_ome_zarr
from segmetry.recipe import Recipe, read_recipe_text
from segmetry.tiled import InMemory

SCAN = Recipe(segmentation={"name": "threshold", "options": {"separate": False}})
TEXTS = (".json", ".toml", ".html", ".log", ".csv")


def texts(path):
    """All texts of an archive, by name."""
    with zipfile.ZipFile(path) as packed:
        return {
            name: packed.read(name).decode()
            for name in packed.namelist()
            if name.endswith(TEXTS)
        }


def test_an_archive_lies_beside_its_run_and_verifies(run):
    made = archive(run)
    assert made.path == run.with_name("results.zip")
    assert made.n_bytes == made.path.stat().st_size
    assert made.left_out == ("3 pictures",)
    found = verify(made.path)
    assert (found.findings, found.additional, found.seal) == ((), (), "whole")


def test_the_same_run_gives_the_same_bytes_from_wherever_it_is(run, made, tmp_path):
    options = {"crate": True, "with_pictures": True}
    first = archive(run, tmp_path / "1.zip", **options)
    for one in sorted(run.rglob("*")):
        os.utime(one, (1e9, 1e9))
    second = archive(made / "out" / "results", tmp_path / "2.zip", **options)
    assert first.sha256 == second.sha256
    assert first.path.read_bytes() == second.path.read_bytes()


def test_an_archive_of_an_unpacked_archive_is_the_same(archived, tmp_path):
    folder = tmp_path / "results"
    unpack(archived, folder)
    assert verify(folder).findings == verify(folder).additional == ()
    again = archive(folder, crate=True, with_pictures=True)
    assert again.path.read_bytes() == archived.read_bytes()


def test_results_are_the_runs_own_and_only_places_of_inputs_change(run, archived):
    with zipfile.ZipFile(archived) as packed:
        for name in json.loads((run / "manifest.json").read_text())["outputs"]:
            same = packed.read(name) == (run / name).read_bytes()
            assert same == (name not in {"recipe.toml", "report.html"}), name


def test_nothing_tells_where_the_run_was(archived, person):
    for name, text in texts(archived).items():
        for told in ("anna", str(person), str(person.parent), "../"):
            assert told not in text, (name, told)


def test_the_recipe_of_an_archive_names_what_is_in_it(archived):
    recipe = read_recipe_text(texts(archived)["recipe.toml"])
    with zipfile.ZipFile(archived) as packed:
        names = set(packed.namelist())
    assert {one.path for one in recipe.inputs} <= names
    assert recipe.sheet.path == "inputs/sheet/sheet.csv"
    assert recipe.sheet.path in names
    assert "inputs/pictures/day 1/ä 1.png" in names


def test_the_report_shows_the_recipe_of_the_archive(archived, run):
    own = (run / "report.html").read_text(encoding="utf-8")
    told = texts(archived)["report.html"]
    assert "../pictures" in own
    assert "inputs/pictures" in told


def test_a_run_that_has_changed_is_not_archived(run, tmp_path):
    (run / "objects.csv").write_text("made up")
    with pytest.raises(WriteError, match=r"objects\.csv has changed since the run"):
        archive(run, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize("change", [lambda p: p.unlink(), lambda p: p.write_bytes(b"x")])
def test_a_picture_that_is_gone_or_has_changed_is_told(run, person, change):
    change(person / "pictures" / "b.png")
    with pytest.raises(WriteError, match=r"b\.png.*--with-pictures"):
        archive(run, with_pictures=True)
    assert archive(run).left_out == ("3 pictures",)


def test_what_was_read_besides_pictures_is_left_out_if_it_has_changed(run, person):
    (person / "sheet.csv").write_text("image,sample\nb,third\n")
    made = archive(run, with_pictures=True)
    assert made.left_out == ("sheet.csv",)
    with zipfile.ZipFile(made.path) as packed:
        assert "inputs/sheet/sheet.csv" not in packed.namelist()


def test_nothing_is_replaced_unless_it_is_said(run):
    first = archive(run)
    with pytest.raises(RecipeError, match="is there already"):
        archive(run)
    assert archive(run, overwrite=True) == first


def test_an_archive_does_not_lie_in_its_own_run(run):
    with pytest.raises(RecipeError, match="in the run itself"):
        archive(run, run / "a.zip")


def test_only_the_folder_of_a_run_is_archived(run, tmp_path):
    with pytest.raises(ReadError, match="no readable"):
        archive(tmp_path, tmp_path.parent / "a.zip")
    made = archive(run)
    with pytest.raises(ReadError, match="is no folder"):
        archive(made.path, tmp_path / "b.zip")
    (run / "recipe.toml").unlink()
    with pytest.raises((ReadError, RecipeError, WriteError)):
        archive(run, tmp_path / "c.zip")


BALL = np.linalg.norm(np.indices((5, 24, 24)).T - [2, 12, 12], axis=-1).T < 6


@pytest.fixture
def scanned(dicom_series, tmp_path):
    """Run on a series, with these fields of its slices."""

    def run_it(**fields):
        series = dicom_series(1024 + 800 * BALL, **fields)
        run_batch(SCAN, [series], tmp_path / "scanned")
        return tmp_path / "scanned"

    return run_it


def test_a_picture_that_names_a_patient_is_not_archived(scanned):
    run = scanned(PatientName="Doe^Jane", PatientID="12")
    with pytest.raises(WriteError, match=r"a patient \(PatientName, PatientID, "):
        archive(run, with_pictures=True)
    made = archive(run)
    assert "Doe" not in str(texts(made.path))


def test_the_slices_of_a_volume_are_archived_without_their_names(scanned, tmp_path):
    nobody = dict.fromkeys(patients._FIELDS, "")
    run = scanned(names=[f"doe_{number}.dcm" for number in range(5)], **nobody)
    made = archive(run, crate=True, with_pictures=True)
    with zipfile.ZipFile(made.path) as packed:
        names = [one for one in packed.namelist() if one.startswith("inputs/")]
    assert names == [f"inputs/pictures/scan/{number:05}.dcm" for number in range(5)]
    assert verify(made.path).findings == verify(made.path).additional == ()
    unpack(made.path, tmp_path / "unpacked")
    (tmp_path / "unpacked" / names[3]).unlink()
    assert verify(tmp_path / "unpacked").changed == ("inputs/pictures/scan",)


def test_an_ome_zarr_folder_is_archived_whole(discs, tmp_path):
    write_ome_zarr(tmp_path / "z.zarr", InMemory(Image(discs([8] * 4, shape=(64, 64)))))
    run_batch(SCAN, [tmp_path / "z.zarr"], tmp_path / "run")
    made = archive(tmp_path / "run", with_pictures=True)
    assert made.left_out == verify(made.path).findings == verify(made.path).additional == ()
    unpack(made.path, tmp_path / "unpacked")
    picture = tmp_path / "unpacked" / "inputs" / "pictures" / "z.zarr"
    chunk = next(one for one in picture.rglob("*") if one.name == "0")
    chunk.rename(chunk.with_name("1"))
    assert verify(tmp_path / "unpacked").changed == ("inputs/pictures/z.zarr",)


def test_a_log_that_is_gone_is_no_fault(run):
    (run / "run.log").unlink()
    made = archive(run, crate=True)
    assert verify(made.path).findings == ()
