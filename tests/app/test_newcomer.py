"""What somebody new to the app does, by mistake and then right."""

import re

import pytest
from tests.app.conftest import eventually, expect_objects

expect = pytest.importorskip("playwright.sync_api").expect


def test_a_pixel_size_with_a_comma_is_what_was_typed_and_can_be_taken_back(
    page,
    context,
    result,  # noqa: ARG001 - it must be there
):
    other = context.new_page()
    other.goto(page.url)
    expect_objects(other, 12)
    other.get_by_role("button", name="Results").click()

    page.get_by_role("button", name="Picture", exact=True).click()
    field = page.get_by_label("Type the pixel size")
    for text in ("1,000", "half", "-1"):
        field.fill(text)
        page.get_by_role("button", name="Apply").last.click()
        assert "is not clearly a number" in field.evaluate("it => it.validationMessage")
    expect(page.get_by_text("The pixel size is not known")).to_be_visible()
    field.fill("0,5")
    page.get_by_label("Unit").last.select_option("µm")
    page.get_by_role("button", name="Apply").last.click()
    expect(page.get_by_text("is 500.0 nm wide (typed).")).to_be_visible()

    # The other window follows: a disc of radius 10 px is 10 µm wide.
    mean = other.get_by_role("row", name=re.compile("mean")).first
    expect(mean).to_contain_text(re.compile(r"(9\.9\d|10\.\d) µm"))

    page.get_by_role("button", name="Remove this pixel size").click()
    expect(page.get_by_text("The pixel size is not known")).to_be_visible()
    expect(mean).to_contain_text("px")


@pytest.mark.usefixtures("result")
def test_what_was_accepted_is_not_asked_again_and_an_undo_asks_again(page, context):
    page.get_by_role("button", name="Correct").click()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("12 left")).to_be_visible()
    for key in ("a", "a", "x"):
        page.keyboard.press(key)
    expect(page.get_by_text("9 left")).to_be_visible()
    undo = page.get_by_role("button", name="Undo")
    for left, takes_back in (("10 left", "Reject"), ("11 left", "Accept")):
        step = re.compile(rf"^Undo: {takes_back} object \d+ \(Ctrl\+Z\)$")
        expect(undo).to_have_attribute("title", step)
        undo.click()
        expect(page.get_by_text(left)).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    page.reload()
    expect_objects(page, 12)
    expect(undo).to_have_attribute("title", re.compile(r"^Undo: Accept object \d+ \(C"))
    other = context.new_page()
    other.goto(page.url)
    undo = other.get_by_role("button", name="Undo")
    expect(undo).to_have_attribute("title", re.compile(r"\(not from this window\)"))
    page.bring_to_front()
    page.get_by_role("button", name="Correct").click()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("11 left")).to_be_visible()


@pytest.mark.usefixtures("result")
def test_the_method_and_its_values_stay_with_the_project(page):
    page.get_by_role("button", name="Segment", exact=True).click()
    page.get_by_label("Method").select_option("threshold")
    page.get_by_label("Min area").fill("77")
    page.reload()
    expect(page.get_by_label("Method", exact=True)).to_have_value("threshold")
    expect(page.get_by_label("Min area")).to_have_value("77")


@pytest.mark.usefixtures("result")
def test_the_picture_lies_as_before_the_review(page):
    page.get_by_role("button", name="Correct").click()
    for _ in range(6):
        page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Numbers", exact=True).click()

    def places():
        texts = page.locator("svg text.id").all()
        return {text.text_content(): text.get_attribute("x") for text in texts}

    before = places()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("12 left")).to_be_visible()
    page.keyboard.press("j")

    def moved():
        assert places() != before

    eventually(moved)
    page.get_by_role("button", name="Close").click()

    def back():
        assert places() == before

    eventually(back)


@pytest.mark.usefixtures("result")
def test_quantities_have_chinese_names(page):
    page.get_by_role("button", name="中文").click()
    quantity = page.get_by_label("物理量").first
    expect(quantity.locator("option:checked")).to_have_text("等效直径 (px)")
    expect(page.get_by_role("columnheader", name="面积")).to_be_visible()


def test_limits_the_wrong_way_round_delete_nothing(page, result):  # noqa: ARG001 - it must be there
    page.get_by_role("button", name="Correct").click()
    page.get_by_text("Delete by size, shape or edge").click()
    panel = page.locator("details", has_text="Delete by size, shape or edge")
    panel.get_by_label("from").fill("50")
    panel.get_by_label("to", exact=True).fill("20,5")
    expect(panel.get_by_text("“from” must not be above “to”.")).to_be_visible()
    expect(panel.get_by_role("button", name="Delete them")).to_be_disabled()
    panel.get_by_label("from").fill("")
    expect(panel.get_by_text(re.compile("objects? (is|are) outside"))).to_be_visible()


def test_the_numbers_say_on_what_they_rest(page, program, result):
    summary = program.get(f"labels/{result}/summary?measure=equivalent_diameter_px")
    expect(page.get_by_title(summary["note"]).first).to_be_attached()
    expect(page.get_by_text("All objects, as they are.")).to_be_visible()
