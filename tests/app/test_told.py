"""What the window tells of a method is what the method does."""

import numpy as np
import pytest

from segmetry.io import write_png

expect = pytest.importorskip("playwright.sync_api").expect


def test_a_method_that_picks_a_channel_says_so(page, program, tmp_path):
    folder = tmp_path / "reds"
    folder.mkdir()
    red = np.zeros((120, 160, 3), np.uint8)
    red[..., 0] = np.random.default_rng(0).integers(0, 200, (120, 160))
    write_png(folder / "a.png", red)
    page.goto(program.open(folder))
    expect(page.get_by_text("ready")).to_have_count(1)
    page.get_by_role("button", name="Segment").click()
    channel = page.get_by_label("Channel")
    for method, told in (("ridge", "picked automatically"), ("threshold", "all together")):
        page.get_by_label("Method").select_option(method)
        expect(channel.locator("option").first).to_have_text(told)
