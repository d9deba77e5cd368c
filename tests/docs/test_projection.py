"""The cost of an archive is what benchmarks/projection.py makes of its rows."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script():
    path = ROOT / "benchmarks" / "projection.py"
    found = importlib.util.spec_from_file_location("projection", path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def rows_of(script, cost, *, off=0.0, workers=(1, 2)):
    """Rows as they would be at this cost (a, b, c), each off by up to a share."""
    rng = np.random.default_rng(0)
    a, b, c = cost
    return [
        script.Row(
            megapixels=size,
            density=density,
            workers=n,
            objects=size * density,
            cpu_s=(a + b * size + c * size * density) * (1 + off * rng.uniform(-1, 1)),
            wall_s=1 + (a + b * size) / n,
            peak_bytes=10**9,
            label_bytes=1000 + 50 * size * density,
            table_bytes=1000 + 300 * size * density,
        )
        for size in script.SIZES
        for density in script.DENSITIES
        for n in workers
    ]


@given(
    st.tuples(st.floats(0.1, 10), st.floats(0.01, 2), st.floats(1e-6, 1e-3)),
)
def test_costs_are_found_again(script, cost):
    rows = rows_of(script, cost, workers=(1,))
    found = script.fitted(rows, [row.cpu_s for row in rows])
    assert found.terms == pytest.approx(cost, rel=1e-6)
    assert found.worst < 1e-6
    a, b, c = cost
    assert found.at(7, 9)[0] == pytest.approx(a + 7 * b + 9 * c)


def test_intervals_hold_the_truth_and_grow_with_the_error(script):
    cost = (3.0, 0.3, 5e-5)
    halves = []
    for off in (0.02, 0.2):
        rows = rows_of(script, cost, off=off, workers=(1,))
        found = script.fitted(rows, [row.cpu_s for row in rows])
        value, half = found.at(2000, 300_000)
        assert abs(value - (3 + 600 + 15)) < half
        halves.append(half)
    assert halves[0] < halves[1] / 3


def test_rows_are_read_as_they_were_written(script, tmp_path):
    rows = rows_of(script, (1.25, 0.5, 1e-4))
    assert script.read_rows(tmp_path / "absent.csv") == []
    script.write_rows(tmp_path / "rows.csv", rows)
    assert script.read_rows(tmp_path / "rows.csv") == rows


def test_rows_that_are_there_are_not_measured_again(script):
    rows = rows_of(script, (1, 1, 1))
    assert list(script.measured(script.SIZES, rows)) == []


def test_the_arithmetic_can_be_redone_from_what_is_shown(script):
    rows = rows_of(script, (3.0, 0.3, 5e-5))
    archive = script.Archive(
        slides=1000, megapixels=100, objects=10_000, price=0.1, disk_price=0.5, cores=10
    )
    told = script.told(rows, archive)
    assert "| 3 + 0.3 × 100 + 5e-05 × 10,000 | 34 CPU s |" in told  # 33.5
    assert "| 1,000 × 34 / 3600 | 9 CPU h, give or take 0 |" in told
    assert "| 9 × 0.1 | **1** |" in told
    assert "| 1,000 × 0.5 MB | 0.00 TB |" in told
    assert "| 3,500 GB × 0.5 |" not in told
    assert "| 4 GB × 0.5 | **2 a month** |" in told


def test_sizes_that_were_not_measured_are_named(script):
    rows = rows_of(script, (3.0, 0.3, 5e-5))
    some = [row for row in rows if row.megapixels < 100]
    assert "Pictures of 100 and 400 MP have not been" in script.told(some, script.Archive())
    assert "have not been" not in script.told(rows, script.Archive())


def test_two_workers_are_compared_with_one(script):
    rows = rows_of(script, (3.0, 0.3, 5e-5))
    alone = [row for row in rows if row.workers == 1]
    assert len(script.told(rows, script.Archive()).splitlines()) > len(
        script.told(alone, script.Archive()).splitlines()
    )
    slower = [replace(row, wall_s=2 * row.wall_s) for row in rows]
    assert script.told(slower, script.Archive()) != script.told(rows, script.Archive())


def test_the_page_is_made_of_the_rows_that_are_kept(script):
    rows = script.read_rows(script.ROWS)
    if len(rows) < 4:
        pytest.skip("too few rows were measured")
    made = script.told(rows, script.Archive()).strip()
    assert made in script.PAGE.read_text(encoding="utf-8")
