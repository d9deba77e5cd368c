import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.models import store
from segmetry.models.card import Card
from segmetry.models.file import read_model, write_model

# A network of one graph without a node, and weights without a tensor.
FILES = {
    "model.onnx": b"\x08\x08\x3a\x00",
    "weights.safetensors": b"\x02\0\0\0\0\0\0\0{}",
}
VALUES = {
    "created": date(2026, 1, 31),
    "architecture": {"kind": "none"},
    "channels": 3,
    "outputs": ("foreground",),
    "multiple": 1,
    "diameter_px": 21.26,
}
SCORE = {"value": 0.8125, "low": 0.75, "high": 0.875, "n": 12}
FULL = {
    "pixel_size_um": 0.5,
    "scores": {"small": {"f1_50": SCORE}, "all": {"recall": SCORE, "f1_50": SCORE}},
    "data": [
        {
            "name": "drawn",
            "license": "CC0",
            "source": "the project",
            "n_pictures": 30,
            "sha256": "0" * 64,
        }
    ],
    "training": {"started_from": "nuclei"},
    "fidelity": {"int8": {"passed": True, "dice": 0.99}, "weights": {"passed": False}},
}


def run(*words):
    return CliRunner().invoke(app, ["models", *[str(word) for word in words]])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "_SHIPPED", tmp_path / "shipped")
    monkeypatch.setenv("SEGMETRY_MODELS", str(tmp_path / "added"))
    return tmp_path


@pytest.fixture
def make(folder):
    def make_(name="cells", **changes):
        path = folder / f"{name}.segmodel"
        write_model(path, Card(name=name, **{**VALUES, **changes}), FILES)
        return path

    return make_


def test_without_models_the_list_says_how_to_add_one():
    done = run()
    assert done.exit_code == 0
    assert done.stdout == "No model is installed; add one with: segmetry models add FILE\n"
    assert json.loads(run("--json").stdout) == {"models": []}


def test_an_added_model_is_in_the_list(make):
    assert run("add", make(**FULL)).exit_code == 0
    line = " ".join(run().stdout.splitlines()[-1].split())
    assert line.startswith("cells added objects ")
    assert line.endswith(" kB 21.3 px F1: 0.812 (0.750 to 0.875, n = 12)")


def test_the_list_as_json_tells_the_scores(make):
    run("add", make(**FULL))
    (told,) = json.loads(run("--json").stdout)["models"]
    assert told["name"] == "cells"
    assert told["from"] == "added"
    assert told["error"] is None
    assert told["diameter_px"] == 21.26
    assert told["scores"]["all"]["f1_50"] == SCORE
    assert told["size_bytes"] == Path(told["path"]).stat().st_size


def test_a_damaged_model_does_not_spoil_the_list(make, folder):
    run("add", make("whole"))
    (folder / "added" / "broken.segmodel").write_bytes(b"none")
    done = run()
    assert done.exit_code == 0
    assert "whole" in done.stdout
    assert "broken.segmodel is not a model file" in done.stdout
    told = {model["name"]: model for model in json.loads(run("--json").stdout)["models"]}
    assert "broken.segmodel is not a model file" in told["broken"]["error"]


def test_a_card_is_shown_with_all_that_matters(make):
    done = run("show", make(**FULL))
    assert done.exit_code == 0
    for said in (
        "cells: finds objects in colour or grey pictures; it learned from",
        "objects about 21.3 px across (resampled to that), pixels of 500 nm",
        "Made: 2026-01-31",
        "Maps: foreground",
        "Learned from: 30 pictures of drawn (train); licence: CC0; source: the project",
        "Started from: nuclei",
        "Lighter variant int8: passed",
        "Lighter variant weights: did not pass",
        "Scores with 95 % intervals, on validation pictures:",
        "  all pictures: recall: 0.812 (0.750 to 0.875, n = 12)",
        "  small: F1: 0.812",
    ):
        assert said in done.stdout


