"""A volume in a window: three planes, linked, in mm, with objects from a run."""

import re
import shutil

import nibabel
import numpy as np
import pytest

expect = pytest.importorskip("playwright.sync_api").expect

SHAPE = (20, 40, 50)
VOXEL = (5.0, 2.0, 2.5)  # mm: longer than wide
BALL = slice(8, 14), slice(10, 25), slice(30, 42)
N_BALL = 6 * 15 * 12

# One turn of a wheel over a plane, until the slice is painted; the time that it took in ms.
TURN = """async ([name, delta]) => {
  const field = document.querySelector(`.plane-${name} [role=application]`);
  const canvas = field.querySelector("canvas");
  const before = canvas.dataset.shown;
  const began = performance.now();
  field.dispatchEvent(new WheelEvent("wheel", {deltaY: delta, cancelable: true}));
  while (canvas.dataset.shown === before) await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""


def save(path, values, voxel):
    """Write a volume that lies as most scans do: x to the left, y to the back."""
    z, y, x = voxel
    volume = nibabel.Nifti1Image(values.T, np.diag([-x, -y, z, 1.0]))
    volume.header.set_xyzt_units("mm")
    nibabel.save(volume, path)


@pytest.fixture
def scan(tmp_path):
    """A folder with a bright box in a dark volume."""
    folder = tmp_path / "scan"
    folder.mkdir()
    values = np.full(SHAPE, -1000, np.int16)
    values[BALL] = 200
    save(folder / "box.nii.gz", values, VOXEL)
    return folder


def plane(page, name):
    return page.get_by_role("application", name=name)


def shown(page, name):
    """Return the slice that is painted in a plane, counted from 0."""
    canvas = page.locator(f".plane-{name} canvas")
    expect(canvas).to_have_attribute("data-shown", re.compile(r"\d+"))
    return int(canvas.get_attribute("data-shown"))


def wait_for(page, name, index):
    expect(page.locator(f".plane-{name} canvas")).to_have_attribute(
        "data-shown", str(index)
    )


def test_three_planes_of_a_drawn_volume_are_linked_and_in_mm(page, program, scan):
    page.goto(program.open(scan))
    middle = [(side - 1) // 2 + (side % 2 == 0) for side in SHAPE]
    for name, index in zip(("axial", "coronal", "sagittal"), middle, strict=True):
        wait_for(page, name, index)
    told = page.get_by_role("region", name="Volume")
    expect(told).to_contain_text("Voxel: 2.5 × 2 × 5 mm")
    assert page.locator(".plane-coronal .side").all_inner_texts() == ["R", "L", "S", "I"]

    # Keys: one slice, ten at once, the crosshair, and the ends.
    axial = plane(page, "Axial")
    axial.press("PageDown")
    wait_for(page, "axial", middle[0] + 1)
    axial.press("Shift+PageUp")
    wait_for(page, "axial", 1)
    axial.press("End")
    wait_for(page, "axial", SHAPE[0] - 1)
    axial.press("ArrowLeft")
    wait_for(page, "sagittal", middle[2] - 1)
    axial.press("ArrowDown")
    wait_for(page, "coronal", middle[1] + 1)

    # The wheel and the slider turn slices; the crosshair is drawn where they are.
    assert page.evaluate(TURN, ["axial", -100]) > 0
    assert shown(page, "axial") == SHAPE[0] - 2
    page.get_by_role("slider", name="Coronal: slice").fill("17")
    wait_for(page, "coronal", 17)
    expect(told).to_contain_text("34.0 mm")

    # A click into a plane moves the crosshair there, and the other planes follow.
    box = axial.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for name, index in (("sagittal", middle[2]), ("coronal", middle[1])):
        near = re.compile(rf"^({index - 1}|{index}|{index + 1})$")
        expect(page.locator(f".plane-{name} canvas")).to_have_attribute("data-shown", near)


def test_a_window_of_values_is_chosen_typed_and_dragged(page, program, scan):
    page.goto(program.open(scan))
    shown(page, "axial")
    page.get_by_role("button", name="Lung").click()
    expect(page.get_by_label("Centre", exact=True).last).to_have_value("-600")
    expect(page.get_by_label("Width", exact=True).last).to_have_value("1500")
    field = page.get_by_role("textbox", name="Centre")
    field.fill("100")
    field.press("Tab")
    expect(page.get_by_role("button", name="Lung")).to_have_attribute(
        "aria-pressed", "false"
    )
    box = plane(page, "Axial").bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 50, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    assert float(page.get_by_role("textbox", name="Width").input_value()) > 1500


def test_objects_of_a_run_are_shown_listed_and_gone_to(page, program, scan):
    page.goto(program.open(scan))
    shown(page, "axial")
    page.get_by_role("button", name="Segment").click()
    expect(page.get_by_text("Live preview")).to_have_count(0)
    page.get_by_label("Method").select_option("threshold")
    page.get_by_role("button", name="Run on this picture").click()
    page.get_by_role("button", name="Results").click()
    row = page.get_by_role("grid", name="Objects").get_by_role("row").nth(1)
    ml = N_BALL * np.prod(VOXEL) / 1000
    expect(row).to_contain_text(f"{ml:.4g}"[:4])
    row.get_by_role("gridcell").first.click()
    for name, part in zip(("axial", "coronal", "sagittal"), BALL, strict=True):
        middle = (part.start + part.stop - 1) / 2
        near = re.compile(rf"^({int(middle)}|{int(middle + 0.5)})$")
        expect(page.locator(f".plane-{name} canvas")).to_have_attribute("data-shown", near)
    expect(page.get_by_role("region", name="Volume")).to_contain_text("200")
    expect(page.get_by_role("button", name="Merge")).to_have_count(0)

    # What is in sight has the colour of the object, until it is hidden.
    canvas = page.locator(".plane-axial canvas")
    with_object = canvas.screenshot()
    plane(page, "Axial").press("o")
    expect(page.get_by_label("Opacity")).to_have_value("0")
    assert canvas.screenshot() != with_object
    page.get_by_role("button", name="Correct").click()
    expect(page.get_by_text("not corrected here yet")).to_be_visible()


@pytest.mark.parametrize("window", [{"viewport": {"width": 820, "height": 700}}])
def test_a_small_window_shows_one_plane_at_a_time(page, program, scan):
    page.goto(program.open(scan))
    shown(page, "axial")
    assert page.locator(".plane").count() == 1
    page.get_by_role("button", name="Coronal", exact=True).click()
    shown(page, "coronal")
    assert page.locator(".plane").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 820


def test_the_lungs_of_a_scan_are_found_and_named(page, program, data, tmp_path):
    folder = tmp_path / "chest"
    folder.mkdir()
    shutil.copy(data("lung_ct") / "test" / "images" / "id004.nii.gz", folder)
    page.goto(program.open(folder))
    shown(page, "axial")
    assert page.locator(".plane-axial .side").all_inner_texts() == ["R", "L", "A", "P"]
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("lungs")
    page.get_by_role("button", name="Run on this picture").click()
    page.get_by_role("button", name="Results").click()
    grid = page.get_by_role("grid", name="Objects")
    expect(grid.get_by_role("row")).to_have_count(3)
    grid.get_by_text("left lung").click()
    # The left lung is at the right of the window: the patient is seen from the feet.
    frame = plane(page, "Axial").bounding_box()
    line = page.locator(".plane-axial .line.down").bounding_box()
    assert line["x"] > frame["x"] + frame["width"] / 2
