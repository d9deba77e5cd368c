"""A scan on the command line: found, measured, judged, and given out."""

import json

import nibabel
import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app

SPACING = (5.0, 3.0, 3.0)


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def done(chest, tmp_path_factory):
    """A NIfTI scan, its true mask, and a run on it."""
    folder = tmp_path_factory.mktemp("scan")
    values, lungs = chest(SPACING)
    affine = np.diag([-SPACING[2], -SPACING[1], SPACING[0], 1])
    for name, data in (("ct.nii.gz", values), ("mask/ct.nii.gz", lungs)):
        (folder / name).parent.mkdir(exist_ok=True)
        volume = nibabel.Nifti1Image(data.transpose(), affine)
        volume.header.set_xyzt_units("mm")
        volume.to_filename(folder / name)
    said = run("run", folder / "ct.nii.gz", "--segmenter", "lungs", "--out", folder / "out")
    return folder, said, lungs


def test_a_run_tells_volumes_in_ml(done):
    folder, said, _ = done
    assert said.exit_code == 0, said.output
    assert "1 volume, 2 objects" in said.stdout
    assert " ml (" in said.stdout
    assert "0 pictures" not in said.stdout
    assert {path.name for path in (folder / "out" / "ct").iterdir()} >= {
        *("labels.tif", "labels.nii.gz", "overlay.png", "objects.parquet")
    }
    verified = run("verify", folder / "out")
    assert verified.exit_code == 0, verified.output


def test_evaluate_tells_dice_and_distances_in_mm(done):
    folder, _, _ = done
    said = run("evaluate", folder / "out", folder / "mask", "--task", "pixels", "--json")
    assert said.exit_code == 0, said.output
    scores = json.loads(said.stdout)
    assert scores["dice"]["value"] > 0.97
    assert 0 < scores["surface_distance_mean_mm"]["value"] < 3
    assert abs(scores["volume_error_percent"]["value"]) < 4


def test_labels_go_out_as_nifti_with_the_place_of_the_scan(done):
    folder, _, _ = done
    out = folder / "given.nii.gz"
    said = run(
        *("export", folder / "out", "--to", "nifti"),
        *("--scan", folder / "ct.nii.gz", "--out", out),
    )
    assert said.exit_code == 0, said.output
    given, scan = nibabel.load(out), nibabel.load(folder / "ct.nii.gz")
    assert np.allclose(given.affine, scan.affine)
    assert np.asarray(given.dataobj).max() == 2
    again = run(
        *("export", folder / "out", "--to", "nifti"),
        *("--scan", folder / "ct.nii.gz", "--out", out),
    )
    assert again.exit_code == 2
    assert "--overwrite" in again.output


def test_labels_go_out_as_dicom_seg_with_the_names_of_the_lungs(
    chest, dicom_series, tmp_path
):
    highdicom = pytest.importorskip("highdicom")
    values, _ = chest(SPACING)
    folder = dicom_series(values + 1024, spacing=SPACING)
    assert (
        run("run", folder, "--segmenter", "lungs", "--out", tmp_path / "out").exit_code == 0
    )
    said = run(
        *("export", tmp_path / "out", "--to", "dicom-seg", "--scan", folder),
        *("--out", tmp_path / "seg.dcm", "--anonymous"),
    )
    assert said.exit_code == 0, said.output
    seg = highdicom.seg.segread(tmp_path / "seg.dcm")
    told = [seg.get_segment_description(k).segment_label for k in (1, 2)]
    assert told == ["right lung", "left lung"]
    assert b"Secret" not in (tmp_path / "seg.dcm").read_bytes()
    named = run(
        *("export", tmp_path / "out", "--to", "dicom-seg", "--scan", folder),
        *("--out", tmp_path / "named.dcm"),
    )
    assert "names the patient" in named.stdout


def test_what_is_asked_wrongly_is_said_in_one_sentence(done, tmp_path):
    folder, _, _ = done
    scan = ("--scan", folder / "ct.nii.gz")
    wrong = {
        "add --scan": ("--out", tmp_path / "a.nii"),
        "must be a file that ends in": (*scan, "--out", tmp_path / "a.tif"),
    }
    for expected, words in wrong.items():
        said = run("export", folder / "out", "--to", "nifti", *words)
        assert said.exit_code == 2
        assert expected in said.output
    said = run("export", folder / "out", "--to", "dicom-seg", *scan, "--out", "a.dcm")
    assert said.exit_code == 2
    assert "must be its folder" in said.output
    said = run("export", folder, "--to", "nifti", *scan, "--out", tmp_path / "b.nii")
    assert said.exit_code == 2
    assert "run of one volume" in said.output


def test_the_default_method_says_what_to_do_with_a_volume(done, tmp_path):
    folder, _, _ = done
    said = run("run", folder / "ct.nii.gz", "--out", tmp_path / "out")
    assert said.exit_code == 1
    assert "threshold or lungs" in said.output
