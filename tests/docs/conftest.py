"""What a page says is read once, in the same way, by the tests of all pages."""

import re
from pathlib import Path

import pytest

from segmetry.models import find_model, read_model

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def model(request):
    """Return the name of a page and of its model: test_NAME_page.py."""
    return re.fullmatch(r"test_(\w+)_page", Path(request.path).stem)[1]


@pytest.fixture(scope="module")
def page(model):
    return (DOCS / f"{model}.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def in_one_line(page):
    return re.sub(r"\s+", " ", page)


@pytest.fixture(scope="module")
def card(model):
    return read_model(find_model(model)).card


@pytest.fixture(scope="module")
def rows_of(model, page):
    """Return the rows of a table between its marks, by the names of the columns."""

    def read(table):
        text = page.split(f"<!-- {table} made by training/{model}_judged.py -->")[1]
        names, _, *rows = (
            [cell.strip() for cell in line.strip("|\n").split("|")]
            for line in text.strip().splitlines()
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    return read
