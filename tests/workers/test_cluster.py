"""The same interface on a Dask cluster, with a real one on this machine."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from functools import partial
from itertools import count
from pathlib import Path

import psutil
import pytest

from segmetry.errors import MissingExtraError, RecipeError, SegmetryError, WorkersError
from segmetry.workers import Lost, open_workers

pytest.importorskip("distributed", reason="needs the extra `cluster`")
from segmetry.workers import cluster as cluster_module
from segmetry.workers.cluster import Cluster


@pytest.fixture(scope="module")
def two(deeds):  # noqa: ARG001 - workers that start later find it
    with open_workers(cluster="local:2") as workers:
        yield workers


def test_each_item_has_its_result(two, deeds):
    assert dict(two.run_all(deeds.doubled, range(30))) == {n: 2 * n for n in range(30)}
    assert two.told == "on a cluster of 2 workers"


def test_each_worker_can_be_asked(two):
    answers = two.ask_elsewhere(os.getpid)
    assert len(answers) == 2
    assert os.getpid() not in answers.values()


def test_a_deadly_item_is_lost_and_all_others_are_done(two, deeds):
    found = dict(two.run_all(partial(deeds.die_of, {5}), range(8)))
    assert isinstance(found.pop(5), Lost)
    assert found == {n: n for n in range(8) if n != 5}


def test_a_worker_that_is_killed_loses_nothing(two, deeds):
    pids = []
    for _, answer in two.run_all(deeds.process_number, [0.05] * 12):
        pids.append(answer)
        if len(pids) == 3:
            os.kill(answer, getattr(signal, "SIGKILL", signal.SIGTERM))
    assert len(pids) == 12
    assert all(isinstance(one, int) for one in pids)


def test_items_are_taken_only_a_few_ahead(two, deeds):
    taken = []
    numbers = (taken.append(n) or n for n in count())
    for n, _ in enumerate(two.run_all(deeds.doubled, numbers), start=1):
        assert len(taken) <= n + 4
        if n == 20:
            break
    assert dict(two.run_all(deeds.doubled, [4])) == {4: 8}


def test_an_error_of_the_work_is_raised_here(two, deeds):
    with pytest.raises(SegmetryError, match="Expected a number below 4"):
        list(two.run_all(deeds.refuse, range(9)))
    with pytest.raises(ValueError, match="cannot be loaded"):
        list(two.run_all(deeds.Unloadable(), [1]))


def test_who_waits_can_give_up(two, deeds):
    def tick():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(two.run_all(time.sleep, [2] * 9, tick=tick))
    assert dict(two.run_all(deeds.doubled, [4])) == {4: 8}


def test_workers_of_other_versions_are_refused(two, deeds, monkeypatch):
    ours = cluster_module.versions_here()
    monkeypatch.setattr(cluster_module, "versions_here", lambda: ours | {"numpy": "1.0"})
    with pytest.raises(WorkersError, match=r"\(numpy \d\S*, not 1\.0\).*same versions"):
        list(two.run_all(deeds.doubled, range(9)))


@pytest.mark.parametrize(
    "address", ["", "0", "local:0", "local", "a word", "tcp://host", "-1"]
)
def test_what_is_no_address_is_told(address):
    with pytest.raises(RecipeError, match="Expected a Dask cluster as tcp://host:8786"):
        Cluster(address)


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("segmetry.workers.dask_client._PATIENCE", 0.3)
    with pytest.raises(
        WorkersError, match="No Dask scheduler .* answers at tcp://127.0.0.1:9 "
    ):
        Cluster("tcp://127.0.0.1:9")
    with pytest.raises(WorkersError, match="is the scheduler running"):
        Cluster(str(tmp_path / "scheduler.json"))


def test_dask_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'segmetry\[cluster\]'"):
        open_workers(cluster=2)


@pytest.fixture
def started(tmp_path):
    """A scheduler's file, it, and a worker of three threads, both programs."""
    file = tmp_path / "scheduler.json"
    here = {"cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    options = ["--no-dashboard", "--scheduler-file", str(file), "--host", "127.0.0.1"]
    with contextlib.ExitStack() as stack:

        def start(kind, *more):
            command = [
                sys.executable,
                "-m",
                f"distributed.cli.dask_{kind}",
                *options,
                *more,
            ]
            program = subprocess.Popen(command, env=environment, **here)
            stack.callback(program.wait)
            stack.callback(program.kill)
            return program

        scheduler = start("scheduler", "--port", "0")
        worker = start("worker", "--no-nanny", "--nthreads", "3")
        while not file.exists():
            time.sleep(0.05)
        yield file, scheduler, worker


def test_a_scheduler_that_goes_is_told_in_a_sentence(started, deeds, capfd):
    file, scheduler, _ = started
    with Cluster(str(file)) as workers:
        results = workers.run_all(deeds.process_number, [0.02] * 500)
        assert next(results)
        scheduler.kill()
        with pytest.raises(
            WorkersError, match="scheduler of the cluster has gone.*--resume"
        ):
            list(results)
    assert capfd.readouterr() == ("", "")


_PROGRAM = """
import signal, sys, time
from segmetry.workers import run_all

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # nohup switches it off
    for item, _ in run_all(time.sleep, [0, 0, 600, 600, 600], cluster=2):
        print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends Ctrl-C as terminals on POSIX do")
def test_ctrl_c_ends_a_local_cluster_without_a_word_of_its(tmp_path):
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
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive
