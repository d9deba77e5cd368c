import json

import pytest

from segmetry.batch.pictures import PictureResult
from segmetry.cli.tell import line_of, progress, tell_error, tell_findings
from segmetry.doctor import Finding
from segmetry.errors import ReadError


def result(**row):
    import pandas as pd

    done = {"path": "a.tif", "n_objects": 7, "unit": "", "reason": "broken"}
    return PictureResult(done | row, objects=pd.DataFrame())


def test_a_line_says_what_was_found_and_how_the_scale_is_known():
    assert line_of(result()) == "a.tif: 7 objects, pixel size unknown"
    known = result(unit="um", pixel_size=0.0025, calibration_source="zeiss")
    assert line_of(known) == "a.tif: 7 objects, pixel size 0.0025 µm (zeiss)"
    assert line_of(PictureResult(known.row)) == "a.tif: failed: broken"


def test_without_a_terminal_progress_is_plain_lines(capsys):
    with progress(quiet=False, verbose=False) as on_picture:
        on_picture(result(), 1, 2)
        on_picture(result(path="[b].tif"), 2, 2)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("[1/2] a.tif")
    assert lines[1].startswith("[2/2] [b].tif")


def test_quiet_is_quiet(capsys):
    with progress(quiet=True, verbose=False) as on_picture:
        on_picture(result(), 1, 1)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("as_json", [True, False])
def test_an_error_is_told(capsys, as_json):
    tell_error(ReadError("a.tif is empty."), as_json=as_json)
    out, err = capsys.readouterr()
    if as_json:
        assert json.loads(out) == {"error": "a.tif is empty."}
    else:
        assert (out, err) == ("", "Error: a.tif is empty.\n")


def test_findings_are_a_table(capsys):
    tell_findings([Finding("part", "numpy", "2.4", "arrays")], as_json=False)
    assert "numpy" in capsys.readouterr().out
