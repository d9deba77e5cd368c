"""Each page of the handbook runs, and shows the picture that its code draws."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("handbook/*.md"))
TERMS = [page for page in PAGES if page.stem != "index"]


@pytest.fixture(scope="module")
def handbook():
    place = importlib.util.spec_from_file_location("handbook", DOCS / "make_handbook.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


def test_every_term_of_the_overview_has_its_page():
    assert len(TERMS) >= 40
    listed = (DOCS / "handbook" / "index.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\((\w+)\.md\)", listed)) == {page.stem for page in TERMS}


@pytest.mark.parametrize("page", TERMS, ids=lambda page: page.stem)
def test_a_page_shows_what_its_code_draws(page, handbook, tmp_path, monkeypatch):
    monkeypatch.setattr(handbook, "FIGURES", tmp_path)
    handbook.draw(page)
    shown = re.findall(r"\]\(\.\./figures/handbook/(\S+)\)", page.read_text("utf-8"))
    assert shown == [f"{page.stem}.png"]
    drawn = Image.open(tmp_path / shown[0]).convert("L")
    kept = Image.open(DOCS / "figures" / "handbook" / shown[0]).convert("L")
    # To some pixels: versions of matplotlib differ in the room that letters take.
    assert np.allclose(drawn.size, kept.size, atol=8)
    alike = np.asarray(drawn.resize((80, 60))) - np.asarray(kept.resize((80, 60)), float)
    assert np.abs(alike).mean() < 6


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_of_a_page_lead_somewhere(page):
    links = re.findall(r"\]\((?!http)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
