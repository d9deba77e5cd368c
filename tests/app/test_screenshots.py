"""Pictures of the app for the documentation, made only when they are asked for.

`SEGMETRY_SCREENSHOTS=docs/figures pytest tests/app/test_screenshots.py` writes them.
"""

import os
from io import BytesIO
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image as Pillow

from segmetry.io import write_png

from .conftest import still

expect = pytest.importorskip("playwright.sync_api").expect


_PLACE = os.environ.get("SEGMETRY_SCREENSHOTS")
_MOST_BYTES = 400_000
pytestmark = pytest.mark.skipif(
    _PLACE is None, reason="no pictures were asked for with SEGMETRY_SCREENSHOTS"
)


@pytest.fixture
def take(page):
    """Write what the window shows, in as many colours as a page can load quickly."""

    def take(name):
        page.evaluate("document.activeElement.blur()")
        shown = Pillow.open(BytesIO(still(page.screenshot))).convert("RGB")
        for n_colours in (256, 128, 64, 32):
            packed = BytesIO()
            few = shown.quantize(n_colours, kmeans=2, dither=Pillow.Dither.NONE)
            few.save(packed, "PNG", optimize=True)
            if packed.tell() < _MOST_BYTES:
                break
        place = Path(_PLACE)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"app-{name}.png").write_bytes(packed.getvalue())

    return take


def test_one_picture_from_the_start_page_to_its_review(page, program, take):
    page.goto(program.address)
    expect(page.get_by_role("button", name="Try the demo")).to_be_visible()
    take("start")
    page.get_by_role("button", name="Try the demo").click()
    expect(page.get_by_text("ready")).to_be_visible()
    take("picture")
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("particles")
    page.get_by_role("button", name="Run on this picture").click()
    page.get_by_role("button", name="Results").click()
    expect(page.get_by_role("rowheader", name="D50")).to_be_visible()
    bars = page.get_by_role("slider", name="Histogram").bounding_box()
    page.mouse.move(bars["x"] + 0.35 * bars["width"], bars["y"] + 60)
    page.mouse.down()
    page.mouse.move(bars["x"] + 0.6 * bars["width"], bars["y"] + 60, steps=4)
    page.mouse.up()
    take("result")
    page.get_by_role("button", name="Clear").click()
    page.emulate_media(color_scheme="dark")
    take("dark")
    page.emulate_media(color_scheme="light")

    # A crumb that was not found, at 1038, 975 in the picture, is drawn by hand.
    stage = page.get_by_role("application").bounding_box()
    scale = (stage["width"] - 32) / 1536
    grain = (
        stage["x"] + 16 + 1038 * scale,
        stage["y"] + stage["height"] / 2 + (975 - 512) * scale,
    )
    page.mouse.move(*grain)
    for _ in range(5):
        page.mouse.wheel(0, -120)
    page.keyboard.press("d")
    page.get_by_role("slider", name="Brush").fill("60")
    page.mouse.move(grain[0] - 30, grain[1] - 30)
    page.mouse.down()
    for across, down in ((34, -30), (-34, 0), (36, 10), (-24, 40), (20, 50), (0, 20)):
        page.mouse.move(grain[0] + across, grain[1] + down, steps=8)
    take("editing")
    page.mouse.up()
    expect(page.get_by_text("All saved")).to_be_visible()
    page.keyboard.press("v")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text(" left", exact=False).first).to_be_visible()
    take("review")
    page.get_by_role("button", name="Segment").click()
    page.keyboard.press("0")
    page.get_by_label("Method").select_option("threshold")
    expect(page.get_by_text("Preview, not kept")).to_be_visible()
    take("preview")


# Ways of the brush over the demo's picture, in its pixels.
DEMO_STROKES = {
    "background": (
        ((1143, 571), (1200, 614)),
        ((307, 179), (317, 236)),
        ((479, 821), (500, 857)),
        ((1057, 700), (1129, 721)),
        ((929, 414), (964, 450)),
        ((214, 800), (236, 857)),
    ),
    "objects": (
        ((121, 79), (164, 107)),
        ((43, 314), (86, 371)),
        ((886, 571), (929, 614)),
        ((1000, 364), (1029, 336)),
        ((379, 743), (421, 771)),
        ((421, 564), (446, 574)),
        ((1236, 64), (1264, 79)),
        ((589, 293), (614, 307)),
        ((857, 800), (886, 843)),
        ((771, 350), (793, 374)),
        ((1457, 557), (1493, 571)),
    ),
}


