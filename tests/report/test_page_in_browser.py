"""The report as a browser shows it: figures and pictures drawn, nothing asked for."""

import shutil
import subprocess
from dataclasses import replace

import cv2
import numpy as np
import pytest

from segmetry.evaluate import differences, evaluate_set, judge_objects, match_objects
from segmetry.report.dataset_page import DatasetContent, dataset_html
from segmetry.report.evaluation import EvaluationContent, evaluation_html
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


def framed(browser, page, folder, expression, *, width=390):
    """Evaluate something about a page in a frame, as narrow as a phone if not told.

    The browser itself cannot be made that narrow, and the report forbids all scripts.
    """
    probe = folder / "probe.html"
    probe.write_text(
        f'<iframe src="{page.as_uri()}" width="{width}" height="800"></iframe><script>'
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


STICKING_OUT = (
    "'out: ' + ['.headline div', '.scroll'].flatMap(box => "
    "[...view.document.querySelectorAll(box)].flatMap(one => "
    "[...one.querySelectorAll('dt, dd, caption')].filter(text => {"
    "const room = view.document.createRange(); room.selectNodeContents(text);"
    "return room.getBoundingClientRect().right > one.getBoundingClientRect().right + 1})"
    ")).map(text => text.textContent.slice(0, 40)).join(' | ')"
)


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory):
    """The page of an evaluation beside a baseline of a long description."""
    truth = np.zeros((40, 60), np.uint32)
    truth[5:15, 5:15], truth[20:30, 30:40] = 1, 2
    judged = {
        f"p{k}": judge_objects(match_objects(truth * (truth > k % 2), truth))
        for k in range(6)
    }
    one, other = (evaluate_set(judged, task="objects") for _ in range(2))
    content = EvaluationContent(
        title="How good",
        evaluation=one,
        others={"baseline": other},
        meanings={"baseline": "Otsu's threshold, with holes filled and touching cut " * 3},
        gains={"baseline": differences(one, other)},
        comparisons=["Against the baseline: these pictures do not tell."],
        notes=[],
        settings={"level": 0.95, "resampled": "pictures", "n_units": 6},
        version="1",
    )
    path = tmp_path_factory.mktemp("evaluation") / "evaluation.html"
    path.write_text(evaluation_html(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def report_in_pixels(make, tmp_path_factory):
    path = tmp_path_factory.mktemp("pixels") / "report.html"
    write_report(path, make(n_images=2, pixel_size=None))
    return path


@pytest.mark.parametrize("width", [390, 600])
@pytest.mark.parametrize("page", ["report_in_pixels", "evaluation"])
def test_no_number_or_caption_sticks_out_of_its_box(
    browser, request, tmp_path, page, width
):
    path = request.getfixturevalue(page)
    told = framed(browser, path, tmp_path, STICKING_OUT, width=width)
    assert told.strip() == "out:"


ASKED = (
    "'asked for: ' + view.performance.getEntriesByType('resource').map(e => e.name)"
    ".filter(name => !name.startsWith('data:')).join(' ')"
)


@pytest.fixture(scope="module")
def set_report(tmp_path_factory):
    """The report on a drawn set, with something in every section."""
    spread = {"min": 1.0, "p05": 2.0, "median": 8.0, "p95": 40.0, "max": 90.0}
    name = "a_picture_of_a_name_that_is_rather_long_for_a_telephone_0001"
    row = {"picture": name, "part": "train", "shape": (1024, 1024), "channels": 3}
    row |= {"dtype": "uint16", "bits": 12, "n_objects": 7, "median_diameter_px": 8.0}
    finding = {"name": name, "kind": "picture as mask", "sentence": "It is odd."}
    told = {
        "typical_diameter_px": 8.0,
        **dict.fromkeys(("diameter_px", "objects_per_picture", "covered"), spread),
        **dict.fromkeys(("n_pictures", "n_annotated", "n_objects"), 12_345),
        "parts": [dict.fromkeys(("part", "n_pictures", "n_objects"), 9)] * 2,
        "shapes": [{"shape": (1024, 1024), "n_pictures": 9}] * 12,
        "channels": [{"channels": 3, "n_pictures": 9}],
        "values": [{"values": "uint16, 12 bits", "n_pictures": 9}],
        "mask_origins": [{"mask_origin": "drawn from nothing", "n_pictures": 9}],
        "types": [{"type": 1, "looks": "dark grey", "n_pictures": 9, "samples": [name] * 6}]
        * 2,
        "silhouette": 0.9,
        "near_duplicates": [
            {"first": name, "second": name, "bits": 1, "between_parts": True}
        ],
        "findings": [{**finding, "usable": False}] * 3,
        "pictures": [{**row, "covered": 0.5, "type": 1}] * 20,
    }
    stamp = {name: np.full((90, 120, 3), (255, 0, 255), np.uint8)}
    sizes = {part: np.geomspace(2, 90, 400) for part in ("train", "test")}
    path = tmp_path_factory.mktemp("set") / "report.html"
    content = DatasetContent("What is in a drawn set", told, sizes, stamp, stamp, "1")
    path.write_text(dataset_html(content), encoding="utf-8")
    return path


def test_the_report_on_a_set_renders_without_a_complaint(browser, set_report, tmp_path):
    seen = look(browser, tmp_path, "--dump-dom", set_report.as_uri())
    assert seen.stdout.rstrip().endswith("</html>")
    assert [line for line in seen.stderr.splitlines() if "CONSOLE" in line] == []
    assert framed(browser, set_report, tmp_path, ASKED).strip() == "asked for:"


def test_the_report_on_a_set_is_no_wider_than_a_phone(browser, set_report, tmp_path):
    asked = "view.document.documentElement.scrollWidth"
    assert 300 < int(framed(browser, set_report, tmp_path, asked)) <= 390


def test_the_report_on_a_set_shows_its_samples(browser, set_report, tmp_path):
    picture = picture_of(browser, set_report, tmp_path, 1280, 5000)
    samples = np.abs(picture.astype(int) - (255, 0, 255)).max(axis=2) < 12
    assert samples.sum() > 15 * 140**2  # 12 samples, 2 of a pair, a large one


def test_the_page_asks_for_no_other_file(browser, report, tmp_path):
    assert framed(browser, report, tmp_path, ASKED).strip() == "asked for:"


def test_a_page_that_asks_for_another_file_would_be_seen(browser, tmp_path):
    page = tmp_path / "asking.html"
    page.write_text('<img src="http://127.0.0.1:9/a.png">', encoding="utf-8")
    assert "127.0.0.1:9/a.png" in framed(browser, page, tmp_path, ASKED)
