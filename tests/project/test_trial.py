"""Labels from elsewhere are opened once where that can do no harm."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from segmetry.edit import Edit
from segmetry.errors import PictureError, ProjectError
from segmetry.project import look_at, saved
from segmetry.project.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from segmetry.project.trial import try_labels


@pytest.fixture
def upload(project, picture, simple):
    """Identifier of an upload with labels of which one was deleted."""
    upload = project.pictures.upload("a.png", [picture.read_bytes()])
    project.pictures.keep_look(upload, look_at(picture, simple))
    labels = project.labels.open(project.labels.run(upload, simple))
    labels.keep_version("before")
    labels.edit(Edit("delete", ids=(3,)), op_id="one", base=0)
    return upload


def change(project, statement):
    project.labels.close()
    with closing(sqlite3.connect(project.folder / "project.db")) as database, database:
        database.execute("DROP TRIGGER a_journal_is_never_changed")
        database.execute(statement)


def test_labels_of_ours_pass_and_stay_as_they_are(project, upload):
    (found,) = project.labels.records(upload)
    project.labels.close()
    files = sorted(project.folder.rglob("*.labels"))
    try_labels(project.folder, upload)
    assert sorted(project.folder.rglob("*.labels")) == files
    opened = project.labels.open(found.id)
    assert (opened.n_objects, opened.rev, len(opened.versions())) == (11, 1, 1)


def test_a_picture_without_labels_passes(project, draw):
    upload = project.pictures.upload("b.png", [draw("b.png").read_bytes()])
    try_labels(project.folder, upload)


@pytest.mark.parametrize(
    "statement",
    [
        """UPDATE label_set SET run = '{"pixel_size": 5}'""",
        "UPDATE entry SET kind = 'undo', targets = '[99]'",
        "UPDATE entry SET kind = 'undo', targets = '{'",
    ],
)
def test_what_no_project_tells_is_refused(project, upload, statement):
    change(project, statement)
    with pytest.raises(PictureError, match="no project of Segmetry does"):
        try_labels(project.folder, upload)


def test_a_damaged_file_is_left_to_whoever_opens_it(project, upload):
    project.labels.close()
    for file in project.folder.rglob("*.labels"):
        file.write_bytes(b"PK")
    try_labels(project.folder, upload)


def test_what_is_damaged_hides_no_version_after_it(project, upload, monkeypatch):
    (found,) = project.labels.records(upload)
    labels = project.labels.open(found.id)
    for rev, name in enumerate("abc", start=1):
        labels.edit(Edit("delete", ids=(rev + 5,)), op_id=name, base=rev)
        labels.keep_version(name)
    project.labels.close()
    (project.folder / "labels" / found.id / "2.labels").write_bytes(b"broken")
    read = []

    def note(path, **options):
        read.append(path.name)
        return read_checkpoint(path, **options)

    monkeypatch.setattr(saved, "read_checkpoint", note)
    try_labels(project.folder, upload)
    assert read == [f"{rev}.labels" for rev in (4, 0, 0, 2, 3, 4)]


def test_a_version_of_another_size_than_its_picture_is_not_read(project, upload):
    (found,) = project.labels.records(upload)
    project.labels.close()
    other = Checkpoint(np.zeros((300, 200), np.uint32))
    write_checkpoint(project.folder / "labels" / found.id / "0.labels", other)
    try_labels(project.folder, upload)
    with pytest.raises(ProjectError, match="that of its picture is"):
        project.labels.open(found.id).data_of("before")
