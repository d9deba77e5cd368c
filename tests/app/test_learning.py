"""Corrections train a network in the app, which is judged, kept and used."""

import re
import uuid

import pytest

from segmetry.io import write_png

pytest.importorskip("torch")
expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def looked_through(program, tmp_path, annotated):
    """Three small pictures of discs in which a person accepted an object; their address."""
    folder = tmp_path / "small"
    folder.mkdir()
    for seed in range(3):
        pixels, _ = annotated(seed=seed, n_discs=10, shape=(96, 128))
        write_png(folder / f"{seed}.png", pixels)
    address = program.open(folder)
    with program.client() as client:
        for picture in program.segment(address):
            body = {"op_id": str(uuid.uuid4()), "base": 0, "kind": "accept", "ids": [1]}
            client.post(
                f"/api/v1/labels/{picture['labels']}/ops", json=body
            ).raise_for_status()
    return address


def test_a_network_learns_is_judged_and_finds_objects(page, looked_through):
    page.goto(looked_through)
    page.get_by_role("button", name="Learn").click()
    # What was only begun is no truth, until a person says that it is.
    expect(page.get_by_text("0 of 3 pictures are marked")).to_be_visible()
    expect(page.get_by_label("Name of the network")).to_have_count(0)
    for at in range(3):
        page.get_by_label(re.compile(f"^{at}.png")).check()
    expect(page.get_by_text("3 of 3 pictures are marked")).to_be_visible()
    expect(page.get_by_role("navigation", name="Pictures")).to_contain_text("checked")
    page.get_by_label("Name of the network").fill("my-discs")
    page.get_by_label("Minutes").fill("1")
    page.get_by_label("Begin with").select_option("none")
    page.get_by_role("button", name="Use my corrections to train").click()
    page.get_by_role("img", name="Learning curve").wait_for(timeout=600_000)
    verdict = page.get_by_text("Kept: there was no other network to compare it with.")
    verdict.wait_for(timeout=600_000)
    expect(page.get_by_text("score (more is better):")).to_be_visible()

    page.get_by_role("button", name="Use my-discs").click()
    expect(page.get_by_label("Method")).to_have_value("network")
    page.get_by_role("button", name="Run on this picture").click()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_text("Command and recipe").click()
    command = page.get_by_role("region", name="Command")
    expect(command).to_contain_text("--set model=my-discs")
