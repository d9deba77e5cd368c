"""Models go to packages of bioimage.io and come back, from the command line."""

import json

import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.models import read_model

pytest.importorskip("bioimageio.spec", reason="the extra 'bioimageio' is not installed")


def run(*words):
    return CliRunner().invoke(app, ["models", *[str(word) for word in words]])


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_a_model_goes_out_and_comes_back(here):
    done = run("export", "vessels", "--to", "bioimageio")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Exported vessels: vessels.zip\n")
    done = run("import", "vessels.zip")
    assert done.exit_code == 0, done.output
    assert "It is the model that Segmetry wrote, with its card." in done.stdout
    assert read_model(here / "vessels.segmodel").card.name == "vessels"
    for words in (["export", "vessels", "--to", "bioimageio"], ["import", "vessels.zip"]):
        done = run(*words)
        assert done.exit_code == 2
        assert "is there already; --overwrite replaces it" in done.stderr
    done = run("import", "vessels.zip", "--overwrite", "--json")
    told = json.loads(done.stdout)
    assert (told["imported"], told["whole"]) == ("vessels", True)
    done = run("export", "vessels", "--to", "bioimageio", "--out", "b.zip", "--json")
    assert json.loads(done.stdout) == {"exported": "vessels", "path": "b.zip"}


def test_what_is_not_there_is_a_wrong_command():
    for words in (["export", "nuclej", "--to", "bioimageio"], ["import", "none.zip"]):
        done = run(*words)
        assert done.exit_code == 2
        assert done.stderr.startswith("Error: There is no ")


def test_what_is_no_package_fails_in_one_sentence(here):
    (here / "a.zip").write_bytes(b"no zip")
    done = run("import", "a.zip", "--maps", "foreground, boundary")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert list(here.iterdir()) == [here / "a.zip"]
