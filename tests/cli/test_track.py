"""A run of pictures in time, followed by the command line."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from segmetry import io
from segmetry.batch import BatchOptions, run_batch
from segmetry.cli import app
from segmetry.recipe import Recipe

RATE = 0.08  # per hour, of the area
HOURS = (0, 2, 4, 6, 8)
RECIPE = {
    "segmentation": {"name": "threshold", "options": {"denoise": 0}},
    "banner": {"exclude": "none"},
    "calibration": {"pixel_size": "2 um", "scale_bar": False},
}


def scene(hours, *, drift):
    """Return a picture of four discs that grow, on ground with texture, shifted."""
    y, x = np.mgrid[:260, :300].astype(float)
    y, x = y - drift[0] - 60, x - drift[1] - 60
    picture = 60 + 18 * np.sin(x / 5) * np.cos(y / 7) + 12 * np.sin(x * y / 900)
    for row, column, radius in ((30, 30, 9), (30, 110, 12), (100, 40, 10), (110, 130, 14)):
        edge = radius * np.exp(RATE * hours / 2) - np.hypot(y - row, x - column)
        picture = picture + 150 * np.clip(edge + 0.5, 0, 1)
    return picture.round().astype(np.uint8)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run of five pictures, with a sheet of hours, and their drift."""
    folder = tmp_path_factory.mktemp("film")
    rows = []
    for number, hours in enumerate(HOURS):
        name = f"t{2 * number + 2}.png"  # t2, ... t10: names that sort wrongly as text
        io.write_png(folder / name, scene(hours, drift=(8 * number, -11 * number)))
        rows.append({"image": name, "time_h": hours, "place": "a"})
    sheet = folder / "sheet.csv"
    pd.DataFrame(rows).to_csv(sheet, index=False)
    recipe = Recipe.model_validate({**RECIPE, "sheet": {"path": str(sheet)}})
    run_batch(recipe, [str(folder / "*.png")], folder / "out", options=BatchOptions(jobs=1))
    return folder / "out"


def track(*words):
    return CliRunner().invoke(app, ["track", *map(str, words)])


def test_growth_and_its_interval_come_from_a_run(run, tmp_path):
    result = track(run, "--out", tmp_path / "a", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["n_pictures"], told["n_tracks"], told["time"]) == (5, 4, "time_h")
    total = next(row for row in told["growth"] if row["curve"] == "total area")
    assert total["growth_rate_per_h"] == pytest.approx(RATE, rel=0.04)
    low, high = (total[f"growth_rate_per_h_{end}"] for end in ("low", "high"))
    assert low < total["growth_rate_per_h"] < high < low + 0.01
    assert total["doubling_time_h"] == pytest.approx(np.log(2) / RATE, rel=0.04)
    count = next(row for row in told["growth"] if row["curve"] == "number of objects")
    assert count["growth_rate_per_h"] == 0
    assert count["doubling_time_h"] is None


def test_the_tables_tell_times_sizes_and_the_drift(run, tmp_path):
    assert track(run, "--out", tmp_path / "b").exit_code == 0
    tracks = pd.read_csv(tmp_path / "b" / "tracks.csv")
    times = pd.read_csv(tmp_path / "b" / "times.csv")
    assert times["time_h"].tolist() == list(HOURS)
    assert times["image"].tolist() == ["t2", "t4", "t6", "t8", "t10"]
    np.testing.assert_allclose(times["drift_y_px"], 8 * np.arange(5), atol=1)
    np.testing.assert_allclose(times["drift_x_px"], -11 * np.arange(5), atol=1)
    for _, part in tracks.groupby("track"):
        assert len(part) == 5
        assert np.ptp(part["registered_x_px"]) < 1.5
        assert np.ptp(part["registered_y_px"]) < 1.5
        assert part["area_um2"].is_monotonic_increasing
    objects = pd.read_csv(run / "objects.csv")
    assert len(tracks.merge(objects, on=["image", "label", "area_um2"])) == len(objects)
    growth = pd.read_csv(tmp_path / "b" / "growth.csv")
    assert growth["curve"].str.startswith("track ").sum() == 4


