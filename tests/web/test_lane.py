"""Tasks are done one after another, and none that fails holds up the next."""

import threading

import pytest

from segmetry.web.lane import Lane


@pytest.fixture
def lane():
    """A lane whose tasks wait for `go`, and what was done."""
    go, done = threading.Semaphore(0), []

    def do(task):
        go.acquire()
        if task == "bad":
            raise ValueError(task)
        return lambda: done.append((task, lane.running[0]))

    lane = Lane("a test", do)
    lane.go, lane.done = go, done
    yield lane
    go.release(99)
    lane.close()


def until(is_so):
    while not is_so():
        threading.Event().wait(0.002)


def test_tasks_are_done_in_their_order_and_no_longer_run_when_that_is_told(lane):
    for task in "abc":
        assert lane.add(task)
    until(lambda: lane.running[0] == "a")
    assert lane.tasks == ["a", "b", "c"]
    assert lane.running[1] >= 0
    lane.go.release(3)
    until(lambda: len(lane.done) == 3)
    assert [task for task, _ in lane.done] == ["a", "b", "c"]
    assert "a" not in [running for task, running in lane.done if task == "a"]


def test_a_task_that_waits_or_runs_is_not_added_twice(lane):
    heard = []
    assert lane.add("a", first=lambda: heard.append(1))
    until(lambda: lane.running[0] == "a")
    assert not lane.add("a", first=lambda: heard.append(2))
    assert lane.add("b")
    assert not lane.add("b")
    assert heard == [1]


def test_a_task_can_be_withdrawn_until_it_begins(lane):
    lane.add("a")
    lane.add("b")
    until(lambda: lane.running[0] == "a")
    assert lane.withdraw("b")
    assert not lane.withdraw("b")
    assert not lane.withdraw("a")
    assert lane.tasks == ["a"]


def test_a_task_that_fails_is_logged_and_the_next_is_done(lane, caplog):
    lane.add("bad")
    lane.add("good")
    lane.go.release(2)
    until(lambda: lane.done)
    assert [task for task, _ in lane.done] == ["good"]
    assert "a task failed" in caplog.text


def test_an_end_that_cannot_be_told_is_logged_and_the_next_is_done(caplog):
    """Telling how a task ended writes to the disk, which may be full."""
    done = threading.Event()

    def do(task):
        def tell():
            if task == "bad":
                raise OSError(28, "No space left on device")
            done.set()

        return tell

    lane = Lane("a test", do)
    lane.add("bad")
    lane.add("good")
    assert done.wait(9)
    lane.close()
    assert "No space left" in caplog.text


def test_what_waits_when_it_closes_is_not_begun(lane):
    lane.add("a")
    lane.add("b")
    until(lambda: lane.running[0] == "a")
    lane.go.release(2)
    lane.close()
    assert [task for task, _ in lane.done] in ([], ["a"])
    assert lane.tasks == []
