"""The list of projects outlives the server, and what is asked for is opened."""

import sqlite3
from contextlib import closing

import pytest

from segmetry.edit import Edit
from segmetry.errors import MissingError, ProjectError, WriteError
from segmetry.io import write_json
from segmetry.project import Project, projects_folder
from segmetry.web import Store


def test_the_newest_comes_first_and_the_list_outlives_the_server(store):
    first, second = store.create("First"), store.create("Second")
    store.close()
    store.close()
    later = Store()
    assert [listed.id for listed in later.listed()] == [second, first]
    assert later.project(first).name == "First"
    assert [listed.name for listed in later.listed()] == ["First", "Second"]
    later.close()


def test_a_folder_has_one_project(store, home):
    identifier = store.open_folder(home)
    assert store.open_folder(home) == identifier
    store.close()
    assert store.open_folder(home) == identifier
    assert store.project(identifier).name == home.name


def test_a_folder_whose_name_is_no_text_is_refused_in_a_sentence(store, tmp_path):
    with pytest.raises(ProjectError, match=r"powder\? is no text; rename"):
        store.open_folder(tmp_path / "powder\udcff")


def test_a_project_is_told_by_its_identifier_as_long_as_it_is_open(store, project):
    another = store.create("Another")
    (identifier,) = [one.id for one in store.listed() if one.id != another]
    assert store.identifier_of(project) == identifier
    assert store.identifier_of(store.project(another)) == another
    store.forget(identifier)
    assert store.identifier_of(project) == ""


def test_a_picture_is_found_in_a_project_that_nobody_opened(store, project, picture, label):
    store.create("Another")
    store.close()
    later = Store()
    assert later.project_of_picture(picture).folder == project.folder
    assert later.project_of_labels(label).folder == project.folder
    assert len(later.opened()) == 1
    with pytest.raises(MissingError, match="nothing of this name"):
        later.project_of_picture("0" * 26)
    assert len(later.opened()) == 1
    later.close()


def test_a_project_taken_off_the_list_keeps_its_files(store, home):
    identifier = store.open_folder(home)
    store.forget(identifier)
    assert store.listed() == []
    assert (home / ".segmetry" / "project.db").is_file()
    with pytest.raises(MissingError, match="taken off the list"):
        store.project(identifier)


def test_a_deleted_project_leaves_local_pictures(store, project, picture, home):
    (identifier,) = [one.id for one in store.listed()]
    before = (home / "a.png").read_bytes()
    copy = project.pictures.file(project.pictures.upload("b.png", [before]))
    store.delete(identifier)
    assert store.listed() == []
    assert [file.name for file in home.iterdir()] == ["a.png"]
    assert (home / "a.png").read_bytes() == before
    assert not copy.exists()
    with pytest.raises(MissingError, match="taken off the list"):
        store.delete(identifier)
    assert store.project(store.open_folder(home)).pictures.records() == []
    assert picture  # it was there


def test_a_project_that_another_program_has_open_is_not_deleted(store, project):
    other = Store()
    [listed] = other.listed()
    with pytest.raises(ProjectError, match="open"):
        other.delete(listed.id)
    other.close()
    assert project.folder.is_dir()
    assert len(store.listed()) == 1


@pytest.fixture
def full(monkeypatch):
    """Let the list be written only where a project is gone, as on a full disk."""

    def fill(project):
        def write(path, content):
            if project.folder.exists():
                msg = "projects.json cannot be written: No space left on device."
                raise WriteError(msg)
            write_json(path, content)

        monkeypatch.setattr("segmetry.web.store.write_json", write)
        # Nor can a checkpoint be: its folder is away.
        (folder,) = (project.folder / "labels").iterdir()
        folder.rename(project.folder / "away")

    return fill


def test_a_project_is_deleted_to_make_room_on_a_full_disk(store, project, label, full):
    (identifier,) = [one.id for one in store.listed()]
    labels = project.labels.open(label)
    labels.edit(Edit("delete", ids=(3,)), op_id="one", base=0)
    full(project)
    with pytest.raises(WriteError):
        labels.save()
    store.delete(identifier)
    assert not project.folder.exists()
    assert store.listed() == []
    assert store.opened() == []


def test_on_a_full_disk_a_project_that_is_shut_is_deleted_too(store, project, label, full):
    assert label  # there are some
    (identifier,) = [one.id for one in store.listed()]
    store.close()
    full(project)
    later = Store()
    later.delete(identifier)
    assert not project.folder.exists()
    assert later.listed() == []


def test_a_file_that_cannot_be_deleted_is_told(store, monkeypatch):
    identifier = store.create("Powder")

    def refuse(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("segmetry.web.store.shutil.rmtree", refuse)
    with pytest.raises(WriteError, match="was deleted: Permission denied"):
        store.delete(identifier)
    assert store.listed() == []


def test_a_project_open_elsewhere_is_said_to_be(store, project):
    other = Store()
    [listed] = other.listed()
    assert listed.n_pictures == 0
    with pytest.raises(ProjectError, match="already open"):
        other.project(listed.id)
    with pytest.raises(MissingError):
        other.project_of_picture("0" * 26)
    assert store.opened() == [project]


@pytest.mark.parametrize("content", ["", "[", "[{}]", '{"a": 1}', "[1]"])
def test_a_damaged_list_is_an_empty_one(store, content):
    store.create("Powder")
    (projects_folder() / "projects.json").write_text(content)
    assert store.listed() == []


def test_a_damaged_project_is_passed_over_in_a_sentence(store, home, caplog):
    store.open_folder(home)
    whole = store.create("Whole")
    store.close()
    with closing(sqlite3.connect(home / ".segmetry" / "project.db")) as database, database:
        database.execute("DELETE FROM project")
    assert [listed.id for listed in store.listed()] == [whole]
    assert "passed over" in caplog.text
    assert "holds no project" in caplog.text


def test_what_nobody_knows_opens_no_project(store, monkeypatch):
    store.create("Powder")
    store.close()
    monkeypatch.setattr(Project, "open", lambda _: pytest.fail("a project was opened"))
    with pytest.raises(MissingError):
        store.project_of_labels("0" * 26)


def test_a_project_taken_off_the_list_can_be_opened_by_others(store, home):
    store.forget(store.open_folder(home))
    with Project.open(home) as project:
        assert project.pictures.records() == []


def test_a_project_whose_folder_is_gone_is_not_listed(store, home, caplog):
    store.open_folder(home)
    store.close()
    home.rename(home.with_name("elsewhere"))
    assert store.listed() == []
    assert caplog.text == ""