def test_classes_that_a_few_strokes_teach(page, program, take):
    page.goto(program.address)
    page.get_by_role("button", name="Try the demo").click()
    expect(page.get_by_text("ready")).to_be_visible()
    page.get_by_role("button", name="Segment").click()
    page.get_by_role("button", name="Teach a method by painting").click()
    stage = page.get_by_role("application").bounding_box()
    scale = (stage["width"] - 32) / 1536

    def stroke(*way):
        left = stage["x"] + 16
        top = stage["y"] + stage["height"] / 2 - 512 * scale
        for number, (x, y) in enumerate(way):
            page.mouse.move(
                left + x * scale, top + y * scale, steps=1 if number == 0 else 6
            )
            if number == 0:
                page.mouse.down()
        page.mouse.up()

    page.get_by_role("slider", name="Brush").fill("52")
    for name, ways in DEMO_STROKES.items():
        page.get_by_title(f"Paint {name}").click()
        for way in ways:
            stroke(*way)
    expect(page.get_by_text("The colours are up to date.")).to_be_visible()
    take("classes")


def grains(radius, seed):
    """Bright discs with sizes about a radius, at random places apart from each other."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:480, :640]
    picture = np.full((480, 640), 50.0)
    while (picture > 100).mean() < 0.25:
        r = radius * rng.lognormal(0, 0.18)
        apart = np.hypot(y - rng.uniform(0, 480), x - rng.uniform(0, 640))
        if (picture[apart <= r + 3] < 100).all():
            light = 1.15 - 0.35 * (apart / r) ** 2  # as on a ball, brightest in the middle
            picture = np.where(apart <= r, 160 * light, picture)
    return (picture + rng.normal(0, 3, picture.shape)).clip(0, 255).astype(np.uint8)


def test_many_pictures_parted_by_a_sheet(page, program, take, tmp_path):
    folder = tmp_path / "growth"
    folder.mkdir()
    rows = ["image,time_h"]
    for time_h, radius in ((1, 12), (2, 16), (4, 20), (8, 23)):
        for copy in range(2):
            name = f"{time_h}h-{copy + 1}.png"
            write_png(folder / name, grains(radius, seed=10 * time_h + copy))
            rows.append(f"{name},{time_h}")
    (folder / "conditions.csv").write_text("\n".join(rows) + "\n")
    address = program.open(folder)
    pixel_size = {"source": "typed", "pixel_size": 50, "unit": "nm"}
    for picture in program.segment(address):
        with program.client() as client:
            client.put(f"/api/v1/images/{picture['id']}/calibration", json=pixel_size)
    page.goto(address)
    page.get_by_role("button", name="Results").click()
    page.get_by_role("button", name="All pictures").click()
    page.get_by_label("Part by").select_option("time_h")
    expect(page.get_by_role("img", name="median against time_h")).to_be_visible()
    take("all")


def cells(seed):
    """Bright cells of uneven size on a dark ground, one in most fields of a grid."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:480, :640]
    picture = rng.normal(18, 3, (480, 640))
    for top in range(30, 450, 42):
        for left in range(30, 620, 42):
            if rng.random() < 0.7:
                row, column = (place + rng.uniform(-9, 9) for place in (top, left))
                apart = np.hypot(y - row, x - column) / rng.uniform(6, 10)
                picture += rng.uniform(90, 200) * np.exp(-(apart**4))
    return picture.clip(0, 255).astype(np.uint8)


