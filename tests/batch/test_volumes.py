"""Runs of volumes, from the file to the report."""

import json

import numpy as np
import pandas as pd
import pytest

from segmetry.archive import verify
from segmetry.batch import BatchOptions, run_batch
from segmetry.errors import RecipeError
from segmetry.io import read_labels, write_png
from segmetry.recipe import Recipe

SPACING = (5.0, 3.0, 3.0)
LUNGS = Recipe(segmentation={"name": "lungs"})
BRIGHT = Recipe(segmentation={"name": "threshold", "options": {"separate": False}})


@pytest.fixture
def scan(chest, dicom_series):
    values, lungs = chest(SPACING)
    return dicom_series(values + 1024, spacing=SPACING), lungs


@pytest.fixture
def nifti(tmp_path):
    from nibabel import Nifti1Image

    def save(name, pixels, affine=None, spacing=(2.0, 1.0, 1.0)):
        volume = Nifti1Image(pixels.transpose(), affine)
        volume.header.set_zooms(spacing[::-1])
        volume.header.set_xyzt_units("mm")
        path = tmp_path / name
        volume.to_filename(path)
        return path

    return save


def balls(n=2):
    z, y, x = np.ogrid[:20, :40, :60]
    pixels = np.zeros((20, 40, 60), np.int16)
    for k in range(n):
        inside = (2 * (z - 10)) ** 2 + (y - 20) ** 2 + (x - 12 - 25 * k) ** 2 < 64
        pixels[inside] = 200
    return pixels


def test_a_folder_of_slices_is_one_volume_and_no_patient_is_in_its_results(scan, tmp_path):
    folder, lungs = scan
    result = run_batch(LUNGS, folder, tmp_path / "out")
    assert result.images["status"].tolist() == ["done"]
    image = result.images.iloc[0]
    assert (image.depth_px, image.height_px, image.width_px) == lungs.shape
    assert image.pixel_size_z == pytest.approx(5000)
    assert result.objects["class"].tolist() == ["right lung", "left lung"]
    true = np.bincount(lungs.ravel())[1:] * np.prod(SPACING) / 1000
    assert np.allclose(result.objects.volume_ml, true, rtol=0.05)
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"Secret" not in content, path.name
            assert b"1970" not in content or path.suffix in {".html", ".png", ".tif"}
            assert b"4711" not in content or path.suffix != ".csv"
    assert verify(tmp_path / "out").findings == ()


