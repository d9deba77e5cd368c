"""A day of a materials scientist: from pictures of a powder to a size distribution."""

import csv
import io
import re
import zipfile

import pytest

expect = pytest.importorskip("playwright.sync_api").expect


def test_a_powder_is_opened_calibrated_segmented_corrected_and_downloaded(
    page, program, powders
):
    page.goto(program.address)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open pictures").click()
    chooser.value.set_files([powders / "a.png", powders / "b.png"])
    pictures = page.get_by_role("navigation", name="Pictures")
    expect(pictures.get_by_text("ready")).to_have_count(2)

    page.get_by_role("button", name="Unknown scale: set it").click()
    page.get_by_label("Type the pixel size").fill("50")
    page.get_by_role("button", name="Apply").last.click()
    expect(page.get_by_text("One pixel is 50.00 nm wide (typed).")).to_be_visible()

    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("threshold")
    page.get_by_role("button", name="Run on all pictures").click()
    expect(pictures.get_by_text("· 12")).to_be_visible()
    expect(pictures.get_by_text("· 8")).to_be_visible()

    page.get_by_role("button", name="Results").click()
    expect(page.get_by_text("12 objects", exact=True)).to_be_visible()
    # A disc of radius 10 px of 50 nm has a diameter of 1 µm.
    expect(page.get_by_role("row", name=re.compile("mean")).first).to_contain_text("1.0")

    rows = page.get_by_role("grid", name="Objects")
    rows.get_by_role("row").nth(1).click()
    page.get_by_role("button", name="Delete").last.click()
    expect(page.get_by_text("11 objects", exact=True)).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("12 objects", exact=True)).to_be_visible()
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_text("11 objects", exact=True)).to_be_visible()

    page.get_by_text("Download", exact=True).click()
    table = list(csv.DictReader(io.StringIO(_download(page, "Table (CSV)").decode())))
    assert len(table) == 11
    assert all(abs(float(row["equivalent_diameter_um"]) - 1) < 0.03 for row in table)
    packed = zipfile.ZipFile(io.BytesIO(_download(page, "All of these (ZIP)")))
    assert "objects.csv" in packed.namelist()


def _download(page, name):
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return download.value.path().read_bytes()
