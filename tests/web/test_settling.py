import time

import pytest

from segmetry.errors import ProjectError
from segmetry.web.events import Events
from segmetry.web.settling import Settling


class Asked:
    """Labels that note when they are settled."""

    def __init__(self, labels):
        self.labels, self.times = labels, []

    def settle(self, *, op_id):
        self.times.append(op_id)
        return self.labels.settle(op_id=op_id)


class Refusing:
    """Labels that were closed."""

    def settle(self, *, op_id):
        msg = f"{op_id}: closed"
        raise ProjectError(msg)


def wait_for(events, last):
    for _ in range(400):
        if events.after(last):
            return
        time.sleep(0.01)


def test_labels_are_settled_once_when_corrections_rest(opened):
    events = Events()
    heard = events.last
    settling = Settling(events, rest=0.05)
    asked = Asked(opened)
    for _ in range(5):
        settling.soon("L", asked)
    wait_for(events, heard)
    (told,) = events.after(heard)
    assert (told.kind, told.content) == ("labels", {"label": "L", "rev": 0})
    assert len(asked.times) == 1
    settling.close()


def test_nothing_is_settled_after_the_end(opened):
    settling = Settling(Events(), rest=5)
    asked = Asked(opened)
    settling.soon("L", asked)
    settling.close()
    assert asked.times == []


def test_a_check_that_is_refused_is_noted_and_breaks_nothing(opened, caplog):
    settling = Settling(Events(), rest=0)
    settling._settle("L", Refusing())
    assert "not settled" in caplog.text
    assert opened.rev == 0


@pytest.mark.parametrize("n", [1, 3])
def test_each_set_of_labels_has_its_own_moment(opened, n):
    events = Events()
    heard = events.last
    settling = Settling(events, rest=0.02)
    for i in range(n):
        settling.soon(str(i), opened)
    for _ in range(400):
        if len(events.after(heard)) == n:
            break
        time.sleep(0.01)
    assert {e.content["label"] for e in events.after(heard)} == {str(i) for i in range(n)}
    settling.close()
