"""Pictures of the app for the documentation, made only when they are asked for.

`SEGMETRY_SCREENSHOTS=docs/figures pytest tests/app/test_screenshots.py` writes them.
"""

import os
import re
from pathlib import Path

import pytest

expect = pytest.importorskip("playwright.sync_api").expect


_PLACE = os.environ.get("SEGMETRY_SCREENSHOTS")


@pytest.mark.skipif(
    _PLACE is None, reason="no pictures were asked for with SEGMETRY_SCREENSHOTS"
)
def test_pictures_for_the_documentation(page, program):
    place = Path(_PLACE)
    place.mkdir(parents=True, exist_ok=True)

    def take(name):
        page.wait_for_timeout(1500)
        page.screenshot(path=place / f"app-{name}.png")

    page.goto(program.address)
    expect(page.get_by_role("button", name="Try the demo")).to_be_visible()
    take("start")
    page.get_by_role("button", name="Try the demo").click()
    expect(page.get_by_text("ready")).to_be_visible()
    take("picture")
    page.get_by_role("button", name="Segment").click()
    page.get_by_role("button", name="Run on this picture").click()
    expect(page.get_by_text(re.compile("^done", re.MULTILINE)).first).to_be_visible()
    page.get_by_role("button", name="Results").click()
    expect(page.get_by_text("All saved")).to_be_visible()
    bars = page.get_by_role("slider", name="Histogram").bounding_box()
    page.mouse.move(bars["x"] + 0.35 * bars["width"], bars["y"] + 60)
    page.mouse.down()
    page.mouse.move(bars["x"] + 0.6 * bars["width"], bars["y"] + 60, steps=4)
    page.mouse.up()
    take("result")
    page.get_by_role("button", name="Clear").click()

    stage = page.get_by_role("application").bounding_box()
    middle = (stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    page.mouse.move(*middle)
    for _ in range(5):
        page.mouse.wheel(0, -120)
    page.keyboard.press("d")
    page.mouse.move(middle[0] - 140, middle[1] + 230)  # a dark grain that was missed
    page.mouse.down()
    page.mouse.move(middle[0] - 80, middle[1] + 260, steps=8)
    page.mouse.move(middle[0] - 150, middle[1] + 200, steps=8)
    take("editing")
    page.mouse.up()
    expect(page.get_by_text("All saved")).to_be_visible()
    page.keyboard.press("v")
    page.get_by_role("button", name="Begin").click()
    take("review")
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("threshold")
    expect(page.get_by_text("Preview, not kept")).to_be_visible()
    take("preview")
    page.get_by_role("button", name="Results").click()
    page.keyboard.press("0")
    page.emulate_media(color_scheme="dark")
    take("dark")
    page.get_by_role("button", name="All pictures").click()
    take("all")
