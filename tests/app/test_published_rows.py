"""What the published web app let its users do, done here: see docs/rows.md."""

import csv
import io
import re

import cv2
import numpy as np
import pytest
import tifffile

from segmetry.io import write_png

from .conftest import eventually, expect_objects, still
from .test_tools import areas

expect = pytest.importorskip("playwright.sync_api").expect

QUANTITY = "area_px"


def shown(page, name):
    """A number of the results, as the window tells it: 1.23 × 10³ is written 1230."""
    row = page.get_by_role("row", name=re.compile(f"^{name}")).first
    return float(re.search(rf"{name}\s+([\d.,]+)", row.inner_text())[1].replace(",", ""))


def see(page):
    """The picture of 300 x 200 as it is seen, one to one, by rows and columns, in RGB."""
    page.mouse.move(5, 5)  # what is under the pointer is brighter
    box = page.get_by_role("application").bounding_box()
    left, top = box["x"] + (box["width"] - 300) / 2, box["y"] + (box["height"] - 200) / 2
    clip = {"x": left, "y": top, "width": 300, "height": 200}
    content = still(lambda: page.screenshot(clip=clip))
    seen = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return seen[..., ::-1].astype(int)


def download(page, name):
    """The content and the name of a file of the list of downloads."""
    if not page.get_by_role("link", name=name).is_visible():
        page.get_by_text("Download", exact=True).click()
    with page.expect_download() as got:
        page.get_by_role("link", name=name).click()
    return got.value.path().read_bytes(), got.value.suggested_filename


def look_at_areas(page):
    """Go to the histogram of the areas."""
    page.get_by_role("button", name="Results").click()
    page.get_by_label("Quantity").first.select_option(QUANTITY)
    expect(
        page.get_by_role("slider", name=re.compile("^Histogram of area"))
    ).to_be_visible()


@pytest.fixture
def bars(page, result):  # noqa: ARG001 - it must be there
    """The histogram of the areas of twelve discs, of 317 px² each but for a few pixels."""
    look_at_areas(page)
    return page.get_by_role("slider", name=re.compile("^Histogram of area"))


def heights(bars):
    """The range and count of each bar, as told when the pointer rests on it."""
    n_bars = int(bars.get_attribute("aria-valuemax")) + 1
    bars.focus()
    told = []
    for _ in range(n_bars):
        bars.press("ArrowLeft")
    for i in range(n_bars):
        if i:
            bars.press("ArrowRight")
        told.append(bars.get_attribute("aria-valuetext"))
    parts = [
        re.fullmatch(r"([\d.,]+) to ([\d.,]+) px²?: (\d+)", text).groups() for text in told
    ]
    return [tuple(float(part.replace(",", "")) for part in bar) for bar in parts]


def test_picture_name_histogram_and_numbers_are_seen_at_once(page, program, result, bars):
    expect(
        page.get_by_role("navigation", name="Pictures").get_by_text("a.png")
    ).to_be_visible()
    expect(page.locator("canvas")).to_be_visible()
    expect(bars).to_be_visible()
    found = np.array(list(areas(program, result).values()))
    assert shown(page, "mean") == pytest.approx(found.mean(), rel=0.005)
    assert shown(page, "median") == pytest.approx(np.median(found), rel=0.005)
    assert shown(page, "sd") == pytest.approx(found.std(ddof=1), rel=0.02)
    numbers = page.get_by_role("row", name=re.compile("^mean")).first.bounding_box()
    assert numbers["y"] < bars.bounding_box()["y"]


def test_bars_are_25_px_wide_and_tell_their_values_under_the_pointer(page, bars):
    told = heights(bars)
    assert {stop - start for start, stop, _ in told} == {25}
    assert sum(count for *_, count in told) == 12
    box = bars.bounding_box()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 60)
    expect(page.get_by_text(re.compile(r"^[\d.]+ to [\d.]+ px²?: \d+$"))).to_be_visible()
    page.get_by_label("Bin").fill("75")
    page.get_by_label("Bin").press("Enter")
    assert {stop - start for start, stop, _ in heights(bars)} == {75}


def test_the_sizes_of_all_particles_are_one_column_of_a_file(page, program, result, bars):  # noqa: ARG001 - the results are in sight
    content, name = download(page, "Areas only (CSV)")
    sizes = [float(line) for line in content.decode().splitlines()]
    assert sorted(sizes) == sorted(areas(program, result).values())
    assert name == "a-area_px.csv"


def test_the_opacity_goes_from_the_picture_to_the_objects(page, result):  # noqa: ARG001 - it must be there
    opacity = page.get_by_role("slider", name="Opacity")
    page.get_by_label("View of the objects").select_option("bw")
    opacity.fill("0")
    low = see(page)
    opacity.fill("0.5")
    half = see(page)
    opacity.fill("1")
    full = see(page)
    page.get_by_role("application").press("o")
    assert np.array_equal(see(page), low)  # nothing but the picture
    disc, ground = (full[y, x] for x, y in ((22, 22), (150, 120)))
    assert disc.min() > 240
    assert ground.max() < 15
    mixed = (low[22, 22] + full[22, 22]) / 2
    assert np.abs(half[22, 22] - mixed).max() <= 3


