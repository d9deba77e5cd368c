"""Whether the app answers as fast as it should, on large pictures of many objects.

    python benchmarks/app_figures.py --write docs/benchmarks_app.md

It draws a picture of 17 megapixels with 10,000 objects, one of 100, and one of 100 with a
tree of vessels over all of it, starts the app on each, and works in it as a person does, in
a browser without a graphics card. Takes about five minutes on two idle cores;
`--repeats 3 --pictures 17` is quick. The exit status is 1 if a figure was missed.
"""

import argparse
import gzip
import os
import platform
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from app_browser import Window, window
from app_server import Server, draw_picture
from edit_speed import PICTURES, strokes
from playwright.sync_api import expect

from segmetry.web.serving import STATIC

_START = "<!-- made by benchmarks/app_figures.py -->"
_END = "<!-- end of app_figures.py -->"
_BRUSH = 16  # px
_MANY = 20  # values of which it means something to leave out the slowest twentieth
_READING = 3000  # ms that a person looks at the methods before choosing one
_KINDS = ("draw", "erase", "split", "remove", "merge")


@dataclass(frozen=True)
class Figure:
    """What was measured, how often, and what it must stay under.

    Of few values the slowest is judged: they have no twentieth part.
    """

    name: str
    values: list[float]
    limit: float
    unit: str = "ms"
    worst: bool = False  # the slowest is judged, however many there are

    @property
    def judged(self) -> str:
        """Which of the parts must stay under the limit."""
        return "max" if self.worst or len(self.values) < _MANY else "p95"

    @property
    def parts(self) -> dict[str, float]:
        """Return the middle, the slow end and the slowest."""
        middle, high = np.percentile(self.values, [50, 95])
        if len(self.values) < _MANY:
            high = np.nan
        return {"p50": float(middle), "p95": float(high), "max": max(self.values)}

    @property
    def is_held(self) -> bool:
        """Whether it stays under its limit."""
        return self.parts[self.judged] <= self.limit


def main() -> None:
    options = parsed()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    figures = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["SEGMETRY_PROJECTS"] = str(Path(home) / "projects")
        for figure in measured(Path(home), options):
            print(row(figure), flush=True)
            figures.append(figure)
    text = "\n".join([*table(figures), "", conditions(options, load)])
    print(f"\n{text}")
    if options.write is not None:
        page = options.write.read_text(encoding="utf-8")
        before, after = page.split(_START)[0], page.split(_END)[1]
        page = f"{before}{_START}\n\n{text}\n\n{_END}{after}"
        options.write.write_text(page, encoding="utf-8")
    sys.exit(0 if all(figure.is_held for figure in figures) else 1)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", type=Path, help="a page that has a place for the table")
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument(
        "--pictures", nargs="+", default=["17", "100", "tree"], help="which of these three"
    )
    return parser.parse_args()


def measured(home: Path, options: argparse.Namespace) -> Iterator[Figure]:
    yield Figure("client, gzipped", [bundle_size()], 80, "KiB")
    hosts: set[str] = set()
    numbers: dict[str, float] = {}
    for name in options.pictures:
        size = "17 MP" if name == "17" else "100 MP"
        side = PICTURES[size]
        draw_picture(home / name, side, vessels=name == "tree")
        server = Server(home / name)
        try:
            if name == "tree":
                yield from of_a_tree(server, options.repeats)
                continue
            for figure in of_a_picture(server, size, side, options.repeats, hosts):
                numbers[figure.name] = figure.parts["p50"]
                yield figure
        finally:
            server.close()
    yield Figure("requests to other hosts", [len(hosts)], 0, "")
    small, large = (numbers.get(f"{size}: server's CPU, an edit") for size in PICTURES)
    if small and large:
        yield Figure("cost of an edit, 100 MP to 17 MP", [large / small], 5, "times")


