"""Where things lie: nothing runs out of the window, and a reload finds its step."""

import pytest
from tests.app.conftest import expect_objects

expect = pytest.importorskip("playwright.sync_api").expect

# A window that is small for a computer; the panel at the right has its least width.
SMALL = {"width": 820, "height": 700}


def fits(page):
    """Say whether the window scrolls in no direction, nor the panel sideways."""
    return page.evaluate(
        """() => {
            const whole = document.scrollingElement;
            const panel = document.querySelector("aside");
            return whole.scrollHeight <= innerHeight && whole.scrollWidth <= innerWidth
                && panel.scrollWidth <= panel.clientWidth;
        }"""
    )


def test_only_the_panel_scrolls_where_results_are_parted_by_a_number(
    page, program, powders
):
    address = program.open(powders)
    pictures = program.segment(address)
    sizes = {"source": "typed", "pixel_size": 1.49, "unit": "nm"}
    with program.client() as client:
        for picture in pictures:
            client.put(f"/api/v1/images/{picture['id']}/calibration", json=sizes)
    sheet = powders.with_name("sheet.csv")
    sheet.write_text("image,temperature_C\na.png,100\nb.png,200.5\n")
    page.set_viewport_size(SMALL)
    page.goto(address)
    expect_objects(page, 12)
    assert fits(page)
    page.get_by_role("button", name="All pictures").click()
    page.get_by_text("Sheet of conditions").click()
    page.get_by_label("Choose a sheet").last.set_input_files(sheet)
    expect(page.get_by_text("Sheet read: 2 of 2 pictures")).to_be_visible()
    page.get_by_label("Part by").select_option("temperature_C")
    expect(page.get_by_text("temperature_C=200.5", exact=True)).to_be_visible()
    panel = page.locator("aside")
    assert panel.evaluate("it => it.scrollHeight > it.clientHeight")
    assert fits(page)


@pytest.mark.usefixtures("result")
def test_the_bin_s_unit_stands_clear_of_the_weight(page):
    unit = page.locator("label", has=page.get_by_label("Bin")).bounding_box()
    weight = page.get_by_label("Weight").bounding_box()
    assert weight["x"] - (unit["x"] + unit["width"]) >= 4


@pytest.mark.usefixtures("result")
def test_a_reload_comes_back_to_its_step(page):
    steps = page.get_by_role("navigation", name="Steps")
    for name in ("Correct", "Learn"):
        steps.get_by_role("button", name=name).click()
        page.reload()
        button = steps.get_by_role("button", name=name)
        expect(button).to_have_attribute("aria-current", "step")


def test_a_file_that_is_no_picture_has_neither_scale_nor_zoom(page, program, powders):
    (powders / "a.png").write_text("no picture")
    page.goto(program.open(powders))
    pictures = page.get_by_role("navigation", name="Pictures")
    expect(pictures.get_by_text("failed")).to_be_visible()
    expect(pictures.get_by_text("unknown scale")).to_have_count(1)  # of the other one
    pictures.get_by_text("a.png").click()
    expect(page.get_by_role("button", name="Zoom in")).to_have_count(0)
    pictures.get_by_text("b.png").click()
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