def test_the_drift_is_told_by_the_terminal_and_the_page(run, tmp_path):
    result = track(run, "--out", tmp_path / "told")
    page = (tmp_path / "told" / "growth.html").read_text(encoding="utf-8")
    length = 4 * np.hypot(8, 11)
    for text in (result.stdout, page.replace("\N{NO-BREAK SPACE}", " ")):
        said = re.search(r"taken off: at most ([\d.]+) px \((\d+) µm\), in t10", text)
        assert said, text[:2000]
        assert float(said[1]) == pytest.approx(length, abs=1)
        assert float(said[2]) == pytest.approx(2 * length, rel=0.06)
    assert "linked up to" in result.stdout
    assert "linked up to" not in result.stderr
    assert "per h (median of 4 objects" in result.stdout


def test_no_drift_is_invented_for_discs_that_move_past_one_that_stands(tmp_path):
    y, x = np.mgrid[:120, :160].astype(float)
    for time in range(4):
        picture = np.full(y.shape, 30.0)
        places = ((30, 40), (60 + 2 * time, 110 - 4 * time), (90 - 2 * time, 30 + 4 * time))
        for row, column in places:
            edge = 9 * 1.03**time + 0.5 - np.hypot(y - row, x - column)
            picture += 150 * np.clip(edge, 0, 1)
        io.write_png(tmp_path / f"p{time}.png", picture.round().astype(np.uint8))
    recipe = Recipe.model_validate(RECIPE | {"calibration": {"scale_bar": False}})
    run_batch(
        recipe, [str(tmp_path / "*.png")], tmp_path / "out", options=BatchOptions(jobs=1)
    )
    result = track(tmp_path / "out")
    assert "Drift of the scene: none found" in result.stdout
    tracks = pd.read_csv(tmp_path / "out" / "tracks" / "tracks.csv")
    np.testing.assert_allclose(tracks["registered_x_px"], tracks["centroid_x_px"], atol=0.5)
    told = json.loads(track(tmp_path / "out", "--overwrite", "--json").stdout)
    assert told["largest_drift_px"] < 0.5


def test_without_registration_the_drift_tears_tracks_apart(run, tmp_path):
    words = ("--register", "none", "--max-distance", "10um", "--json")
    told = json.loads(track(run, "--out", tmp_path / "c", *words).stdout)
    assert told["n_tracks"] > 4


@pytest.mark.parametrize("register", ["objects", "flow"])
def test_the_drift_is_also_found_by_objects_and_with_flow(run, tmp_path, register):
    words = ("--register", register, "--max-distance", "10um", "--json")
    told = json.loads(track(run, "--out", tmp_path / register, *words).stdout)
    assert told["n_tracks"] == 4


def test_the_page_is_complete_and_tells_the_growth(run, tmp_path):
    assert track(run, "--out", tmp_path / "d").exit_code == 0
    page = (tmp_path / "d" / "growth.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert "number of objects" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_earlier_tracks_are_not_overwritten_unasked(run, tmp_path):
    out = tmp_path / "e"
    assert track(run, "--out", out).exit_code == 0
    again = track(run, "--out", out)
    assert again.exit_code == 2
    assert "--overwrite" in again.output
    assert track(run, "--out", out, "--overwrite").exit_code == 0


def test_tracks_go_into_the_run_unless_another_folder_is_named(run):
    assert track(run, "--overwrite").exit_code == 0
    assert (run / "tracks" / "tracks.csv").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--time", "hour"), "no column 'hour'"),
        (("--series", "well"), "no column 'well'"),
        (("--max-distance", "far"), "number with its unit"),
        (("--series", "time_h"), "two pictures or more"),
    ],
)
def test_a_wrong_command_is_one_sentence(run, tmp_path, words, said):
    result = track(run, "--out", tmp_path / "f", *words)
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "f").exists()


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    assert track(tmp_path).exit_code == 2


