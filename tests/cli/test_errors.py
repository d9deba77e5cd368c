import json

import pytest
import typer

from segmetry.cli.errors import ended_by_errors, tell_error
from segmetry.errors import ReadError, RecipeError, SegmetryError, WriteError


def test_an_error_is_one_line_beside_the_results(capsys):
    tell_error(SegmetryError("no such file"), as_json=False)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "Error: no such file\n")


def test_an_error_as_json_stands_where_the_results_would(capsys):
    tell_error(SegmetryError("no such file"), as_json=True)
    told = capsys.readouterr()
    assert json.loads(told.out) == {"error": "no such file"}
    assert told.err == ""


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (RecipeError("no such option"), 2, "Error: no such option\n"),
        (ReadError("no picture"), 2, "Error: no picture\n"),
        (WriteError("disk full"), 1, "Error: disk full\n"),
        (KeyboardInterrupt(), 130, "Stopped.\n"),
    ],
)
def test_every_kind_of_end_has_its_status(capsys, error, status, said):
    with (
        pytest.raises(typer.Exit) as ended,
        ended_by_errors(as_json=False, stopped="Stopped."),
    ):
        raise error
    assert ended.value.exit_code == status
    assert capsys.readouterr().err == said


def test_being_stopped_is_told_as_json_too(capsys):
    with pytest.raises(typer.Exit), ended_by_errors(as_json=True, stopped="Stopped."):
        raise KeyboardInterrupt
    assert json.loads(capsys.readouterr().out) == {"error": "Stopped."}


def test_errors_and_models_are_told_without_the_rooms_of_a_run(loaded_by):
    loaded = loaded_by("import segmetry.cli.models")
    assert "segmetry.models" in loaded
    assert not loaded & {"segmetry.batch", "segmetry.measure", "openvino", "torch", "numba"}
