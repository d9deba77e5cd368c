"""A day of a biologist: counts of two groups, looked through by key, parted by a sheet."""

import io
import re
import subprocess
import sys
import zipfile

import cv2
import numpy as np
import pandas as pd
import pytest

from segmetry.io.regions import write_regions
from segmetry.region import Region

from .conftest import eventually, expect_objects

expect = pytest.importorskip("playwright.sync_api").expect

_LONG = 600_000  # ms: ten pictures on a computer that has much else to do


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
    page.get_by_role("button", name="Correct", exact=True).click()
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
    page.get_by_role("button", name="Correct", exact=True).click()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("12 left")).to_be_visible()
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


def test_slices_become_a_table_of_counts_per_region_animal_and_group(
    context, own_program, tmp_path, discs
):
    slices = _slices(tmp_path / "slices", discs)
    address = own_program.open(slices)
    project = address.partition("#")[2]
    page = context.new_page()
    page.goto(address)
    _find_cells(page)
    _take_regions(page, tmp_path / "slice.geojson")
    corrected = {_look_at_doubts(page, own_program, project)}
    corrected |= _correct_by_chance(page, own_program, project)
    before = _told_of_all(page)

    # The computer fails in the middle of it, and is started again.
    own_program.kill()
    own_program.start()
    page.close()
    page = context.new_page()
    page.goto(f"{own_program.address}#{project}")
    assert _told_of_all(page) == before

    tables = {
        name: pd.read_csv(_download(page, name)) for name in ("regions.csv", "animals.csv")
    }
    regions, animals = tables.values()
    assert len(regions) == len(animals) == 2 * len(ANIMALS)
    assert set(animals["group"]) == {"treated", "control"}
    assert animals["n_objects"].sum() == regions["n_objects"].sum()
    again = _on_the_command_line(page, slices, tmp_path)
    both = regions.merge(again, on=["image", "region"], suffixes=("", "_again"))
    assert len(both) == len(regions)
    same = both["n_objects"] == both["n_objects_again"]
    assert set(both.loc[~same, "image"]) <= corrected
    assert same.sum() >= 2 * (len(ANIMALS) - len(corrected))


ANIMALS = [f"m{n}" for n in range(10)]  # of each one slice


