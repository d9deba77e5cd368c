import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.image import Image, Labels
from segmetry.io import read_labels, write_labels, write_png

N = 12


def estimate(*words):
    return CliRunner().invoke(app, ["estimate", *(str(word) for word in words)])


def told_by(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def save(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_labels(path, Labels(data, Image(np.zeros(data.shape, np.uint8))))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run over twelve pictures of bright squares, of two kinds by its sheet."""
    folder = tmp_path_factory.mktemp("estimate")
    rng = np.random.default_rng(1)
    for k in range(N):
        pixels = rng.normal(20, 2, (96, 128))
        for number in rng.choice(24, 8 + k, replace=False):
            y, x = 8 + 20 * (number // 6), 6 + 20 * (number % 6)
            pixels[y : y + 12, x : x + 12] += 150
        write_png(folder / f"p{k:02d}.png", pixels.clip(0, 255).astype(np.uint8))
    lines = [f"p{k:02d}.png,{'treated' if k % 2 else 'control'}" for k in range(N)]
    sheet = folder / "kinds.csv"
    sheet.write_text("\n".join(["image,kind", *lines]), encoding="utf-8")
    words = ["run", str(folder), "--out", str(folder / "run"), "--segmenter", "threshold"]
    words += ["--sheet", str(sheet), "--pixel-size", "0.5 um", "--jobs", "1"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return folder / "run"


@pytest.fixture
def run(finished, tmp_path):
    """A copy of the run that a test may write into."""
    return shutil.copytree(finished, tmp_path / "run")


def correct(run, out, names, *, missing=2):
    """Write labels with so many objects more than the run found, as a person draws them."""
    for name in names:
        labels = read_labels(run / name / "labels.tif", allow_empty=True)
        rows = np.flatnonzero(~labels.any(axis=1))
        assert rows.size
        for k in range(missing):
            labels[:3, 40 + 10 * k : 43 + 10 * k] = labels.max() + 1
        save(out / f"{name}.tif", labels)


def chosen(run, n=6, *words):
    return told_by(estimate(run, "--choose", n, "--json", *words))["chosen"]


def test_chosen_pictures_are_printed_and_kept(run):
    result = estimate(run, "--choose", 4, "--seed", 7)
    assert result.exit_code == 0
    assert "4 of 12 pictures, chosen at random with seed 7" in result.output
    kept = json.loads((run / "chosen.json").read_text(encoding="utf-8"))["choices"][-1]
    assert all(f"  {name}" in result.output for name in kept["pictures"])
    assert kept["seed"] == 7


def test_what_is_missed_in_chosen_pictures_is_missed_in_all(run, tmp_path):
    correct(run, tmp_path / "by hand", chosen(run))
    told = told_by(estimate(run, tmp_path / "by hand", "--json"))
    assert told["count"]["value"] == pytest.approx(told["automatic_count"] + 2 * N)
    assert told["count"]["low"] <= told["count"]["value"] <= told["count"]["high"]
    assert told["recall"]["value"] < told["precision"]["value"] == 1
    assert told["seed"] == 0
    assert told["notes"] == []
    budget = told["error_budget"]["density"]
    assert budget["sources"]["segmentation"]["relative"] > 0
    assert set(budget["sources"]) == {
        *("calibration", "segmentation", "edge rule", "sampling"),
    }


def test_the_terminal_tells_the_bias_the_numbers_and_the_gain(run, tmp_path):
    correct(run, tmp_path / "by hand", chosen(run))
    result = estimate(run, tmp_path / "by hand")
    assert result.exit_code == 0
    for words in (
        "6 of 12 pictures corrected.",
        "Automatic counts are",
        "low",
        "precision 1.00",
        "number per area",
        "per mm²",
        "mean diameter",
        "The corrected pictures alone would give",
        "would give about",
        "Error budget: Together",
        "kind=control",
    ):
        assert words in result.output


def test_a_page_and_a_file_are_written_where_asked(run, tmp_path):
    correct(run, tmp_path / "by hand", chosen(run))
    out = tmp_path / "told"
    told = told_by(estimate(run, tmp_path / "by hand", "--out", out, "--json"))
    assert json.loads((out / "estimate.json").read_text(encoding="utf-8")) == told
    page = (out / "estimate.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "What correcting more would gain" in page
    again = estimate(run, tmp_path / "by hand", "--out", out)
    assert again.exit_code == 2
    assert "--overwrite" in again.output
    assert estimate(run, tmp_path / "by hand", "--out", out, "--overwrite").exit_code == 0


def test_pictures_that_nobody_chose_are_warned_of(run, tmp_path):
    correct(run, tmp_path / "by hand", ["p00", "p01", "p02"])
    told = told_by(estimate(run, tmp_path / "by hand", "--json"))
    assert told["n_corrected"] == 3
    assert "Nobody knows whether chance chose" in told["notes"][0]
    assert told["seed"] is None


def test_pictures_beside_the_chosen_ones_are_left_out(run, tmp_path):
    names = chosen(run, 5)
    others = [f"p{k:02d}" for k in range(N) if f"p{k:02d}" not in names]
    correct(run, tmp_path / "by hand", [*names[1:], others[0]])
    told = told_by(estimate(run, tmp_path / "by hand", "--json"))
    assert told["corrected"] == names[1:]
    assert told["notes"][:2] == [
        f"Corrected, but not chosen at random, so left out: {others[0]}.",
        (
            f"Chosen, but not corrected: {names[0]}. The intervals hold only if these are "
            "like the others."
        ),
    ]


def test_only_pictures_that_chance_did_not_choose_are_used_with_a_warning(run, tmp_path):
    names = chosen(run, 3)
    others = [f"p{k:02d}" for k in range(N) if f"p{k:02d}" not in names][:3]
    correct(run, tmp_path / "by hand", others)
    told = told_by(estimate(run, tmp_path / "by hand", "--json"))
    assert told["corrected"] == others
    assert told["notes"][0].startswith("None of the corrected pictures")


def test_choosing_until_it_suits_is_told_of(run, tmp_path):
    chosen(run, 3)
    names = chosen(run, 3, "--seed", 1, "--overwrite")
    correct(run, tmp_path / "by hand", names)
    told = told_by(estimate(run, tmp_path / "by hand", "--json"))
    assert told["notes"][0].startswith("Pictures were chosen 2 times")


def test_a_copy_of_the_run_with_corrections_in_it_will_do(run, tmp_path):
    names = chosen(run)
    copy = shutil.copytree(run, tmp_path / "copy")
    correct(run, tmp_path / "by hand", names)
    for name in names:
        shutil.copy(tmp_path / "by hand" / f"{name}.tif", copy / name / "labels.tif")
    told = told_by(estimate(run, copy, "--json"))
    assert told["corrected"] == names
    assert told["count"]["value"] == pytest.approx(told["automatic_count"] + 2 * N)


def test_groups_of_the_sheet_have_numbers_where_enough_are_corrected(run, tmp_path):
    names = [f"p{k:02d}" for k in (0, 2, 4, 6, 1, 3)]
    correct(run, tmp_path / "by hand", names)
    groups = told_by(estimate(run, tmp_path / "by hand", "--json"))["groups"]
    assert [(one["name"], one["n_corrected"]) for one in groups] == [
        ("kind=control", 4),
        ("kind=treated", 2),
    ]
    control, treated = groups
    assert control["count"]["value"] == pytest.approx(control["automatic_count"] + 12)
    assert "count" not in treated


@pytest.mark.parametrize("json_too", [[], ["--json"]])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{run}"], "either --choose or a folder of corrected labels"),
        (["{run}", "{run}", "--choose", "3"], "either --choose or a folder"),
        (["{run}", "{run}"], "those of the run itself"),
        (["{tmp}", "--choose", "3"], "Expected the folder of a run"),
        (["{run}", "--choose", "13"], "--choose takes 1 to 12"),
        (["{run}", "{tmp}/nothing"], "is not there"),
        (["{run}", "{tmp}/strange"], "has the name of a picture of the run"),
        (["{run}", "{tmp}/small"], "give labels of the whole picture"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(run, tmp_path, words, said, json_too):
    save(tmp_path / "strange" / "zebra.tif", np.ones((4, 4), np.uint32))
    save(tmp_path / "small" / "p03.tif", np.ones((4, 4), np.uint32))
    words = [word.format(run=run, tmp=tmp_path) for word in words]
    result = estimate(*words, *json_too)
    assert result.exit_code == 2
    text = json.loads(result.stdout)["error"] if json_too else result.output
    assert said in text
    assert text.count("\n") <= 1


def test_a_folder_that_cannot_be_made_is_a_failure(run, tmp_path):
    correct(run, tmp_path / "by hand", ["p00", "p01"])
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    result = estimate(run, tmp_path / "by hand", "--out", tmp_path / "file" / "told")
    assert result.exit_code == 1
    assert "Cannot make the folder told" in result.output


def test_the_interval_in_the_terminal_has_the_level_of_the_run(run, tmp_path):
    recipe = run / "recipe.toml"
    text = recipe.read_text(encoding="utf-8")
    assert "level = 0.95" in text
    recipe.write_text(text.replace("level = 0.95", "level = 0.9"), encoding="utf-8")
    correct(run, tmp_path / "by hand", chosen(run))
    output = estimate(run, tmp_path / "by hand").output
    assert "90 % interval" in output
    assert "95 %" not in output


@pytest.fixture
def by_animal(finished, tmp_path):
    """The same pictures, of six animals of two slices each, in two groups."""
    lines = [
        f"p{k:02d}.png,m{k // 2},{'treated' if k >= 6 else 'control'}" for k in range(N)
    ]
    sheet = tmp_path / "animals.csv"
    sheet.write_text("\n".join(["image,animal,group", *lines]), encoding="utf-8")
    words = ["run", str(finished.parent), "--out", str(tmp_path / "run")]
    words += ["--segmenter", "threshold", "--sheet", str(sheet), "--pixel-size", "0.5 um"]
    result = CliRunner().invoke(app, [*words, "--jobs", "1"])
    assert result.exit_code == 0, result.output
    return tmp_path / "run", result.output


def test_animals_are_units_within_groups_not_groups(by_animal, tmp_path):
    run, said = by_animal
    assert "group=control" in said
    assert "animal=" not in said
    names = chosen(run, 6)
    assert sum(name >= "p06" for name in names) == 3
    correct(run, tmp_path / "corrected", names)
    groups = told_by(estimate(run, tmp_path / "corrected", "--json"))["groups"]
    assert [one["name"] for one in groups] == ["group=control", "group=treated"]
    assert all(one["count"]["low"] for one in groups)


def test_choosing_tells_how_many_each_group_has(by_animal):
    run, _ = by_animal
    said = estimate(run, "--choose", 4).output
    assert "2 of group=control and 2 of group=treated" in said
    assert "need 3 corrected pictures" in said
    assert "need 3 corrected" not in estimate(run, "--choose", 6).output


def test_a_run_of_an_earlier_version_has_no_groups_of_animals_either(by_animal):
    run, _ = by_animal
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    for group in summary["groups"]:
        group["conditions"] = {"animal": "m0", **group["conditions"]}
    (run / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    told = told_by(estimate(run, "--choose", 4, "--json"))
    assert told["groups"] == {"group=control": 2, "group=treated": 2}
