"""Pictures are read in another process, which hostile ones may end."""

import threading
from contextlib import ExitStack
from io import BytesIO
from zipfile import ZipFile

import imagecodecs
import numpy as np
import pytest
import tifffile

from segmetry.errors import PictureError, ProjectError
from segmetry.project import look_at, open_archive, write_archive
from segmetry.web import readings as module
from segmetry.web import worker
from segmetry.web.events import Events
from segmetry.web.readings import Readings, pyramid_folder


@pytest.fixture
def readings():
    told = threading.Semaphore(0)

    def shown(project, picture):
        told.release()
        return {"id": project.pictures.record(picture).id}

    readings = Readings(Events(), shown)
    readings.told = told
    yield readings
    readings.close()


@pytest.mark.slow
def test_new_pictures_are_looked_at_and_bad_ones_stop_no_other(readings, project, home):
    names = ("bad.png", "zero.tif", "a.png")
    (home / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    (home / "zero.tif").write_bytes(b"II*\0\x08\0\0\0" + b"\xff" * 50)
    bad, zero, good = (project.pictures.add(home / name) for name in names)
    readings.look_at_new(project)
    readings.look_at_new(project)  # asked twice, looked at once
    for _ in names:
        assert readings.told.acquire(timeout=120)
    records = [project.pictures.record(picture) for picture in (bad, zero, good)]
    assert [record.status for record in records] == ["failed", "failed", "ready"]
    assert "bad.png" in records[0].look["error"]
    assert pyramid_folder(project, good).is_dir()
    with pytest.raises(PictureError, match=r"bad\.png"):
        readings.pyramid(project, bad)
    readings.remove(project, good)
    assert readings.pyramid(project, good).is_dir()  # made anew
    assert not readings.told.acquire(timeout=0.2)


@pytest.mark.slow
def test_a_fault_of_ours_does_not_look_like_work_that_goes_on(
    readings, project, picture, monkeypatch
):
    keep = project.pictures.keep_look
    looks = []

    def keep_once(name, look):
        looks.append(look)
        if len(looks) == 1:
            raise TypeError
        keep(name, look)

    monkeypatch.setattr(project.pictures, "keep_look", keep_once)
    readings.look_at_new(project)
    assert readings.told.acquire(timeout=120)
    record = project.pictures.record(picture)
    assert (record.status, "mistake" in record.look["error"]) == ("failed", True)


@pytest.mark.slow
def test_a_picture_that_was_removed_while_it_waited_is_passed_over(
    readings, project, home, picture
):
    gone = project.pictures.add(home / "a.png")
    assert gone == picture
    project.pictures.remove(picture)
    readings.look(project, picture)
    again = project.pictures.add(home / "a.png")
    readings.look(project, again)
    assert readings.told.acquire(timeout=120)
    assert project.pictures.record(again).status == "ready"


@pytest.mark.slow
def test_a_picture_whose_file_is_gone_is_failed_with_the_reason(
    readings, project, home, picture
):
    (home / "a.png").unlink()
    readings.look(project, picture)
    assert readings.told.acquire(timeout=120)
    record = project.pictures.record(picture)
    assert record.status == "failed"
    assert "no longer where it was" in record.look["error"]


@pytest.mark.slow
def test_a_picture_that_takes_too_long_to_read_is_failed_and_stops_no_other(
    readings, project, home, picture, monkeypatch
):
    """Some kilobytes that are 130 million pixels when they are unpacked."""
    readings.look(project, picture)
    assert readings.told.acquire(timeout=120)  # the process has begun
    slow = home / "slow.tif"
    blank = np.zeros((13_000, 10_000), np.uint8)
    tifffile.imwrite(slow, blank, compression="zlib", rowsperstrip=1000)
    assert slow.stat().st_size < 10**6
    added = project.pictures.add(slow)
    with monkeypatch.context() as impatient:
        impatient.setattr(worker, "_TICK", 0.01)
        impatient.setattr(module, "_MOST_SECONDS", 0.2)
        readings.look(project, added)
        assert readings.told.acquire(timeout=120)
    record = project.pictures.record(added)
    assert record.status == "failed"
    assert "was ended, so that others can be read" in record.look["error"]
    other = home / "b.png"
    other.write_bytes((home / "a.png").read_bytes())
    added = project.pictures.add(other)
    readings.look(project, added)
    assert readings.told.acquire(timeout=120)
    assert project.pictures.record(added).status == "ready"


@pytest.fixture
def imported(label, project, picture, home, simple, tmp_path):  # noqa: ARG001
    """Say what is made of the first labels' bytes; get the project in which they are so."""
    project.pictures.keep_look(picture, look_at(home / "a.png", simple))
    write_archive(project, tmp_path / "whole.zip")

    def open_with(harm=lambda content: content):
        other = tmp_path / "other.zip"
        with ZipFile(tmp_path / "whole.zip") as whole, ZipFile(other, "w") as harmful:
            for name in whole.namelist():
                content = whole.read(name)
                harmful.writestr(name, harm(content) if "labels/" in name else content)
        return stack.enter_context(open_archive(other))

    with ExitStack() as stack:
        yield open_with


def bomb(content):
    """Labels with an array that claims a billion of gigabytes."""
    header = BytesIO()
    claim = {"descr": "|u1", "fortran_order": False, "shape": (2**60,)}
    np.lib.format.write_array_header_1_0(header, claim)
    packed = imagecodecs.zstd_encode(header.getvalue())
    made = BytesIO(content)
    with ZipFile(made, "a") as file:
        file.writestr("array/bomb", packed)
    return made.getvalue()


@pytest.mark.slow
def test_labels_from_elsewhere_can_be_opened_once_they_were_in_the_other_process(
    readings, imported
):
    project = imported()
    record = project.pictures.records()[0]
    (found,) = project.labels.records(record.id)
    with pytest.raises(PictureError, match="still being read"):
        project.labels.open(found.id)
    readings.look_at_new(project)
    assert readings.told.acquire(timeout=120)
    assert project.labels.open(found.id).n_objects == 12


@pytest.mark.slow
def test_labels_from_elsewhere_that_want_all_memory_are_refused_and_the_picture_is_not(
    readings, imported
):
    project = imported(bomb)
    readings.look_at_new(project)
    assert readings.told.acquire(timeout=120)
    record = project.pictures.records()[0]
    assert record.status == "ready"
    (found,) = project.labels.records(record.id)
    with pytest.raises(ProjectError, match="are missing or damaged"):
        project.labels.open(found.id)


def test_closing_leaves_what_waits_for_the_next_time(project, picture, home, simple):
    readings = Readings(Events(), lambda *_: {})
    readings.look(project, picture)
    readings.close()
    assert project.pictures.record(picture).status == "new"
    project.pictures.keep_look(picture, look_at(home / "a.png", simple))


def test_what_was_seen_while_the_program_ends_is_not_kept(
    project, picture, home, simple, monkeypatch
):
    """The project may be closed by then; the next program looks at the picture anew."""
    readings = Readings(Events(), lambda *_: {})
    begun, go, look = threading.Event(), threading.Event(), look_at(home / "a.png", simple)

    def seen(*_, **__):
        begun.set()
        assert go.wait(60)
        return look

    monkeypatch.setattr(readings._lane.worker, "do", seen)
    readings.look(project, picture)
    assert begun.wait(60)
    end = threading.Thread(target=readings.close)
    end.start()
    while readings._lane.is_open:
        threading.Event().wait(0.002)
    go.set()
    end.join()
    assert project.pictures.record(picture).status == "new"
