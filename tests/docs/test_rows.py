"""The table of what the published app did is whole, and each test that it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("| \n").split(" | ")]
    for line in (ROOT / "docs" / "rows.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| 0.")
]


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
    assert [row[0] for row in ROWS] == expected
    assert all(len(row) == 4 and all(row) for row in ROWS)


def test_every_row_is_proved_by_tests_that_exist():
    missing = []
    for row, *_, proof in ROWS:
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
