"""The tables of a whole project are those of its pictures, as they are now."""

import threading

import numpy as np
import pandas as pd
import pytest

from segmetry.edit import Edit
from segmetry.errors import ProjectError
from segmetry.io import write_png
from segmetry.project import Project, look_at
from segmetry.project.tables import image_row, objects_with_origin, project_tables


@pytest.fixture
def both(project, picture, home, discs, simple):
    """Labels of two pictures of one name."""
    (home / "b").mkdir()
    write_png(home / "b" / "a.png", discs([12] * 6))
    pictures = [project.pictures.add(path) for path in (picture, home / "b" / "a.png")]
    return [project.labels.run(name, simple) for name in pictures]


def test_without_corrections_nothing_is_said_of_origins(project, labels):
    found = project.labels.records(project.pictures.records()[0].id)[0]
    assert objects_with_origin(labels).equals(labels.table)
    assert image_row(found, labels) == found.run["row"]


def test_objects_that_nobody_touched_were_found(labels):
    table = objects_with_origin(labels, always=True)
    assert table.columns[-1] == "origin"
    assert set(table["origin"]) == {"found"}


def test_a_table_that_is_taken_during_an_edit_fits_its_origins(labels, monkeypatch):
    """As a download does: else the origin of an object is asked for that is no more."""
    removal = threading.Thread(
        target=lambda: labels.edit(Edit("remove", ids=(1,)), op_id="a", base=0)
    )
    table = type(labels).table.fget

    def taken(self):
        found = table(self)
        removal.start()
        removal.join(0.2)
        return found

    monkeypatch.setattr(type(labels), "table", property(taken))
    assert len(objects_with_origin(labels, always=True)) == 12
    removal.join()
    assert labels.n_objects == 11


def test_what_is_read_together_is_of_one_revision(project, labels):
    """While labels are read, an edit waits."""
    (record,) = project.labels.records(project.pictures.records()[0].id)
    removal = threading.Thread(
        target=labels.edit,
        args=(Edit("remove", ids=(1,)),),
        kwargs={"op_id": "a", "base": 0},
    )

    def read(opened):
        removal.start()
        removal.join(0.2)
        return opened.rev, removal.is_alive(), opened.n_objects

    assert project.labels.read(record.id, read) == (0, True, 12)
    removal.join()
    assert (labels.rev, labels.n_objects) == (1, 11)


def test_objects_of_all_pictures_are_in_one_table(project, both, draw):
    project.pictures.add(draw("nothing.png"))
    tables = project_tables(project)
    expected = [
        project.labels.open(labels).table.assign(image=name)
        for labels, name in zip(both, ("a", "a-2"), strict=True)
    ]
    expected = pd.concat(expected, ignore_index=True)
    pd.testing.assert_frame_equal(tables.objects[expected.columns], expected)
    assert tables.images["image"].tolist() == ["a", "a-2"]
    assert tables.images["n_objects"].tolist() == [12, 6]
    assert (tables.n_without_labels, tables.conditions, tables.remarks) == (1, [], [])


def test_every_correction_is_in_the_tables_and_labels_do_not_stay_open(project, both):
    first, second = both
    assert len(project_tables(project).objects) == 18
    assert project.labels._open == {}
    labels = project.labels.open(first)
    for base, number in enumerate((3, 4, 5)):
        labels.edit(Edit("delete", ids=(number,)), op_id=f"op{base}", base=base)
        tables = project_tables(project)
        assert len(tables.objects) == 17 - base
        assert tables.images["n_objects"].tolist() == [11 - base, 6]
    assert set(tables.objects["origin"]) == {"found"}
    assert set(project.labels._open) == {first}
    shares = tables.images["foreground_fraction"]
    assert shares[0] == pytest.approx((labels.labels.data > 0).mean(), rel=1e-12)
    labels.undo(op_id="undo", base=3)
    assert len(project_tables(project).objects) == 16
    project.labels.close()
    assert len(project_tables(project).objects) == 16
    assert project.labels.rev(second) == 0


def test_another_pixel_size_is_another_table(project, picture, simple):
    name = project.pictures.add(picture)
    project.pictures.keep_look(name, look_at(picture, simple))
    project.labels.run(name, simple)
    assert "area_um2" not in project_tables(project).objects
    project.calibrate(name, choice="typed", pixel_size="2 um")
    tables = project_tables(project)
    assert np.allclose(tables.objects["area_um2"], 4 * tables.objects["area_px"])


def test_conditions_of_the_sheet_stand_beside_the_pictures(project, both, home):
    assert len(both) == 2
    sheet = "image,time_h\na,2\na-2,5\nz,1\n"  # by the names that results give
    (home / "sheet.csv").write_text(sheet, encoding="utf-8")
    tables = project_tables(project)
    assert tables.conditions == ["time_h"]
    assert tables.images["time_h"].tolist() == [2, 5]
    assert "z belongs to no picture" in tables.remarks[-1]


def test_where_nothing_was_found_yet_there_is_no_table(tmp_path):
    with (
        Project.create(tmp_path, "Empty") as empty,
        pytest.raises(ProjectError, match="no picture was segmented"),
    ):
        project_tables(empty)
