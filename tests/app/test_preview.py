"""What a method would find is shown while its options change, and kept nowhere."""

import re

import pytest

expect = pytest.importorskip("playwright.sync_api").expect


def test_a_preview_follows_the_options_and_leaves_with_the_panel(page, program, powders):
    page.goto(program.open(powders))
    expect(page.get_by_text("ready")).to_have_count(2)
    page.get_by_role("button", name="Segment").click()
    expect(page.get_by_text("Preview, not kept")).to_have_count(0)
    page.get_by_label("Method").select_option("threshold")
    expect(page.get_by_text("Preview, not kept: 12 objects in the frame")).to_be_visible()
    page.get_by_label("Min area").fill("100000")
    expect(page.get_by_text("Preview, not kept: 0 objects in the frame")).to_be_visible()
    page.get_by_label("Min area").fill("20")
    expect(page.get_by_text("Preview, not kept: 12 objects in the frame")).to_be_visible()
    page.get_by_role("button", name="Picture", exact=True).click()
    expect(page.get_by_text("Preview, not kept")).to_have_count(0)
    # Nothing was kept: the picture has no result.
    expect(page.get_by_text(re.compile("done"))).to_have_count(0)
    page.get_by_role("button", name="Results").click()
    expect(page.get_by_text("No objects yet")).to_be_visible()