def test_slices_with_regions_and_totals_of_a_few_that_were_corrected(
    page, program, take, tmp_path
):
    folder = tmp_path / "slices"
    folder.mkdir()
    rows = ["image,animal,group"]
    for n in range(10):
        green = cells(seed=n)
        colours = np.stack([green // 9, green, green // 9], axis=-1)
        Pillow.fromarray(colours).save(folder / f"slice{n + 1:02}.png")
        rows.append(f"slice{n + 1:02}.png,m{n + 1},{'treated' if n % 2 else 'control'}")
    (folder / "conditions.csv").write_text("\n".join(rows) + "\n")
    address = program.open(folder)
    pictures = program.segment(address)
    layers = [("CA1", [[20, 60], [330, 25], [620, 70], [610, 200], [320, 170], [30, 215]])]
    layers += [("CA3", [[40, 260], [330, 215], [600, 250], [590, 430], [330, 400]])]
    regions = [{"name": name, "rings": [ring]} for name, ring in layers]
    body = {"banner": None, "rectangles": [], "regions": regions}
    with program.client() as client:
        for picture in pictures:
            place = f"/api/v1/images/{picture['id']}"
            size = {"source": "typed", "pixel_size": 650, "unit": "nm"}
            client.put(f"{place}/calibration", json=size).raise_for_status()
            client.put(f"{place}/roi", json=body).raise_for_status()
        project = address.partition("#")[2]
        chosen = client.put(f"/api/v1/projects/{project}/sample", json={"n": 6}).json()
        for picture in pictures:
            if picture["id"] in chosen["pictures"]:
                mark = {"labels": picture["labels"]}
                place = f"/api/v1/images/{picture['id']}/checked"
                client.put(place, json=mark).raise_for_status()
    page.goto(address)
    page.get_by_role("button", name="Results").click()
    page.get_by_role("button", name="All pictures").click()
    expect(page.get_by_role("row", name="precision")).to_be_visible()
    page.get_by_text("Chosen with seed").scroll_into_view_if_needed()
    take("regions")


def chest():
    """A drawn scan of a chest in Hounsfield units, its slices farther apart than pixels."""
    rng = np.random.default_rng(5)
    z, y, x = np.mgrid[:64, :160, :160].astype(np.float32)
    z *= 2  # a slice is as thick as two pixels are wide

    def ball(place, radii):
        away = [(axis - p) / r for axis, p, r in zip((z, y, x), place, radii, strict=True)]
        return sum(part**2 for part in away) < 1

    scan = np.full(z.shape, -1000.0, np.float32)
    scan[ball((64, 82, 80), (400, 58, 74))] = -90
    scan[ball((64, 82, 80), (400, 52, 68))] = 45
    lungs = [ball((66, 80, 80 + side * 33), (58, 40, 25)) for side in (-1, 1)]
    for lung in lungs:
        scan[lung] = -860
    for _ in range(260):  # vessels, thinner towards the border
        side = rng.integers(2)
        start = rng.normal([66, 84, 80 + (-1, 1)[side] * 16], [6, 5, 3])
        end = start + rng.normal(0, [40, 26, 14]) + [0, 0, (-1, 1)[side] * 12]
        for step in np.linspace(0, 1, 40):
            at = start + step * (end - start)
            k, j, i = (round(part) for part in (at[0] / 2, at[1], at[2]))
            r = 1 if step < 0.25 else 0
            part = np.s_[
                max(k, 0) : k + 1, max(j - r, 0) : j + r + 1, max(i - r, 0) : i + r + 1
            ]
            scan[part][lungs[side][part]] = -300 if r == 0 else 40
    scan[ball((44, 70, 90), (34, 24, 28))] = 55
    scan[ball((64, 118, 80), (400, 11, 12))] = 480
    scan[ball((64, 118, 80), (400, 7, 8))] = 180
    scan[ball((64, 127, 80), (400, 4, 4))] = 30
    for rib in range(0, 128, 18):
        shell = ball((64, 82, 80), (400, 50, 65)) & ~ball((64, 82, 80), (400, 45, 60))
        scan[shell & (np.abs(z - rib + 0.25 * np.abs(y - 118)) < 4)] = 420
    scan[ball((140, 66, 80), (70, 7, 7))] = -1000
    return (scan + rng.normal(0, 14, scan.shape)).astype(np.int16)


def test_a_volume_in_three_planes(page, program, take, tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    scan = nibabel.Nifti1Image(chest().T, np.diag([-2.2, -2.2, 4.4, 1]))
    scan.header.set_xyzt_units("mm")
    nibabel.save(scan, folder / "chest.nii.gz")
    page.goto(program.open(folder))
    expect(page.locator(".plane-axial canvas[data-shown]")).to_be_visible()
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("lungs")
    page.get_by_role("button", name="Run on this picture").click()
    page.get_by_role("button", name="Results").click()
    page.get_by_role("grid", name="Objects").get_by_text("left lung").click()
    page.get_by_label("View of the objects").select_option("outline")
    page.get_by_role("button", name="Lung", exact=True).click()
    box = page.locator(".plane-coronal canvas").bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"])
    take("volume")


def tree():
    """A drawn tree of dark vessels, thinner with each branch, on a bright ground."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:600, :800].astype(float)
    ground = 165 - 40 * np.hypot(x / 800 - 0.5, y / 600 - 0.5)
    light = np.zeros_like(x)
    twigs = [(40.0, 300.0, 0.0, 11.0)]
    while twigs:
        left, top, angle, width = twigs.pop()
        for _ in range(int(rng.uniform(36, 50) * width**0.5)):
            angle += rng.normal(0, 0.03)
            left, top = left + np.cos(angle), top + np.sin(angle)
            apart = np.hypot(x - left, y - top)
            np.maximum(light, np.clip(width / 2 + 0.5 - apart, 0, 1), out=light)
        if width > 3:
            turns = rng.uniform(0.3, 0.6), -rng.uniform(0.3, 0.6)
            twigs += [(left, top, angle + turn, 0.75 * width) for turn in turns]
    noise = rng.normal(0, 1, x.shape)
    return (ground - 70 * light + noise).clip(0, 255).astype(np.uint8)


def test_a_tree_of_vessels_by_its_widths(page, program, take, tmp_path):
    folder = tmp_path / "vessels"
    folder.mkdir()
    write_png(folder / "tree.png", tree())
    address = program.open(folder)
    page.goto(address)
    expect(page.get_by_text("ready")).to_be_visible()
    page.get_by_role("button", name="Segment").click()
    page.get_by_label("Method").select_option("ridge")
    page.get_by_label("Widest").fill("12")
    page.get_by_label("Measure vessels, fibres or cracks").check()
    page.get_by_label("Widths from").select_option("luma")
    page.get_by_role("button", name="Run on this picture").click()
    page.get_by_role("button", name="Results").click()
    page.get_by_role("grid", name="Segments").press("ArrowDown")
    page.get_by_role("region", name="Thin structures").scroll_into_view_if_needed()
    take("lines")
