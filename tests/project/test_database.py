import sqlite3
import threading
from contextlib import closing

import pytest

from segmetry.errors import ProjectError, WriteError
from segmetry.project import database as module
from segmetry.project.database import VERSION, Database, only

PROJECT = {"id": 1, "name": "powders", "recipe": "", "created": "2026-01-31"}
PICTURE = {"id": "p", "name": "p", "path": None, "sha256": "", "size": 0, "modified": 0}
PICTURE |= {"choices": "{}", "status": "new", "look": "{}", "added": ""}
LABELS = {"id": "l", "picture": "p", "recipe": "", "run": "{}", "saved": ""}
LABELS |= {"saved_rev": 0, "created": ""}
ENTRY = {"label_set": "l", "rev": 1, "op_id": "a", "kind": "edit", "stroke": ""}
ENTRY |= {"edit": "{}", "change": b"abc", "targets": "[]", "at": ""}
VERSION_ROW = {"label_set": "none", "name": "a", "rev": 1, "file": "f", "created": ""}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "project.db"


@pytest.fixture
def database(path):
    database = Database.create(path)
    database.insert("project", PROJECT)
    yield database
    database.close()


def test_what_was_written_is_there_when_opened_again(path, database):
    database.close()
    again = Database.open_existing(path)
    assert dict(again.rows("SELECT * FROM project")[0]) == PROJECT
    again.close()
    again.close()


def test_a_disk_of_this_computer_gets_the_fast_journal_and_safe_commits(database):
    assert database.rows("PRAGMA journal_mode")[0][0] == "wal"
    assert database.rows("PRAGMA synchronous")[0][0] == 2
    assert database.rows("PRAGMA foreign_keys")[0][0] == 1


def test_a_disk_of_another_computer_gets_the_journal_that_works_there(path, monkeypatch):
    monkeypatch.setattr(module, "is_on_network", lambda _folder: True)
    database = Database.create(path)
    assert database.rows("PRAGMA journal_mode")[0][0] == "delete"
    database.close()


def test_tables_hold_only_what_their_columns_say(database):
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER"):
        database.insert("label_set", LABELS | {"saved_rev": "one"})
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        database.insert("version", VERSION_ROW)


def test_the_journal_cannot_be_rewritten(journal):
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        journal.rows("UPDATE entry SET change = x'00'")
    assert journal.rows("SELECT change FROM entry")[0]["change"] == b"abc"


@pytest.fixture
def journal(database):
    """A journal with one entry."""
    for table, row in (("picture", PICTURE), ("label_set", LABELS), ("entry", ENTRY)):
        database.insert(table, row)
    return database


def test_one_operation_is_entered_once(journal):
    with pytest.raises(sqlite3.IntegrityError, match="entry.op_id"):
        journal.insert("entry", ENTRY | {"rev": 2})


def test_labels_go_with_their_picture(journal):
    journal.rows("DELETE FROM picture")
    assert not journal.rows("SELECT * FROM entry")
    assert not journal.rows("SELECT * FROM label_set")


def test_a_block_that_fails_leaves_nothing_behind(database):
    def half():
        with database.transaction():
            database.rows("UPDATE project SET name = 'other'")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert database.rows("SELECT name FROM project")[0]["name"] == "powders"


def test_another_connection_reads_while_one_writes(path, database):
    with database.transaction():
        database.rows("UPDATE project SET name = 'other'")
        with closing(sqlite3.connect(path)) as second:
            assert second.execute("SELECT name FROM project").fetchone() == ("powders",)
    with closing(sqlite3.connect(path)) as second:
        assert second.execute("SELECT name FROM project").fetchone() == ("other",)


