import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from PIL import Image as PillowImage
from typer.testing import CliRunner

import segmetry
from segmetry.cli import app
from segmetry.cli.tell import tell_findings
from segmetry.doctor import Finding

QUICK = ["--segmenter", "threshold", "--no-scale-bar"]


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def picture(tmp_path, discs):
    path = tmp_path / "discs.png"
    PillowImage.fromarray(discs([9] * 15)).save(path)
    return path


def test_a_run_ends_well_and_says_what_it_found(picture, tmp_path):
    done = run("run", picture, "--out", tmp_path / "out", *QUICK, "--pixel-size", "10nm")
    assert done.exit_code == 0, done.output
    assert "15" in done.stdout
    assert "nm" in done.stdout
    assert "report.html" in done.stdout


def test_json_is_the_only_thing_on_stdout(picture, tmp_path):
    done = run("run", picture, "--out", tmp_path / "out", *QUICK, "--json")
    told = json.loads(done.stdout)
    assert told["summary"]["n_objects"] == 15
    assert told["images"][0]["status"] == "done"


@pytest.mark.usefixtures("picture")
def test_one_bad_picture_ends_with_status_1_and_the_others_done(tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    done = run("run", tmp_path, "--out", tmp_path / "out", *QUICK)
    assert done.exit_code == 1
    images = pd.read_csv(tmp_path / "out" / "images.csv").set_index("image")
    assert images["status"].to_dict() == {"bad": "failed", "discs": "done"}
    assert done.stderr.count("bad.png: failed") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.tif"], "matches nothing"),
        (["PICTURE", "--segmenter", "thresh"], "threshold"),
        (["PICTURE", "--segmenter", "threshold", "--set", "min_are=3"], "min_area"),
        (["PICTURE", "--set", "min_area"], "OPTION=VALUE"),
        (["PICTURE", "--set", "=3"], "OPTION=VALUE"),
        (["PICTURE", "--edge-rule", "guess"], "edge_rule"),
        (["PICTURE", "--recipe", "none.toml"], "none.toml"),
        (["PICTURE", "--sheet", "none.csv"], "none.csv"),
        (["PICTURE", "--resume", "--overwrite"], "--resume"),
        (["PICTURE", "--pixel-size", "96 dpi"], "dpi"),
        (["PICTURE", "--pixel-size", "12"], "unit"),
        (["PICTURE", "--limit", "soon"], "soon"),
        (["PICTURE", "--bin-width", "inf"], "bin_width"),
        (["PICTURE", "--target", "1e-300"], "target"),
        (["PICTURE", "--calibration", "typed"], "--pixel-size"),
        (["PICTURE", "--exclude-banner", "60:50"], "names no rows"),
        (["PICTURE", "--exclude-banner", "0"], "names no rows"),
        ([""], "empty name"),
        ([], "names no pictures"),
    ],
)
def test_a_wrong_command_line_ends_with_status_2_and_one_sentence(
    picture, tmp_path, words, said
):
    words = [str(picture) if word == "PICTURE" else word for word in words]
    done = run("run", *words, "--out", tmp_path / "out")
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out" / "objects.csv").exists()


def test_an_error_is_json_too(tmp_path):
    done = run("run", tmp_path / "none.tif", "--json")
    assert done.exit_code == 2
    assert "matches nothing" in json.loads(done.stdout)["error"]


def test_verbose_shows_the_log(picture, tmp_path):
    done = run("run", picture, "--out", tmp_path / "out", *QUICK, "-v")
    assert "1 pictures" in done.stderr


@pytest.mark.slow
def test_the_demo_runs_and_warns_that_its_scale_is_unknown(tmp_path):
    done = run("demo", "--out", tmp_path / "demo")
    assert done.exit_code == 0, done.output
    assert "px" in done.stdout
    assert (tmp_path / "demo" / "report.html").stat().st_size > 100_000
    assert (tmp_path / "demo" / "powder.png").is_file()
    again = run("demo", "--out", tmp_path / "demo")
    assert again.exit_code == 2
    assert "--overwrite" in again.stderr


def test_a_demo_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    done = run("demo", "--out", tmp_path / "file" / "demo")
    assert done.exit_code == 1
    assert "Cannot write the demo" in done.stderr


def test_verify_finds_a_changed_and_a_missing_file(picture, tmp_path):
    out = tmp_path / "out"
    run("run", picture, "--out", out, *QUICK)
    assert run("verify", out).exit_code == 0
    (out / "objects.csv").write_text("changed")
    (out / "images.csv").unlink()
    done = run("verify", out)
    assert done.exit_code == 1
    assert "objects.csv has changed" in done.stdout
    assert "images.csv is missing" in done.stdout
    assert len(json.loads(run("verify", out, "--json").stdout)["findings"]) == 2


def test_verify_wants_the_folder_of_a_run(tmp_path):
    done = run("verify", tmp_path)
    assert done.exit_code == 2
    assert "manifest.json" in done.stderr


def test_doctor_says_what_works():
    told = run("doctor").stdout
    for word in ("segmetry", "Python", "numba", "vendor", "TIFF"):
        assert word in told
    findings = json.loads(run("doctor", "--json").stdout)["findings"]
    topics = {item["topic"] for item in findings}
    assert topics == {"program", "part", "extra", "format", "model"}


def test_doctor_prints_a_command_that_brings_what_is_missing(capsys):
    extra = Finding("extra", "vendor", "missing", "pip install 'segmetry[vendor]'")
    tell_findings([extra], as_json=False)
    assert "segmetry[vendor]" in capsys.readouterr().out


def test_a_stopped_run_says_how_to_go_on(picture, tmp_path, monkeypatch):
    def stopped(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("segmetry.batch.working.process", stopped)
    done = run("run", picture, "--out", tmp_path / "out", *QUICK)
    assert done.exit_code == 130
    assert "--resume" in done.stderr


def test_a_console_without_these_letters_gets_question_marks(picture, tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    words = ["run", str(picture), "--out", str(tmp_path / "out"), *QUICK]
    done = subprocess.run(
        [sys.executable, "-m", "segmetry", *words],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"?" in done.stdout


def test_a_banner_that_is_filled_is_said_to_be_made_up():
    told = " ".join(run("run", "--help").stdout.replace("│", " ").split())
    assert "filled rows are made up, so no object is looked for there" in told


def test_the_version_is_the_packages():
    assert run("--version").stdout.strip() == f"segmetry {segmetry.__version__}"


def test_help_answers_without_loading_anything_heavy(loaded_by):
    asking = "from segmetry.cli import app\ntry: app(['--help'])\nexcept SystemExit: pass"
    loaded = loaded_by(asking)
    assert "segmetry.cli.commands" in loaded
    heavy = {"numpy", "pandas", "numba", "skimage", "matplotlib", "openvino"}
    assert heavy.isdisjoint(loaded)
