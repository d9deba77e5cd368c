"""A day of a biologist: counts of two groups, looked through by key, parted by a sheet."""

import io
import re
import zipfile

import pytest

from .conftest import expect_objects

expect = pytest.importorskip("playwright.sync_api").expect


def test_cells_are_looked_through_compared_by_time_and_carried_to_another_computer(
    page, context, program, powders, tmp_path
):
    address = program.open(powders)
    pictures = program.segment(address)
    page.goto(address)
    expect_objects(page, 12)

    _look_through(page)

    # The computer is closed in the middle of it, and opened again.
    page.close()
    page = context.new_page()
    page.goto(address)
    expect_objects(page, 11)

    # Which picture was taken when is said by a sheet.
    page.get_by_role("button", name="Results").click()
    page.get_by_role("button", name="All pictures").click()
    expect(page.get_by_text("Pictures with a result: 2, without: 0")).to_be_visible()
    _part_by_time(page, tmp_path / "sheet.csv")

    # Too little was checked to learn from it, and the panel says so.
    page.get_by_role("button", name="Correct").click()
    page.get_by_label("This picture is completely checked").check()
    page.get_by_role("button", name="Learn").click()
    expect(page.get_by_text("1 of 2 pictures are marked as completely")).to_be_visible()
    expect(page.get_by_role("button", name="Use my corrections")).to_have_count(0)

    # A figure for the paper, and the whole project for a colleague.
    page.get_by_role("button", name="Results").click()
    page.get_by_text("Download", exact=True).click()
    assert b"<svg" in _download(page, "Histogram (SVG)").read_bytes()
    _carry(page, tmp_path / "colleague.segmetry.zip")
    expect_objects(page, 11)
    for _ in range(3):  # two were accepted since one was taken away
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("All saved")).to_be_visible()
    expect_objects(page, 12)
    # The first project has not moved.
    assert program.get(f"labels/{pictures[0]['labels']}")["n_objects"] == 11


def _look_through(page):
    """Judge the most doubtful objects of both pictures by key."""
    page.get_by_role("button", name="Correct").click()
    page.get_by_role("button", name="Begin").click()
    for key in ("x", "a", "a"):
        page.keyboard.press(key)
    expect(page.get_by_text("9 left")).to_be_visible()
    expect_objects(page, 11)
    # The next picture is looked through as this one.
    page.get_by_role("navigation", name="Pictures").get_by_text("b.png").click()
    expect_objects(page, 8)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("8 left")).to_be_visible()
    page.get_by_role("navigation", name="Pictures").get_by_text("a.png").click()
    expect_objects(page, 11)


def _part_by_time(page, sheet):
    """Say by a sheet which picture was taken when, and see how sizes grow."""
    sheet.write_text("image,time_h\na.png,1\nb.png,4\n")
    page.get_by_text("Sheet of conditions").click()
    page.get_by_label("Choose a sheet").last.set_input_files(sheet)
    page.get_by_label("Part by").select_option("time_h")
    expect(page.get_by_text(re.compile("^time_h=[14]$"))).to_have_count(2)
    # How many pictures and objects each has, and how densely they lie.
    expect(page.get_by_text(re.compile("^1 picture, (11|8) objects in"))).to_have_count(2)
    density = re.compile(r"^per area [\d.]+ .Mpx \([\d.]+–")
    expect(page.get_by_role("row", name=density)).to_have_count(3)
    trend = page.get_by_role("img", name="median against time_h")
    expect(trend).to_be_visible()
    # Discs of 10 px in radius at one hour, of 14 px at four.
    told = [point.text_content() for point in trend.locator("title").all()]
    sizes = [float(re.search(r": ([\d.]+) px", text)[1]) for text in told]
    assert abs(sizes[0] - 20) < 0.4
    assert abs(sizes[1] - 28) < 0.4


def _carry(page, archive):
    """Download the whole project, and open what was downloaded."""
    archive.write_bytes(_download(page, "Whole project (ZIP)").read_bytes())
    assert zipfile.is_zipfile(io.BytesIO(archive.read_bytes()))
    page.get_by_role("button", name="All projects").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open pictures").click()
    chooser.value.set_files(archive)


def _download(page, name):
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return download.value.path()
