"""Jobs that wait and run: all are told of with a forecast, and each can be cancelled."""

import threading
import time

import pytest

from segmetry.errors import MissingError, ProjectError
from segmetry.recipe import recipe_text
from segmetry.web.job_table import JobRow, JobTable
from segmetry.web.work import work_of

QUICK = {"segmenter": "threshold", "params": {}}
N_PIXELS = 120 * 80  # of the fixture `squares`


@pytest.fixture
def held(application, project, simple, monkeypatch):
    """The server's jobs, of which the first runs until it is cancelled or `go` is set."""
    project.set_recipe(simple)
    jobs, go = application.state.jobs, threading.Event()
    worker = jobs._lanes["run"][0].worker
    carry_out = worker.do

    def wait(function, argument, *, tick):
        while not go.wait(0.01):
            tick()
        return carry_out(function, argument, tick=tick)

    monkeypatch.setattr(worker, "do", wait)
    jobs.go = go
    return jobs


def order(client, picture):
    answer = client.post(f"/api/v1/images/{picture}/runs", json=QUICK)
    assert answer.status_code == 202, answer.text
    return answer.json()


def jobs_told(client):
    return {job["id"]: job for job in client.get("/api/v1/jobs").json()}


def wait_for(client, job, status):
    end = time.monotonic() + 60
    while (told := jobs_told(client)[job])["status"] != status:
        assert time.monotonic() < end, told
        time.sleep(0.02)
    return told


@pytest.mark.slow
def test_of_many_jobs_the_one_that_runs_is_told_and_can_be_cancelled(client, held, squares):
    first, *others = [order(client, squares)["id"] for _ in range(61)]
    assert wait_for(client, first, "running")
    told = jobs_told(client)
    assert list(told) == sorted([first, *others], reverse=True)
    for job in (first, others[0]):
        assert client.delete(f"/api/v1/jobs/{job}").status_code == 200
        wait_for(client, job, "cancelled")
    wait_for(client, others[1], "running")
    assert not held.go.is_set()


def test_a_job_is_forecast_from_what_a_pixel_took_before(client, held, project, squares):
    table = JobTable(project.folder / "jobs.db")
    for number, seconds in enumerate([80.0, 96.0, 300.0]):
        row = JobRow(
            f"0{number}", "run", "a", "", segmenter="threshold", pixels=N_PIXELS // 2
        )
        table.add(row)
        table.update(row.with_status("done"), seconds=seconds)
    table.close()
    first, second = order(client, squares), order(client, squares)
    assert first["seconds_left"] == pytest.approx(192.0)
    assert second["seconds_left"] == pytest.approx(384.0, abs=30)
    running = wait_for(client, first["id"], "running")
    assert 0 < running["progress"] < 0.2
    assert running["seconds_left"] < 192.0
    held.go.set()


def test_where_no_method_has_run_yet_nothing_is_forecast(client, held, squares):
    first = order(client, squares)
    assert first["seconds_left"] is None
    assert wait_for(client, first["id"], "running")["progress"] is None
    held.go.set()


@pytest.mark.slow
def test_a_size_that_is_typed_during_a_run_is_that_of_its_labels(client, held, squares):
    job = order(client, squares)["id"]
    wait_for(client, job, "running")
    typed = {"source": "typed", "pixel_size": 50, "unit": "nm"}
    client.put(f"/api/v1/images/{squares}/calibration", json=typed).raise_for_status()
    held.go.set()
    wait_for(client, job, "done")
    shown = client.get(f"/api/v1/images/{squares}").json()
    rows = client.get(f"/api/v1/labels/{shown['labels']}/objects").json()
    assert shown["calibration"]["pixel_size"] == 50
    assert [row[rows["columns"].index("area_um2")] for row in rows["values"]] == (
        pytest.approx([1.0] * 3)
    )


def test_an_interrupted_job_is_found_however_many_came_later(client, project, squares):
    table = JobTable(project.folder / "jobs.db")
    recipe = recipe_text(project.recipe)
    for number in range(60):
        table.add(JobRow(f"{number:026}", "run", "a", recipe, picture=squares))
    table.close()
    assert len(jobs_told(client)) == 50
    oldest = client.delete(f"/api/v1/jobs/{0:026}")
    assert (oldest.status_code, oldest.json()["status"]) == (200, "interrupted")


def test_a_project_is_not_deleted_while_something_runs_in_it(client, held, store, squares):
    (project,) = [one.id for one in store.listed()]
    job = order(client, squares)["id"]
    address = f"/api/v1/projects/{project}"
    refused = client.delete(address, params={"files": "true"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "project")
    held.go.set()
    wait_for(client, job, "done")
    while (answer := client.delete(address, params={"files": "true"})).status_code == 409:
        time.sleep(0.02)
    assert answer.status_code == 204
    assert jobs_told(client) == {}


def test_a_project_that_is_being_deleted_takes_no_jobs(
    held, project, squares, simple, monkeypatch
):
    ended = held.order(project, squares, simple)["id"]
    held.cancel(ended)
    while held.is_busy(squares):
        time.sleep(0.02)

    def between(*ordered):
        """Delete while an order, which began before that, is on its way."""
        work = work_of(*ordered)
        held.let_go(project)
        return work

    monkeypatch.setattr("segmetry.web.jobs.work_of", between)
    for _ in range(2):
        with pytest.raises(ProjectError, match="being deleted"):
            held.order(project, squares, simple)
    assert held.listed([project]) == []
    with pytest.raises(MissingError, match="no such job"):
        held.resume(ended)
    assert not held.is_busy(squares)
