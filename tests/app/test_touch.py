"""The picture is moved and zoomed with two fingers, and painted with one."""

import pytest

from .conftest import eventually, expect_objects

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def window():
    """A tablet instead of a desk."""
    return {"has_touch": True}


@pytest.fixture
def touch(page):
    """Lay fingers on the window and move them; each is a list of places of one finger."""
    line = page.context.new_cdp_session(page)

    def send(kind, places):
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def touch(*fingers):
        # One finger after another, as hands do.
        for n in range(1, len(fingers) + 1):
            send("touchStart", [finger[0] for finger in fingers[:n]])
        for places in zip(*(finger[1:] for finger in fingers), strict=True):
            send("touchMove", places)
        for n in reversed(range(len(fingers))):
            send("touchEnd", [finger[-1] for finger in fingers[:n]])

    return touch


def steps(start, stop, n=8):
    return [
        tuple(a + (b - a) * i / n for a, b in zip(start, stop, strict=True))
        for i in range(n + 1)
    ]


def numbers(page):
    """Where the numbers of objects stand in the window, by object."""
    return {
        text.text_content(): (
            float(text.get_attribute("x")),
            float(text.get_attribute("y")),
        )
        for text in page.locator("svg text.id").all()
    }


@pytest.fixture
def middle(page, result):  # noqa: ARG001 - it must be there
    """The middle of the picture in the window; its objects show their numbers."""
    page.get_by_role("button", name="Numbers", exact=True).click()
    expect(page.locator("svg text.id")).to_have_count(12)
    box = page.get_by_role("application").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_two_fingers_apart_zoom_about_their_middle(page, touch, middle):
    x, y = middle
    before = numbers(page)
    left = steps((x - 60, y), (x - 120, y))
    right = steps((x + 60, y), (x + 120, y))
    touch(left, right)
    expect(page.get_by_text("200 %")).to_be_visible()
    after = numbers(page)
    (x1, y1), (x3, y3) = before["1"], before["3"]
    assert after["3"][0] - after["1"][0] == pytest.approx(2 * (x3 - x1), abs=1)
    assert after["3"][1] - after["1"][1] == pytest.approx(2 * (y3 - y1), abs=1)
    # What lies between the fingers stays there.
    box = page.get_by_role("application").bounding_box()
    at = box["width"] / 2
    assert after["1"][0] - at == pytest.approx(2 * (x1 - at), abs=1)
    touch(left[::-1], right[::-1])
    expect(page.get_by_text("100 %")).to_be_visible()
    assert numbers(page)["1"] == pytest.approx(before["1"], abs=1)


def test_two_fingers_together_move_the_picture_whatever_the_tool(page, touch, middle):
    x, y = middle
    page.keyboard.press("d")
    page.get_by_role("button", name="Zoom in").click()
    before = numbers(page)
    touch(steps((x - 60, y), (x - 30, y + 20)), steps((x + 60, y), (x + 90, y + 20)))

    def check():
        after = numbers(page)
        moved = {
            tuple(round(b - a) for a, b in zip(before[name], after[name], strict=True))
            for name in before.keys() & after.keys()
        }
        assert moved == {(30, 20)}

    eventually(check)
    expect_objects(page, 12)  # the first finger began no object


def test_one_finger_paints_with_a_tool_and_picks_without(page, touch, middle):
    x, y = middle
    page.keyboard.press("d")
    touch(steps((x, y + 20), (x + 30, y + 20)))  # 300 x 200 px: nothing lies here
    expect_objects(page, 13)
    page.keyboard.press("v")
    page.get_by_role("button", name="Results").click()
    touch([(x + 15, y + 20)])
    expect(page.get_by_text("1 chosen")).to_be_visible()
