import sqlite3
from contextlib import closing

import pytest

from segmetry.errors import WriteError
from segmetry.web.job_table import JobRow, JobTable


def row(name, **values):
    told = {"kind": "run", "title": "a.tif", "status": "waiting", "message": ""}
    told |= {"picture": "p", "asked": "", "segmenter": "auto", "pixels": 1000}
    return JobRow(id=name, **(told | values))


@pytest.fixture
def table(tmp_path):
    table = JobTable(tmp_path / "jobs.db")
    yield table
    table.close()


def test_the_newest_job_comes_first(table):
    for name in "abc":
        table.add(row(name))
    assert [job.id for job in table.rows()] == ["c", "b", "a"]


def test_a_status_is_written_down_with_its_message(table):
    table.add(row("a"))
    table.update(row("a").with_status("failed", message="Too dark."))
    (job,) = table.rows()
    assert (job.status, job.message) == ("failed", "Too dark.")


def test_the_rate_is_the_median_of_the_newest_done_jobs(table):
    for i, seconds in enumerate([100.0, 1.0, 2.0, 3.0, 4.0, 50.0]):
        table.add(row(str(i)))
        table.update(row(str(i)).with_status("done"), seconds=seconds)
    assert table.rate("auto") == pytest.approx(3.0 / 1000)
    assert table.rate("local") is None


def test_failed_jobs_and_unknown_sizes_say_nothing_of_the_rate(table):
    table.add(row("a"))
    table.update(row("a").with_status("failed"), seconds=9.0)
    table.add(row("b", pixels=0))
    table.update(row("b").with_status("done"), seconds=9.0)
    assert table.rate("auto") is None


def test_a_job_that_is_asked_for_again_takes_its_own_place_as_the_newest(table):
    for name in "ab":
        table.add(row(name, status="failed"))
    table.add(row("a"))
    assert [(job.id, job.status) for job in table.rows()] == [
        ("a", "waiting"),
        ("b", "failed"),
    ]


def test_all_jobs_that_wait_or_run_are_listed_and_the_newest_fifty_others(table):
    table.add(row("running", status="running"))
    for number in range(70):
        table.add(row(f"done {number}", status="done"))
        table.add(row(f"waiting {number}"))
    names = [job.id for job in table.rows()]
    assert names[-1] == "running"
    assert sum(name.startswith("waiting") for name in names) == 70
    done = [name for name in names if name.startswith("done")]
    assert done == [f"done {number}" for number in range(69, 19, -1)]


def test_any_job_is_found_by_its_name(table):
    for number in range(70):
        table.add(row(f"{number}", status="done"))
    assert table.row("0").id == "0"
    assert table.row("absent") is None


def test_on_a_full_disk_a_new_job_is_refused_and_the_status_of_others_still_known(
    table, caplog
):
    table.add(row("a"))
    pages = table._run("PRAGMA page_count")[0][0]
    table._run(f"PRAGMA max_page_count = {pages}")
    long = "x" * 100_000
    with pytest.raises(WriteError, match="disk is full"):
        table.add(row("b", asked=long))
    table.update(row("a", told=long).with_status("done"), seconds=2.0)
    assert "disk is full" in caplog.text
    assert [(job.id, job.status) for job in table.rows()] == [("a", "done")]
    assert table.row("a").told == long
    table._run(f"PRAGMA max_page_count = {pages + 1000}")
    table.update(row("a").with_status("failed"))
    assert (table.row("a").status, table._unwritten) == ("failed", {})


@pytest.mark.parametrize(
    ("before", "after"),
    [("waiting", "interrupted"), ("running", "interrupted"), ("done", "done")],
)
def test_what_was_unfinished_is_interrupted_when_it_is_opened_again(
    tmp_path, before, after
):
    path = tmp_path / "jobs.db"
    first = JobTable(path)
    first.add(row("a", status=before))
    first.close()
    second = JobTable(path)
    assert [job.status for job in second.rows()] == [after]
    second.close()


def test_a_damaged_record_is_made_anew(tmp_path):
    path = tmp_path / "jobs.db"
    path.write_bytes(b"no database at all" * 100)
    table = JobTable(path)
    assert table.rows() == []
    table.close()
    with pytest.raises(sqlite3.ProgrammingError):
        table.rows()


def test_what_came_of_a_job_is_written_down(table):
    table.add(row("a"))
    table.update(row("a", told='{"accepted": true}').with_status("done"))
    assert table.rows()[0].told == '{"accepted": true}'


def test_a_table_of_another_version_is_made_anew(tmp_path):
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old:
        old.execute("CREATE TABLE job (id TEXT PRIMARY KEY, recipe TEXT) STRICT")
        old.execute("INSERT INTO job VALUES ('a', '')")
        old.commit()
    table = JobTable(path)
    assert table.rows() == []
    table.add(row("b"))
    assert [job.id for job in table.rows()] == ["b"]
    table.close()
