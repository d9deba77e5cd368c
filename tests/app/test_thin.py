"""Vessels, fibres and cracks in a window: run, seen, corrected, and measured anew."""

import re

import numpy as np
import pytest

from segmetry.io import write_png

expect = pytest.importorskip("playwright.sync_api").expect

SIDE = 300
LENGTH = 300 + 150  # px: across the picture, and from its middle to its lower border


@pytest.fixture
def network(tmp_path):
    """A folder with a dark line of 5 px across a bright picture, and one that leaves it."""
    folder = tmp_path / "network"
    folder.mkdir()
    rng = np.random.default_rng(0)
    pixels = 160 + rng.normal(0, 3, (SIDE, SIDE))
    pixels[148:153] -= 70
    pixels[153:, 148:153] -= 70
    write_png(folder / "tree.png", pixels.clip(0, 255).astype(np.uint8))
    return folder


def number_of(page, name):
    """Return a number of the panel, and its unit where it has one."""
    row = page.get_by_role("region", name="Thin structures").get_by_role("row", name=name)
    value, *unit = row.get_by_role("cell").first.inner_text().split()
    return float(value), *unit


def run(page, method):
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option(method)
    page.get_by_label("Measure vessels, fibres or cracks").check()
    page.get_by_label("Widths from").select_option("luma")
    page.get_by_role("button", name="Run on this picture").click()
    page.get_by_role("button", name="Results").click()
    expect(page.get_by_role("grid", name="Segments")).to_be_visible()


def test_lines_are_measured_drawn_corrected_and_measured_anew(page, program, network, drag):
    page.goto(program.open(network))
    expect(page.get_by_text("ready")).to_be_visible()
    run(page, "ridge")
    total, unit = number_of(page, "Total length")
    assert unit == "px"
    assert total == pytest.approx(LENGTH, rel=0.02)
    width, _ = number_of(page, "Mean width")
    assert width == pytest.approx(5, rel=0.1)
    assert number_of(page, "Branch points") == (1,)
    # They come before the sizes of objects, which tell little of lines.
    panel = page.get_by_role("region", name="Thin structures").bounding_box()
    assert (
        panel["y"]
        < page.get_by_text(re.compile(r"^\d+ objects?$")).last.bounding_box()["y"]
    )

    # The longest segment first; the one that is chosen comes to light.
    grid = page.get_by_role("grid", name="Segments")
    expect(grid.get_by_role("row")).to_have_count(4)
    assert drawn(page) > 300
    before = page.locator("canvas.lines").screenshot()
    grid.get_by_role("columnheader", name=re.compile("^length")).get_by_role(
        "button"
    ).click()
    row = grid.get_by_role("row").nth(1)
    row.click()
    expect(row).to_have_attribute("aria-selected", "true")
    page.wait_for_timeout(300)
    assert page.locator("canvas.lines").screenshot() != before
    page.get_by_label("Draw lines coloured").uncheck()
    expect(page.locator("canvas.lines")).to_have_count(0)
    page.get_by_label("Draw lines coloured").check()

    # A gap of 30 px across the line down, and the table follows.
    page.get_by_role("application").press("1")
    page.keyboard.press("e")
    page.get_by_role("slider", name="Brush").fill("64")  # 30 px on its logarithmic scale
    drag((140, 200), (160, 200), size=(SIDE, SIDE))
    expect(page.get_by_text("All saved")).to_be_visible()
    page.get_by_role("button", name="Results").click()
    expect(grid.get_by_role("row")).to_have_count(5)
    expect(page.get_by_text("Being measured anew")).to_have_count(0)
    after, _ = number_of(page, "Total length")
    assert total - after == pytest.approx(30, abs=4)
    page.get_by_role("button", name="Undo").click()
    expect(grid.get_by_role("row")).to_have_count(4)
    expect(page.get_by_text("Being measured anew")).to_have_count(0)
    assert number_of(page, "Total length")[0] == total


def drawn(page):
    """Return how many pixels of the overlay are painted."""
    return page.locator("canvas.lines").evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
        ".data.filter((value, k) => k % 4 === 3 && value > 0).length"
    )


def test_what_was_measured_can_be_taken_along_and_run_again(page, program, network):
    page.goto(program.open(network))
    expect(page.get_by_text("ready")).to_be_visible()
    run(page, "threshold")
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Segments (CSV)").click()
    assert waiting.value.suggested_filename == "tree-segments.csv"
    expect(page.get_by_role("link", name="Widths (PNG)")).to_be_visible()
    page.get_by_text("Command and recipe").click()
    expect(
        page.get_by_text(re.compile("--thin --thin-grey luma|--thin-grey luma"))
    ).to_have_count(1)


def test_a_slider_cuts_the_map_of_a_network(page, program, powders):
    page.goto(program.open(powders))
    expect(page.get_by_text("ready")).to_have_count(2)
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("nuclei")
    page.get_by_label("Show how likely").check()
    slider = page.get_by_role("slider", name="Cutoff")
    expect(page.locator("canvas.map")).to_be_visible()
    orange = [coloured(page)]
    for cutoff in ("0.05", "0.95"):
        slider.fill(cutoff)
        expect(page.get_by_label("Cutoff").first).to_have_value(cutoff)
        page.wait_for_timeout(200)  # the preview begins after a moment without a change
        expect(page.get_by_text("Preview, not kept")).to_be_visible()
        orange.append(coloured(page))
    assert orange[1] > orange[0] > orange[2] > 0
    page.get_by_role("button", name="Run on this picture").click()
    expect(page.locator("canvas.map")).to_have_count(0)
    expect(page.get_by_text("done", exact=True)).to_be_visible()
    page.get_by_text("Command and recipe").click()
    expect(page.get_by_text(re.compile("cutoff=0.95"))).to_be_visible()


def coloured(page):
    """Return how many pixels of the map are over the cutoff."""
    return page.locator("canvas.map").evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
        ".data.filter((value, k, all) => k % 4 === 0 && value > 150 && all[k + 3] > 0)"
        ".length"
    )