def test_without_a_sheet_the_order_of_names_stands_for_time(tmp_path):
    for number in range(3):
        io.write_png(tmp_path / f"p{number}.png", scene(HOURS[number], drift=(0, 0)))
    recipe = Recipe.model_validate(RECIPE | {"calibration": {"scale_bar": False}})
    run_batch(
        recipe, [str(tmp_path / "*.png")], tmp_path / "out", options=BatchOptions(jobs=1)
    )
    for path in tmp_path.glob("*.png"):
        path.unlink()  # the pictures are gone: the objects are registered
    result = track(tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["time"] == "picture"
    assert any("order of their names" in note for note in told["notes"])
    assert any("objects alone" in note for note in told["notes"])
    total = told["growth"][0]
    assert total["growth_rate_per_picture"] == pytest.approx(2 * RATE, rel=0.05)
    times = pd.read_csv(tmp_path / "out" / "tracks" / "times.csv")
    assert "total_area_px" in times


def test_pictures_of_one_name_in_two_folders_are_not_mixed_up(tmp_path):
    # Both places have a t1.png and a t2.png of one size; each drifts in its own way.
    drifts = {"left": (0, -12), "right": (9, 0)}
    rows = []
    for place, drift in drifts.items():
        (tmp_path / place).mkdir()
        for number in (0, 1):
            own = tuple(number * step for step in drift)
            io.write_png(
                tmp_path / place / f"t{number + 1}.png", scene(2 * number, drift=own)
            )
            rows.append(
                {"image": f"{place}/t{number + 1}.png", "time_h": number, "place": place}
            )
    sheet = tmp_path / "sheet.csv"
    pd.DataFrame(rows).to_csv(sheet, index=False)
    recipe = Recipe.model_validate({**RECIPE, "sheet": {"path": str(sheet)}})
    folders = [str(tmp_path / place) for place in drifts]
    run_batch(recipe, folders, tmp_path / "out", options=BatchOptions(jobs=1))
    result = track(tmp_path / "out", "--series", "place")
    assert result.exit_code == 0, result.output
    assert "cannot be read" not in result.output
    times = pd.read_csv(tmp_path / "out" / "tracks" / "times.csv").set_index("series")
    for place, drift in drifts.items():
        moved = times.loc[place, ["drift_y_px", "drift_x_px"]].to_numpy()[-1]
        np.testing.assert_allclose(moved, drift, atol=0.3)


def test_a_distance_that_is_none_names_its_option(run, tmp_path):
    result = track(run, "--out", tmp_path / "b", "--max-distance", "far")
    assert result.exit_code == 2
    assert "--max-distance is a number with its unit" in result.output


def test_volumes_are_refused(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    for path in copy.glob("*/labels.tif"):
        io.write_labels(path, np.ones((3, 20, 20), np.uint32))
    result = track(copy, "--out", tmp_path / "c")
    assert result.exit_code == 2
    assert "is a volume" in result.output


def test_a_banner_that_stays_does_not_hide_the_drift(tmp_path):
    banner = np.random.default_rng(0).choice(np.uint8([0, 255]), (60, 300))
    for number in range(2):
        picture = scene(2 * number, drift=(5 * number, -7 * number))
        picture[-60:] = banner
        io.write_png(tmp_path / f"t{number}.png", picture)
    recipe = Recipe.model_validate({**RECIPE, "banner": {"exclude": "60"}})
    run_batch(recipe, [str(tmp_path / "*.png")], tmp_path / "out")
    result = track(tmp_path / "out")
    assert result.exit_code == 0, result.output
    times = pd.read_csv(tmp_path / "out" / "tracks" / "times.csv")
    moved = times[["drift_y_px", "drift_x_px"]].to_numpy()[-1]
    np.testing.assert_allclose(moved, (5, -7), atol=0.3)
