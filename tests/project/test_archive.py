"""A whole project goes into a zip and opens elsewhere with its history."""

import sqlite3
import threading
import zipfile
from contextlib import closing

import numpy as np
import pytest

from segmetry.edit import Edit
from segmetry.errors import PictureError, ProjectError, ReadError, SegmetryError, WriteError
from segmetry.image import Image
from segmetry.io import read, write_ome_zarr, write_png
from segmetry.project import (
    Project,
    look_at,
    new_identifier,
    open_archive,
    projects_folder,
    write_archive,
)
from segmetry.project.annotated import checked_pictures, mark_checked
from segmetry.project.archive import remove_unfinished, unfinished_folder
from segmetry.tiled import InMemory


@pytest.fixture
def archive(project, labels, picture, tmp_path):
    """A zip of a project with two corrections, of which one is undone, and a version."""
    record = project.pictures.records()[0]
    project.pictures.keep_look(record.id, look_at(picture, project.recipe))
    copy = project.pictures.upload("copy.png", [picture.read_bytes()])
    project.pictures.choose(copy, {"shared_from": record.id})
    (picture.parent / "sheet.csv").write_text("image,time_h\na,2\n", encoding="utf-8")
    labels.edit(Edit("delete", ids=(3,)), op_id="one", base=0)
    labels.keep_version("checked")
    labels.edit(Edit("delete", ids=(4, 5)), op_id="two", base=1)
    labels.undo(op_id="three", base=2)
    mark_checked(project, record.id, project.labels.records(record.id)[-1].id)
    write_archive(project, tmp_path / "whole.zip")
    return tmp_path / "whole.zip"


def labels_of(project):
    record = project.pictures.records()[0]
    if record.status == "new":
        project.pictures.keep_look(record.id, look_at(record.path, project.recipe))
    (found,) = project.labels.records(record.id)
    return project.labels.open(found.id)


def rewritten(archive, change, *, name="other.zip"):
    """Return a zip whose files were changed: a mapping from names to bytes."""
    with zipfile.ZipFile(archive) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    change(files)
    other = archive.with_name(name)
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry, content in files.items():
            packed.writestr(entry, content)
    return other


def with_database(archive, tmp_path, statement):
    """Return a zip after a statement was run in its database."""

    def change(files):
        path = tmp_path / "changed.db"
        path.write_bytes(files["project.db"])
        with closing(sqlite3.connect(path)) as database:
            database.executescript(statement)
        files["project.db"] = path.read_bytes()

    return rewritten(archive, change)


@pytest.mark.slow
def test_a_project_opens_elsewhere_with_its_history(project, labels, archive, picture):
    before = labels.labels.data.copy()
    history = labels.history()
    picture.unlink()  # the zip has its own
    with open_archive(archive) as other:
        assert other.folder.parent == projects_folder()
        assert other.name == project.name
        again = labels_of(other)
        assert np.array_equal(again.labels.data, before)
        assert np.array_equal(again.labels.image.pixels, labels.labels.image.pixels)
        assert again.table.equals(labels.table)
        assert again.history() == history
        again.redo(op_id="four", base=3)
        assert again.n_objects == 9
        again.undo(op_id="five", base=4)
        again.undo(op_id="six", base=5)
        assert np.array_equal(again.labels.data, again.data_of(None))
        assert [version.name for version in again.versions()] == ["checked"]
        assert 3 not in again.data_of("checked")
        first, second = other.pictures.records()
        assert (first.name, first.is_upload) == ("a.png", True)
        assert other.pictures.thumbnail(first.id).is_file()
        assert other.pictures.file(second.id).is_file()
        assert second.choices == {"shared_from": first.id}
        assert other.sheet.conditions([])[1]
        assert [one.picture.name for one in checked_pictures(other)] == ["a.png"]
        with pytest.raises(Exception, match="never changed"):
            other._database.rows("UPDATE entry SET rev = rev + 1")


@pytest.mark.slow
def test_a_copy_is_no_twin_of_what_it_was_made_of(project, labels, archive):
    with open_archive(archive) as other, open_archive(archive) as third:
        known = [
            {record.id for record in one.pictures.records()}
            for one in (project, other, third)
        ]
        assert len(set.union(*known)) == 6
        labels_of(other).edit(Edit("delete", ids=(1,)), op_id="other", base=3)
        assert (labels.n_objects, labels_of(third).n_objects) == (11, 11)


@pytest.mark.slow
def test_an_archive_that_is_made_while_somebody_edits_is_whole(project, labels, tmp_path):
    stop = threading.Event()

    def edit():
        for base in range(0, 10_000, 2):
            if stop.is_set():
                return
            labels.edit(Edit("delete", ids=(1,)), op_id=f"d{base}", base=base)
            labels.undo(op_id=f"u{base}", base=base + 1)
            labels.save()

    editor = threading.Thread(target=edit)
    editor.start()
    try:
        for number in range(3):
            write_archive(project, tmp_path / f"{number}.zip")
    finally:
        stop.set()
        editor.join()
    for number in range(3):
        with open_archive(tmp_path / f"{number}.zip") as other:
            again = labels_of(other)
            assert again.n_objects == 12 - again.rev % 2
    assert list(project.folder.glob("archive-*")) == []


