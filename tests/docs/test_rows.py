"""Tables of what others published are whole, and each test that they name exists."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


def rows_of(page, start):
    return [
        [cell.strip() for cell in line.strip("| \n").split(" | ")]
        for line in (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| {start}.")
    ]


PUBLISHED_APP = rows_of("rows.md", 0)
OVERVIEW = rows_of("rows_methods.md", 2)


@cache
def collected_from(path):
    """Names of the tests of a file that pytest would collect."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    machines = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return {name for name in names if name.startswith("test_")} | {
        name for name in machines if name.startswith("Test")
    }


def test_all_rows_are_there_once_and_in_order():
    expected = [f"0.{number}" for number in range(1, 40)]
    expected[8:8] = ["0.8b", "0.8c"]
    assert [row[0] for row in PUBLISHED_APP] == expected
    assert [row[0] for row in OVERVIEW] == [f"2.{number}" for number in range(1, 41)]
    assert all(len(row) == 4 and all(row) for row in PUBLISHED_APP + OVERVIEW)


def test_every_row_is_proved_by_tests_that_exist():
    missing = []
    for row, *_, proof in PUBLISHED_APP + OVERVIEW:
        named = re.findall(
            r"`(tests/\w+(?:/\w+)*/test_\w+\.py|tests/test_\w+\.py)::(\w+)`", proof
        )
        assert len(named) == proof.count("`") // 2 > 0, row
        missing += [
            f"{row}: {path}::{test}"
            for path, test in named
            if test not in collected_from(path)
        ]
    assert missing == []
