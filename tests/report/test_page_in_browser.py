"""The report as a browser shows it: figures and pictures drawn, nothing asked for."""

import shutil
import subprocess
from dataclasses import replace

import cv2
import numpy as np
import pytest

from segmetry.report.page import write_report

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # the browser itself calls home, too
)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser():
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no chromium is installed, so the report is not looked at")
    return path


def look(browser, folder, *options):
    return subprocess.run(
        [browser, *_OPTIONS, f"--user-data-dir={folder / 'profile'}", *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        encoding="utf-8",
        errors="replace",
    )


@pytest.fixture(scope="module")
def report(make, tmp_path_factory):
    content = make(n_images=4, hours=(1.0, 2.0))
    overlays = dict.fromkeys(
        content.overlays, np.full((90, 120, 3), (255, 0, 255), np.uint8)
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(path, replace(content, overlays=overlays))
    return path


def picture_of(browser, path, folder, width, height):
    shot = folder / f"{width}.png"
    look(browser, folder, f"--window-size={width},{height}", f"--screenshot={shot}",
         path.as_uri())  # fmt: skip
    return cv2.imdecode(np.frombuffer(shot.read_bytes(), np.uint8), cv2.IMREAD_COLOR)


def test_the_page_renders_without_a_complaint(browser, report, tmp_path):
    seen = look(browser, tmp_path, "--dump-dom", report.as_uri())
    assert "Sizes in drawn pictures" in seen.stdout
    assert seen.stdout.rstrip().endswith("</html>")
    complaints = [line for line in seen.stderr.splitlines() if "CONSOLE" in line]
    assert complaints == []


def test_a_console_complaint_would_be_seen(browser, tmp_path):
    page = tmp_path / "bad.html"
    page.write_text("<script>console.error('a complaint')</script>", encoding="utf-8")
    seen = look(browser, tmp_path, "--dump-dom", page.as_uri())
    assert "a complaint" in seen.stderr


@pytest.mark.parametrize("width", [1280, 500])
def test_the_page_shows_its_figures_and_pictures(browser, report, tmp_path, width):
    picture = picture_of(browser, report, tmp_path, width, 7000)
    assert picture.shape[1] == width
    bars = np.abs(picture.astype(int) - (220, 195, 156)).max(axis=2) < 12
    assert bars.sum() > 1000
    overlays = np.abs(picture.astype(int) - (255, 0, 255)).max(axis=2) < 12
    assert overlays.sum() > 10_000


def framed(browser, page, folder, expression):
    """Evaluate something about a page in a frame as narrow as a phone.

    The browser itself cannot be made that narrow, and the report forbids all scripts.
    """
    probe = folder / "probe.html"
    probe.write_text(
        f'<iframe src="{page.as_uri()}" width="390" height="800"></iframe><script>'
        "document.querySelector('iframe').onload = event => {"
        f"const view = event.target.contentWindow; document.title = {expression}"
        "}</script>",
        encoding="utf-8",
    )
    option = "--allow-file-access-from-files"
    seen = look(browser, folder, option, "--dump-dom", probe.as_uri())
    return seen.stdout.partition("<title>")[2].partition("</title>")[0]


def test_the_page_is_no_wider_than_a_phone(browser, report, tmp_path):
    width = framed(browser, report, tmp_path, "view.document.documentElement.scrollWidth")
    assert 300 < int(width) <= 390


ASKED = (
    "'asked for: ' + view.performance.getEntriesByType('resource').map(e => e.name)"
    ".filter(name => !name.startsWith('data:')).join(' ')"
)


def test_the_page_asks_for_no_other_file(browser, report, tmp_path):
    assert framed(browser, report, tmp_path, ASKED).strip() == "asked for:"


def test_a_page_that_asks_for_another_file_would_be_seen(browser, tmp_path):
    page = tmp_path / "asking.html"
    page.write_text('<img src="http://127.0.0.1:9/a.png">', encoding="utf-8")
    assert "127.0.0.1:9/a.png" in framed(browser, page, tmp_path, ASKED)
