"""What a person waits for in the app's window, told by the browser's own clock.

Real events of mouse and keys go through Chromium with graphics in software; each figure
runs from the event to a frame that shows what came of it, drawn to the last pixel.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app_server import Server
from playwright.sync_api import Page, expect, sync_playwright

__all__ = ["Window", "chromium", "window"]

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
_SIZE = {"width": 1440, "height": 900}
_PATIENCE = 120_000  # ms
_REST = 80  # ms
_NO_HINT = "if (location.host) localStorage.setItem('segmetry.hint', 'yes')"
_CLOCK = (Path(__file__).parent / "app_clock.js").read_text(encoding="utf-8")


def chromium() -> str:
    """Return where the browser is."""
    for name in ("chromium", "google-chrome", "chrome"):
        found = shutil.which(name)
        if found:
            return found
    message = "There is no Chromium on this machine."
    raise SystemExit(message)


@contextmanager
def window(server: Server) -> Iterator["Window"]:
    """Open a browser that was never here on the app, with the picture in its middle."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=_ARGUMENTS, env=dict(os.environ)
        )
        context = browser.new_context(viewport=_SIZE, locale="en-GB")
        context.set_default_timeout(_PATIENCE)
        context.add_init_script(_NO_HINT)
        context.add_init_script(_CLOCK)
        yield Window(context.new_page(), server)
        browser.close()


class Window:
    """The app in a browser."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.hosts: set[str] = set()
        page.on("request", lambda asked: self.hosts.add(asked.url.split("/")[2]))

    def first_view(self) -> tuple[float, float]:
        """Load the page; return ms until the picture is seen, and until all is sharp."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self.page.goto("about:blank")
        self.page.goto(self.server.address)
        first, last = self.page.evaluate("clock.loaded()")
        session.detach()
        return first, last

    def go(self, key: str) -> None:
        """Fit the picture ("0") or show it one to one ("1"), and wait until it is sharp."""
        before = self.page.evaluate("performance.now()")
        self.page.get_by_role("application").press(key)
        self.page.evaluate(f"clock.loaded({before})")

    def timed(self, event: str, until: str, act: Callable[[], object]) -> float:
        """Return ms from the last event of a kind during an act until a state is seen."""
        self.page.evaluate(f"clock.watch('{event}', clock.{until})")
        act()
        return float(self.page.evaluate("clock.result"))

    def place(self, x: float, y: float, side: int) -> tuple[float, float]:
        """Return where a pixel of a square picture is in the window, one to one."""
        box = self.page.get_by_role("application").bounding_box()
        assert box is not None
        left = box["x"] + (box["width"] - side) / 2
        return left + x + 0.5, box["y"] + (box["height"] - side) / 2 + y + 0.5

    def rest(self) -> None:
        """Wait until the pointer's last move is seen, as a hand does before it presses."""
        self.page.wait_for_timeout(_REST)

    def drag(self, at: tuple[float, float], length: int) -> None:
        """Draw a line to the right in 20 steps."""
        self.page.mouse.move(*at)
        self.page.mouse.down()
        self.page.mouse.move(at[0] + length, at[1] + 2, steps=20)
        self.page.mouse.up()

    def hold(self, tool: str, *, width: int) -> None:
        """Take a tool in hand, with a brush of about so many pixels."""
        stage = self.page.get_by_role("application")
        stage.press(tool)
        label = self.page.get_by_text(re.compile(r"^\d+ px$"))
        while int((label.first.text_content() or "0").split()[0]) < width:
            stage.press("]")

    def saved(self) -> None:
        """Wait until the server has every edit and the numbers are those of now."""
        expect(self.page.get_by_text("All saved")).to_be_visible(timeout=_PATIENCE)
        expect(self.page.locator(".isOld")).to_have_count(0, timeout=_PATIENCE)

    def memory(self) -> float:
        """Return MB that the page holds, arrays and images of it included."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        told: dict[str, Any] = session.send("Runtime.getHeapUsage")
        parts = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
        return sum(told.get(part, 0) for part in parts) / 1e6
