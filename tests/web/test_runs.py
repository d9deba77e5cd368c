import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import tifffile

from segmetry import io
from segmetry.recipe import Recipe, read_recipe_text, recipe_text, run
from segmetry.web.job_table import JobRow, JobTable
from segmetry.web.runs import Run

QUICK = {"segmenter": "threshold", "params": {"min_area": 30}}


@pytest.fixture(autouse=True)
def _no_scale_bar(project, simple):
    project.set_recipe(simple)


def ordered(client, picture, body=QUICK):
    answer = client.post(f"/api/v1/images/{picture}/runs", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def ended(client, job, *, limit=300.0):
    """Return a job once it neither waits nor runs."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        jobs = {one["id"]: one for one in client.get("/api/v1/jobs").json()}
        if jobs[job]["status"] not in {"waiting", "running"}:
            return jobs[job]
        time.sleep(0.05)
    pytest.fail(f"the job still has not ended: {jobs[job]}")


@pytest.mark.slow
def test_http_python_and_the_command_line_find_the_same_to_the_byte(
    client, project, picture, home, tmp_path
):
    job = ended(client, ordered(client, picture)["id"])
    assert (job["status"], job["progress"], job["message"]) == ("done", 1.0, None)
    (found,) = project.labels.records(picture)
    address = f"/api/v1/labels/{found.id}/export"
    over_http = {
        fmt: client.get(address, params={"fmt": fmt}).content
        for fmt in ("csv", "labels", "overlay")
    }

    words = ["run", str(home / "a.png"), "--out", str(tmp_path / "out"), "--segmenter"]
    words += ["threshold", "--set", "min_area=30", "--no-scale-bar"]
    subprocess.run(
        [sys.executable, "-m", "segmetry", *words], check=True, capture_output=True
    )
    files = {"csv": "objects.csv", "labels": "a/labels.tif", "overlay": "a/overlay.png"}
    for fmt, name in files.items():
        assert over_http[fmt] == (tmp_path / "out" / name).read_bytes()

    recipe = project.recipe
    expected = run(recipe, io.read(home / "a.png"))
    table = pd.DataFrame(expected.objects)
    table.insert(0, "image", "a")
    io.write_table(tmp_path / "python.csv", table)
    assert over_http["csv"] == (tmp_path / "python.csv").read_bytes()
    labels = project.labels.open(found.id).labels
    assert np.array_equal(labels.data, expected.labels.data)


@pytest.mark.slow
def test_all_steps_of_a_job_are_news_and_the_picture_is_told_of(
    application, client, picture
):
    events = application.state.events
    heard = events.last
    job = ordered(client, picture)
    ended(client, job["id"])
    told = events.after(heard)
    steps = [e.content["job"]["status"] for e in told if e.kind == "job"]
    assert list(dict.fromkeys(steps)) == ["waiting", "running", "done"]
    assert {e.content["picture"]["id"] for e in told if e.kind == "picture"} == {picture}
    (project,) = [one["id"] for one in client.get("/api/v1/projects").json()]
    assert {e.content[e.kind]["project"] for e in told} == {project}
    assert client.get("/api/v1/jobs").json()[0]["project"] == project


@pytest.mark.slow
def test_a_job_can_be_cancelled_while_it_runs_and_then_resumed(client, project, picture):
    first = ordered(client, picture)["id"]
    second = ordered(client, picture)["id"]
    while {j["id"]: j for j in client.get("/api/v1/jobs").json()}[first][
        "status"
    ] == "waiting":
        time.sleep(0.01)
    assert client.delete(f"/api/v1/jobs/{second}").json()["status"] == "cancelled"
    client.delete(f"/api/v1/jobs/{first}")
    assert ended(client, first)["status"] == "cancelled"
    assert project.labels.records(picture) == []
    resumed = client.post(f"/api/v1/jobs/{first}/resume").json()
    assert resumed["id"] == first
    assert ended(client, first)["status"] == "done"
    assert len(project.labels.records(picture)) == 1
    assert client.post(f"/api/v1/jobs/{first}/resume").json()["status"] == "done"


@pytest.mark.slow
def test_a_picture_on_which_a_method_fails_is_a_failed_job_with_the_reason(
    client, project, home
):
    stack = home / "stack.tif"
    tifffile.imwrite(
        stack,
        np.zeros((5, 20, 30), np.uint8),
        photometric="minisblack",
        metadata={"axes": "ZYX"},
    )
    job = ordered(client, project.pictures.add(stack))
    told = ended(client, job["id"])
    assert told["status"] == "failed"
    assert "flat value" in told["message"]


def test_an_option_that_is_wrong_is_refused_before_a_job_is_made(client, picture):
    for params in ({"min_area": -1}, {"min_areas": 3}, {"min_area": "many"}):
        body = {"segmenter": "threshold", "params": params}
        answer = client.post(f"/api/v1/images/{picture}/runs", json=body)
        assert answer.status_code == 422
        assert "min_area" in answer.json()["error"]["message"]
    unknown = {"segmenter": "magic", "params": {}}
    answer = client.post(f"/api/v1/images/{picture}/runs", json=unknown)
    assert answer.status_code == 422
    assert client.get("/api/v1/jobs").json() == []


def test_a_job_that_is_not_there_is_missing(client):
    for way in (client.delete, lambda path: client.post(f"{path}/resume")):
        assert way("/api/v1/jobs/01JD3M0XZ6W8RT5Q4N7YV2KCAB").status_code == 404


def test_the_command_and_the_recipe_are_those_of_the_labels(client, label):
    told = client.get(f"/api/v1/labels/{label}/command").json()
    assert told["command"] == (
        "segmetry run a.png --out DIR --segmenter threshold --no-scale-bar"
    )
    recipe = read_recipe_text(told["recipe"])
    assert recipe.segmentation.name == "threshold"
    assert not recipe.calibration.scale_bar


def test_the_next_run_begins_with_the_methods_own_options():
    before = Run(segmenter="threshold", params={"min_area": 30}).recipe(Recipe())
    after = Run(segmenter="threshold", params={"waist": None}).recipe(before)
    assert before.segmentation.options == {"min_area": 30}
    assert after.segmentation.options == {}


def test_lines_are_asked_for_with_each_run():
    lines = Run(segmenter="ridge", thin={"enabled": True, "grey": "green"}).recipe(Recipe())
    assert (lines.thin.enabled, lines.thin.grey) == (True, "green")
    assert not Run(segmenter="ridge").recipe(lines).thin.enabled


def test_lines_that_cannot_be_asked_for_are_refused(client, picture):
    for thin, word in (
        ({"grey": "mauve"}, "grey"),
        ({"prune": -1}, "prune"),
        ({"x": 1}, "x"),
    ):
        body = {"segmenter": "threshold", "thin": thin}
        answer = client.post(f"/api/v1/images/{picture}/runs", json=body)
        assert answer.status_code == 422
        assert word in answer.json()["error"]["message"]


def test_what_a_program_left_unfinished_is_interrupted_for_the_next(
    client, project, picture, simple
):
    row = JobRow(
        id="01JD3M0XZ6W8RT5Q4N7YV2KCAB",
        kind="run",
        title="a.png",
        status="running",
        message="",
        picture=picture,
        asked=recipe_text(simple),
        segmenter="threshold",
        pixels=60_000,
    )
    table = JobTable(project.folder / "jobs.db")
    table.add(row)
    table.close()
    (job,) = client.get("/api/v1/jobs").json()
    assert (job["status"], job["progress"], job["seconds_left"]) == (
        "interrupted",
        None,
        None,
    )
    client.post(f"/api/v1/jobs/{row.id}/resume")
    assert ended(client, row.id)["status"] == "done"
