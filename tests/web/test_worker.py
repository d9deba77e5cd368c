import os
import sys
import threading
import time
from importlib import import_module

import pytest

from segmetry.errors import RecipeError
from segmetry.recipe import read_recipe_text
from segmetry.web import worker as module
from segmetry.web.worker import TooLongError, Worker, WorkError, limited_memory

pytestmark = pytest.mark.slow


TELLING = """
def tell_each(values, tell):
    for value in values:
        tell(value)
    return max(values)
"""


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.end()


def test_work_is_done_in_one_other_process(worker):
    numbers = {worker.do(os.getenv, "PATH") and worker.do(sum, [i, 1]) for i in (1, 2)}
    assert numbers == {2, 3}
    here = os.getpid()
    assert worker._process.pid != here


def test_what_the_work_says_of_a_mistake_of_the_user_is_passed_on(worker):
    with pytest.raises(RecipeError) as expected:
        read_recipe_text("format = 99")
    with pytest.raises(WorkError, match="format 99") as told:
        worker.do(read_recipe_text, "format = 99")
    assert str(told.value) == str(expected.value)


def test_what_the_work_tells_on_its_way_is_heard_in_order(worker, tmp_path, monkeypatch):
    (tmp_path / "telling.py").write_text(TELLING, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)  # for the other process too
    tell_each = import_module("telling").tell_each
    heard = []
    assert worker.do(tell_each, [3, 1, 2], hear=heard.append) == 3
    assert heard == [3, 1, 2]
    assert worker.do(len, "ab") == 2


def test_a_fault_of_ours_is_told_and_the_process_goes_on(worker):
    with pytest.raises(WorkError, match="fault in Segmetry"):
        worker.do(len, 5)
    assert worker.do(len, "abc") == 3


def test_a_process_that_dies_takes_nobody_with_it(worker):
    with pytest.raises(WorkError, match="ended"):
        worker.do(os._exit, 9)
    assert worker.do(len, "abc") == 3


def test_work_can_be_ended_and_tells_meanwhile_that_it_goes_on(worker):
    ticks = []

    def tick():
        ticks.append(time.monotonic())
        threading.Thread(target=worker.end).start()

    with pytest.raises(WorkError, match="ended"):
        worker.do(time.sleep, 60, tick=tick)
    assert len(ticks) >= 1


def test_work_that_takes_too_long_is_ended_and_that_is_told(worker, monkeypatch):
    monkeypatch.setattr(module, "_TICK", 0.01)
    with pytest.raises(TooLongError, match="over 0 seconds"):
        worker.do(time.sleep, 60, most_seconds=0.1)
    assert worker.do(len, "abc", most_seconds=60.0) == 3


def test_the_time_of_work_begins_when_that_of_others_ends(worker, monkeypatch):
    monkeypatch.setattr(module, "_TICK", 0.01)
    assert worker.do(len, "the process has begun") == 21
    first = threading.Thread(target=worker.do, args=(time.sleep, 1.5))
    first.start()
    while not worker._working.locked():
        time.sleep(0.002)
    worker.do(time.sleep, 0.2, most_seconds=1.2)  # and waits longer than that before
    first.join()


def test_a_process_that_wants_too_many_addresses_is_stopped():
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    with limited_memory():
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        assert 0 < soft <= 16 * 2**30
        assert hard == before[1]
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_pieces_that_come_at_once_are_done_one_after_another(worker):
    found = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(worker.do(sum, [n, 1])))
        for n in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [1, 2, 3, 4, 5]


def test_what_a_method_doubts_is_not_told_on_the_terminal(worker, tmp_path, capfd):
    (tmp_path / "doubting.py").write_text(
        "import warnings\n"
        "from segmetry.errors import SegmetryWarning\n"
        "def doubt(word):\n"
        "    warnings.warn(word, SegmetryWarning)\n"
        "    with warnings.catch_warnings(record=True) as caught:\n"
        "        warnings.simplefilter('always')\n"
        "        warnings.warn(word, SegmetryWarning)\n"
        "    return [str(one.message) for one in caught]\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        doubt = import_module("doubting").doubt
        assert worker.do(doubt, "unlike") == ["unlike"]  # who listens hears it
    finally:
        sys.path.remove(str(tmp_path))
    worker.end()
    assert "unlike" not in capfd.readouterr().err
