"""A checkpoint that cannot be written loses nothing and is written later."""

import pytest

from segmetry.edit import Edit
from segmetry.errors import WriteError
from segmetry.project import Project


@pytest.fixture
def no_folder(project, labels):  # noqa: ARG001 - there are labels
    """Take the folder of labels away, as a network does; get what brings it back."""
    (folder,) = (project.folder / "labels").iterdir()
    away = folder.rename(folder.with_name("away"))
    return lambda: away.rename(folder)


def delete(labels, rev):
    labels.edit(Edit("delete", ids=(rev + 1,)), op_id=str(rev), base=rev)


def test_what_cannot_be_saved_now_is_saved_later(labels, no_folder, caplog):
    saved = labels._saved
    delete(labels, 0)
    saved.attempt(labels.rev, labels.save)
    assert (saved.rev, saved.tried) == (0, 1)
    assert "it is tried again later: 1.labels cannot be written" in caplog.text
    no_folder()
    saved.attempt(labels.rev, labels.save)
    assert (saved.rev, saved.tried) == (1, 1)
    delete(labels, 1)
    labels.save()
    assert (saved.rev, saved.tried) == (2, 2)


def test_whoever_asks_to_save_is_told_that_it_failed(labels, no_folder):
    delete(labels, 0)
    with pytest.raises(WriteError, match="cannot be written"):
        labels.save()
    no_folder()


def test_a_fault_of_ours_is_not_passed_over(labels):
    with pytest.raises(ZeroDivisionError):
        labels._saved.attempt(1, lambda: 1 / 0)


def test_what_was_answered_is_there_after_a_save_that_failed(project, labels, no_folder):
    (record,) = project.pictures.records()
    (found,) = project.labels.records(record.id)
    for rev in range(4):
        delete(labels, rev)
        labels._saved.attempt(labels.rev, labels.save)
    labels.close(save=False)
    no_folder()
    place = project.folder
    project.close()
    with Project.open(place) as again:
        opened = again.labels.open(found.id)
        assert (opened.rev, opened.n_objects) == (4, 8)
