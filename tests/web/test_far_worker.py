"""The app runs methods on a cluster: the same labels, several pictures at a time."""

import importlib
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segmetry.errors import PictureError
from segmetry.io import write_png
from segmetry.project import carry_out
from segmetry.web import create_application
from segmetry.web.far_worker import FarWorker, seen_here
from segmetry.web.worker import WorkError
from segmetry.workers import open_workers
from segmetry.workers.processes import Processes

TOKEN = "a-token-for-tests"
QUICK = {"segmenter": "threshold", "params": {}}


@pytest.fixture(scope="module")
def cluster():
    pytest.importorskip("distributed", reason="needs the extra `cluster`")
    with open_workers(cluster="local:2") as workers:
        yield workers


@pytest.fixture
def application(request, store, host):
    """A server whose methods run on a cluster, where a test asks for that."""
    workers = None
    if "cluster" in request.fixturenames:
        workers = request.getfixturevalue("cluster")
    return create_application(store, token=TOKEN, allowed_hosts=[host], workers=workers)


def wait_until_done(client, n):
    end = time.monotonic() + 120
    while True:
        jobs = client.get("/api/v1/jobs").json()
        if [job["status"] for job in jobs] == ["done"] * n:
            return
        assert time.monotonic() < end, jobs
        assert "failed" not in {job["status"] for job in jobs}, jobs
        time.sleep(0.1)


@pytest.fixture
def pictures(home, look, discs):
    """Four pictures of six discs each."""
    paths = [home / f"p{number}.png" for number in range(4)]
    for number, path in enumerate(paths):
        write_png(path, discs([5 + number] * 6, shape=(80, 120)))
    return [look(path) for path in paths]


@pytest.mark.slow
def test_all_pictures_are_run_on_the_cluster_as_they_are_here(
    client, cluster, application, project, pictures, simple
):
    project.set_recipe(simple)
    assert len(application.state.jobs._lanes["run"]) == cluster.n == 2
    for picture in pictures:
        answer = client.post(f"/api/v1/images/{picture}/runs", json=QUICK)
        assert answer.status_code == 202, answer.text
    wait_until_done(client, 4)
    for picture in pictures:
        (found,) = project.labels.records(picture)
        here = project.labels.run(picture, simple)
        labels = [project.labels.open(one).labels.data for one in (found.id, here)]
        assert np.array_equal(*labels)
        assert labels[0].max() == 6


@pytest.fixture(scope="module")
def far():
    """Work that goes to processes, as it would to a cluster."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[1] / "workers")
        with Processes(1) as workers:
            yield FarWorker(workers)


@pytest.fixture
def order(project, picture, simple):
    return project.labels.order(picture, simple)


def test_what_is_found_far_away_is_what_is_found_here(far, order):
    found, here = far.do(carry_out, order), carry_out(order)
    assert np.array_equal(found.data, here.data)
    assert found.facts == here.facts


def test_work_whose_worker_dies_fails_with_the_reason(far, order):
    deeds = importlib.import_module("deeds")
    with pytest.raises(WorkError, match="as it does when memory runs out"):
        far.do(deeds.die, order)
    assert far.do(carry_out, order).data.max() == 12


def test_work_that_is_cancelled_is_given_up(far, order):
    deeds = importlib.import_module("deeds")

    def tick():
        message = "It was cancelled."
        raise WorkError(message)

    with pytest.raises(WorkError, match="cancelled"):
        far.do(deeds.stay, order, tick=tick)
    assert far.do(carry_out, order).data.max() == 12


def test_a_machine_that_does_not_see_the_picture_says_so(order):
    gone = replace(order, path=order.path.with_name("gone.png"))
    with pytest.raises(PictureError, match=r"does not see a\.png; put the pictures"):
        seen_here(carry_out, gone)


def test_what_a_cluster_cannot_do_is_refused(far, order):
    with pytest.raises(ValueError, match="time limit"):
        far.do(carry_out, order, most_seconds=1)
