"""A person paints a few strokes per class, sees what they teach, and finds all objects."""

import re

import numpy as np
import pytest
from scipy import ndimage

from segmetry import io

from .conftest import eventually

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def panel(page):
    """Open the panel of classes, with the picture one to one."""

    def open_panel(address):
        page.goto(address)
        expect(page.get_by_text("reading")).to_have_count(0)
        page.get_by_role("button", name="Segment").click()
        page.get_by_role("button", name="Teach a method by painting").click()
        expect(page.get_by_role("heading", name="Teach by painting")).to_be_visible()
        page.get_by_role("application").press("1")

    return open_panel


@pytest.fixture
def paint(page, drag):
    """Choose a class and draw a short stroke on each of some pixels."""

    def paint(name, spots, *, size=(300, 200), length=4):
        page.get_by_role("button", name=re.compile(f"^{name}")).click()
        for y, x in spots:
            drag((int(x), int(y)), (int(x) + length, int(y)), size=size)

    return paint


def spots_of(truth, n, *, margin=3, seed=0):
    """Pixels that lie well within what is true."""
    inside = ndimage.binary_erosion(truth, iterations=margin, border_value=0)
    places = np.argwhere(inside)
    return places[np.random.default_rng(seed).choice(len(places), n, replace=False)]


def classes_in_sight(page):
    """Return how many pixels of the map have which colour; nothing where there is none."""
    return page.evaluate(
        """() => {
          const map = document.querySelector("canvas.class-map");
          if (map === null) return null;
          const { width, height } = map;
          const { data } = map.getContext("2d").getImageData(0, 0, width, height);
          const n = {};
          for (let at = 0; at < data.length; at += 4) {
            const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
            n[colour] = (n[colour] ?? 0) + 1;
          }
          return n;
        }"""
    )


def test_strokes_teach_are_undone_survive_a_reload_and_find_all_objects(
    page, program, powders, panel, paint, discs
):
    truth = discs([10] * 12) > 100
    address = program.open(powders)
    panel(address)
    expect(page.get_by_text("Paint in two classes at least")).to_be_visible()
    background = page.get_by_role("button", name=re.compile("^background"))
    expect(background).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("[")
    page.get_by_role("slider", name="Brush").fill("26")  # 4 px
    paint("background", spots_of(~truth, 6))
    paint("objects", spots_of(truth, 3))
    expect(page.get_by_text("The colours are up to date.")).to_be_visible()
    expect(
        page.get_by_role("button", name=re.compile("^background 6 strokes"))
    ).to_be_visible()
    expect(
        page.get_by_role("button", name=re.compile("^objects 3 strokes"))
    ).to_be_visible()

    def orange():
        found = classes_in_sight(page)
        assert found is not None
        share = found.get("230,159,0", 0) / sum(found.values())
        assert 0.8 < share / truth.mean() < 1.6

    eventually(orange)
    # Undo is about strokes here, and so is redo.
    page.keyboard.press("Control+z")
    expect(
        page.get_by_role("button", name=re.compile("^objects 2 strokes"))
    ).to_be_visible()
    page.get_by_role("button", name="Redo").click()
    expect(
        page.get_by_role("button", name=re.compile("^objects 3 strokes"))
    ).to_be_visible()
    # A third class, named, painted by key and taken away again.
    page.get_by_role("button", name="Add a class").click()
    page.get_by_label("Name of the class").fill("rims")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^rims 0 strokes"))).to_be_visible()
    page.get_by_role("application").press("c")
    first = page.get_by_role("button", name=re.compile("^background"))
    expect(first).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Remove rims").click()
    expect(page.get_by_role("button", name=re.compile("^rims"))).to_have_count(0)
    expect(page.get_by_text("All saved")).to_be_visible()
    page.reload()
    panel(address)
    expect(
        page.get_by_role("button", name=re.compile("^objects 3 strokes"))
    ).to_be_visible()
    eventually(orange)
    page.get_by_label("Name of the model").fill("bright-discs")
    page.get_by_role("button", name="Find objects in all pictures").click()
    expect(page.get_by_label("Method")).to_have_value(
        re.compile(r"bright-discs\.segmodel$")
    )

    def found():
        pictures = program.get(f"projects/{address.partition('#')[2]}")["pictures"]
        assert all(picture["labels"] for picture in pictures)
        return pictures

    first, _ = eventually(found)
    assert first["n_objects"] == 12
    page.get_by_role("button", name="Results").click()
    expect(page.get_by_text("12 objects", exact=True).first).to_be_visible()


def test_a_program_that_is_killed_keeps_the_strokes_that_it_answered(
    page, own_program, powders, panel, paint, discs
):
    (powders / "b.png").unlink()
    address = own_program.open(powders)
    panel(address)
    paint("objects", spots_of(discs([10] * 12) > 100, 2))
    for key in ("ArrowRight", "Enter", "ArrowDown", "Enter"):  # one without the mouse
        page.get_by_role("application").press(key)
    expect(
        page.get_by_role("button", name=re.compile("^objects 3 strokes"))
    ).to_be_visible()
    own_program.kill()
    paint("background", [(4, 4)])  # waits in the window
    expect(page.get_by_text("No connection")).to_be_visible()
    own_program.start()
    page.context.request.get(own_program.address)  # as who starts it anew opens its window
    expect(
        page.get_by_role("button", name=re.compile("^background 1 stroke"))
    ).to_be_visible()
    expect(
        page.get_by_role("button", name=re.compile("^objects 3 strokes"))
    ).to_be_visible()


def test_three_strokes_a_class_find_the_particles_of_a_real_powder(
    page, program, panel, paint, tmp_path, data
):
    place, name = data("ampis_powder/test"), "Sc2Tile_010-006-000_0-000.png"
    folder = tmp_path / "powder"
    folder.mkdir()
    part = io.read(place / "images" / name).pixels[200:800, 300:1200]
    io.write_png(folder / "part.png", part)
    truth = io.read_labels(place / "masks" / name)[200:800, 300:1200] > 0
    panel(program.open(folder))
    page.get_by_role("slider", name="Brush").fill("45")
    size = (900, 600)
    paint("background", spots_of(~truth, 3, margin=12), size=size, length=12)
    paint("objects", spots_of(truth, 3, margin=16), size=size, length=16)
    expect(page.get_by_text("The colours are up to date.")).to_be_visible()
    page.get_by_role("button", name="Find objects in this picture").click()
    page.get_by_role("button", name="Results").click()
    expect(page.get_by_text(re.compile(r"^\d{2,3} objects$")).first).to_be_visible()
