import json
import shutil

import numpy as np
import pandas as pd
import pytest

from segmetry.batch import run_batch
from segmetry.batch.finished import read_run
from segmetry.errors import ReadError
from segmetry.io import write_png
from segmetry.recipe import Recipe


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run over two pictures and one that cannot be read, with a sheet."""
    folder = tmp_path_factory.mktemp("finished")
    pixels = np.full((60, 80), 20, np.uint8)
    pixels[20:40, 20:40] = 200
    write_png(folder / "=a.png", pixels)
    write_png(folder / "b.png", pixels[::-1])
    (folder / "c.png").write_bytes(b"no picture")
    lines = "image,drug,dose\n=a.png,none,0\nb.png,some,1.5\n"
    (folder / "sheet.csv").write_text(lines, encoding="utf-8")
    recipe = Recipe(
        sheet={"path": str(folder / "sheet.csv")}, statistics={"edge_rule": "drop"}
    )
    return run_batch(recipe, [str(folder)], folder / "run").out


def test_a_run_is_read_back(finished):
    run = read_run(finished)
    assert sorted(run.images["image"]) == ["=a", "b"]
    assert run.conditions == ("drug", "dose")
    assert run.statistics.edge_rule == "drop"
    assert len(run.objects) == 2
    assert set(run.budgets) == {"density", "mean"}
    told = json.loads((finished / "summary.json").read_text(encoding="utf-8"))
    assert run.budgets["mean"].as_json() == told["pooled"]["error_budget"]["mean"]


def test_names_are_those_of_the_folders_also_where_csv_guards_them(finished):
    run = read_run(finished)
    assert set(run.images["image"]) == set(run.objects["image"])
    assert all(run.labels(name).is_file() for name in run.images["image"])


def test_a_column_of_another_version_is_no_condition(finished, tmp_path):
    copy = shutil.copytree(finished, tmp_path / "run")
    table = pd.read_csv(copy / "images.csv").assign(sharpness_of_later_days=0.5)
    table.to_csv(copy / "images.csv", index=False)
    assert read_run(copy).conditions == ("drug", "dose")


def test_a_condition_that_reads_like_nothing_stays_a_word(finished):
    assert "none" in read_run(finished).images["drug"].tolist()


@pytest.mark.parametrize(
    "name", ["objects.parquet", "images.csv", "summary.json", "recipe.toml"]
)
@pytest.mark.parametrize("content", [None, b"{"])
def test_a_missing_or_damaged_file_is_named_in_a_sentence(
    finished, tmp_path, name, content
):
    for path in finished.iterdir():
        if path.is_file() and path.name != name:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ReadError, match="Expected the folder of a run"):
        read_run(tmp_path)


def test_a_summary_without_statistics_is_damaged(finished, tmp_path):
    for path in finished.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "summary.json").write_text(json.dumps([1]), encoding="utf-8")
    with pytest.raises(ReadError, match="damaged"):
        read_run(tmp_path)


@pytest.mark.parametrize("budget", [1, {"mean": {}}, {"mean": None}, "none"])
def test_a_damaged_error_budget_is_told_in_a_sentence(finished, tmp_path, budget):
    copy = shutil.copytree(finished, tmp_path / "run")
    told = json.loads((copy / "summary.json").read_text(encoding="utf-8"))
    told["pooled"]["error_budget"] = budget
    (copy / "summary.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ReadError, match=r"damaged one \(.+\)\.$"):
        read_run(copy)


def test_a_run_of_a_version_without_error_budgets_is_read(finished, tmp_path):
    copy = shutil.copytree(finished, tmp_path / "run")
    told = json.loads((copy / "summary.json").read_text(encoding="utf-8"))
    del told["pooled"]["error_budget"]
    (copy / "summary.json").write_text(json.dumps(told), encoding="utf-8")
    assert read_run(copy).budgets == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.assign(frame_y_min_px=None), "no frame for =?a"),
        (lambda table: table.assign(frame_x_max_px=[9.0, None, None]), "no frame for b"),
        (lambda table: table.drop(columns="drug"), "lacks the column drug"),
        (lambda table: table.drop(columns="included_area_px"), "included_area_px"),
        (lambda table: table[table["image"] != "b"], "which the table of images lacks"),
    ],
)
def test_a_table_that_lost_something_since_is_told_in_a_sentence(
    finished, tmp_path, change, said
):
    copy = shutil.copytree(finished, tmp_path / "run")
    change(pd.read_csv(copy / "images.csv")).to_csv(copy / "images.csv", index=False)
    with pytest.raises(ReadError, match=f"damaged one .*{said}"):
        read_run(copy)