def test_what_an_archive_left_when_the_program_died_is_removed(home):
    with Project.create(home, "Powder") as project:
        (project.folder / "archive-x" / "labels").mkdir(parents=True)
    with Project.open(home) as project:
        assert list(project.folder.glob("archive-*")) == []


def test_what_an_unpacking_left_is_removed_but_not_what_is_unpacked_now(
    archive, monkeypatch
):
    """The program died in the middle; another one is in the middle of it."""
    left = unfinished_folder(projects_folder() / new_identifier())
    others = [projects_folder() / name for name in ("mine.part", new_identifier())]
    for folder in (left, *others):
        (folder / "project" / "uploads").mkdir(parents=True)
    whole = []

    def check(folder):
        remove_unfinished()
        whole.append(folder.is_dir())

    monkeypatch.setattr("segmetry.project.archive.check_rows", check)
    with open_archive(archive) as project:
        assert whole == [True]
        folders = {path for path in projects_folder().iterdir() if path.is_dir()}
        assert folders == {project.folder, *others}
    remove_unfinished()
    assert project.folder.is_dir()


def test_where_there_are_no_projects_nothing_is_unfinished():
    assert not projects_folder().exists()
    remove_unfinished()
    assert not projects_folder().exists()


def test_a_picture_that_is_gone_is_named(project, picture, tmp_path):
    project.pictures.add(picture)
    picture.unlink()
    with pytest.raises(PictureError, match="no longer where it was"):
        write_archive(project, tmp_path / "whole.zip")


def test_where_nothing_can_be_written_that_is_said(project, tmp_path):
    with pytest.raises(WriteError, match="cannot be written"):
        write_archive(project, tmp_path / "no" / "folder.zip")


