import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from segmetry.errors import WriteError
from segmetry.report.page import report_html, write_report

VOID = {"meta", "link", "img", "br", "input", "hr"}
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}.tif"


class Page(HTMLParser):
    """The tags, texts and attributes of a page; fails where tags do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data

    def ids(self):
        return [value for _, name, value in self.attributes if name == "id"]


def test_the_page_is_well_formed_and_its_ids_are_its_own(make):
    page = Page(report_html(make(n_images=4, hours=(1.0, 2.0))))
    assert len(page.ids()) == len(set(page.ids()))
    links = [v for tag, name, v in page.attributes if tag == "a" and name == "href"]
    assert {link.removeprefix("#") for link in links} <= set(page.ids())


def test_the_page_asks_for_nothing(content):
    html = report_html(content)
    page = Page(html)
    loaded = {"src", "href", "xlink:href", "srcset", "action", "data", "poster"}
    for _, name, value in page.attributes:
        if name in loaded:
            assert value.startswith(("data:", "#"))
    assert {"script", "iframe", "object", "embed"}.isdisjoint(page.tags)
    assert "@import" not in html
    assert set(re.findall(r"url\(([^)#]?)", html)) <= {""}
    addresses = set(re.findall(r"https?://[^\"' <]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    policy = [v for _, name, v in page.attributes if name == "content" and "default" in v]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


@pytest.mark.slow
def test_the_page_shows_all_that_was_promised(make):
    content = make(n_images=4, hours=(1.0, 2.0))
    crop = np.zeros((10, 40, 3), np.uint8)
    text = Page(report_html(replace(content, bar_crops={"picture_0": crop}))).text
    for words in (
        "Sizes in drawn pictures",
        "D50 (number)",
        "Volume-weighted",
        "share below 100 nm",
        "bin width",
        "Cumulative curve",
        "Distribution, n =",
        "time_h=1",
        "Size against time_h",
        "Objects at the edge",
        "the bias would be",
        "picture_3.tif",
        "Zeiss metadata",
        "one click selects it",
        "segmetry run PICTURES --out DIR",
        "min_area = 30",
        content.summary["pooled"]["planner"]["sentence"],
    ):
        assert words in text


def test_hostile_names_are_text_and_no_markup(content, with_failed):
    images = content.images.assign(path=HOSTILE, segmenter_reason=HOSTILE)
    hostile = with_failed(replace(content, images=images), HOSTILE, HOSTILE)
    hostile = replace(hostile, title=HOSTILE, command=HOSTILE, recipe_toml=HOSTILE)
    page = Page(report_html(hostile))
    assert "script" not in page.tags
    assert page.text.count(HOSTILE) >= 8
    assert not any(name.startswith("on") for _, name, _ in page.attributes)


def test_hostile_conditions_are_text_in_tables_and_figures(make):
    content = make(n_images=2, hours=(1.0, 2.0))
    groups = [
        {**g, "name": f"{HOSTILE}={i}"} for i, g in enumerate(content.summary["groups"])
    ]
    trends = [{**t, "condition": HOSTILE} for t in content.summary["trends"]]
    summary = {**content.summary, "groups": groups, "trends": trends}
    page = Page(report_html(replace(content, summary=summary)))
    assert "script" not in page.tags
    assert f"{HOSTILE}=1" in page.text


def test_failed_pictures_are_listed_with_their_reason(content, with_failed):
    page = Page(report_html(with_failed(content, "a/b.tif", "b.tif is truncated")))
    assert "1 failed" in page.text
    assert "b.tif is truncated" in page.text


def test_all_pictures_may_fail(content, with_failed):
    gone = replace(content, objects=pd.DataFrame(), images=content.images.iloc[:0])
    text = Page(report_html(with_failed(gone, "a.tif", "not a picture"))).text
    assert "not a picture" in text
    assert "Nothing was measured" in text


def emptied(value):
    """The same summary with every number gone."""
    if isinstance(value, dict):
        return {key: emptied(item) for key, item in value.items()}
    return None if isinstance(value, float) else value


def test_the_counts_say_what_is_left_out_between_found_and_used(content):
    pooled = {**content.summary["pooled"], "n_objects": 445, "n_images": 1, "n_used": 373}
    summary = {**content.summary, "n_objects": 554, "pooled": pooled}
    text = Page(report_html(replace(content, summary=summary))).text
    among = "554 objects found, 445 of them in 1 picture of known pixel size, 373 used"
    assert text.count(among) == 2


def test_numbers_that_are_missing_are_dashes(content):
    bare = emptied(content.summary)
    pooled = {**bare["pooled"], "histogram": {"bin_width": None, "edges": [], "counts": []}}
    pooled["fit"] = {
        "family": "log-normal",
        "accepted": False,
        "reason": "Refused: too few.",
    }
    pooled["intervals"]["level"] = 0.95
    pooled["share_below"]["limit"] = 0.1
    text = Page(report_html(replace(content, summary={**bare, "pooled": pooled}))).text
    assert "–" in text
    for word in ("None", "nan"):
        assert word not in text.split()


def test_a_run_without_objects_has_a_report(make):
    text = Page(report_html(make(n_images=1, n_discs=0))).text
    assert "Nothing was measured" in text
    assert "0 objects found" in text


def test_a_run_in_pixels_names_no_physical_unit(make):
    content = make(pixel_size=None)
    text = Page(report_html(content)).text
    assert "equivalent diameter / px" in text
    for unit in ("nm", "µm", "mm", "mm²"):
        assert unit not in text.split()


@pytest.mark.parametrize("count", [1, 2])
def test_pictures_beyond_the_gallery_are_counted(make, count):
    content = make(n_images=60 + count, n_discs=1, shape=(20, 20))
    noun = "picture is" if count == 1 else "pictures are"
    assert f"{count} more {noun} in images.csv" in Page(report_html(content)).text


def test_volume_that_is_refused_is_told_in_words(content):
    pooled = {**content.summary["pooled"], "volume": {"refused": "Refused: too wide."}}
    summary = {**content.summary, "pooled": pooled}
    assert (
        "Not given: too wide." in Page(report_html(replace(content, summary=summary))).text
    )


def test_warnings_are_shown_once(content):
    pooled = {**content.summary["pooled"], "warnings": ["mind the edge"]}
    summary = {**content.summary, "warnings": ["mind the edge"], "pooled": pooled}
    text = Page(report_html(replace(content, summary=summary))).text
    assert text.count("mind the edge") == 1


@pytest.mark.slow
def test_equal_content_gives_equal_bytes(make):
    first, second = (report_html(make(n_images=4, hours=(1.0, 2.0))) for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_twelve_pictures_of_noise_stay_under_5_mb(make):
    content = make(n_images=12, n_discs=20)
    rng = np.random.default_rng(0)
    overlays = {
        name: rng.integers(0, 255, (768, 1024, 3), np.uint8) for name in content.overlays
    }
    crops = {name: rng.integers(0, 255, (90, 320, 3), np.uint8) for name in overlays}
    html = report_html(replace(content, overlays=overlays, bar_crops=crops))
    assert html.count("data:image/jpeg") == 24
    assert len(html.encode("utf-8")) < 5_000_000


def test_overlays_may_be_files_with_any_name(content, tmp_path):
    folder = tmp_path / "粉末 ✨"
    folder.mkdir()
    path = folder / "overlay.png"
    path.write_bytes(cv2.imencode(".png", content.overlays["picture_0"])[1].tobytes())
    html = report_html(replace(content, overlays={"picture_0": path}))
    assert html.count("data:image/jpeg") == 1


@pytest.mark.slow
def test_a_report_is_written_as_utf_8_and_leaves_nothing_else(content, tmp_path):
    path = tmp_path / "report ✨.html"
    path.write_text("an older report", encoding="utf-8")
    write_report(path, content)
    assert path.read_bytes() == report_html(content).encode("utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told_in_a_sentence(content, tmp_path):
    with pytest.raises(WriteError, match=r"^Cannot write report\.html: "):
        write_report(tmp_path / "absent" / "report.html", content)


def test_a_report_that_cannot_take_its_place_leaves_nothing_half_written(content, tmp_path):
    path = tmp_path / "report.html"
    path.mkdir()
    (path / "in the way").touch()
    with pytest.raises(WriteError, match=r"report\.html"):
        write_report(path, content)
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_the_template_forgets_no_style():
    templates = Path(report_html.__code__.co_filename).parent / "templates"
    html = (templates / "report.html").read_text(encoding="utf-8")
    css = (templates / "report.css").read_text(encoding="utf-8")
    used = {name for text in re.findall(r'class="([^"{]*)"', html) for name in text.split()}
    styled = set(re.findall(r"\.([a-z]+)", re.sub(r"\{[^}]*\}", "{}", css)))
    assert used - styled == set()


def _luminance(color):
    """Return the relative luminance of a colour such as "#fff" (WCAG 2)."""
    digits = color.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_by_day_and_by_night(scheme):
    templates = Path(report_html.__code__.co_filename).parent / "templates"
    css = (templates / "report.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    block = next(text for text in blocks if f"color-scheme: {scheme}" in text)
    colors = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", block))
    pairs = [(ink, "paper") for ink in ("ink", "soft", "accent", "bad")]
    pairs += [("soft", "ground"), ("accent", "ground")]
    pairs += [("ink", "warn-ground"), ("warn", "warn-ground")]
    for words, ground in pairs:
        low, high = sorted(_luminance(colors[name]) for name in (words, ground))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (words, ground)
