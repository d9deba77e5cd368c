"""What was done is there again: after a reload, in another window, after a power cut."""

import re

import pytest

from .conftest import expect_objects, open_result
from .test_tools import areas

expect = pytest.importorskip("playwright.sync_api").expect


def test_a_reload_keeps_everything_and_undo_too(page, program, result, drag):
    page.keyboard.press("d")
    drag((150, 120), (180, 120))
    expect_objects(page, 13)
    page.reload()
    expect_objects(page, 13)
    page.get_by_role("button", name="Undo").click()
    expect_objects(page, 12)
    assert len(areas(program, result)) == 12


def test_two_windows_show_the_same(page, context, program, result, drag):
    other = context.new_page()
    other.goto(page.url)
    expect_objects(other, 12)
    page.bring_to_front()
    page.keyboard.press("d")
    drag((150, 120), (180, 120))
    expect_objects(page, 13)
    expect_objects(other, 13)
    other.bring_to_front()
    other.get_by_role("button", name="Undo").click()
    expect_objects(other, 12)
    expect_objects(page, 12)
    # Both at once: neither loses what it did.
    page.bring_to_front()
    drag((150, 120), (180, 120))
    other.get_by_role("button", name="Results").click()
    other.get_by_role("grid", name="Objects").focus()
    other.keyboard.press("ArrowDown")
    other.keyboard.press("Delete")
    drag((150, 160), (180, 160))
    expect_objects(page, 13)
    expect_objects(other, 13)
    assert len(areas(program, result)) == 13


def test_edits_outlive_a_program_that_is_killed_between_them(
    page, own_program, powders, drag
):
    labels = open_result(page, own_program, powders)
    project = page.url.partition("#")[2]
    page.keyboard.press("d")
    drag((150, 120), (180, 120))
    expect_objects(page, 13)

    own_program.kill()
    drag((150, 150), (180, 150))
    page.keyboard.press("r")
    drag((22, 22), (24, 22))
    expect(
        page.get_by_text(re.compile(r"No connection: \d changes are kept"))
    ).to_be_visible()

    # The old window has an old permission: nothing is lost while it waits for a new one.
    with page.expect_response(lambda answer: answer.status in {401, 403}):
        own_program.start()
    page.goto(f"{own_program.address}#{project}")
    expect_objects(page, 13)
    own = areas(own_program, labels)
    assert len(own) == 13
    page.get_by_role("button", name="Undo").click()
    expect_objects(page, 14)
    page.get_by_role("button", name="Undo").click()
    expect_objects(page, 13)
