"""Tables that scripts make stand between marks that the scripts find again."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
NAMED = "SCRIPT.py"
BEFORE = (
    f"words\n<!-- made by benchmarks/{NAMED} -->\n\nold\n\n<!-- end of {NAMED} -->\nmore\n"
)


@pytest.fixture(scope="module")
def put():
    spec = importlib.util.spec_from_file_location("pages", ROOT / "benchmarks" / "pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.put


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(BEFORE, encoding="utf-8")
    return path


def test_only_what_stands_between_the_marks_is_replaced(put, page, capsys):
    put(page, "| new |", script=f"/somewhere/{NAMED}")
    assert page.read_text(encoding="utf-8") == BEFORE.replace("old", "| new |")
    put(page, "| new |\n", script=NAMED)
    assert page.read_text(encoding="utf-8") == BEFORE.replace("old", "| new |")
    assert "| new |" in capsys.readouterr().out


def test_without_a_page_the_text_is_only_printed(put, capsys):
    put(None, "| µm |", script=NAMED)
    assert capsys.readouterr().out == "| µm |\n"


@pytest.mark.parametrize("text", ["", BEFORE + BEFORE, BEFORE.replace("end of", "end")])
def test_a_page_without_both_marks_once_is_left_as_it_is(put, page, text):
    page.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="unpack"):
        put(page, "| new |", script=NAMED)
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_script_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    for script in re.findall(r"\b(?:benchmarks|training)/\w+\.py", text):
        assert (ROOT / script).is_file(), script