def _slices(folder, discs):
    """Draw green cells, half of them in each of two regions, and a sheet of animals."""
    folder.mkdir()
    lines = ["image,animal,group"]
    for n, animal in enumerate(ANIMALS):
        cells = discs([7] * (10 + n % 4), shape=(160, 240), seed=n)
        colours = np.stack([np.full_like(cells, 9), cells, cells // 8], axis=-1)
        (folder / f"{animal}.png").write_bytes(cv2.imencode(".png", colours)[1].tobytes())
        lines.append(f"{animal}.png,{animal},{'treated' if n < 5 else 'control'}")
    (folder / "conditions.csv").write_text("\n".join(lines))
    return folder


def _find_cells(page):
    """Choose the network for neurons and a channel, and run it on all slices."""
    pictures = page.get_by_role("navigation", name="Pictures")
    ready = pictures.get_by_text(re.compile("ready"))
    expect(ready).to_have_count(len(ANIMALS), timeout=_LONG)
    page.get_by_role("button", name="Segment").click()
    methods = page.get_by_label("Method").locator("option").all_text_contents()
    network = "neurons" if any("eurons" in name for name in methods) else "nuclei"
    page.get_by_label("Method").select_option(network)
    channel = page.get_by_label("Channel")
    expect(channel).to_have_value("")  # chosen by the program
    channel.select_option(label="green")
    page.get_by_role("button", name="Run on all pictures").click()
    done = pictures.get_by_text(re.compile("done"))
    expect(done).to_have_count(len(ANIMALS), timeout=_LONG)


def _take_regions(page, path):
    """Import two regions into the first slice, and give them to all others."""
    halves = [("CA1", 0), ("CA3", 120)]
    write_regions(
        path,
        [
            Region(name, (np.array([[x, 0], [x + 120, 0], [x + 120, 160], [x, 160.0]]),))
            for name, x in halves
        ],
    )
    page.get_by_role("button", name="Picture", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").click()
    chooser.value.set_files(path)
    for n, (name, _) in enumerate(halves, start=1):
        expect(page.get_by_label(f"Name of region {n}")).to_have_value(name)
    page.get_by_role("button", name="Copy to all pictures").click()
    expect(page.get_by_text(f"Copied to {len(ANIMALS) - 1} pictures.")).to_be_visible()


def _look_at_doubts(page, program, project):
    """Reject the most doubtful cell and add one that was missed; returns the slice."""
    first = program.get(f"projects/{project}")["pictures"][0]
    n = first["n_objects"]
    page.get_by_role("button", name="Correct", exact=True).click()
    counted = page.get_by_role("region", name="Regions to count in")
    expect(counted.get_by_role("row")).to_have_count(3)
    expect(page.get_by_text(re.compile(r"^Expected errors left: \d+"))).to_be_visible()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text(f"{n} left")).to_be_visible()
    page.keyboard.press("x")
    expect_objects(page, n - 1)
    page.keyboard.press("p")
    page.get_by_role("application").press("1")
    _click(page, (232, 152))
    expect_objects(page, n)

    def check():
        told = counted.locator("tbody td:nth-child(2)").all_text_contents()
        assert sum(map(int, told)) == n

    eventually(check)
    return first["name"].removesuffix(".png")


def _correct_by_chance(page, program, project):
    """Correct three slices that chance chose; returns them."""
    page.get_by_role("button", name="Results").click()
    page.get_by_role("button", name="All pictures").click()
    page.get_by_label("How many pictures to correct").fill("3")
    page.get_by_role("button", name="Choose at random").click()
    expect(page.get_by_text("0 of the 3 chosen pictures are checked.")).to_be_visible()
    page.get_by_label("Which pictures").select_option("sampled")
    listed = page.get_by_role("navigation", name="Pictures").locator("li button")
    expect(listed).to_have_count(3)
    page.get_by_role("button", name="Correct", exact=True).click()
    for n in range(3):
        listed.nth(n).click()
        page.get_by_label("This picture is completely checked").check()
        expect(listed.nth(n).get_by_text("checked")).to_be_visible()
    told = program.get(f"projects/{project}")["pictures"]
    return {one["name"].removesuffix(".png") for one in told if one["is_sampled"]}


def _told_of_all(page):
    """Return what the panels tell of all slices, once the totals are there."""
    page.get_by_role("button", name="Results").click()
    page.get_by_role("button", name="All pictures").click()
    expect(page.get_by_text("3 of the 3 chosen pictures are checked.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^precision "))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile(r"^total \(automatic"))).to_be_visible()
    groups = page.get_by_role("region", name="By group")
    expect(groups.get_by_role("row")).to_have_count(5)
    panels = page.get_by_role("complementary").locator("section")
    return [
        text for text in panels.all_text_contents() if "egion" in text or "recall" in text
    ]


def _click(page, point, size=(240, 160)):
    """Click a pixel of the picture that is shown one to one, centred."""
    box = page.get_by_role("application").bounding_box()
    left = box["x"] + (box["width"] - size[0]) / 2
    top = box["y"] + (box["height"] - size[1]) / 2
    page.mouse.click(left + point[0] + 0.5, top + point[1] + 0.5)


def _on_the_command_line(page, slices, tmp_path):
    """Repeat the recipe of the run with the same regions, as a second person does."""
    page.get_by_role("button", name="This picture").click()
    page.get_by_text("Download", exact=True).click()
    recipe = tmp_path / "recipe.toml"
    recipe.write_bytes(_download(page, "Recipe (TOML)").read_bytes())
    folder = tmp_path / "regions"
    folder.mkdir()
    for animal in ANIMALS:
        (folder / f"{animal}.geojson").write_bytes(
            (tmp_path / "slice.geojson").read_bytes()
        )
    words = ["run", slices, "--recipe", recipe, "--regions", folder]
    words += ["--sheet", slices / "conditions.csv", "--out", tmp_path / "again"]
    command = [sys.executable, "-m", "segmetry", *map(str, words)]
    subprocess.run(command, check=True, capture_output=True)
    return pd.read_csv(tmp_path / "again" / "regions.csv")
