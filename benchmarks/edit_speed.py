"""Time of an edit, from the stroke to the changed rows of the table, by kind of edit.

CPU time of one process, so that other work on the machine does not count. Run it with
`python benchmarks/edit_speed.py --write docs/benchmarks_edit.md`; `--repeats 20` is quick.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.edit import Canvas, Edit
from segmetry.image import Image, Labels
from segmetry.measure import measure_some
from segmetry.measure.some import MARGIN

PICTURES = {"17 MP": 4125, "100 MP": 10_000}
N_OBJECTS = 10_000

_START = "<!-- made by benchmarks/edit_speed.py -->"
_END = "<!-- end of edit_speed.py -->"


def draw_scene(side: int) -> NDArray[np.uint32]:
    """Return ellipses on a grid, no two alike, that cover a third of a square picture."""
    n = int(np.sqrt(N_OBJECTS))
    pitch = side // n
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:pitch, :pitch] - (pitch - 1) / 2
    scene = np.zeros((side, side), np.uint32)
    for k in range(N_OBJECTS):
        a, b = rng.uniform(0.25, 0.45, 2) * pitch
        top, left = k // n * pitch, k % n * pitch
        inside = (y / a) ** 2 + (x / b) ** 2 <= 1
        scene[top : top + pitch, left : left + pitch] = inside * np.uint32(k + 1)
    return scene


def draw_vessels(canvas: Canvas, side: int, seed: int) -> int:
    """Draw one tree of vessels over the whole picture, and return its number."""
    rng = np.random.default_rng(seed)
    ids: tuple[int, ...] = ()
    tips = [(side // 2, 0, 0.5 * np.pi, 41)]
    while tips:
        x, y, angle, width = tips.pop(0)
        path = [(x, y)]
        for _ in range(12):
            angle += rng.normal(0, 0.15)
            x = int(np.clip(x + side / 60 * np.cos(angle), 0, side - 1))
            y = int(np.clip(y + side / 60 * np.sin(angle), 0, side - 1))
            path.append((x, y))
        edit = Edit("draw", tuple(path), width, ids=ids, overwrite=True)
        ids = canvas.apply(edit).into
        if width > 3:
            thinner = width * 3 // 4
            tips += [(x, y, angle + turn, thinner) for turn in (-0.6, 0.6)]
    return ids[0]


def strokes(
    side: int, width: int, n: int, seed: int
) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yield walks of 20 segments, 5 px each."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        angle = np.cumsum(rng.normal(0, 0.4, 20)) + rng.uniform(0, 2 * np.pi)
        steps = 5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        path = rng.integers(width, side - width, 2) + np.cumsum(steps, axis=0)
        yield tuple((int(x), int(y)) for x, y in path)


def timed(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return 1000 * (time.process_time() - begin)


def rows_of(canvas: Canvas, edit: Edit) -> tuple[float, float]:
    """Make an edit and measure what it changed; return the ms of both."""
    made = []
    on_labels = timed(lambda: made.append(canvas.apply(edit)))

    def measure_changed() -> None:
        near = canvas.near(made[0], margin=MARGIN)
        rows = canvas.objects
        boxes = rows["box"][np.isin(rows["label"], near)]
        small = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) < 4_000_000
        measure_some(canvas.labels(), near[small], boxes=boxes[small])

    return on_labels, timed(measure_changed)


def local_edits(canvas: Canvas, side: int, repeats: int) -> Iterator[str]:
    for kind in ("draw", "erase", "split", "merge", "fill", "remove", "undo"):
        figures = []
        for stroke in strokes(side, 16, repeats, 3):
            if kind == "undo":
                change = canvas.apply(Edit("erase", stroke, 16))
                figures.append((timed(lambda c=change: canvas.revert(c)), 0.0))
            else:
                figures.append(rows_of(canvas, Edit(kind, stroke, 16)))
        yield row(kind, np.array(figures))


def giant_edits(canvas: Canvas, side: int, repeats: int) -> Iterator[str]:
    label = draw_vessels(canvas, side, 3)
    rng = np.random.default_rng(5)
    y, x = np.nonzero(canvas.labels().data == label)
    area = len(y)
    for kind in ("erase", "split"):
        figures, n_pending = [], 0
        for k in rng.integers(0, len(y), repeats):
            path = ((int(x[k]) - 40, int(y[k])), (int(x[k]) + 40, int(y[k]) + 9))
            change: list[object] = []
            edit = Edit(kind, path, 16)
            figures.append((timed(lambda e=edit, c=change: c.append(canvas.apply(e))), 0.0))
            n_pending += bool(change[0].pending)
            canvas.revert(change[0])
        note = f" ({n_pending} of {repeats} pending)" if kind == "erase" else ""
        name = f"{kind} across a tree of {area / 1e6:.1f} MP{note}"
        yield row(name, np.array(figures))
    whole = Edit("erase", ((side // 2 - 99, 40), (side // 2 + 99, 40)), 9)
    cut = canvas.apply(whole)
    yield row(
        "settle it", np.array([(timed(canvas.settle), 0.0)] if cut.pending else [(0, 0)])
    )


def worst_edits(canvas: Canvas, side: int) -> Iterator[str]:
    last = side - 1
    diagonal = ((0, 0), (last, last))
    rng = np.random.default_rng(0)
    # As many rows as a stroke may cover, and as many pixels.
    scribble = tuple((int(a), int(b)) for a, b in rng.integers(0, side, (130, 2)))
    n_lines = 16_000_000 // (210 * side)
    broad = [((0, 210 * k + 100), (last, 210 * k + 100)) for k in range(min(n_lines, 18))]
    wide = tuple(p for k, line in enumerate(broad) for p in (line[::-1] if k % 2 else line))
    for name, path, width in (
        ("diagonal, 60 px wide", diagonal, 60),
        ("scribble of 130 lines, 1 px wide", scribble, 1),
        ("16 MP in 200 px wide lines", wide, 200),
    ):
        for kind in ("draw", "erase", "split"):
            change: list[object] = []
            edit = Edit(kind, path, width)
            cost = timed(lambda e=edit, c=change: c.append(canvas.apply(e)))
            yield row(f"{kind}: {name}", np.array([(cost, 0.0)]))
            canvas.revert(change[0])


def row(name: str, figures: NDArray[np.float64]) -> str:
    middle, high = np.percentile(figures, [50, 95], axis=0)
    rows = f"{middle[1]:.1f} / {high[1]:.1f}" if middle[1] else ""
    return f"| {name} | {middle[0]:.1f} / {high[0]:.1f} | {rows} |"


def tables(names: list[str], repeats: int) -> Iterator[str]:
    for name in names:
        side = PICTURES[name]
        labels = Labels(draw_scene(side), Image(np.full((side, side), 9, np.uint8)))
        opened: list[Canvas] = []
        cost = timed(lambda found=labels, c=opened: c.append(Canvas.of(found)))
        canvas = opened[0]
        # The first call compiles, or reads what was compiled.
        measure_some(canvas.labels(), [1, 2], boxes=canvas.objects["box"][:2])
        yield f"\n{name}, {N_OBJECTS} objects; opening takes {cost:.0f} ms:\n"
        yield "| edit | change of labels, ms (median / p95) | changed rows, ms |"
        yield "|---|---|---|"
        yield from local_edits(canvas, side, repeats)
        yield from worst_edits(canvas, side)
        yield from giant_edits(canvas, side, repeats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--pictures", nargs="+", default=list(PICTURES))
    options = parser.parse_args()
    lines = []
    for line in tables(options.pictures, options.repeats):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        page = options.write.read_text(encoding="utf-8")
        before, after = page.split(_START)[0], page.split(_END)[1]
        text = "\n".join(lines).strip()
        options.write.write_text(
            f"{before}{_START}\n{text}\n{_END}{after}", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