def test_how_a_model_was_trained_is_told_in_plain_words(make):
    made = {
        "steps": 900,
        "seconds": 630,
        "seed": 2,
        "device": "x86_64",
        "commit": "0123456789" * 4,
        "options": {"note": "Stopped twice."},
    }
    said = run("show", make(**{**FULL, "training": made})).stdout
    assert (
        "Trained: 900 steps in 10 minutes on x86_64 (float32), seed 2; code of commit "
        "0123456\nHow: Stopped twice.\n"
    ) in said
    assert "Trained: " not in run("show", make(**FULL)).stdout


def test_pictures_that_judged_are_not_told_as_learned_from(make):
    part = {**FULL["data"][0], "split": "validation", "name": "the folder images"}
    on = "pictures that it did not learn from (cutoffs were chosen on them)"
    said = run("show", make(**{**FULL, "data": [part], "scores_on": on})).stdout
    assert "Judged on: 30 pictures of the folder images (validation)" in said
    assert f"Scores with 95 % intervals, on {on}:" in said


def test_a_card_of_little_is_shown_too(make):
    score = {"all": {"auc": {"value": None, "n": 0}, "dice": {"value": 0.5, "n": 1}}}
    path = make(channels=1, diameter_px=None, scale="native", scores=score)
    said = run("show", path).stdout
    assert "cells: finds objects in grey pictures\n" in said
    assert "  all pictures: auc: not defined\n" in said
    assert "  all pictures: Dice: 0.500 (no interval: 1 picture is too few)\n" in said


def test_a_score_of_any_name_is_listed_where_the_usual_ones_are_missing(make):
    run("add", make(scores={"dark": {"recall": SCORE}}, diameter_px=None, scale="native"))
    assert "recall: 0.812" in run().stdout


def test_a_card_as_json_is_the_card(make):
    path = make(**FULL)
    told = json.loads(run("show", path, "--json").stdout)
    assert told["card"] == read_model(path).card.model_dump(mode="json")
    assert told["size_bytes"] == path.stat().st_size


def test_adding_and_removing_says_where(make):
    added = run("add", make())
    assert added.stdout.startswith("Added cells: ")
    path = Path(added.stdout.removeprefix("Added cells: ").strip())
    assert path.exists()
    assert json.loads(run("remove", "cells", "--json").stdout)["removed"] == "cells"
    assert not path.exists()


@pytest.mark.parametrize(
    "words",
    [("show", "none"), ("add", "none.segmodel"), ("remove", "none"), ("verify", "none")],
    ids=lambda words: words[0],
)
def test_what_is_not_there_ends_with_status_2_and_one_sentence(words):
    done = run(*words)
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    done = run(*words, "--json")
    assert done.exit_code == 2
    assert list(json.loads(done.stdout)) == ["error"]


def spoil(path):
    content = bytearray(path.read_bytes())
    content[content.index(b"\x08\x08\x3a")] ^= 1
    path.write_bytes(content)


def test_verify_reads_every_byte(make):
    path = make()
    run("add", path)
    done = run("verify")
    assert done.exit_code == 0
    assert done.stdout == "cells: whole, as its card says\n"
    spoil(path)
    done = run("verify", path)
    assert done.exit_code == 1
    assert "cells.segmodel is not a model file of Segmetry, or it is damaged" in done.stdout
    assert run("verify", "cells").exit_code == 0


@pytest.mark.parametrize("verb", ["show", "add"])
def test_a_damaged_file_ends_with_status_1(make, verb):
    path = make()
    path.write_bytes(path.read_bytes()[:-9])
    done = run(verb, path)
    assert done.exit_code == 1
    assert "is damaged" in done.stderr


def test_an_added_model_that_cannot_be_removed_ends_with_status_1(make, monkeypatch):
    run("add", make())

    def refuse(_):
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)
    done = run("remove", "cells")
    assert done.exit_code == 1
    assert "cannot be removed" in done.stderr


def test_verify_tells_of_all_even_if_one_is_damaged(make, folder):
    for name in ("first", "second"):
        run("add", make(name))
    spoil(folder / "added" / "first.segmodel")
    done = run("verify", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)["models"]
    assert [(model["name"], model["error"] is None) for model in told] == [
        ("first", False),
        ("second", True),
    ]


def test_text_that_looks_like_markup_is_shown_as_it_is(folder):
    (folder / "added").mkdir()
    (folder / "added" / "[red]odd.segmodel").write_bytes(b"none")
    assert "[red]odd" in run().stdout
