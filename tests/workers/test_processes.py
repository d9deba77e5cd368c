"""Worker processes: each item has its result, whoever dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from itertools import count

import psutil
import pytest

from segmetry.errors import SegmetryError, WorkersError
from segmetry.workers import Lost, run_all
from segmetry.workers.processes import Processes


@pytest.fixture(scope="module")
def two(deeds):  # noqa: ARG001 - processes that start later find it
    with Processes(2) as workers:
        yield workers


def workers_alive():
    """Process numbers of the workers of this test."""
    found = psutil.Process().children(recursive=True)
    return {one.pid for one in found if "spawn_main" in " ".join(one.cmdline())}


def test_each_item_has_its_result(two, deeds):
    assert dict(two.run_all(deeds.doubled, range(30))) == {n: 2 * n for n in range(30)}


def test_no_item_needs_no_worker(deeds):
    with Processes(2) as workers:
        assert list(workers.run_all(deeds.doubled, [])) == []
        assert workers._idle == []


def test_workers_stay_for_the_next_run(two, deeds):
    first = {answer for _, answer in two.run_all(deeds.process_number, [0.05] * 4)}
    second = {answer for _, answer in two.run_all(deeds.process_number, [0.05] * 4)}
    assert len(first) == 2
    assert first == second
    assert os.getpid() not in first


def test_a_deadly_item_is_lost_and_all_others_are_done(two, deeds):
    found = list(two.run_all(partial(deeds.die_of, {2, 5}), range(12)))
    lost = {item for item, answer in found if isinstance(answer, Lost)}
    assert lost == {2, 5}
    assert {item: answer for item, answer in found if item not in lost} == {
        n: n for n in range(12) if n not in lost
    }
    assert "memory" in dict(found)[2].reason


def test_an_item_whose_worker_died_is_tried_again_when_all_else_is_done(
    two, tmp_path, deeds
):
    work = partial(deeds.die_once, str(tmp_path))
    assert [item for item, _ in two.run_all(work, range(8))][-1] == 3
    (tmp_path / "was here").unlink()
    assert dict(two.run_all(work, range(8))) == {n: n for n in range(8)}
    (tmp_path / "was here").unlink()
    assert isinstance(dict(two.run_all(work, range(8), retries=0))[3], Lost)


def test_a_worker_that_is_killed_is_replaced_at_once(two, deeds):
    killed, pids = set(), []
    for _, answer in two.run_all(deeds.process_number, [0.05] * 16):
        pids.append(answer)
        if len(pids) == 3:
            killed.add(answer)
            os.kill(answer, signal.SIGKILL if hasattr(signal, "SIGKILL") else 15)
    assert len(pids) == 16
    assert all(isinstance(one, int) for one in pids)
    assert len(set(pids)) == 3
    assert not killed & workers_alive()


def test_items_are_taken_only_as_workers_ask_for_them(two, deeds):
    taken = []
    numbers = (taken.append(n) or n for n in count())
    for n, _ in enumerate(two.run_all(deeds.doubled, numbers), start=1):
        assert len(taken) <= n + 2
        if n == 50:
            break


def test_an_error_of_the_work_is_raised_here(two, deeds):
    with pytest.raises(SegmetryError, match="Expected a number below 4"):
        list(two.run_all(deeds.refuse, range(9)))
    assert dict(two.run_all(deeds.doubled, [4])) == {4: 8}


def test_an_error_that_cannot_be_made_again_keeps_its_words(two, deeds):
    with pytest.raises(WorkersError, match=r"pip install 'segmetry\[numbers\]'"):
        list(two.run_all(deeds.need_extra, [1]))


def test_a_result_that_cannot_be_sent_is_an_error(two, deeds):
    with pytest.raises(Exception, match="pickle|local object"):
        list(two.run_all(deeds.give_what_cannot_be_sent, [1]))


def test_work_that_cannot_be_loaded_is_an_error(two, deeds):
    with pytest.raises(ValueError, match="cannot be loaded"):
        list(two.run_all(deeds.Unloadable(), [1]))


def test_workers_that_all_end_before_they_begin_are_told(deeds):
    with (
        Processes(2) as workers,
        pytest.raises(WorkersError, match="__main__"),
    ):
        list(workers.run_all(deeds.DeadlyToLoad(), range(100)))


def test_a_run_that_is_given_up_leaves_no_process():
    before = workers_alive()
    with Processes(2) as workers:
        results = workers.run_all(time.sleep, [0, 600, 600, 600])
        next(results)
        assert workers_alive() > before
        began = time.monotonic()
        results.close()
        assert workers_alive() == before
        assert time.monotonic() - began < 5
    assert workers_alive() == before


def test_who_waits_is_called_now_and_then(two, deeds):
    calls = []

    def tick():
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(two.run_all(time.sleep, [600] * 4, tick=tick))
    assert dict(two.run_all(deeds.doubled, [4])) == {4: 8}


def test_workers_start_from_a_thread_too(deeds):
    found = []
    thread = threading.Thread(
        target=lambda: found.extend(run_all(deeds.doubled, [1, 2], jobs=2))
    )
    thread.start()
    thread.join()
    assert sorted(found) == [(1, 2), (2, 4)]


_PROGRAM = """
import signal, sys, time
from segmetry.workers import run_all

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # nohup switches it off
    for item, _ in run_all(time.sleep, [0, 0, 600, 600, 600], jobs=2):
        print("done", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends Ctrl-C as terminals on POSIX do")
def test_ctrl_c_ends_all_processes_without_a_word_of_theirs(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(_PROGRAM)
    program = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert program.stdout.readline() == "done\n"
    workers = psutil.Process(program.pid).children(recursive=True)
    os.killpg(program.pid, signal.SIGINT)
    _, errors = program.communicate(timeout=30)
    assert errors.count("Traceback") == 1  # of the script, which does not catch it
    assert "KeyboardInterrupt" in errors
    gone, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive, gone
