"""The site is built from the pages, every link leads somewhere, and nothing is loaded."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from segmetry.segment import SEGMENTERS

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_on_the_site_and_every_link_leads_somewhere(site):
    pages = {page.relative_to(ROOT / "docs") for page in ROOT.glob("docs/**/*.md")}
    built = {page.relative_to(site).with_suffix(".md") for page in site.rglob("*.html")}
    assert pages == built - {Path("404.md")}


def test_functions_are_listed_with_parameters_and_examples(site):
    page = (site / "api" / "measure.html").read_text(encoding="utf-8")
    assert 'id="segmetry.measure.measure"' in page
    assert "Returns" in page
    assert "Examples" in page
    assert "__getattr__" not in page


def test_the_handbook_shows_its_figures(site):
    page = (site / "handbook" / "threshold.html").read_text(encoding="utf-8")
    picture = re.search(r'<img [^>]*src="([^"]+)"', page).group(1)
    assert (site / "handbook" / picture).resolve().is_file()


def test_a_reader_loads_nothing_from_another_host(site):
    loaded = re.compile(r'<(?:script|link|img)[^>]+(?:src|href)="(https?://[^"]+)"')
    for page in site.rglob("*.html"):
        found = loaded.findall(page.read_text(encoding="utf-8"))
        assert [one for one in found if "canonical" not in one] == [], page


def test_every_method_is_in_the_reference():
    page = (ROOT / "docs" / "api" / "methods.md").read_text(encoding="utf-8")
    listed = re.findall(r"^::: (\S+)$", page, flags=re.MULTILINE)
    assert listed == [place.replace(":", ".") for place in SEGMENTERS.values()]