def test_each_object_has_its_colour_which_tells_one_from_two(page, program, result, drag):
    before = areas(program, result)
    page.get_by_role("slider", name="Opacity").fill("1")
    page.get_by_label("View of the objects").select_option("colour")
    page.keyboard.press("d")
    page.get_by_role("slider", name="Brush").fill("40")
    drag((33, 22), (39, 22))  # from disc to disc: a third object that touches both
    expect_objects(page, 13)
    seen = see(page)
    colours = {tuple(seen[22, x]) for x in (22, 36, 50)}
    assert len(colours) == 3
    page.get_by_label("View of the objects").select_option("bw")
    seen = see(page)
    assert {tuple(seen[22, x]) for x in (22, 36, 50)} == {(255, 255, 255)}
    page.get_by_label("View of the objects").select_option("colour")
    page.keyboard.press("m")
    drag((22, 22), (50, 22))
    expect_objects(page, 11)
    seen = see(page)
    assert len({tuple(seen[22, x]) for x in (22, 36, 50)}) == 1
    # Looking has changed nothing: two undone, all is as it was.
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
    expect_objects(page, 12)
    assert areas(program, result) == before


@pytest.mark.parametrize(("slide", "width"), [(0, 1), (30, 5), (64, 30), (100, 200)])
def test_a_brush_paints_as_wide_as_its_slider_says(
    page, program, result, drag, slide, width
):
    before = areas(program, result)
    page.keyboard.press("d")
    page.get_by_role("slider", name="Brush").fill(str(slide))
    expect(page.get_by_text(f"{width} px", exact=True)).to_be_visible()
    drag((200, 140), (200, 140))
    expect_objects(page, 13)
    (new,) = areas(program, result).keys() - before.keys()
    if width < 100:  # a wider one meets the discs and the edge of the picture
        disc = np.pi * width**2 / 4
        assert areas(program, result)[new] == pytest.approx(disc, rel=0.1, abs=4)


def test_drawing_and_removing_in_one_go_keeps_what_was_drawn(page, program, result, drag):
    before = areas(program, result)
    page.keyboard.press("d")
    page.get_by_role("slider", name="Brush").fill("40")
    drag((22, 22), (22, 44))  # it extends a disc
    drag((150, 120), (180, 120))
    page.keyboard.press("r")
    drag((78, 110), (78, 22))  # from the background to the third disc
    expect_objects(page, 12)
    after = areas(program, result)
    assert len(after.keys() - before.keys()) == 1
    grown = [
        number for number in before.keys() & after.keys() if after[number] > before[number]
    ]
    assert len(grown) == 1


def test_two_specks_pull_the_mean_and_a_correction_brings_it_back(page, bars, drag):  # noqa: ARG001 - it must be there
    mean, median = shown(page, "mean"), shown(page, "median")
    page.keyboard.press("d")
    page.get_by_role("slider", name="Brush").fill("21")
    drag((150, 120), (151, 120))
    drag((180, 120), (181, 120))
    expect_objects(page, 14)
    page.get_by_role("button", name="Results").click()
    expect(page.get_by_role("row", name=re.compile("^mean")).first).not_to_contain_text(
        f"{mean:.0f}"
    )

    def check():
        assert shown(page, "mean") < 0.9 * mean
        assert shown(page, "median") == pytest.approx(median, rel=0.02)
        assert shown(page, "sd") > 50

    eventually(check)
    page.get_by_role("button", name="Correct").click()
    page.get_by_text("Delete by size, shape or edge").click()
    panel = page.locator("details", has_text="Delete by size, shape or edge")
    panel.get_by_label("Quantity").select_option(QUANTITY)
    panel.get_by_label("from").fill("100")
    panel.get_by_role("button", name="Delete them").click()
    expect_objects(page, 12)
    expect_mean = re.compile(rf"^mean\s+{mean:g}")
    expect(page.get_by_role("row", name=expect_mean).first).to_be_visible()