def test_the_report_and_the_summary_speak_of_volumes(scan, tmp_path):
    folder, _ = scan
    result = run_batch(LUNGS, folder, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "1 volume, 2 objects found" in page
    assert "right lung" in page
    assert "data:image/jpeg" in page
    assert "circles of equal area" not in page
    assert "found in 1 volume with" in page
    assert "mean value (HU)" in page
    assert "Miles-Lantuéjoul" in page
    assert "miles-lantuejoul was" not in page
    told = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert told["volumes"]["n_objects"] == 2
    assert told["warnings"] == result.summary["warnings"]
    assert not any("No object" in text for text in told["warnings"])


def test_labels_of_nifti_lie_where_the_scan_lies(nifti, tmp_path):
    import nibabel

    affine = np.array([[-1.0, 0, 0, 9], [0, -1, 0, 8], [0, 0, 2, 7], [0, 0, 0, 1]])
    path = nifti("balls.nii.gz", balls(), affine)
    run_batch(BRIGHT, path, tmp_path / "out")
    labels = nibabel.load(tmp_path / "out" / "balls" / "labels.nii.gz")
    assert np.allclose(labels.affine, affine)
    written = read_labels(tmp_path / "out" / "balls" / "labels.tif")
    assert np.array_equal(np.asarray(labels.dataobj).T, written)
    assert written.max() == 2
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "HU" not in page.partition("<body>")[2].partition("data:image")[0]


def test_volumes_and_pictures_of_one_run_have_each_their_statistics(nifti, tmp_path):
    path = nifti("balls.nii.gz", balls())
    write_png(tmp_path / "flat.png", balls(1)[10].astype(np.uint8))
    out = tmp_path / "out"
    result = run_batch(BRIGHT, [path, tmp_path / "flat.png"], out)
    assert result.images["depth_px"].isna().tolist() == [False, True]
    assert result.summary["n_objects"] == 1
    assert result.summary["volumes"]["n_objects"] == 2
    objects = pd.read_csv(out / "objects.csv")
    assert objects.groupby("image").size().to_dict() == {"balls": 2, "flat": 1}
    assert "circles of equal area" in (out / "report.html").read_text(encoding="utf-8")


def test_a_run_goes_on_where_it_was_and_from_its_own_recipe(scan, tmp_path):
    from segmetry.recipe import read_recipe

    folder, _ = scan
    out = tmp_path / "out"
    first = run_batch(LUNGS, folder, out)
    before = (out / "scan" / "labels.tif").stat().st_mtime_ns
    run_batch(LUNGS, folder, out, options=BatchOptions(resume=True))
    assert (out / "scan" / "labels.tif").stat().st_mtime_ns == before
    recipe = read_recipe(out / "recipe.toml")
    again = run_batch(recipe, (), tmp_path / "again", folder=out)
    pd.testing.assert_frame_equal(first.objects, again.objects)


def test_a_slice_that_changes_makes_the_volume_another_one(scan):
    from segmetry.batch.inputs import file_hash

    folder, _ = scan
    before = file_hash(folder)
    first = min(folder.iterdir())
    first.rename(folder / "renamed.dcm")
    assert file_hash(folder) == before
    path = folder / "renamed.dcm"
    path.write_bytes(path.read_bytes()[:-2] + b"\1\1")
    assert file_hash(folder) != before


def test_a_folder_of_two_series_is_refused(scan, dicom_series, tmp_path):
    folder, _ = scan
    for path in dicom_series(np.zeros((2, 4, 4)), folder="b").iterdir():
        path.rename(folder / f"b-{path.name}")
    with pytest.raises(RecipeError, match="2 DICOM series"):
        run_batch(LUNGS, folder, tmp_path / "out")


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (Recipe(), "a method for volumes: threshold or lungs"),
        (Recipe(segmentation={"name": "threshold"}, thin={"enabled": True}), "Thin struct"),
        (
            Recipe(segmentation={"name": "threshold"}, area={"only": [(0, 0, 5, 5)]}),
            "Rectangles of the area",
        ),
        (
            Recipe(segmentation={"name": "threshold"}, calibration={"pixel_size": "2 mm"}),
            "5 x 0.7 x 0.7 mm",
        ),
    ],
)
def test_what_makes_no_sense_in_a_volume_is_said_in_its_row(recipe, said, nifti, tmp_path):
    result = run_batch(recipe, nifti("balls.nii.gz", balls()), tmp_path / "out")
    reason = result.images["reason"].iloc[0]
    assert said in reason
    assert "\n" not in reason


def test_a_voxel_size_can_be_typed(nifti, tmp_path):
    path = nifti("balls.nii.gz", balls(), spacing=(1.0, 1.0, 1.0))
    sizes = {"pixel_size": "2 x 1 x 1 mm", "choice": "typed"}
    recipe = BRIGHT.model_copy(
        update={"calibration": Recipe(calibration=sizes).calibration}
    )
    result = run_batch(recipe, path, tmp_path / "out")
    assert result.images["pixel_size_z"].iloc[0] == pytest.approx(2000)
    ball = 4 / 3 * np.pi * 8**3 / 1000
    assert result.objects.volume_ml.iloc[0] == pytest.approx(ball, rel=0.1)


def test_an_unknown_voxel_size_gives_voxels_and_no_lungs(tmp_path):
    np.save(tmp_path / "a.npy", balls())
    result = run_batch(BRIGHT, tmp_path / "a.npy", tmp_path / "out")
    assert "volume_ml" not in result.objects
    assert result.images["unit"].iloc[0] == ""
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "voxels" in page
    lungs = run_batch(LUNGS, tmp_path / "a.npy", tmp_path / "lungs")
    assert "the voxel size is not known" in lungs.images["reason"].iloc[0]