def test_threads_take_turns(database):
    def work(number):
        for _ in range(20):
            with database.transaction():
                count = int(database.rows("SELECT name FROM project")[0]["name"])
                database.rows("UPDATE project SET name = ?", str(count + number))

    database.rows("UPDATE project SET name = '0'")
    threads = [threading.Thread(target=work, args=(number,)) for number in (1, 10, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.rows("SELECT name FROM project")[0]["name"] == "2220"


def test_a_full_disk_is_told_and_nothing_is_half_written(database):
    pages = database.rows("PRAGMA page_count")[0][0]
    database.rows(f"PRAGMA max_page_count = {pages + 1}")

    def write():
        with database.transaction():
            database.rows("UPDATE project SET name = 'other'")
            database.rows("UPDATE project SET recipe = ?", "x" * 50_000)

    with pytest.raises(WriteError, match="the disk is full"):
        write()
    row = database.rows("SELECT * FROM project")[0]
    assert dict(row) == PROJECT


def test_a_program_that_writes_elsewhere_is_told(path, database):
    with closing(sqlite3.connect(path, isolation_level=None)) as second:
        second.execute("BEGIN IMMEDIATE")
        database.rows("PRAGMA busy_timeout = 1")
        with pytest.raises(ProjectError, match="another program is writing"):
            database.rows("UPDATE project SET name = 'other'")


def test_a_wrong_statement_is_told_with_what_sqlite_says(database):
    with pytest.raises(ProjectError, match="no such table: absent"):
        database.rows("SELECT * FROM absent")


def damaged(content):
    """Overwrite the second half of a database, its first page left whole."""
    half = len(content) // 8192 * 4096
    return content[:half] + b"\xaa" * (len(content) - half)


@pytest.mark.parametrize(
    ("harm", "match"),
    [
        (damaged, "is damaged"),
        (lambda content: content[:3000], "is damaged"),
        (lambda _: b"a picture, by mistake" * 99, "is damaged or no project at all"),
        (lambda _: b"", "is no project of Segmetry"),
    ],
)
def test_a_damaged_database_is_told_and_left_as_it_is(path, database, harm, match):
    database.close()
    path.write_bytes(harm(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(ProjectError, match=match) as caught:
        Database.open_existing(path)
    assert path.read_bytes() == before
    assert "Restore it from a copy" in str(caught.value)


def test_a_database_of_another_program_is_left_alone(path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE mine (a)")
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="is no project of Segmetry"):
        Database.open_existing(path)
    assert path.read_bytes() == before


def test_a_missing_project_is_told_and_none_is_made(path):
    with pytest.raises(ProjectError, match="There is no project"):
        Database.open_existing(path)
    assert not path.exists()


def test_a_project_is_never_made_over_another(path, database):
    with pytest.raises(ProjectError, match="a project in .* already"):
        Database.create(path)
    assert database.rows("SELECT name FROM project")


def test_a_project_cannot_be_made_in_a_missing_folder(tmp_path):
    with pytest.raises(WriteError, match="folder is missing"):
        Database.create(tmp_path / "absent" / "project.db")


def test_what_a_crash_left_half_made_is_begun_anew(path):
    path.with_suffix(".unfinished").write_bytes(b"half")
    Database.create(path).close()
    assert not path.with_suffix(".unfinished").exists()


def test_a_project_of_a_newer_version_is_told(path, database):
    database.rows(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    with pytest.raises(ProjectError, match="made by a newer Segmetry"):
        Database.open_existing(path)


def test_a_project_of_an_older_version_is_copied_and_then_upgraded(
    path, database, monkeypatch
):
    database.close()
    add_color(monkeypatch)
    for _ in range(2):
        database = Database.open_existing(path)
        assert database.rows("SELECT name, color FROM project")[0]["color"] == "green"
        database.close()
    copies = list((path.parent / "backups").iterdir())
    assert [copy.name for copy in copies] == [f"project-format{VERSION}-1.db"]
    with closing(sqlite3.connect(copies[0])) as copy:
        assert copy.execute("SELECT * FROM project").fetchall() == [tuple(PROJECT.values())]
        assert copy.execute("PRAGMA user_version").fetchone() == (VERSION,)


def add_color(monkeypatch, statement="ADD COLUMN color TEXT NOT NULL DEFAULT 'green'"):
    """Pretend that a newer version has another column."""
    upgrade = f"ALTER TABLE project {statement}"
    monkeypatch.setattr(module, "_UPGRADES", [*module._UPGRADES, upgrade])
    monkeypatch.setattr(module, "VERSION", VERSION + 1)


def test_an_upgrade_that_fails_leaves_the_project_as_it_was(path, database, monkeypatch):
    database.close()
    add_color(monkeypatch, statement="ADD COLUMN name TEXT")
    for _ in range(2):
        with pytest.raises(ProjectError, match="duplicate column"):
            Database.open_existing(path)
    monkeypatch.undo()
    again = Database.open_existing(path)
    assert dict(again.rows("SELECT * FROM project")[0]) == PROJECT
    again.close()
    assert len(list((path.parent / "backups").iterdir())) == 2


def test_an_upgrade_without_a_place_for_the_copy_does_not_begin(
    path, database, monkeypatch
):
    database.close()
    add_color(monkeypatch)
    (path.parent / "backups").write_text("a file")
    with pytest.raises(WriteError, match="cannot be used"):
        Database.open_existing(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_a_row_that_is_not_there_is_told():
    with pytest.raises(ProjectError, match="no such picture"):
        only([], "picture")


def test_nothing_is_written_while_what_belongs_to_a_copy_is_copied(database, tmp_path):
    """Else the copy of a project could lack files that its own database names."""
    writer = threading.Thread(target=database.insert, args=("picture", PICTURE))
    waited = []

    def beside():
        writer.start()
        writer.join(0.2)
        waited.append(writer.is_alive())

    database.snapshot(tmp_path / "copy.db", beside)
    writer.join()
    assert waited == [True]
    assert len(database.rows("SELECT * FROM picture")) == 1
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM picture").fetchone() == (0,)
