import json
import logging

import pandas as pd
import pytest
import tifffile
from typer.testing import CliRunner

from segmetry.batch.pictures import PictureResult
from segmetry.cli import app
from segmetry.cli.tell import line_of, progress, tell_error, tell_findings
from segmetry.doctor import Finding
from segmetry.errors import ReadError


def result(**row):
    done = {"path": "a.tif", "n_objects": 7, "unit": "", "reason": "broken"}
    return PictureResult(done | row, objects=pd.DataFrame())


def test_a_line_says_what_was_found_and_how_the_scale_is_known():
    assert line_of(result()) == "a.tif: 7 objects, pixel size unknown"
    known = result(unit="um", pixel_size=0.0025, calibration_source="zeiss")
    assert line_of(known) == "a.tif: 7 objects, pixel size 2.5 nm (zeiss)"
    assert line_of(PictureResult(known.row)) == "a.tif: failed: broken"


def test_without_a_terminal_progress_is_plain_lines(capsys):
    with progress(quiet=False, verbose=False) as (begun, on_picture):
        begun("a.tif", 2)
        on_picture(result(), 1, 2)
        on_picture(result(path="[b].tif"), 2, 2)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("[1/2] a.tif")
    assert lines[1].startswith("[2/2] [b].tif")


def test_quiet_is_quiet(capsys):
    with progress(quiet=True, verbose=False) as (begun, on_picture):
        begun("a.tif", 1)
        on_picture(result(), 1, 1)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("quiet", [True, False])
def test_warnings_of_a_run_are_told_as_they_come(capsys, quiet):
    log = logging.getLogger("segmetry.run")
    with progress(quiet=quiet, verbose=False):
        log.warning("The row %s[0] belongs to no picture.", "a")
        log.info("not this")
    said = capsys.readouterr().err.splitlines()
    assert said == ([] if quiet else ["Warning: The row a[0] belongs to no picture."])


@pytest.mark.parametrize("as_json", [True, False])
def test_an_error_is_told(capsys, as_json):
    tell_error(ReadError("a.tif is empty."), as_json=as_json)
    out, err = capsys.readouterr()
    if as_json:
        assert json.loads(out) == {"error": "a.tif is empty."}
    else:
        assert (out, err) == ("", "Error: a.tif is empty.\n")


@pytest.mark.slow
def test_pictures_with_and_without_a_pixel_size_are_never_mixed_and_that_is_told(
    tmp_path, discs
):
    for number in range(5):
        known = {"imagej": True, "resolution": (2, 2), "metadata": {"unit": "um"}}
        tifffile.imwrite(
            tmp_path / f"p{number}.tif",
            discs([8, 12], shape=(64, 96), seed=number),
            **(known if number < 3 else {}),
        )
    done = CliRunner().invoke(app, [
        "run", str(tmp_path), "--out", str(tmp_path / "out"), "--segmenter", "threshold",
        "--exclude-banner", "none", "--no-scale-bar",
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    told = (
        "2 of 5 images have no known pixel size and are left out of these statistics "
        "(p3 and p4)."
    )
    assert f"Warning: {told}" in done.stdout
    assert told in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    pooled = summary["pooled"]
    assert (pooled["unit"], pooled["n_used"], summary["n_objects"]) == ("um", 6, 10)
    # Radii of 8 and 12 px of 0.5 µm: diameters of 8 and 12 µm, not of 16 and 24 px.
    assert pooled["number"]["mean"]["value"] == pytest.approx(10, rel=0.03)
    objects = pd.read_csv(tmp_path / "out" / "objects.csv")
    in_um, in_px = objects["equivalent_diameter_um"], objects["equivalent_diameter_px"]
    assert (in_um.notna() ^ in_px.notna()).all()
    assert in_um.notna().equals(objects["image"].isin(["p0", "p1", "p2"]))


def test_findings_are_a_table(capsys):
    tell_findings([Finding("part", "numpy", "2.4", "arrays")], as_json=False)
    assert "numpy" in capsys.readouterr().out
