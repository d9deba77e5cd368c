"""Objects of a run that come back from another program, edited or not."""

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.batch import run_batch
from segmetry.batch.inputs import file_hash
from segmetry.dataset.exporting import find_masks
from segmetry.dataset.importing import read_annotations
from segmetry.edit import Edit
from segmetry.errors import DatasetError, ProjectError
from segmetry.io import read_labels, write_labels, write_png
from segmetry.io.exchange import EXCHANGE_FORMATS, Annotation, write_annotations
from segmetry.measure.changes import compare_labels
from segmetry.project.brought_back import bring_back, take_back
from segmetry.project.run_folder import corrections_folder, labels_in_run, open_run
from segmetry.project.same_objects import with_known_numbers
from segmetry.recipe import Recipe

RECIPE = {
    "segmentation": {"name": "threshold"},
    "calibration": {"pixel_size": "50 nm", "scale_bar": False},
}
BACK = [name for name, one in EXCHANGE_FORMATS.items() if one.can_import and name != "dots"]
CELL = 9  # px of a drawn place for one object


@pytest.fixture(scope="module")
def once(tmp_path_factory, discs):
    folder = tmp_path_factory.mktemp("once")
    write_png(folder / "a.png", discs([10] * 12))
    write_png(folder / "b.png", discs([8] * 20, seed=1))
    run_batch(Recipe.model_validate(RECIPE), [folder], folder / "run")
    return folder


@pytest.fixture
def run(once, tmp_path):
    shutil.copytree(once, tmp_path / "lab")
    return tmp_path / "lab" / "run"


def read(source, run):
    return read_annotations(source, run=run, allow_pickle=True)


def export(run, out, *, to):
    write_annotations(out, (mask.read() for mask in find_masks(run)), to=to)
    return out


def files(run):
    return {
        path.relative_to(run).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }


def results(run):
    """What the files of a run hold, without the history of its corrections."""
    hidden = (".segmetry", "run.log")
    return {
        name: content
        for name, (content, _) in files(run).items()
        if not name.startswith(hidden)
    }


def told(one):
    return {row["label"]: row["change"] for row in one.changed.to_dict("records")}


def assert_verified(run):
    manifest = json.loads((run / "manifest.json").read_text())
    for name, sha256 in manifest["outputs"].items():
        assert file_hash(run / name) == sha256, name


@pytest.mark.parametrize("name", BACK)
def test_what_nobody_edited_changes_nothing(run, tmp_path, name):
    source = export(run, tmp_path / "out", to=name)
    before = files(run)
    found = bring_back(run, read(source, run), source=name)
    assert [one.name for one in found] == ["a", "b"]
    assert [len(one.changed) for one in found] == [0, 0]
    assert [len(one.objects) for one in found] == [12, 20]
    assert files(run) == before


def edited(labels):
    """The labels with one object removed, one cut smaller, one split, one new; all told."""
    data = labels.copy()
    data[data == 3] = 0
    rows, columns = np.nonzero(data == 5)
    data[rows[rows == rows.min()], columns[rows == rows.min()]] = 0
    _, columns = np.nonzero(data == 7)
    middle = int(columns.mean())
    data[:, middle][data[:, middle] == 7] = 0
    right = (data == 7) & (np.arange(data.shape[1]) > middle)
    data[right] = 77
    data[:2, :3] = 78
    return data