def test_the_published_example_is_a_sixth_of_a_square_micrometre(page, program, tmp_path):
    picture = np.full((200, 300), 40, np.uint8)
    picture[60:80, 60:85] = 200  # 500 px
    picture[100:140, 150:200] = 200
    folder = tmp_path / "published"
    folder.mkdir()
    write_png(folder / "a.png", picture)
    page.goto(program.open(folder))
    expect(page.get_by_text("ready")).to_be_visible()
    page.get_by_label("Type the pixel size").fill(str(2000 / 110))  # nm: 110 px are 2 µm
    page.get_by_role("button", name="Apply").last.click()
    expect(
        page.get_by_text(re.compile("One pixel is 18.2 nm|One pixel is 18.18"))
    ).to_be_visible()
    program.segment(page.url)
    page.get_by_role("button", name="Results").click()
    expect_objects(page, 2)
    rows = csv.DictReader(io.StringIO(download(page, "Table (CSV)")[0].decode()))
    sizes = sorted(float(row["area_um2"]) for row in rows)
    assert sizes == pytest.approx([500 * (2 / 110) ** 2, 2000 * (2 / 110) ** 2])
    assert sizes[0] == pytest.approx(0.165, abs=0.0005)  # not 0.9, as it was printed


def test_a_banner_that_is_left_out_is_marked_in_the_picture(page, program, powders):
    (powders / "b.png").unlink()
    page.goto(program.open(powders))
    expect(page.get_by_text("ready")).to_be_visible()
    page.get_by_role("application").press("1")
    before = see(page)
    page.get_by_role("button", name="Leave out a banner").click()
    page.get_by_label("First row of the banner").fill("161")
    page.get_by_label("First row of the banner").press("Tab")

    def check():
        seen = see(page)
        rows = [seen[185, x] - before[185, x] for x in range(20, 280)]
        kept = [seen[120, x] - before[120, x] for x in range(20, 280)]
        assert np.abs(rows).mean() > 10
        assert np.abs(kept).max() == 0

    eventually(check)


def test_a_trained_network_finds_particles_in_the_app(page, program, powders):
    (powders / "b.png").unlink()
    page.goto(program.open(powders))
    expect(page.get_by_text("ready")).to_be_visible()
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("particles")
    page.get_by_role("button", name="Run on this picture").click()
    page.get_by_role("button", name="Results").click()
    expect_objects(page, 12)
    label = program.get(f"projects/{page.url.partition('#')[2]}")["pictures"][0]["labels"]
    # At full size, not on a grid of its own: a disc keeps its pixels.
    assert list(areas(program, label).values()) == pytest.approx([317] * 12, rel=0.12)


def test_instructions_and_the_meaning_of_the_numbers_are_a_key_away(page, result):  # noqa: ARG001 - it must be there
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog")
    for words in ("Draw", "Erase", "Remove", "Undo", "Brush width"):
        expect(sheet.get_by_text(words, exact=False).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    page.keyboard.press("n")
    expect(sheet.get_by_text(re.compile("false specks pull it down"))).to_be_visible()


_WATCH = """() => {
    const options = { subtree: true, childList: true, characterData: true };
    window.told = new Promise((resolve) => {
        new MutationObserver(() => {
            const word = document.body.innerText.match(/^(waiting|running)/m);
            if (word) resolve(word[0]);
        }).observe(document.body, options);
        setTimeout(() => resolve(null), 60000);
    });
}"""


def test_a_run_tells_that_it_works_and_its_objects_are_as_large_as_the_picture(
    page, program, tmp_path, discs
):
    folder = tmp_path / "wide"
    folder.mkdir()
    write_png(folder / "wide.png", discs([5] * 300, shape=(400, 1400)))
    page.goto(program.open(folder))
    expect(page.get_by_text("ready")).to_be_visible()
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("threshold")
    page.evaluate(_WATCH)  # a quick run is over before a test looks
    page.get_by_role("button", name="Run on this picture").click()
    assert page.evaluate("() => window.told") in {"waiting", "running"}
    page.get_by_role("button", name="Results").click()
    expect_objects(page, 300)
    (picture,) = program.get(f"projects/{page.url.partition('#')[2]}")["pictures"]
    with program.client() as client:
        export = f"/api/v1/labels/{picture['labels']}/export"
        content = client.get(export, params={"fmt": "labels"}).content
    labels = tifffile.imread(io.BytesIO(content))
    assert labels.shape == (400, 1400)
    assert labels.max() == 300


def test_a_dropped_folder_and_a_dropped_file_are_opened(page, program, powders):
    page.goto(program.address)
    expect(page.get_by_text("Drop pictures or a folder here")).to_be_visible()
    more = powders.parent / "c.png"
    more.write_bytes((powders / "b.png").read_bytes())
    (powders / "notes.txt").write_text("no picture")
    drop(page, powders)
    pictures = page.get_by_role("navigation", name="Pictures")
    for name in ("a.png", "b.png"):
        expect(pictures.get_by_role("button", name=name)).to_be_visible()
    drop(page, more)
    expect(pictures.get_by_role("button", name="c.png")).to_be_visible()
    expect(pictures.get_by_text("ready")).to_have_count(3)


def drop(page, path):
    """Let go of a file or a folder over the middle of the window, as the system does."""
    chrome = page.context.new_cdp_session(page)
    held = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        event = {"type": kind, "x": 600, "y": 400, "data": held}
        chrome.send("Input.dispatchDragEvent", event)
    chrome.detach()