def bundle_size() -> float:
    """Return KiB of all that a browser loads: every file but the smaller catalogue.

    The texts of each language are a file of their own, and a browser loads one of them.
    """
    sizes = {path: len(gzip.compress(path.read_bytes())) for path in STATIC.rglob("*.*")}
    texts = [size for path, size in sizes.items() if path.name.startswith(("en-", "zh-"))]
    return (sum(sizes.values()) - min(texts)) / 1024


def of_a_picture(
    server: Server, size: str, side: int, repeats: int, hosts: set[str]
) -> Iterator[Figure]:
    with server.client() as client:
        picture = server.picture(client)
    with window(server) as seen:
        yield Figure(f"{size}: first view after the start", [seen.first_view()[1]], 10_000)
        views = [seen.first_view()[1] for _ in range(max(3, repeats // 8))]
        yield Figure(f"{size}: first view", views, 1500 if size == "17 MP" else 2000)
        yield from in_the_window(seen, size, side, repeats)
        yield from of_previews(seen, size, repeats)
        wander(seen)
        yield Figure(f"{size}: the page's memory", [seen.memory()], 300, "MB")
        hosts |= seen.hosts - {server.root.split("/")[2]}
    with server.client() as client:
        yield from by_request(client, picture["labels"], size, side, repeats)
        yield from of_the_worst(client, picture["labels"], size, side)


def in_the_window(seen: Window, size: str, side: int, n: int) -> Iterator[Figure]:
    page = seen.page
    stage = page.get_by_role("application")
    page.get_by_role("button", name="Results").click()
    seen.saved()
    seen.go("0")
    slider = page.get_by_role("slider", name="Opacity")
    slider.focus()
    turns = [("ArrowRight", "ArrowLeft")[k % 2] for k in range(n)]
    opacity = [seen.timed("keydown", "canvas", lambda k=k: slider.press(k)) for k in turns]
    yield Figure(f"{size}: opacity, all in sight", opacity, 200)
    stage.focus()
    colour = [seen.timed("keydown", "canvas", lambda: stage.press("b")) for _ in range(n)]
    yield Figure(f"{size}: black and white or colour, all in sight", colour, 200)
    seen.go("1")
    seen.hold("d", width=_BRUSH)
    # Rows of the grid of objects, at the middle of the window: free ground.
    pitch = side // 100
    spots = [(side // 2 // pitch + k % 5 - 2, side // 2 // pitch - 2) for k in range(n)]
    places = [seen.place(x * pitch, y * pitch, side) for y, x in spots]
    dabs, works, lines, undone = [], [], [], []
    for place in places:
        page.mouse.move(*place)
        seen.rest()
        dabs.append(seen.timed("pointerdown", "canvas", page.mouse.down))
        works.append(float(page.evaluate("clock.press")))
        page.mouse.up()
        seen.saved()
        page.get_by_role("button", name="Undo").click()
        seen.saved()
    yield Figure(f"{size}: a dab, work of the page and the graphics", works, 50)
    yield Figure(f"{size}: a dab is seen", dabs, 50)
    for place in places:
        lines.append(
            seen.timed("pointerup", "numbers", lambda at=place: seen.drag(at, 100))
        )
        undo = page.get_by_role("button", name="Undo")
        undone.append(seen.timed("click", "numbers", lambda b=undo: b.click()))
    yield Figure(f"{size}: stroke to picture, table and numbers", lines, 200)
    yield Figure(f"{size}: undo to picture, table and numbers", undone, 200)
    yield Figure(f"{size}: the brush follows the hand", brush_lag(seen, places), 50)
    stage.press("v")


def brush_lag(seen: Window, places: list[tuple[float, float]]) -> list[float]:
    """Return ms until the window shows where the brush went, button held."""
    mouse, lags = seen.page.mouse, []
    mouse.move(*places[0])
    mouse.down()
    for k in range(len(places)):
        to = places[0][0] + 5 * (k % 20), places[0][1] + k // 20
        lags.append(seen.timed("pointermove", "page", lambda at=to: mouse.move(*at)))
    mouse.up()
    seen.saved()
    seen.page.get_by_role("button", name="Undo").click()
    seen.saved()
    return lags


def of_previews(seen: Window, size: str, repeats: int) -> Iterator[Figure]:
    page = seen.page
    page.get_by_role("button", name="Segment").click()
    method = page.get_by_label("Method")
    expect(method).to_have_value("auto")
    page.wait_for_timeout(_READING)
    choose = lambda: method.select_option("threshold")  # noqa: E731 - an act, timed
    yield Figure(f"{size}: first preview", [seen.timed("change", "preview", choose)], 2000)
    field = page.get_by_label("Min area")
    areas = [("100000", "20")[k % 2] for k in range(max(4, repeats // 4))]
    times = [seen.timed("input", "preview", lambda a=a: field.fill(a)) for a in areas]
    yield Figure(f"{size}: next previews", times, 1000)
    page.get_by_role("button", name="Results").click()


def wander(seen: Window) -> None:
    """Look at many places one to one, until the page keeps all the tiles that it may."""
    mouse = seen.page.mouse
    for k in range(24):
        dx, dy = ((-600, 0), (0, -500), (600, 0), (0, -500))[k % 4]
        mouse.move(700 - dx / 2, 400 - dy / 2)
        mouse.down()
        mouse.move(700 + dx / 2, 400 + dy / 2, steps=3)
        mouse.up()
        seen.page.evaluate("clock.loaded()")


def by_request(
    client: httpx.Client, label: str, size: str, side: int, repeats: int
) -> Iterator[Figure]:
    """Edits as programs send them: what the server's own part of the wait is."""
    rev = client.get(f"labels/{label}").json()["rev"]
    walls, costs, summaries = [], [], []
    paths = list(strokes(side, _BRUSH, 5 * repeats, 3))
    for k, path in enumerate(paths):
        kind = _KINDS[k % len(_KINDS)]
        answer, wall = post(client, label, rev, kind=kind, points=path, width=_BRUSH)
        rev = answer.json()["rev"]
        walls.append(wall)
        costs.append(cost_of(answer))
        if k % 5 == 0:
            asked = {"measure": "equivalent_diameter_px"}
            summaries.append(cost_of(client.get(f"labels/{label}/summary", params=asked)))
    yield Figure(f"{size}: an edit, answered", walls, 100)
    yield Figure(f"{size}: server's CPU, an edit", costs, 30)
    yield Figure(f"{size}: server's CPU, the numbers after it", summaries, 100)


def of_the_worst(
    client: httpx.Client, label: str, size: str, side: int
) -> Iterator[Figure]:
    """Yield what the largest strokes cost, and some that are refused."""
    rev = client.get(f"labels/{label}").json()["rev"]
    last = side - 1
    lines = [((0, y), (last, y)) for y in range(100, side, 210)][
        : 16_000_000 // (210 * side)
    ]
    wide = [p for k, line in enumerate(lines) for p in (line[::-1] if k % 2 else line)]
    spots = np.random.default_rng(0).integers(0, side, (130, 2)).tolist()
    walls, costs = [], []
    for path, width in ((wide, 200), (spots, 1), (((0, 0), (last, last)), 60)):
        for kind in ("draw", "erase", "split"):
            answer, wall = post(client, label, rev, kind=kind, points=path, width=width)
            walls.append(wall)
            costs.append(cost_of(answer))
            rev = undone(client, label)
    yield Figure(f"{size}: worst edits that are allowed", walls, 1000, worst=True)
    yield Figure(f"{size}: server's CPU, worst edits", costs, 1000, worst=True)
    refused = []
    for _ in range(20):
        path = [(last * (k % 2), 37 * k % side) for k in range(4096)]
        answer, wall = post(client, label, rev, kind="draw", points=path, width=200)
        assert answer.status_code == 413, answer.text
        refused.append(cost_of(answer))
    yield Figure(f"{size}: server's CPU, edits beyond what is allowed", refused, 20)


def undone(client: httpx.Client, label: str) -> int:
    """Take the newest step back, whatever was settled since; return the revision."""
    while True:
        base = client.get(f"labels/{label}").json()["rev"]
        body = {"op_id": str(uuid.uuid4()), "base": base}
        answer = client.post(f"labels/{label}/undo", json=body)
        if answer.status_code != 409:
            return int(answer.raise_for_status().json()["rev"])


def of_a_tree(server: Server, repeats: int) -> Iterator[Figure]:
    """Cuts through one object that covers the whole picture."""
    with server.client() as client:
        label = server.picture(client)["labels"]
        rows = client.get(f"labels/{label}/objects").json()
        rev = client.get(f"labels/{label}").json()["rev"]
        at = rows["columns"].index("area_px")
        giant = max(rows["values"], key=lambda values: values[at])[0]
        walls, costs, settled = [], [], []
        for x, y in places_on(client, label, giant, repeats):
            path = [(x - 40, y), (x + 40, y + 9)]
            answer, wall = post(client, label, rev, kind="erase", points=path, width=16)
            walls.append(wall)
            costs.append(cost_of(answer))
            begun = time.perf_counter()
            while answer.json()["pending"]:
                time.sleep(0.05)
                answer = client.get(f"labels/{label}")
            settled.append(1000 * (time.perf_counter() - begun))
            rev = answer.json()["rev"]
    yield Figure("tree of 100 MP: server's CPU, a cut", costs, 50)
    yield Figure("tree of 100 MP: a cut, answered", walls, 200)
    yield Figure("tree of 100 MP: a cut, settled", settled, 5000, worst=True)


def places_on(
    client: httpx.Client, label: str, giant: int, n: int
) -> list[tuple[int, int]]:
    """Return some pixels of an object, from the coarsest view of the labels."""
    level = 4
    tile = client.get(f"labels/{label}/tiles/{level}/0/0").content
    seen = np.frombuffer(tile, "<u4")
    view = seen.reshape(-1, int(np.sqrt(seen.size)))
    y, x = np.nonzero(view == giant)
    chosen = np.random.default_rng(5).integers(0, len(y), n)
    return [(int(x[k]) << level, int(y[k]) << level) for k in chosen]


def post(
    client: httpx.Client, label: str, rev: int, **edit: Any
) -> tuple[httpx.Response, float]:
    """Send an edit; return the answer, and the ms until it was there."""
    body = {"op_id": str(uuid.uuid4()), "base": rev, **edit}
    begun = time.perf_counter()
    answer = client.post(f"labels/{label}/ops", json=body)
    return answer, 1000 * (time.perf_counter() - begun)


def cost_of(answer: httpx.Response) -> float:
    """Return the ms of CPU that the server says an answer took."""
    return float(answer.headers["server-timing"].split("dur=")[1])


def table(figures: list[Figure]) -> list[str]:
    head = [
        "| figure | to stay under | p50 | p95 | max | n | held |",
        "|---|---|---|---|---|---|---|",
    ]
    return head + [row(figure) for figure in figures]


def row(figure: Figure) -> str:
    values = figure.parts.values()
    numbers = " | ".join(shown(value) for value in values)
    limit = f"{figure.judged} {figure.limit:g} {figure.unit}".strip()
    held = "yes" if figure.is_held else "**MISSED**"
    return f"| {figure.name} | {limit} | {numbers} | {len(figure.values)} | {held} |"


def shown(value: float) -> str:
    if np.isnan(value):
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def conditions(options: argparse.Namespace, load: float | None) -> str:
    busy = f", load before it {load:.1f}" if load is not None else ""
    return (
        f"{options.repeats} repeats on {os.cpu_count()} cores of {platform.machine()}"
        f"{busy}; Python {platform.python_version()}; Chromium with graphics in software."
    )


if __name__ == "__main__":
    main()
