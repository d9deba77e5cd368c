"""What was done before comes back: versions, what was found at first, earlier runs."""

import re

import pytest

from .conftest import expect_objects

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def versions(page, result, drag):  # noqa: ARG001 - the picture with its twelve discs is shown
    """The list of versions, open, after the first disc was removed."""
    page.keyboard.press("r")
    drag((22, 22), (24, 22))
    expect_objects(page, 11)
    panel = page.locator("details").filter(has_text="Versions")
    panel.get_by_text("Versions").click()
    return panel


def test_a_version_and_the_automatic_result_are_restored_and_undone(page, versions):
    versions.get_by_label("Name").fill("one less")
    versions.get_by_role("button", name="Keep this state").click()
    expect(versions.get_by_text("one less")).to_be_visible()
    versions.get_by_role("button", name="Restore: the automatic result").click()
    expect_objects(page, 12)
    versions.get_by_role("button", name="Restore: one less").click()
    expect_objects(page, 11)
    page.get_by_role("button", name="Undo").click()
    expect_objects(page, 12)


def test_what_was_corrected_is_not_lost_by_another_run(page, program, result, versions):
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("threshold")
    page.get_by_role("button", name="Run on this picture").click()
    page.get_by_role("button", name="Correct").click()
    expect_objects(page, 12)
    versions.get_by_text("Versions").click()
    expect(versions.get_by_text(re.compile("threshold, corrected"))).to_be_visible()
    versions.get_by_role("button", name="Use: threshold, corrected").click()
    expect_objects(page, 11)
    assert program.get(f"labels/{result}")["n_objects"] == 11
