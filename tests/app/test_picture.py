"""Pixel size and measured area of a picture, by hand and by key."""

import re

import numpy as np
import pytest
import tifffile

from .conftest import eventually, still

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def stage(page, program, powders):
    """The picture `a.png` of 300 x 200 px in sight, one px on one point of the window."""
    page.goto(program.open(powders))
    expect(page.get_by_text("ready")).to_have_count(2)
    stage = page.get_by_role("application")
    stage.press("1")
    return stage


def told(page, program):
    """What the server knows of the picture."""
    with program.client() as client:
        project = client.get("/api/v1/projects/" + page.url.partition("#")[2]).json()
    return project["pictures"][0]


@pytest.mark.usefixtures("stage")
def test_a_line_of_known_length_gives_the_pixel_size(page, program, drag):
    page.get_by_role("button", name="Draw a line").click()
    drag((20, 150), (120, 150))
    page.get_by_label("Length", exact=True).fill("2")
    page.get_by_label("Unit").first.select_option("µm")
    page.get_by_role("button", name="Apply").first.click()
    expect(page.get_by_text(re.compile("One pixel is 20.0+ nm wide"))).to_be_visible()
    assert told(page, program)["calibration"]["source"] == "drawn"

    page.get_by_role("button", name="Use it for all pictures").click()
    expect(page.get_by_text("Used for 1 other picture of the project.")).to_be_visible()
    pictures = page.get_by_role("navigation", name="Pictures")
    expect(pictures.get_by_text(re.compile("20.0+ nm/px"))).to_have_count(2)


@pytest.mark.usefixtures("stage")
def test_a_line_is_drawn_by_key(page):
    page.get_by_role("button", name="Draw a line").press("Enter")
    for key in ("ArrowRight", "Enter", *["ArrowRight"] * 10, "Enter"):
        page.keyboard.press(key)
    page.get_by_label("Length", exact=True).fill("80")
    page.get_by_label("Length", exact=True).press("Enter")
    # Ten presses of four pixels each, at one pixel a point.
    expect(page.get_by_text(re.compile("One pixel is 2.0+ nm wide"))).to_be_visible()


@pytest.mark.usefixtures("stage")
def test_an_area_is_left_out_moved_sized_and_taken_back(page, program, drag):
    page.get_by_role("button", name="Leave out an area").click()
    drag((10, 20), (59, 49))
    area = page.get_by_role("button", name=re.compile("^Left out 1"))
    expect(area).to_be_visible()

    def expect_left_out(*rectangles):
        def check():
            assert told(page, program)["excluded"]["rectangles"] == list(rectangles)

        eventually(check)

    expect_left_out({"x": 10, "y": 20, "width": 50, "height": 30})
    area.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect_left_out({"x": 14, "y": 20, "width": 50, "height": 34})
    drag((16, 24), (36, 54))  # at its name
    expect_left_out({"x": 34, "y": 50, "width": 50, "height": 34})
    area.press("Delete")
    expect(area).to_have_count(0)
    expect_left_out()


@pytest.mark.usefixtures("stage")
def test_nothing_is_found_outside_of_the_regions_where_a_person_says_so(
    page, program, drag
):
    page.get_by_role("button", name="Draw a rectangle").click()
    drag((0, 0), (150, 199))
    expect(page.get_by_role("button", name=re.compile("^Region 1"))).to_be_visible()
    page.get_by_label("Name of region 1").fill("left")
    page.get_by_label("Look for objects only in the rectangles").check()
    page.get_by_role("button", name="Leave out a banner").click()
    page.get_by_label("First row of the banner").fill("150")
    page.get_by_label("First row of the banner").press("Tab")

    def check():
        assert told(page, program)["excluded"] == {
            "banner": [149, 200],
            "rectangles": [],
            "regions": [
                {
                    "name": "left",
                    "classification": "",
                    "rings": [[[0, 0], [151, 0], [151, 200], [0, 200]]],
                }
            ],
            "only": True,
        }

    eventually(check)
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("threshold")
    page.get_by_role("button", name="Run on this picture").click()
    # Of the twelve discs on a pitch of 28 px, five columns of the first row and the two
    # of the second lie in the area with all of their pixels, and one with a part of them.
    pictures = page.get_by_role("navigation", name="Pictures")
    expect(pictures.get_by_text(re.compile("done"))).to_be_visible()
    assert 5 <= told(page, program)["n_objects"] <= 8


