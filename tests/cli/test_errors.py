import json

from segmetry.cli.errors import tell_error
from segmetry.errors import SegmetryError


def test_an_error_is_one_line_beside_the_results(capsys):
    tell_error(SegmetryError("no such file"), as_json=False)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "Error: no such file\n")


def test_an_error_as_json_stands_where_the_results_would(capsys):
    tell_error(SegmetryError("no such file"), as_json=True)
    told = capsys.readouterr()
    assert json.loads(told.out) == {"error": "no such file"}
    assert told.err == ""


def test_errors_and_models_are_told_without_the_rooms_of_a_run(loaded_by):
    loaded = loaded_by("import segmetry.cli.models")
    assert "segmetry.models" in loaded
    assert not loaded & {"segmetry.batch", "segmetry.measure", "openvino", "torch", "numba"}
