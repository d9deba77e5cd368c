"""Every tool does its work, by mouse and by key, and takes it back."""

import pytest

from .conftest import eventually, expect_objects, still

expect = pytest.importorskip("playwright.sync_api").expect


# Twelve discs of radius 10 px: the first ten in a row at (22 + 28 i, 22), two below.
STROKES = [
    ("draw", (150, 120), (180, 120), 13),
    ("draw", (22, 22), (22, 44), 12),  # it begins inside: the object is extended
    ("erase", (22, 4), (22, 40), 13),
    ("remove", (22, 22), (78, 22), 9),
    ("split", (22, 4), (22, 40), 13),
    ("merge", (22, 22), (78, 22), 10),
]
KEYS = {"draw": "d", "erase": "e", "remove": "r", "split": "s", "merge": "m", "fill": "f"}


def areas(program, label):
    """Pixels of each object, on the server."""
    rows = program.get(f"labels/{label}/objects")
    at = [rows["columns"].index(name) for name in ("label", "area_px")]
    return {row[at[0]]: row[at[1]] for row in rows["values"]}


@pytest.mark.parametrize("stroke", STROKES, ids=lambda stroke: f"{stroke[0]}-{stroke[3]}")
def test_a_stroke_does_its_work_and_is_undone(page, program, result, drag, stroke):
    tool, start, stop, n_objects = stroke
    before = areas(program, result)
    page.keyboard.press(KEYS[tool])
    page.get_by_role("slider", name="Brush").fill("21")  # 3 px on its logarithmic scale
    expect(page.get_by_text("3 px")).to_be_visible()
    drag(start, stop)
    expect_objects(page, n_objects)
    after = areas(program, result)
    assert len(after) == n_objects
    assert after != before
    page.keyboard.press("Control+z")
    expect_objects(page, 12)
    assert areas(program, result) == before
    page.keyboard.press("Control+Shift+z")
    expect_objects(page, n_objects)
    assert areas(program, result) == after


def test_a_hole_is_filled(page, program, result, drag):
    before = areas(program, result)
    page.keyboard.press("e")
    drag((22, 22), (23, 22))
    expect_objects(page, 12)
    page.keyboard.press("v")  # the hand rests, and the server has answered
    expect(page.get_by_text("All saved")).to_be_visible()
    assert sum(areas(program, result).values()) < sum(before.values())
    page.keyboard.press("f")
    drag((15, 22), (17, 22))
    page.keyboard.press("v")
    expect_objects(page, 12)

    def check():
        assert areas(program, result) == before

    eventually(check)


def test_an_object_is_drawn_by_key(page, program, result):
    before = areas(program, result)
    stage = page.get_by_role("application")
    stage.focus()
    page.keyboard.press("d")
    for key in (*["ArrowDown"] * 9, "Enter", *["ArrowRight"] * 5, "Enter"):
        page.keyboard.press(key)
    expect_objects(page, 13)
    (new,) = areas(program, result).keys() - before.keys()
    # From the middle, 8 steps of 4 px down: a line of 20 px with a brush of 12 px.
    assert areas(program, result)[new] == pytest.approx(20 * 12 + 36 * 3.1416, rel=0.06)


def test_objects_are_chosen_merged_and_deleted_in_the_table_by_key(page, program, result):
    page.get_by_role("button", name="Results").click()
    table = page.get_by_role("grid", name="Objects")
    table.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.get_by_role("button", name="Merge").last.press("Enter")
    expect_objects(page, 11)
    table.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Delete")
    expect_objects(page, 10)
    assert len(areas(program, result)) == 10


def test_small_objects_are_deleted_by_a_filter(page, program, result, drag):
    page.keyboard.press("d")
    drag((150, 120), (151, 120))
    expect_objects(page, 13)
    page.get_by_text("Delete by size, shape or edge").click()
    panel = page.locator("details", has_text="Delete by size, shape or edge")
    panel.get_by_label("Quantity").select_option("area_px")
    panel.get_by_label("from").fill("200")
    expect(panel.get_by_text("1 object is outside")).to_be_visible()
    panel.get_by_role("button", name="Delete them").click()
    expect_objects(page, 12)
    assert min(areas(program, result).values()) > 200


def test_objects_at_the_edge_are_deleted_by_a_filter(page, program, result, drag):
    page.keyboard.press("d")
    drag((299, 120), (260, 120))  # from the picture's last column
    expect_objects(page, 13)
    page.get_by_text("Delete by size, shape or edge").click()
    panel = page.locator("details", has_text="Delete by size, shape or edge")
    panel.get_by_label("Quantity").select_option("touches_edge")
    expect(panel.get_by_text("1 object of this kind")).to_be_visible()
    expect(panel.get_by_label("from")).to_have_count(0)
    panel.get_by_role("button", name="Delete them").click()
    expect_objects(page, 12)
    rows = program.get(f"labels/{result}/objects")
    assert not any(row[rows["columns"].index("touches_edge")] for row in rows["values"])


def test_doubtful_objects_are_accepted_and_rejected_by_key(page, program, result):
    page.get_by_role("button", name="Correct").click()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("12 left")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.get_by_text("10 left")).to_be_visible()
    expect_objects(page, 11)
    assert len(areas(program, result)) == 11


def test_what_was_corrected_is_compared_with_the_automatic_result(page, result, drag):  # noqa: ARG001 - it must be there
    page.keyboard.press("d")
    drag((150, 120), (180, 120))
    expect_objects(page, 13)
    page.keyboard.press("r")
    drag((22, 22), (24, 22))
    expect_objects(page, 12)
    page.get_by_text("Before and after").click()
    for told in ("11 unchanged", "0 changed", "1 added", "1 removed"):
        expect(page.get_by_text(told)).to_be_visible()
    corrected = page.locator("canvas").screenshot()
    page.get_by_role("button", name="Show it as it was").click()
    expect(page.get_by_text("As it was: the automatic result")).to_be_visible()
    still(page.locator("canvas").screenshot, unlike=corrected)
    page.get_by_role("button", name="Show it as it was").click()
    expect(page.get_by_text("As it was: the automatic result")).to_have_count(0)


def test_the_command_and_the_recipe_are_shown_and_copied(page, context, result):  # noqa: ARG001 - it must be there
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Results").click()
    page.get_by_text("Command and recipe").click()
    command = page.get_by_role("region", name="Command")
    expect(command).to_contain_text("segmetry run a.png")
    page.get_by_role("button", name="Copy: Command").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    told = page.evaluate("navigator.clipboard.readText()")
    assert told == command.text_content()


def test_the_overlay_goes_from_picture_to_prediction(page, result):  # noqa: ARG001 - it must be there
    canvas = page.locator("canvas")
    seen = [None]
    for opacity, mode in (("0", "colour"), ("1", "colour"), ("1", "bw"), ("1", "outline")):
        page.get_by_label("View of the objects").select_option(mode)
        page.get_by_role("slider", name="Opacity").fill(opacity)
        seen.append(still(canvas.screenshot, unlike=seen[-1]))
    assert len(set(seen)) == len(seen)
