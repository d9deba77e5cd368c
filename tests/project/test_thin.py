"""Lines of a project are measured as its labels are now, and never as they were."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from segmetry import io
from segmetry.batch.thin import run_tables
from segmetry.edit import Edit
from segmetry.errors import PictureError, ProjectError
from segmetry.measure import measure_thin
from segmetry.measure.thin_tables import tables_of
from segmetry.project import look_at
from segmetry.project.exports import export_run
from segmetry.project.thin import measure_again
from segmetry.recipe import Recipe, changed, read_recipe_text

LENGTH = 160  # px of the drawn bar, which is 5 px wide


@pytest.fixture
def bars(home):
    """A dark picture with a bright bar of 160 x 5 px and a disc, and its path."""
    y, x = np.mgrid[:100, :200]
    pixels = np.full((100, 200), 40, np.uint8)
    pixels[30:35, 20 : 20 + LENGTH] = 200
    pixels[np.hypot(y - 75, x - 100) < 12] = 200
    io.write_png(home / "bars.png", pixels)
    return home / "bars.png"


@pytest.fixture
def lines(simple):
    """A recipe that measures lines."""
    quick = {"thin": {"enabled": True}, "statistics": {"resamples": 200}}
    return Recipe.model_validate(simple.model_dump() | quick)


@pytest.fixture
def record(project, bars, lines):
    """What is known of labels of the bar and the disc."""
    return project.labels.record(project.labels.run(project.pictures.add(bars), lines))


def erase(project, record, *points, width=9):
    opened = project.labels.open(record.id)
    stroke = Edit("erase", points=points, width=width)
    opened.edit(stroke, op_id=f"erase-{opened.rev}", base=opened.rev)
    return opened


def test_lengths_are_those_of_the_mask(project, record):
    found = project.thin.of(record)
    assert found.rev == 0
    assert found.found.segments["length_px"].tolist() == [pytest.approx(LENGTH, rel=0.03)]
    assert found.found.segments["width_mean_px"].tolist() == [pytest.approx(5, rel=0.02)]


def test_a_piece_that_is_erased_is_gone_from_the_table(project, record):
    before = project.thin.of(record)
    erase(project, record, (100, 25), (100, 40), width=20)
    after = project.thin.of(record)
    assert (before.rev, after.rev) == (0, 1)
    assert len(after.found.segments) == 2
    total = after.found.segments["length_px"].sum()
    assert total == pytest.approx(LENGTH - 20, rel=0.03)


@pytest.mark.parametrize("seed", range(3))
def test_after_any_strokes_the_table_is_that_of_the_labels_measured_anew(
    project, record, seed
):
    rng = np.random.default_rng(seed)
    for _ in range(4):
        points = [(int(x), int(y)) for x, y in rng.integers(0, [200, 100], (2, 2))]
        opened = erase(project, record, *points, width=int(rng.integers(1, 9)))
        found = project.thin.of(record)
        anew = measure_thin(opened.labels.data > 0)
        assert found.rev == opened.rev
        assert found.found.segments.equals(anew.segments)
        assert found.found.nodes.equals(anew.nodes)


def test_what_did_not_change_is_measured_once(project, record):
    asked = []

    def measured(choice, labels):
        asked.append((labels.data > 0).sum())
        return measure_again(choice, labels)

    first = project.thin.of(record, measure=measured)
    assert project.thin.of(record, measure=measured).found is first.found
    erase(project, record, (30, 32))
    second = project.thin.of(record, measure=measured).found
    assert second is not first.found
    assert len(asked) == 2
    assert asked[1] < asked[0]


def test_another_pixel_size_gives_other_lengths_of_the_same_lines(
    project, record, bars, lines
):
    assert project.thin.of(record).found.pixel_size is None
    picture = project.pictures.add(bars)
    project.pictures.keep_look(picture, look_at(bars, lines))
    project.calibrate(picture, choice="typed", pixel_size="0.5 um")
    found = project.thin.of(project.labels.record(record.id)).found
    assert found.segments["length_um"][0] == pytest.approx(LENGTH / 2, rel=0.03)


def test_the_lines_of_the_last_four_pictures_are_kept(project, record, home, lines):
    first = project.thin.of(record).found
    assert project.thin.of(record).found is first
    for k in range(4):
        pixels = np.full((20, 40), 40, np.uint8)
        pixels[8:11, 3 : 25 + k] = 200
        io.write_png(home / f"{k}.png", pixels)
        other = project.labels.run(project.pictures.add(home / f"{k}.png"), lines)
        project.thin.of(project.labels.record(other))
    again = project.thin.of(record).found
    assert again is not first
    assert again.segments.equals(first.segments)


def test_labels_of_a_run_without_lines_are_refused(project, labels, picture):
    assert labels.rev == 0
    (record,) = project.labels.records(project.pictures.add(picture))
    with pytest.raises(ProjectError, match="not measured as thin structures"):
        project.thin.of(record)


def test_a_run_in_which_lines_cannot_be_measured_fails(project, bars, lines):
    green = changed(lines, {"thin": {"grey": "green"}})
    with pytest.raises(PictureError, match="no red, green and blue"):
        project.labels.run(project.pictures.add(bars), green)


def test_a_run_tells_that_widths_of_ridge_are_not_those_of_lines(project, bars, lines):
    ridge = changed(lines, {"segmentation": {"name": "ridge"}})
    found = project.labels.record(project.labels.run(project.pictures.add(bars), ridge))
    assert [one for one in found.run["remarks"] if "'ridge' finds where" in one]
    assert len(project.thin.of(found).found.segments)  # told once, and not here again


@pytest.mark.slow
def test_files_of_lines_are_those_of_the_command_line_to_the_byte(
    project, bars, lines, tmp_path
):
    grey = changed(lines, {"thin": {"grey": "luma"}})
    project.labels.run(project.pictures.add(bars), grey)
    export_run(project, tmp_path / "app")
    recipe = tmp_path / "app" / "bars" / "recipe.toml"
    assert read_recipe_text(recipe.read_text(encoding="utf-8")).thin.grey == "luma"
    command = [sys.executable, "-m", "segmetry", "run", str(bars), "--recipe"]
    command += [str(recipe), "--out", str(tmp_path / "run")]
    subprocess.run(command, check=True, capture_output=True)
    files = [f"{name}.csv" for name in ("segments", "nodes", "images", "objects")]
    files += ["summary.json", "schema.json", "bars/widths.png"]
    for file in files:
        app, run = (tmp_path / place / file for place in ("app", "run"))
        assert app.read_bytes() == run.read_bytes(), file
    widths = [
        pd.read_parquet(tmp_path / place / "bars" / "widths.parquet")
        for place in ("app", "run")
    ]
    assert widths[0].equals(widths[1])


@pytest.mark.slow
def test_corrected_lines_are_in_the_files(project, record, bars, picture, simple, tmp_path):
    project.labels.run(project.pictures.add(picture), simple)  # one without lines
    erase(project, record, (100, 25), (100, 40), width=20)
    export_run(project, tmp_path / "app")
    found = project.thin.of(record).found
    expected = run_tables({bars.stem: tables_of(found)})["segments"]
    written = pd.read_csv(tmp_path / "app" / "segments.csv")
    assert written["length_px"].tolist() == pytest.approx(expected["length_px"].tolist())
    images = pd.read_csv(tmp_path / "app" / "images.csv").set_index("image")
    assert images.loc["bars", "n_segments"] == 2
    assert np.isnan(images.loc["a", "n_segments"])
    assert (tmp_path / "app" / "bars" / "widths.png").is_file()
    assert not (tmp_path / "app" / "a" / "widths.png").exists()
