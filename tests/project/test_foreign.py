"""Each row of a project from elsewhere that could not be shown is told before it is."""

import sqlite3
from contextlib import closing

import pytest

from segmetry.edit import Edit
from segmetry.errors import SegmetryError
from segmetry.project.foreign import check_rows


@pytest.fixture
def folder(project, labels):
    """A project that was corrected and closed."""
    labels.edit(Edit("delete", ids=(3,)), op_id="one", base=0)
    labels.keep_version("checked")
    project.close()
    return project.folder


def test_a_project_of_ours_is_whole(folder):
    check_rows(folder)


def drawn(values):
    """Return the statement that draws a stroke on the picture."""
    names = "op_id, at, picture, class, width, points"
    return f"INSERT INTO stroke ({names}) SELECT 'a', '', {values} FROM picture"


ROWS = {
    "no project": "DELETE FROM project",
    "a recipe that is none": "UPDATE project SET recipe = 'x'",
    "a look that is no JSON": "UPDATE picture SET look = 'x'",
    "a choice that is no JSON": "UPDATE picture SET choices = 'x'",
    "choices that are a list": "UPDATE picture SET choices = '[1]'",
    "a line without ends": """UPDATE picture SET choices = '{"drawn": {}}'""",
    "a mark at no revision": """UPDATE picture SET choices = '{"checked_rev": [1]}'""",
    "a mark beyond all": f"""UPDATE picture SET choices = '{{"checked_rev": {10**30}}}'""",
    "a run that told nothing": "UPDATE label_set SET run = '{}'",
    "a run that is no JSON": "UPDATE label_set SET run = '{'",
    "a recipe of labels": "UPDATE label_set SET recipe = 'format = 99'",
    "a file of labels that is not there": "UPDATE label_set SET saved = '99.labels'",
    "a version without its file": "UPDATE version SET file = '99.labels'",
    "no class": "DELETE FROM pixel_class",
    "too many classes": """INSERT INTO pixel_class (name)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 300)
        SELECT 'class ' || i FROM n""",
    "a class without a name": "UPDATE pixel_class SET name = '' WHERE id = 2",
    "two classes of one name": "UPDATE pixel_class SET name = 'same'",
    "a stroke of no class": drawn("id, 99, 5, '[[1, 2]]'"),
    "a stroke of no picture": drawn("'gone', 2, 5, '[[1, 2]]'"),
    "a stroke that is too wide": drawn("id, 2, 100000, '[[1, 2]]'"),
    "a stroke without points": drawn("id, 2, 5, '[]'"),
    "points far away": drawn("id, 2, 5, '[[1e300, 2]]'"),
    "points in points": drawn(f"id, 2, 5, '{'[' * 50_000}'"),
    "a table without a column": "ALTER TABLE picture DROP COLUMN choices",
}


@pytest.mark.parametrize("name", ROWS)
def test_what_could_not_be_shown_is_refused(folder, name):
    with closing(sqlite3.connect(folder / "project.db")) as database, database:
        database.execute(ROWS[name])
    with pytest.raises(SegmetryError):
        check_rows(folder)


GOOD = {
    "an eraser": drawn("id, NULL, 5, '[[1, 2], [3, 4]]'"),
    "a third class": "INSERT INTO pixel_class (name) VALUES ('edges')",
    "a line that was drawn": """UPDATE picture SET choices = '{"drawn":
        {"from": [1, 2], "to": [3.5, 4], "length": 5, "unit": "um"}}'""",
    "a banner": "UPDATE label_set SET run = json_set(run, '$.banner', json('[3, 9]'))",
    "no pixel size": """UPDATE label_set SET run = json_set(run,
        '$.pixel_size', json('null'))""",
    "a step": """UPDATE label_set SET run = json_set(run, '$.steps',
        json('[{"name": "a", "options": {}}]'))""",
}
BAD = {
    "a line of words": """UPDATE picture SET choices = '{"drawn":
        {"from": ["a", 2], "to": [3, 4], "length": 5, "unit": "um"}}'""",
    "a line without length": """UPDATE picture SET choices = '{"drawn":
        {"from": [1, 2], "to": [3, 4], "unit": "um"}}'""",
    "a banner of one row": "UPDATE label_set SET run = json_set(run, '$.banner', '[3]')",
    "a step without a name": "UPDATE label_set SET run = json_set(run, '$.steps', "
    "json('[{}]'))",
    "a count of words": """UPDATE label_set SET run = json_set(run,
        '$.row.n_objects', 'two')""",
    "a pixel size below zero": """UPDATE label_set SET run = json_set(run,
        '$.pixel_size', json('{"y": -1, "x": 1, "unit": "um", "source": "typed"}'))""",
}


def change(folder, statement):
    with closing(sqlite3.connect(folder / "project.db")) as database, database:
        database.execute(statement)


@pytest.mark.parametrize("name", GOOD)
def test_what_projects_tell_passes(folder, name):
    change(folder, GOOD[name])
    check_rows(folder)


@pytest.mark.parametrize("name", BAD)
def test_what_is_almost_right_is_refused_too(folder, name):
    change(folder, BAD[name])
    with pytest.raises(SegmetryError):
        check_rows(folder)
