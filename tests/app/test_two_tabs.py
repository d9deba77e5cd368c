"""Two windows of the browser correct one picture at once, and show the same in the end."""

import re

import numpy as np
import pytest

from .conftest import still
from .test_tools import areas

expect = pytest.importorskip("playwright.sync_api").expect

N_STROKES = 20  # in each window
KEYS = "dddersm"


def stroke(page, start, stop):
    """Drag over the picture of 300 x 200 px, shown one to one in the window's middle."""
    box = page.get_by_role("application").bounding_box()
    left = box["x"] + (box["width"] - 300) / 2 + 0.5
    top = box["y"] + (box["height"] - 200) / 2 + 0.5
    page.mouse.move(left + start[0], top + start[1])
    page.mouse.down()
    page.mouse.move(left + stop[0], top + stop[1], steps=3)
    page.mouse.up()


def seen(page, n_objects):
    """Return what the canvas shows once all is saved and told."""
    page.bring_to_front()
    expect(page.get_by_text("All saved")).to_be_visible()
    words = re.compile(f"^{n_objects} objects?$")
    expect(page.get_by_text(words).first).to_be_visible()
    page.get_by_role("application").press("1")
    page.mouse.move(1, 1)
    return still(page.locator("canvas").screenshot)


def test_forty_strokes_in_turn_give_the_same_picture_in_both(
    page, context, program, result
):
    other = context.new_page()
    other.goto(page.url)
    expect(other.get_by_text("12 objects", exact=True).first).to_be_visible()
    other.get_by_role("application").press("1")
    before = page.locator("canvas").screenshot()
    random = np.random.default_rng(0)
    for number in range(2 * N_STROKES):
        window = (page, other)[number % 2]
        window.bring_to_front()
        window.keyboard.press(str(random.choice(list(KEYS))))
        start = random.integers((20, 20), (280, 180))
        stop = np.clip(start + random.integers(-40, 41, 2), 5, 195)
        stroke(window, start.tolist(), stop.tolist())
        if number % 7 == 6:
            window.keyboard.press("Control+z")
    for window in (page, other):
        window.bring_to_front()
        expect(window.get_by_text("All saved")).to_be_visible()
    n_objects = len(areas(program, result))
    third = context.new_page()
    third.goto(page.url)  # what the server holds, and nothing else
    pictures = [seen(window, n_objects) for window in (page, other, third)]
    assert pictures[0] == pictures[1] == pictures[2] != before