CHANGES = {
    "a path out of it": lambda files: files.update({"../evil": b"x"}),
    "an absolute path": lambda files: files.update({"/tmp/evil": b"x"}),
    "another drive": lambda files: files.update({"C:\\evil": b"x"}),
    "a file of no project": lambda files: files.update({"labels/evil.py": b"x"}),
    "no database": lambda files: files.pop("project.db"),
    "no SQLite": lambda files: files.update({"project.db": b"SQLite format 3\0" * 9}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_no_project_is_refused_and_leaves_nothing(archive, name, tmp_path):
    other = rewritten(archive, CHANGES[name])
    with pytest.raises(SegmetryError):
        open_archive(other)
    assert not projects_folder().exists() or not list(projects_folder().iterdir())
    assert not list(tmp_path.rglob("evil*"))


STATEMENTS = {
    "another trigger": "CREATE TRIGGER t AFTER UPDATE ON picture "
    "BEGIN DELETE FROM entry; END",
    "a view": "CREATE VIEW v AS SELECT 1",
    "a changed trigger": "DROP TRIGGER a_journal_is_never_changed; CREATE TRIGGER "
    "a_journal_is_never_changed BEFORE UPDATE ON entry BEGIN DELETE FROM picture; END",
    "a picture named as a path": "PRAGMA foreign_keys = OFF; UPDATE picture "
    "SET id = '../../' || id",
    "labels in another file": "UPDATE label_set SET saved = '../../../a.labels'",
    "another program's": "PRAGMA application_id = 7",
    "a newer one": "PRAGMA user_version = 99",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_database_that_could_do_harm_is_refused(archive, tmp_path, name):
    other = with_database(archive, tmp_path, STATEMENTS[name])
    with pytest.raises((ReadError, ProjectError)):
        open_archive(other)
    assert list(projects_folder().iterdir()) == []


@pytest.mark.parametrize(
    "statement", ["DELETE FROM project", "UPDATE label_set SET run = '{}'"]
)
def test_what_could_not_be_shown_is_refused_before_it_is_listed(
    archive, tmp_path, statement
):
    with pytest.raises(SegmetryError):
        open_archive(with_database(archive, tmp_path, statement))
    assert list(projects_folder().iterdir()) == []


@pytest.mark.parametrize("look", ["x", '{"width_px": 10, "height_px": 10}'])
def test_what_was_seen_of_a_picture_is_not_believed(archive, tmp_path, look):
    claim = f"UPDATE picture SET status = 'ready', look = '{look}'"
    with open_archive(with_database(archive, tmp_path, claim)) as project:
        records = project.pictures.records()
        assert [(one.status, one.look) for one in records] == [("new", {})] * 2
        with pytest.raises(PictureError, match="still being read"):
            project.labels.order(records[0].id, project.recipe)
        (found,) = project.labels.records(records[0].id)
        with pytest.raises(PictureError, match="labels of a.png cannot be opened yet"):
            project.labels.open(found.id)


def test_choices_that_are_no_json_are_refused(archive, tmp_path):
    other = with_database(archive, tmp_path, "UPDATE picture SET choices = '{'")
    with pytest.raises(ReadError, match="malformed JSON"):
        open_archive(other)


def test_a_mark_of_labels_that_are_not_there_is_none(archive, tmp_path):
    mark = """UPDATE picture SET choices = '{"checked": [7]}'"""
    with open_archive(with_database(archive, tmp_path, mark)) as project:
        assert checked_pictures(project) == []
        assert {one.choices["checked"] for one in project.pictures.records()} == {None}


@pytest.mark.parametrize("keep", [10, 3000, -30])
def test_a_zip_that_was_cut_off_is_refused(archive, keep):
    archive.write_bytes(archive.read_bytes()[:keep])
    with pytest.raises(ReadError, match="no project"):
        open_archive(archive)


def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is(archive):
    bomb = rewritten(archive, lambda files: files.update({"conditions.csv": bytes(2**24)}))
    assert bomb.stat().st_size < 10**6
    with pytest.raises(ReadError, match="more than the 1,000,000 bytes"):
        open_archive(bomb, most_bytes=10**6)
    assert list(projects_folder().iterdir()) == []


def test_a_path_of_a_local_picture_is_not_believed(archive, tmp_path):
    secret = tmp_path / "secret.png"
    write_png(secret, np.zeros((9, 9), np.uint8))
    other = with_database(archive, tmp_path, f"UPDATE picture SET path = '{secret}'")
    with open_archive(other) as project:
        for record in project.pictures.records():
            assert record.is_upload
            assert secret not in (record.path, project.pictures.file(record.id))


def test_the_number_of_objects_is_that_of_now_before_anything_is_opened(project, archive):
    with open_archive(archive) as copy:
        (found,) = copy.labels.records(copy.pictures.records()[0].id)
        assert copy.labels.n_objects(found.id) == 11  # of twelve, one was deleted
    # A picture that is gone hinders nobody to see the list.
    record = project.pictures.records()[0]
    (found,) = project.labels.records(record.id)
    project.labels.close()
    assert project.labels.n_objects(found.id) == 11


def test_files_that_no_row_names_are_left_behind(archive):
    stray = new_identifier()
    other = rewritten(
        archive,
        lambda files: files.update(
            {f"uploads/{stray}": b"x", f"labels/{stray}/0.labels": b"y"}
        ),
    )
    with open_archive(other) as project:
        names = {path.name for path in project.folder.rglob("*")}
        assert len(list((project.folder / "uploads").iterdir())) == 2
        assert len(list((project.folder / "labels").iterdir())) == 1
        assert stray not in names


def test_where_nothing_can_be_unpacked_that_is_said(archive, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("SEGMETRY_PROJECTS", str(tmp_path / "file" / "projects"))
    with pytest.raises(WriteError, match="cannot be unpacked"):
        open_archive(archive)


def test_a_database_whose_tables_are_others_is_told(archive, tmp_path):
    other = with_database(archive, tmp_path, "DROP TABLE label_set")
    with pytest.raises(ReadError, match="its database is damaged"):
        open_archive(other)
    assert list(projects_folder().iterdir()) == []


def test_the_slices_of_a_series_are_in_the_zip_without_their_files_names(
    project, dicom_series, tmp_path
):
    stored = np.arange(4 * 6 * 8, dtype=np.int16).reshape(4, 6, 8)
    names = ["Secret-d", "Secret-b", "Secret-a", "Secret-c"]
    series = dicom_series(stored, spacing=(2.5, 1, 1), names=names)
    project.pictures.add(series)
    write_archive(project, tmp_path / "series.zip")
    with zipfile.ZipFile(tmp_path / "series.zip") as packed:
        assert not any("Secret" in name for name in packed.namelist())
    with open_archive(tmp_path / "series.zip") as opened:
        (record,) = opened.pictures.records()
        assert record.name == series.name
        volume = read(opened.pictures.file(record.id))
        assert np.array_equal(volume.pixels, stored - 1024)
        opened.pictures.remove(record.id)
        assert not record.path.exists()


def test_a_series_of_which_a_slice_changed_is_told(project, dicom_series):
    series = dicom_series(np.zeros((4, 6, 8), np.int16))
    kept = project.pictures.add(series)
    file = min(series.iterdir())
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)  # in place: the folder's own time stays
    with pytest.raises(PictureError, match="has changed"):
        project.pictures.file(kept)


def test_a_folder_of_ome_zarr_does_not_go_into_a_zip(project, home, tmp_path):
    write_ome_zarr(home / "slide.zarr", InMemory(Image(np.eye(9, dtype=np.uint8))))
    project.pictures.add(home / "slide.zarr")
    with pytest.raises(PictureError, match=r"slide\.zarr is a folder of OME-Zarr.*as TIFF"):
        write_archive(project, tmp_path / "whole.zip")
    assert not (tmp_path / "whole.zip").exists()
