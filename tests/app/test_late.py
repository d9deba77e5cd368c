"""What comes late, twice or about something else changes nothing that is in sight."""

import re
import time

import pytest

from .conftest import expect_objects
from .test_tools import areas

expect = pytest.importorskip("playwright.sync_api").expect

# Answers to requests that `window.late` fits are held back until `window.letGo()`, and
# news come through a line that `window.cut()` breaks until `window.mend()`.
_LATE = """
const send = window.fetch, Line = window.EventSource;
let held = [], line = null, isCut = false;
window.late = null;
window.nHeld = () => held.length;
window.letGo = () => held.splice(0).forEach((go) => go());
window.fetch = async (path, asked) => {
  const answer = await send(path, asked);
  const words = `${asked?.method ?? "GET"} ${path}`;
  if (window.late?.test(words)) await new Promise((resolve) => held.push(resolve));
  return answer;
};
window.EventSource = class extends Line {
  constructor(address) {
    super(isCut ? "/nowhere" : address);
    line = this;
  }
};
window.cut = () => {
  isCut = true;
  line.close();
  line.onerror();
};
window.mend = () => { isCut = false; };
"""


@pytest.fixture
def late(page):
    """Hold answers back that fit a pattern, from when on it is called."""
    page.add_init_script(_LATE)

    def late(pattern):
        page.evaluate("(words) => { window.late = new RegExp(words) }", pattern)

    return late


def wait_for_held(page):
    """Wait until an answer is held back; the page lets no script of ours wait in it."""
    end = time.monotonic() + 120
    while page.evaluate("window.nHeld()") == 0:
        assert time.monotonic() < end
        page.wait_for_timeout(20)


def let_go(page):
    """Let the answers come that are held back, once there is one."""
    wait_for_held(page)
    page.evaluate("window.late = null; window.letGo()")


@pytest.fixture
def two(page, program, powders, late):  # noqa: ARG001 - before the page is loaded
    """The pictures `a.png` with twelve discs and `b.png` with eight, both found."""
    pictures = program.segment(address := program.open(powders))
    page.goto(address)
    expect_objects(page, 12)
    page.get_by_role("application").press("1")
    return pictures


def choose(page, name):
    page.get_by_role("navigation", name="Pictures").get_by_text(name).click()


def test_a_late_answer_changes_no_other_picture(page, program, two, late, drag):
    late("POST .*/ops$")
    page.keyboard.press("d")
    drag((150, 120), (180, 120))
    wait_for_held(page)
    choose(page, "b.png")
    expect(page.get_by_text("8 objects", exact=True).first).to_be_visible()
    let_go(page)
    expect_objects(page, 8)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.get_by_role("button", name="Results").click()
    table = page.get_by_role("grid", name="Objects")
    expect(table).to_have_attribute("aria-rowcount", "9")
    assert [len(areas(program, picture["labels"])) for picture in two] == [13, 8]
    choose(page, "a.png")
    expect_objects(page, 13)
    expect(table).to_have_attribute("aria-rowcount", "14")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()


def test_edits_without_a_store_outlive_a_change_of_picture(page, program, two, drag):
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: null })")
    page.reload()
    expect_objects(page, 12)
    page.get_by_role("application").press("1")
    page.route("**/ops", lambda route: route.abort())
    page.keyboard.press("d")
    drag((150, 120), (180, 120))
    expect(page.get_by_text(re.compile("No connection: [1-9]"))).to_be_visible()
    choose(page, "b.png")
    expect(page.get_by_text("8 objects", exact=True).first).to_be_visible()
    choose(page, "a.png")
    expect(page.get_by_text(re.compile("No connection: [1-9]"))).to_be_visible()
    page.unroute("**/ops")
    expect_objects(page, 13)
    assert [len(areas(program, picture["labels"])) for picture in two] == [13, 8]


def test_what_is_corrected_while_a_picture_is_opened_is_seen(page, program, two, late):
    choose(page, "b.png")
    expect_objects(page, 8)
    late("GET .*/objects$")
    choose(page, "a.png")
    wait_for_held(page)
    with program.client() as client:
        stroke = {"op_id": "from-elsewhere", "base": 0, "kind": "draw", "width": 9}
        client.post(
            f"/api/v1/labels/{two[0]['labels']}/ops",
            json=stroke | {"points": [[150, 120], [180, 120]]},
        ).raise_for_status()
    let_go(page)
    expect_objects(page, 13)


def test_news_of_another_project_stay_out(page, program, powders, late, discs):  # noqa: ARG001
    from segmetry.io import write_png

    other = powders.with_name("fibres")
    other.mkdir()
    write_png(other / "fibre.png", discs([10] * 3))
    page.goto(program.open(powders))
    pictures = page.get_by_role("navigation", name="Pictures").get_by_role("listitem")
    expect(page.get_by_text("ready")).to_have_count(2)
    program.segment(program.open(other))
    write_png(powders / "c.png", discs([10] * 3))
    program.open(powders)  # its news come after those of the other project
    expect(page.get_by_text("ready")).to_have_count(3)
    expect(pictures).to_have_count(3)
    expect(page.get_by_text("fibre.png")).to_have_count(0)


def test_what_happened_while_the_line_was_broken_is_fetched(page, program, powders, late):  # noqa: ARG001
    (powders / "b.png").unlink()
    address = program.open(powders)
    page.goto(address)
    expect(page.get_by_text("ready")).to_have_count(1)
    page.evaluate("window.cut()")
    expect(page.get_by_text("The program does not answer")).to_be_visible()
    (picture,) = program.segment(address)
    expect(page.get_by_text("ready")).to_have_count(1)
    page.evaluate("window.mend()")
    pictures = page.get_by_role("navigation", name="Pictures")
    expect(pictures.get_by_text(re.compile("done"))).to_be_visible()
    page.get_by_role("button", name="Segment").click()
    panel = page.get_by_role("complementary", name="Segment")
    expect(panel.get_by_text("done")).to_be_visible()  # its job
    page.get_by_role("button", name="Results").click()
    expect_objects(page, 12)

    page.evaluate("window.cut()")
    stroke = {"op_id": "from-elsewhere", "base": 0, "kind": "draw", "width": 9}
    with program.client() as client:
        client.post(
            f"/api/v1/labels/{picture['labels']}/ops",
            json=stroke | {"points": [[150, 120], [180, 120]]},
        ).raise_for_status()
    page.evaluate("window.mend()")
    expect_objects(page, 13)


def test_numbers_of_a_question_that_was_changed_are_not_shown(page, two, late):  # noqa: ARG001
    page.get_by_role("button", name="Results").click()
    page.get_by_role("button", name=re.compile("All pictures")).click()
    panel = page.get_by_role("complementary", name="Results")
    expect(panel.get_by_text("20 objects")).to_be_visible()
    late("GET .*/statistics.*quantity=area_px")
    panel.get_by_label("Quantity").select_option("area_px")
    wait_for_held(page)
    panel.get_by_label("Quantity").select_option("solidity")
    expect(panel.get_by_label("Quantity")).to_have_value("solidity")
    let_go(page)
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 200))")
    expect(panel.get_by_label("Quantity")).to_have_value("solidity")


def test_a_picture_that_is_removed_elsewhere_leaves_the_list(page, program, powders):
    address = program.open(powders)
    first, _ = program.segment(address)
    page.goto(address)
    expect(page.get_by_text("a.png").first).to_be_visible()
    with program.client() as client:
        client.delete(f"/api/v1/images/{first['id']}").raise_for_status()
    expect(page.get_by_text("a.png")).to_have_count(0)
    expect(page.get_by_text("b.png").first).to_be_visible()