def test_edits_are_in_the_labels_the_tables_and_the_history(run, tmp_path):
    labels = read_labels(run / "a" / "labels.tif")
    now = edited(labels)
    write_annotations(tmp_path / "out", [Annotation("a", now)], to="imagej")
    others = files(run)
    (found,) = bring_back(run, read(tmp_path / "out", run), source="a_rois.zip")
    assert told(found) == {3: "removed", 5: "edited", 7: "edited", 13: "drawn", 14: "drawn"}
    after = read_labels(run / "a" / "labels.tif")
    assert np.array_equal(after, np.where(now > 76, now - 64, now))
    rows = found.changed.set_index("label")
    assert rows.loc[3, "area_before_px"] == np.count_nonzero(labels == 3)
    assert rows.loc[13, "related_label"] == 7
    assert rows.loc[14, ["area_after_px", "related_label"]].tolist() == [6, 0]
    objects = pd.read_csv(run / "objects.csv").query("image == 'a'").set_index("label")
    assert objects["area_px"].to_dict() == {
        number: int((after == number).sum()) for number in np.unique(after[after > 0])
    }
    assert objects["origin"].loc[[1, 5, 7, 14]].tolist() == [
        "found",
        *["edited"] * 2,
        "drawn",
    ]
    images = pd.read_csv(run / "images.csv").set_index("image")
    assert images.loc["a", ["n_objects", "mask_origin"]].tolist() == [13, "corrected"]
    assert images.loc["b", ["n_objects", "mask_origin"]].tolist() == [20, "draft"]
    written = pd.read_csv(run / "a" / "changes.csv")
    pd.testing.assert_frame_equal(written, found.objects, check_dtype=False)
    assert np.array_equal(read_labels(run / "a" / "labels_found.tif"), labels)
    assert files(run)["b/labels.tif"] == others["b/labels.tif"]
    assert_verified(run)
    with open_run(run) as project:
        opened = project.labels.open(labels_in_run(project, "a"))
        assert opened.history()[-1]["edit"] == {"kind": "take over", "source": "a_rois.zip"}


def test_the_same_edits_a_second_time_change_nothing(run, tmp_path):
    now = edited(read_labels(run / "a" / "labels.tif"))
    write_annotations(tmp_path / "out", [Annotation("a", now)], to="qupath-annotations")
    bring_back(run, read(tmp_path / "out", run), source="a")
    before = results(run)
    (found,) = bring_back(run, read(tmp_path / "out", run), source="a")
    assert told(found) == {}
    assert results(run) == before


def test_a_number_that_was_removed_is_never_given_again(run):
    labels = read_labels(run / "a" / "labels.tif")
    without = np.where(labels == 12, 0, labels)
    bring_back(run, [Annotation("a", without)], source="napari")
    with_new = without.copy()
    with_new[:2, :3] = 12  # napari counts on from the highest that is there
    (found,) = bring_back(run, [Annotation("a", with_new)], source="napari")
    assert told(found) == {13: "drawn"}


def test_what_came_last_can_be_taken_back(run):
    before = results(run)
    data = {name: read_labels(run / name / "labels.tif") for name in "ab"}
    first = [Annotation(name, np.where(one == 3, 0, one)) for name, one in data.items()]
    second = Annotation("b", np.where(data["b"] == 5, 0, first[1].labels))
    bring_back(run, first, source="first")
    bring_back(run, [second], source="second")
    (found,) = take_back(run)
    assert (found.name, told(found)) == ("b", {5: "drawn"})
    assert np.array_equal(read_labels(run / "b" / "labels.tif"), first[1].labels)
    assert [one.name for one in take_back(run)] == ["a", "b"]
    assert results(run) == before
    with pytest.raises(ProjectError, match="nothing to take back"):
        take_back(run)


def test_corrections_by_hand_are_not_taken_back(run):
    with pytest.raises(ProjectError, match="nothing to take back"):
        take_back(run)
    labels = read_labels(run / "a" / "labels.tif")
    bring_back(run, [Annotation("a", np.where(labels == 3, 0, labels))], source="a")
    with open_run(run) as project:
        opened = project.labels.open(labels_in_run(project, "a"))
        opened.edit(Edit("delete", ids=(5,)), op_id="by hand", base=1)
    with pytest.raises(ProjectError, match="by hand in the app"):
        take_back(run)


def test_what_was_cut_off_before_the_tables_were_written_is_made_up_for(run, monkeypatch):
    now = np.where(read_labels(run / "a" / "labels.tif") == 3, 0, 1).astype(np.uint32)
    now *= read_labels(run / "a" / "labels.tif")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("segmetry.project.brought_back.write_back", killed)
        with pytest.raises(KeyboardInterrupt):
            bring_back(run, [Annotation("a", now)], source="a")
    assert len(pd.read_csv(run / "objects.csv")) == 32
    (found,) = bring_back(run, [Annotation("a", now)], source="a")
    assert told(found) == {}
    assert len(pd.read_csv(run / "objects.csv")) == 31
    assert_verified(run)


