"""Pending objects are settled a moment after the last answer, whatever it answered."""

import gc
import time
import uuid
import weakref

import numpy as np
import pytest

from segmetry.edit import Edit
from segmetry.edit.parts import parts_of
from segmetry.errors import MissingError
from segmetry.io import write_png
from segmetry.web.events import Events
from segmetry.web.settling import Settling

CUT = Edit("erase", points=((120, 170), (120, 195)), width=9)  # right through
DOT = Edit("draw", points=((60, 60),), width=9)


@pytest.fixture
def label(project, home, simple, monkeypatch):
    """Labels of a J and its other arm, 1 and 2, of which no cut is decided at once."""
    monkeypatch.setitem(parts_of.__kwdefaults__, "limit", 0)
    pixels = np.full((200, 240), 40, np.uint8)
    pixels[10:190, 10:230] = 200
    pixels[:180, 20:220] = 40
    write_png(home / "u.png", pixels)
    return project.labels.run(project.pictures.add(home / "u.png"), simple)


@pytest.fixture
def make(opened):
    """Make an edit, or another step, and return the answer."""

    def step(edit, **more):
        more |= {"op_id": uuid.uuid4().hex, "base": opened.rev}
        if isinstance(edit, Edit):
            return opened.edit(edit, **more)
        return getattr(opened, edit)(**more)

    return step


@pytest.fixture
def settling(project):
    """Settles soon; its `events` tell when."""
    events = Events()
    settling = Settling(events, project.labels.open, rest=0.05)
    settling.events, settling.heard = events, events.last
    yield settling
    settling.close()


def news(settling, *, n=1):
    """Return the news once there are n of them."""
    for _ in range(400):
        if len(settling.events.after(settling.heard)) >= n:
            break
        time.sleep(0.01)
    return [(e.kind, e.content) for e in settling.events.after(settling.heard)]


def rest(settling):
    """Wait until nothing is left to be done."""
    for _ in range(400):
        if not settling._timers:
            return
        time.sleep(0.01)
    pytest.fail("a timer is kept for ever")


def test_labels_are_settled_once_when_corrections_rest(settling, label, opened, make):
    answer = make(CUT)
    assert (answer.pending, answer.n_objects) == ((1,), 2)
    for _ in range(5):
        settling.heed(label, answer)
    assert news(settling) == [("labels", {"label": label, "rev": 2})]
    assert (opened.rev, opened.n_objects) == (2, 3)
    time.sleep(0.2)
    assert [entry["kind"] for entry in opened.history()] == ["edit", "settle"]


def test_where_nothing_is_pending_nothing_is_settled(settling, label, make):
    settling.heed(label, make(DOT))
    assert settling._timers == {}


def test_labels_that_were_closed_meanwhile_are_settled_where_they_are_opened_anew(
    settling, project, label, make
):
    settling.heed(label, make(CUT))
    project.labels.close(label)
    assert news(settling) == [("labels", {"label": label, "rev": 2})]
    again = project.labels.open(label)
    assert (again.rev, again.n_objects) == (2, 3)
    assert again.edit(DOT, op_id="after", base=2).rev == 3


def test_labels_that_were_settled_can_leave_the_memory(settling, project, label):
    labels = project.labels.open(label)
    settling.heed(label, labels.edit(CUT, op_id="cut", base=0))
    news(settling)
    rest(settling)
    kept = weakref.ref(labels)
    project.labels.close(label)
    del labels
    gc.collect()
    assert kept() is None


def test_nothing_is_settled_after_the_end(project, label, opened, make):
    settling = Settling(Events(), project.labels.open, rest=5)
    settling.heed(label, make(CUT))
    settling.close()
    assert opened.rev == 1


def test_a_check_that_is_refused_is_noted_and_breaks_nothing(label, make, caplog):
    def removed(name):
        raise MissingError(name)

    settling = Settling(Events(), removed, rest=0)
    settling.heed(label, make(CUT))
    rest(settling)
    assert "not settled" in caplog.text


def test_each_set_of_labels_has_its_own_moment(settling, project, label, make):
    (record,) = [project.labels.record(label)]
    other = project.labels.run(record.picture, record.recipe)
    answer = make(CUT)
    settling.heed(label, answer)
    settling.heed(other, project.labels.open(other).edit(CUT, op_id="other", base=0))
    told = news(settling, n=2)
    assert {content["label"] for _, content in told} == {label, other}
    assert {content["rev"] for _, content in told} == {2}


@pytest.mark.parametrize("way", ["ops", "undo", "redo", "restore", "get", "since"])
def test_whatever_leaves_something_pending_it_is_settled_soon(
    client, project, label, opened, make, way
):
    """Also what an undo, a redo or a version brings back, and what another program left."""
    address = f"/api/v1/labels/{label}"

    def post(path, **values):
        body = {"op_id": uuid.uuid4().hex, "base": opened.rev} | values
        answer = client.post(f"{address}/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    if way == "ops":
        told = post("ops", kind="erase", points=CUT.points, width=CUT.width)
    else:
        make(CUT)
        if way == "undo":
            make(DOT)
            told = post("undo")
        elif way == "redo":
            make("undo")
            told = post("redo")
        elif way == "restore":
            opened.keep_version("cut")
            make("undo")
            told = post("restore", version="cut")
        elif way == "get":
            told = client.get(address).json()
        else:
            told = client.get(f"{address}/ops", params={"since": 0}).json()
    assert told["pending"] == [1]
    for _ in range(300):
        now = client.get(f"{address}/ops", params={"since": opened.rev}).json()
        if not now["pending"]:
            break
        time.sleep(0.9)  # a look counts as an answer: it must leave time to rest
    assert (now["n_objects"], now["redo"] is not None) == (3, way == "undo")
    assert project.labels.n_objects(label) == 3