def test_a_channel_is_looked_at_and_another_is_segmented(page, program, tmp_path, discs):
    folder = tmp_path / "slices"
    folder.mkdir()
    planes = [discs([10] * 12), discs([14] * 8, shape=(200, 300), seed=1)]
    named = {"axes": "CYX", "Channel": {"Name": ["DAPI", "walls"]}}
    tifffile.imwrite(folder / "a.ome.tif", np.stack(planes), metadata=named)
    page.goto(program.open(folder))
    expect(page.get_by_text("ready")).to_have_count(1)
    page.get_by_role("application").press("1")
    channel = page.get_by_label("Channel")
    seen = [None]
    for name in ("all together", "DAPI", "walls"):
        channel.select_option(name)
        seen.append(still(page.locator("canvas").screenshot, unlike=seen[-1]))
    assert len(set(seen[1:])) == 3
    assert told(page, program)["channel"] is None  # to look is not to choose

    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("threshold")
    for name, n_objects in (("DAPI", 12), ("walls", 8)):
        page.get_by_label("Channel").select_option(name)
        page.get_by_role("button", name="Run on this picture").click()
        page.get_by_role("button", name="Results").click()
        expect(page.get_by_text(f"{n_objects} objects", exact=True)).to_be_visible()
        page.get_by_role("button", name="Segment").click()
    assert told(page, program)["channel"] == 1


def test_what_is_no_picture_is_left_out_says_why_and_can_be_removed(page, program, powders):
    (powders / "notes.txt").write_text("cold room, 4 degrees")
    (powders / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    (powders / "sheet.csv").write_text("image,time_h\na.png,1\nb.png,4\n")
    page.goto(program.address)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a folder").click()
    chooser.value.set_files(powders)
    pictures = page.get_by_role("navigation", name="Pictures")
    expect(pictures.get_by_text("ready")).to_have_count(2)
    assert [name.inner_text() for name in pictures.locator(".name").all()] == [
        "a.png",
        "b.png",
        "broken.png",
    ]
    pictures.get_by_text("failed").click()
    panel = page.get_by_role("complementary", name="Picture")
    expect(panel.get_by_text(re.compile(r"broken\.png is cut off"))).to_be_visible()
    panel.get_by_role("button", name="Take it out of the project").click()
    expect(pictures.get_by_role("listitem")).to_have_count(2)
    project = page.url.partition("#")[2]
    expect(panel.get_by_text("The pixel size is not known")).to_be_visible()
    assert len(program.get(f"projects/{project}")["pictures"]) == 2
    assert program.get(f"projects/{project}/sheet")["conditions"] == ["time_h"]


@pytest.mark.usefixtures("stage")
def test_objects_are_counted_in_an_outline_that_was_drawn_and_pulled(page, program):
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("threshold")
    page.get_by_role("button", name="Run on this picture").click()
    pictures = page.get_by_role("navigation", name="Pictures")
    expect(pictures.get_by_text(re.compile("done"))).to_be_visible()
    page.get_by_role("button", name="Picture", exact=True).click()
    page.get_by_role("button", name="Draw an outline").click()
    way = [(2, 2), (297, 2), (297, 197), (2, 197)]
    box = page.get_by_role("application").bounding_box()
    left, top = box["x"] + (box["width"] - 300) / 2, box["y"] + (box["height"] - 200) / 2
    for n, (x, y) in enumerate(way):
        page.mouse.move(left + x + 0.5, top + y + 0.5, steps=8)
        if n == 0:
            page.mouse.down()
    page.mouse.up()
    handle = page.get_by_role("button", name=re.compile(r"^Region 1\. Drag"))
    expect(handle).to_be_visible()

    def counted(n):
        table = page.get_by_role("region", name="Regions to count in")
        expect(table.get_by_role("row", name=re.compile(f"^Region 1 {n} "))).to_be_visible()

    counted(12)
    ((region,),) = [told(page, program)["excluded"]["regions"]]
    xs, ys = zip(*region["rings"][0], strict=True)
    assert (min(xs), max(xs), min(ys), max(ys)) == (2.5, 297.5, 2.5, 197.5)
    # Half as wide: the right half of the discs lies outside.
    handle.focus()
    for _ in range(40):
        page.keyboard.press("Shift+ArrowLeft")
    eventually(lambda: _assert_narrow(told(page, program)))
    table = page.get_by_role("region", name="Regions to count in")
    expect(
        table.get_by_role("row", name=re.compile(r"^Region 1 ([1-9]|1[01]) "))
    ).to_be_visible()
    page.get_by_role("button", name="Remove: Region 1").click()
    expect(table).to_have_count(0)
    # A slip of the hand is taken back like any other.
    page.get_by_role("button", name="Undo").click()
    expect(handle).to_be_visible()
    eventually(lambda: _assert_narrow(told(page, program)))
    page.keyboard.press("Control+Shift+Z")
    expect(handle).to_have_count(0)
    page.keyboard.press("Control+Z")
    expect(handle).to_be_visible()
    # What is told of how the counts were made names the file of the region.
    page.get_by_role("button", name="Results").click()
    page.get_by_text("Command and recipe").click()
    command = page.get_by_role("region", name="Command")
    expect(command).to_contain_text(re.compile("--regions .*-regions.geojson"))
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Regions (GeoJSON)").click()
    assert "Region 1" in download.value.path().read_text(encoding="utf-8")


def _assert_narrow(picture):
    ((ring,),) = [region["rings"] for region in picture["excluded"]["regions"]]
    assert max(x for x, _ in ring) < 150