def killed_at(number, act):
    """Do something that is killed before it puts one more file of the run in its place."""
    replace, done = Path.replace, []

    def replaced(path, target):
        if ".segmetry" not in path.parts:
            done.append(path)
            if len(done) > number:
                raise KeyboardInterrupt
        return replace(path, target)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "replace", replaced)
        with pytest.raises(KeyboardInterrupt):
            act()


@pytest.mark.parametrize("number", [0, 5])
def test_a_run_that_was_killed_between_its_files_is_made_whole(run, number):
    before, labels = results(run), read_labels(run / "a" / "labels.tif")
    edited = [Annotation("a", np.where(labels == 3, 0, labels))]
    killed_at(number, lambda: bring_back(run, edited, source="a"))
    assert number or not (run / "a" / "labels_found.tif").exists()
    bring_back(run, edited, source="a")
    assert_verified(run)
    assert read_labels(run / "a" / "labels_found.tif").max() == 12
    assert len(pd.read_csv(run / "objects.csv")) == 31
    killed_at(number, lambda: take_back(run))
    assert [one.name for one in take_back(run)] == ["a"]
    assert results(run) == before


def test_what_was_cut_off_is_not_a_second_step_back(run):
    labels = read_labels(run / "a" / "labels.tif")
    first = np.where(labels == 3, 0, labels)
    bring_back(run, [Annotation("a", first)], source="a")
    bring_back(run, [Annotation("a", np.where(first == 5, 0, first))], source="a")
    killed_at(0, lambda: take_back(run))
    (found,) = take_back(run)
    assert told(found) == {5: "drawn"}
    assert np.array_equal(read_labels(run / "a" / "labels.tif"), first)
    assert_verified(run)


def test_labels_that_were_saved_over_those_of_the_run_are_refused(run):
    labels = read_labels(run / "a" / "labels.tif")
    write_labels(run / "a" / "labels.tif", np.where(labels == 3, 0, labels))
    with pytest.raises(ProjectError, match="save what you edit under another name"):
        bring_back(run, [Annotation("a", labels)], source="a")
    with pytest.raises(DatasetError, match="a file of the run itself; edit a copy"):
        list(read(run / "a" / "labels.tif", run))


def test_labels_of_a_picture_that_was_run_by_tiles_are_refused(run):
    (run / "a" / "labels.ome.zarr").mkdir()
    labels = read_labels(run / "a" / "labels.tif")
    with pytest.raises(ProjectError, match="run tile by tile"):
        bring_back(run, [Annotation("a", labels)], source="a")


def test_two_files_about_one_picture_are_refused_before_anything_changes(run):
    labels = read_labels(run / "a" / "labels.tif")
    both = [Annotation("a", labels * 0), Annotation("a", labels)]
    before = files(run)
    with pytest.raises(ProjectError, match="Two files are about a"):
        bring_back(run, both, source="a")
    assert files(run) == before
    assert corrections_folder(run) is None


def test_without_its_pictures_a_run_cannot_be_measured_anew(run):
    (run.parent / "a.png").rename(run.parent / "moved.png")
    labels = read_labels(run / "a" / "labels.tif")
    with pytest.raises(ProjectError, match="must lie where they lay"):
        bring_back(run, [Annotation("a", labels * 0)], source="a")
    assert len(pd.read_csv(run / "objects.csv")) == 32


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    write_labels(tmp_path / "a" / "labels.tif", np.eye(3, dtype=np.uint32))
    with pytest.raises(ProjectError, match="has no manifest"):
        bring_back(tmp_path, [Annotation("a", np.eye(3, dtype=np.uint32))], source="a")


def test_files_are_known_by_the_names_of_the_runs_pictures(run, tmp_path):
    export(run, tmp_path / "out", to="imagej")
    (tmp_path / "out" / "a_rois.zip").rename(tmp_path / "out" / "A_RoiSet.zip")
    assert [one.name for one in read(tmp_path / "out", run)] == ["a", "b"]
    (tmp_path / "out" / "b_rois.zip").rename(tmp_path / "out" / "RoiSet.zip")
    with pytest.raises(DatasetError, match="no picture called RoiSet; call the file as"):
        list(read(tmp_path / "out", run))
    shutil.rmtree(run / "b")
    (found,) = read(tmp_path / "out" / "RoiSet.zip", run)
    assert found.name == "a"  # the only one


