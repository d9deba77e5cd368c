"""The app as a person has it: a program of its own, and a browser on its window."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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
_PATIENCE = 60_000  # ms: two busy cores may have to do everything


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
            env=os.environ | {"SEGMETRY_PROJECTS": str(self.home)},
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


@pytest.fixture(scope="session")
def browser():
    """Chromium, without a window."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=_ARGUMENTS, env=dict(os.environ)
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser):
    """A browser that was never here, whose pages must show no fault."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
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
