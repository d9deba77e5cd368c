"""Everyone can use the app: found by axe-core, and tried without a mouse."""

import re

import pytest

from segmetry.web.serving import STATIC

from .conftest import expect_objects

expect = pytest.importorskip("playwright.sync_api").expect


AXE = STATIC.parents[3] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = "axe.run(document, {resultTypes: ['violations']})"


def serious_findings(page):
    """What axe-core finds that keeps somebody out, as lines to read."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return [
        f"{found['id']}: {node['html'][:160]} {node['failureSummary']}"
        for found in page.evaluate(_RUN)["violations"]
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"]
    ]


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm ci")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("result")
def test_axe_finds_nothing_serious_in_any_step(page, program, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for step in ("Picture", "Segment", "Correct", "Results", "Learn"):
        page.get_by_role("button", name=step, exact=True).click()
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        expect(page.get_by_role("complementary", name=step)).to_be_visible()
        assert not serious_findings(page), step
    page.get_by_role("button", name="Segment", exact=True).click()
    page.get_by_role("button", name="Teach a method by painting").click()
    expect(page.get_by_role("heading", name="Teach by painting")).to_be_visible()
    assert not serious_findings(page)
    page.get_by_role("button", name="Results", exact=True).click()
    page.get_by_role("button", name="All pictures").click()
    expect(page.get_by_role("heading", name="Conditions")).to_be_visible()
    assert not serious_findings(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert not serious_findings(page)
    page.goto(program.address)
    expect(page.get_by_role("button", name="Try the demo")).to_be_visible()
    assert not serious_findings(page)


def reach(page, name):
    """Go on with Tab until something of this name has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(e => e === document.body ? '' : e.getAttribute('aria-label')"
            " || e.labels?.[0]?.textContent || e.textContent)(document.activeElement)"
        )
        if re.search(name, said.strip()):
            return
    pytest.fail(f"nothing called {name} can be reached with Tab")


def test_the_whole_way_is_gone_without_a_mouse(page, program):
    page.goto(program.address)
    expect(page.get_by_role("button", name="Try the demo")).to_be_visible()
    reach(page, "Try the demo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("ready")).to_be_visible()
    reach(page, "2 ?Segment")
    page.keyboard.press("Enter")
    reach(page, "^Method")
    page.keyboard.type("Threshold")
    reach(page, "Run on this picture")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("done")).first).to_be_visible()
    reach(page, "4 ?Results")
    page.keyboard.press("Enter")
    expect(page.get_by_text("All saved")).to_be_visible()
    count = page.locator("p.count")
    expect(count).to_have_text(re.compile(r"\d+ objects"))
    n_objects = int(count.inner_text().split()[0])
    reach(page, "^Objects$")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Delete")
    expect_objects(page, n_objects - 1)
    page.keyboard.press("Control+z")
    expect_objects(page, n_objects)
    reach(page, "^Download$")
    page.keyboard.press("Enter")
    reach(page, r"Table \(CSV\)")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert len(download.value.path().read_text().splitlines()) == n_objects + 1