def test_dots_and_labels_of_another_size_are_refused(run, tmp_path):
    (tmp_path / "dots.csv").write_text("image,x,y\na,1,1\n")
    with pytest.raises(DatasetError, match="dots, which tell no outlines"):
        list(read(tmp_path / "dots.csv", run))
    tifffile.imwrite(tmp_path / "a.tif", np.arange(12, dtype=np.uint8).reshape(3, 4) // 5)
    with pytest.raises(DatasetError, match="and the file's 3 x 4"):
        list(read(tmp_path / "a.tif", run))
    with pytest.raises(DatasetError, match="no folder of a run with labels"):
        list(read(tmp_path / "a.tif", tmp_path / "none"))


@st.composite
def edits(draw):
    """Objects on a grid, what a person made of them, and what is to be told."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_rows = int(rng.integers(1, 4))
    before = np.zeros((n_rows * CELL, 4 * CELL), np.uint32)
    numbers = iter(rng.permutation(np.arange(1, 60) * 7).astype(np.uint32).tolist())
    wanted, new = {}, 500
    corners = [(y, x) for y in range(0, n_rows * CELL, CELL) for x in (0, 2 * CELL)]
    for y, x in corners:  # the first is the larger one
        before[y + 1 : y + 5, x + 1 : x + 8] = next(numbers)
        before[y + 1 : y + 5, x + CELL + 1 : x + CELL + 5] = next(numbers)
    after = before.copy()
    for y, x in corners:
        left, right = int(before[y + 1, x + 1]), int(before[y + 1, x + CELL + 1])
        first = after[y + 1 : y + 5]
        doing = draw(
            st.sampled_from(["keep", "remove", "grow", "cut", "split", "join", "draw"])
        )
        if doing == "remove":
            after[after == right] = 0
            wanted[right] = ("removed", 16, 0, 0)
        if doing == "grow":
            after[y + 5, x + 1 : x + 8] = left
            wanted[left] = ("edited", 28, 35, 0)
        if doing == "cut":
            after[y + 1, x + 1 : x + 8] = 0
            wanted[left] = ("edited", 28, 21, 0)
        if doing == "split":
            first[:, x + 5], first[:, x + 6 : x + 8] = 0, new
            wanted[left] = ("edited", 28, 16, 0)
            wanted[new] = ("drawn", 0, 8, left)
        if doing == "join":
            first[:, x + 8 : x + CELL + 5] = left
            wanted[left] = ("edited", 28, 52, 0)
            wanted[right] = ("removed", 16, 0, left)
        if doing == "draw":
            after[y + 7, x + 2 : x + 6] = new
            wanted[new] = ("drawn", 0, 4, 0)
        new += 1
    return before, after, wanted


@pytest.mark.parametrize("name", BACK)
@given(made=edits())
@settings(max_examples=12, deadline=None)
def test_a_random_edit_is_told_exactly_in_every_format(name, made):
    before, after, wanted = made
    with TemporaryDirectory() as place:
        run = Path(place, "run", "a")
        run.mkdir(parents=True)
        write_labels(run / "labels.tif", before)
        write_annotations(Path(place, "out"), [Annotation("a", after)], to=name)
        (found,) = read(Path(place, "out"), run.parent)
    now = with_known_numbers(before, found.labels, unnamed=found.unnamed)
    rows = compare_labels(before, now).set_index("label")
    rows = rows[rows["change"].ne("kept")]
    known = {one: tuple(row) for one, row in zip(rows.index, rows.to_numpy(), strict=True)}
    drawn = sorted(row for row in known.values() if row[0] == "drawn")
    assert drawn == sorted(row for row in wanted.values() if row[0] == "drawn")
    assert {one: row for one, row in known.items() if row[0] != "drawn"} == {
        one: row for one, row in wanted.items() if row[0] != "drawn"
    }
