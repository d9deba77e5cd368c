"""Only the newest preview of a picture is made, and none holds up others for long."""

import threading
import time
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
import tifffile

from segmetry.errors import PictureError
from segmetry.project import Order, PreviewOrder
from segmetry.recipe import recipe_text
from segmetry.web import previewing, worker
from segmetry.web.previewing import Previews
from segmetry.web.refusals import RefusedError

pytestmark = pytest.mark.slow


@pytest.fixture
def previews():
    with closing(Previews()) as previews:
        yield previews


@pytest.fixture
def ask(home, simple):
    def of(picture, x=0):
        order = Order(picture, "a.png", home / "a.png", recipe_text(simple))
        return PreviewOrder(order, (x, 0, 300, 200))

    return of


@pytest.fixture
def begin(previews, ask):
    """Ask for a preview in a thread; return the thread and what it will have been told."""

    def start(picture, x=0):
        told, asked = [], ask(picture, x)

        def make():
            try:
                told.append(previews.make(asked).n_objects)
            except (RefusedError, PictureError) as error:
                told.append(error)

        thread = threading.Thread(target=make)
        thread.start()
        while previews._newest.get(picture) is not asked:
            time.sleep(0.002)
        return thread, told

    return start


def test_of_those_that_came_meanwhile_only_the_newest_is_made(begin):
    begun = [begin("a") for _ in range(6)]  # the first waits for its process
    other, found = begin("b")
    outside, refused = begin("c", 1)
    for thread, _ in begun[1:-1]:
        thread.join(timeout=1)  # at once, long before there is an answer
        assert not thread.is_alive()
    for thread, _ in (*begun, (other, found), (outside, refused)):
        thread.join()
    told = [told for _, (told,) in begun]
    assert {error.code for error in told[:-1]} == {"superseded"}
    assert {error.status for error in told[:-1]} == {409}
    assert (told[-1], found) == (12, [12])
    assert "inside the picture of 300 x 200" in str(refused[0])


def test_a_picture_is_prepared_without_keeping_anyone_waiting(previews, ask, begin):
    asked = ask("a")
    preparing = threading.Thread(target=previews.prepare, args=(asked.order,))
    with previews._worker._working:  # somebody else's work goes on
        preparing.start()
        preparing.join(timeout=60)
        assert not preparing.is_alive()
    assert previews.make(asked).n_objects == 12
    # What cannot be read is told by the preview, and by nobody before.
    gone = replace(asked.order, path=asked.order.path.with_name("gone.png"))
    previews.prepare(gone)
    thread, told = begin("b")
    thread.join()
    assert told == [12]


def test_a_picture_that_takes_forever_to_prepare_holds_up_no_preview(
    previews, ask, begin, home, monkeypatch
):
    monkeypatch.setattr(worker, "_TICK", 0.01)
    thread, told = begin("a")  # the process has begun
    thread.join()
    blank = np.zeros((13_000, 10_000), np.uint8)
    tifffile.imwrite(home / "slow.tif", blank, compression="zlib", rowsperstrip=1000)
    slow = replace(ask("b").order, path=home / "slow.tif")
    monkeypatch.setattr(previewing, "_MOST_SECONDS_TO_READ", 0.2)
    process = previews._worker._process
    previews.prepare(slow)
    process.join(timeout=60)
    assert not process.is_alive()
    thread, found = begin("a")
    thread.join()
    assert (told, found) == ([12], [12])


def test_a_long_one_is_ended_where_a_newer_one_waits(begin, monkeypatch):
    monkeypatch.setattr(worker, "_TICK", 0.01)
    monkeypatch.setattr(previewing, "_PATIENCE", 0.02)
    (first, told), (second, found) = begin("a"), begin("a")
    first.join()
    second.join()
    assert (told[0].code, found) == ("superseded", [12])


def test_one_that_takes_too_long_is_ended_in_a_sentence(begin, monkeypatch):
    monkeypatch.setattr(worker, "_TICK", 0.01)
    monkeypatch.setattr(previewing, "_MOST_SECONDS", 0.02)
    thread, told = begin("a")
    thread.join()
    assert isinstance(told[0], PictureError)
    assert "look at a smaller one" in str(told[0])
    monkeypatch.undo()
    thread, told = begin("a")
    thread.join()
    assert told == [12]
