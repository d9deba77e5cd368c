"""The app as a person has it: a program of its own, and a browser on its window."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from segmetry.io import write_png
from segmetry.web.serving import STATIC

_CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
# Graphics in software, so that a machine without a graphics card draws the same.
_ARGUMENTS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
_NO_HINT = "if (location.host) localStorage.setItem('segmetry.hint', 'yes')"
_PATIENCE = 120_000  # ms: two busy cores may have to do everything


def pytest_collection_modifyitems(items):
    """Say once why there is nothing to test with, instead of failing."""
    reason = _missing()
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.slow)
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


def _missing() -> str | None:
    if not (STATIC / "index.html").is_file():
        return "the app's client was not built: see CONTRIBUTING.md"
    if _CHROMIUM is None:
        return "there is no Chromium"
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "playwright is not installed: pip install playwright"
    return None


@dataclass
class Program:
    """`segmetry app` in a process of its own."""

    home: Path
    port: int = 0
    process: subprocess.Popen[str] = field(init=False)
    address: str = field(init=False)

    def start(self) -> None:
        """Start it, or start it again on the same port."""
        words = [sys.executable, "-m", "segmetry", "app", "--no-browser"]
        self.process = subprocess.Popen(
            [*words, "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ
            | {
                "SEGMETRY_PROJECTS": str(self.home),
                "SEGMETRY_MODELS": str(self.home.with_name("models")),
            },
        )
        line = self.process.stdout.readline()
        found = re.search(r"(http://[^:]+:(\d+)/)\?token=(\S+)", line)
        assert found, f"the app did not start: {line}{self.process.stdout.read()}"
        self.address, self.port = found[0], int(found[2])

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A program that may use the server, beside the browser."""
        root = self.address.partition("?")[0]
        with httpx.Client(base_url=root, timeout=120, trust_env=False) as client:
            client.get("/", params={"token": self.address.partition("token=")[2]})
            client.headers.update({"Sec-Fetch-Site": "same-origin"})
            yield client

    def get(self, path: str) -> Any:
        """Return what the server answers."""
        with self.client() as client:
            return client.get(f"/api/v1/{path}").raise_for_status().json()

    def segment(self, address: str) -> list[dict[str, Any]]:
        """Let a threshold find the objects of all pictures of a project; returns them."""
        project = address.partition("#")[2]
        asked = {"segmenter": "threshold", "params": {}}
        with self.client() as client:
            while any(
                picture["status"] == "reading"
                for picture in client.get(f"/api/v1/projects/{project}").json()["pictures"]
            ):
                time.sleep(0.2)
            for picture in client.get(f"/api/v1/projects/{project}").json()["pictures"]:
                client.post(
                    f"/api/v1/images/{picture['id']}/runs", json=asked
                ).raise_for_status()
            while True:
                pictures = client.get(f"/api/v1/projects/{project}").json()["pictures"]
                if all(picture["status"] == "done" for picture in pictures):
                    return pictures
                time.sleep(0.2)

    def open(self, folder: Path) -> str:
        """Open a folder of pictures; returns the address of its project."""
        with self.client() as client:
            answer = client.post("/api/v1/projects/open", json={"folder": str(folder)})
            project = answer.raise_for_status().json()["id"]
            client.post(
                f"/api/v1/projects/{project}/local", json={"paths": [str(folder)]}
            ).raise_for_status()
        return f"{self.address}#{project}"


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """The app, started once for all tests that do not end it."""
    program = Program(tmp_path_factory.mktemp("projects"))
    program.start()
    yield program
    program.kill()


@pytest.fixture
def own_program(tmp_path):
    """An app that a test may kill."""
    program = Program(tmp_path / "projects")
    program.start()
    yield program
    program.kill()


@pytest.fixture(scope="module")
def browser():
    """Chromium, without a window; while it runs, no other test may run an event loop."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=_ARGUMENTS, env=dict(os.environ)
        )
        yield browser
        browser.close()


@pytest.fixture
def window():
    """What is special about the windows of a module's tests, as Playwright says it."""
    return {}


@pytest.fixture
def context(browser, window):
    """A browser that was never here, whose pages must show no fault."""
    usual = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"}
    context = browser.new_context(**usual | window)
    context.set_default_timeout(_PATIENCE)
    context.add_init_script(_NO_HINT)
    faults = []
    context.on("weberror", lambda fault: faults.append(str(fault.error)))
    yield context
    context.close()
    assert not faults


@pytest.fixture
def page(context):
    """A window of that browser."""
    return context.new_page()


@pytest.fixture
def powders(tmp_path, discs):
    """A folder with two drawn pictures of bright discs, 10 px and 14 px in radius."""
    folder = tmp_path / "powders"
    folder.mkdir()
    write_png(folder / "a.png", discs([10] * 12))
    write_png(folder / "b.png", discs([14] * 8, shape=(260, 300), seed=1))
    return folder


@pytest.fixture
def drag(page):
    """Drag from one pixel of the picture to another; it is shown one to one, centred."""

    def drag(start, stop, *, size=(300, 200)):
        box = page.get_by_role("application").bounding_box()
        left = box["x"] + (box["width"] - size[0]) / 2
        top = box["y"] + (box["height"] - size[1]) / 2
        page.mouse.move(left + start[0] + 0.5, top + start[1] + 0.5)
        page.mouse.down()
        page.mouse.move(left + stop[0] + 0.5, top + stop[1] + 0.5, steps=6)
        page.mouse.up()

    return drag


@pytest.fixture
def result(page, program, powders):
    """The picture `a.png` with its twelve discs found, one to one; its labels."""
    return open_result(page, program, powders)


def open_result(page, program, powders):
    """Find the twelve discs of `a.png`, show them one to one, and return the labels."""
    (powders / "b.png").unlink()
    address = program.open(powders)
    (picture,) = program.segment(address)
    page.goto(address)
    expect_objects(page, 12)
    page.get_by_role("application").press("1")
    return picture["labels"]


def expect_objects(page, n):
    """Wait until the window tells so many objects, and all edits are on the disk."""
    from playwright.sync_api import expect

    expect(page.get_by_text(f"{n} objects", exact=True).first).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()


def eventually(check):
    """Return what a check returns once it no longer fails, as `expect` waits."""
    end = time.monotonic() + _PATIENCE / 1000
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def still(take, *, unlike=None):
    """Return a screenshot once it is the same twice running, and another than `unlike`."""
    end, last = time.monotonic() + _PATIENCE / 1000, None
    while (now := take()) != last or now == unlike:
        assert time.monotonic() < end, "the window does not come to rest"
        last = now
        time.sleep(0.1)
    return now
