"""What banner removals and watermark fills do to counts and sizes, on drawn pictures.

Run it with `python benchmarks/banner_fills.py --write docs/banner.md` to put its tables
into that page. Discs are drawn, a banner or lettering is laid over them, and the objects
found after each fill are set beside the discs that can still be seen.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.calibrate import find_banner
from segmetry.evaluate import (
    count_error,
    f1_at,
    match_objects,
    mean_score,
    size_errors,
)
from segmetry.image import Image
from segmetry.prepare import fill_watermark, published_banner_box, remove_banner
from segmetry.segment import segmenter

HEIGHT, WIDTH, BANNER = 480, 640, 48
SEEDS = range(20)
FILLS = ("crop", "reflect", "nearest", "constant", "inpaint")
WATERMARK_FILLS = ("constant", "mean", "median", "window")


@dataclass(frozen=True, eq=False)
class Scene:
    """A drawn picture of particles, its true labels, and what hides part of it."""

    pixels: NDArray[np.uint8]
    truth: NDArray[np.uint32]
    hidden: NDArray[np.bool_]


def particles(
    seed: int, *, bright: int = 150
) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Draw discs that do not touch, under noise, with bright rims as SEM shows them."""
    rng = np.random.default_rng(seed)
    truth = np.zeros((HEIGHT, WIDTH), np.int32)
    rims = np.zeros((HEIGHT, WIDTH), np.uint8)
    n = 0
    for _ in range(4000):
        radius = int(np.clip(rng.lognormal(2.4, 0.3), 5, 30))
        x, y = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
        box = np.s_[
            max(y - radius - 4, 0) : y + radius + 5, max(x - radius - 4, 0) : x + radius + 5
        ]
        if truth[box].any():
            continue
        n += 1
        cv2.circle(truth, (x, y), radius, n, -1)
        cv2.circle(rims, (x, y), radius, 1, 2)
    grey = 50.0 + (bright - 50) * (truth > 0) + 40.0 * ((rims > 0) & (truth > 0))
    noisy = cv2.GaussianBlur(grey, (0, 0), 1) + rng.normal(0, 8, grey.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), truth.astype(np.uint32)


def with_banner(seed: int, *, kind: str = "dark") -> Scene:
    """Draw particles with a banner at the lower edge: "dark", "white" or "framed"."""
    pixels, truth = particles(seed)
    ground, ink = (255, 0) if kind == "white" else (0, 255)
    pixels[-BANNER:] = ground
    text = f"EHT = 5.00 kV   WD = {3 + seed % 7}.1 mm   2 um"
    cv2.putText(pixels, text, (12, HEIGHT - 16), cv2.FONT_HERSHEY_SIMPLEX, 0.7, ink, 2)
    cv2.line(pixels, (520, HEIGHT - 22), (620, HEIGHT - 22), ink, 4)
    if kind == "framed":
        cv2.rectangle(pixels, (0, HEIGHT - BANNER), (WIDTH - 1, HEIGHT - 1), 255, 3)
    hidden = np.zeros(truth.shape, bool)
    hidden[-BANNER:] = True
    return Scene(pixels, np.where(hidden, 0, truth), hidden)


def with_lettering(seed: int) -> Scene:
    """Draw particles with white letters over them."""
    pixels, truth = particles(seed)
    ink = np.zeros(pixels.shape, np.uint8)
    cv2.putText(ink, "SAMPLE 12  2 um", (40, 240), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 1, 8)
    pixels[ink > 0] = 255
    return Scene(pixels, truth, ink > 0)


def found(image: Image) -> NDArray[np.uint32]:
    return segmenter("threshold", polarity="bright")(image).data


def filled(scene: Scene, method: str, *, excluded: bool) -> NDArray[np.uint32]:
    """Return the objects after a fill, in the shape of the scene."""
    image = remove_banner(Image(scene.pixels), (HEIGHT - BANNER, HEIGHT), method=method)
    labels = found(image if excluded else replace(image, excluded=None))
    return np.pad(labels, ((0, HEIGHT - labels.shape[0]), (0, 0)))


def lettering_excluded(scene: Scene) -> NDArray[np.uint32]:
    ink = cv2.dilate(scene.hidden.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return found(Image(scene.pixels, excluded=ink))


def line(told: str, scenes: list[Scene], find: Callable[[Scene], NDArray]) -> str:
    """Return a row of mean errors over the scenes."""
    scores, counts, sizes = [], [], []
    for scene in scenes:
        labels = find(scene)
        matches = match_objects(labels, scene.truth)
        scores.append(f1_at(matches))
        counts.append(count_error(matches.n_predicted, matches.n_true))
        sizes.append(size_errors(labels, scene.truth).median)
    f1, count, size = (mean_score(values) for values in (scores, counts, sizes))
    return f"| {told} | {f1.value:.3f} | {count.value:+.1f} | {size.value:+.1f} |"


def banner_table() -> str:
    scenes = [with_banner(seed) for seed in SEEDS]
    rows = [line("banner left in", scenes, lambda scene: found(Image(scene.pixels)))]
    for method in FILLS:
        for excluded in (False, True):
            if method == "crop" and excluded:
                continue
            told = method + (", excluded (the default)" if excluded else "")
            told += "" if excluded or method == "crop" else ", counted as sample"
            rows.append(
                line(told, scenes, lambda s, m=method, e=excluded: filled(s, m, excluded=e))
            )
    return "\n".join([_HEAD, *rows])


def watermark_table() -> str:
    scenes = [with_lettering(seed) for seed in SEEDS]
    rows = [line("lettering left in", scenes, lambda scene: found(Image(scene.pixels)))]
    rows += [
        line(
            f"filled: {method}",
            scenes,
            lambda s, m=method: found(fill_watermark(Image(s.pixels), method=m)),
        )
        for method in WATERMARK_FILLS
    ]
    rows.append(line("lettering excluded", scenes, lettering_excluded))
    return "\n".join([_HEAD, *rows])


_HEAD = (
    "| what was done | F1 at IoU 0.5 | count error, % | D50 error, % |\n|---|---|---|---|"
)


def detected(image: Image) -> Iterator[tuple[int, int] | None]:
    """Yield the rows that the published detector finds, then those that ours finds."""
    box = published_banner_box(image)
    yield None if box is None else box[:2]
    banner = find_banner(image)
    yield None if banner is None else (banner.top, banner.bottom)


def verdict(rows: tuple[int, int] | None) -> str:
    if rows is None:
        return "none"
    right = abs(rows[0] - (HEIGHT - BANNER)) <= 3 and rows[1] >= HEIGHT - 3
    return "right" if right else "wrong"


def detector_table() -> str:
    head = "| banner | published: right, wrong, none | `find_banner`: right, wrong, none |"
    lines = [head, "|---|---|---|"]
    for kind in ("dark", "white", "framed"):
        verdicts = [
            [verdict(rows) for rows in detected(Image(with_banner(seed, kind=kind).pixels))]
            for seed in SEEDS
        ]
        cells = [
            ", ".join(str(list(column).count(word)) for word in ("right", "wrong", "none"))
            for column in zip(*verdicts, strict=True)
        ]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    plain = [
        [rows is not None for rows in detected(Image(particles(seed, bright=200)[0]))]
        for seed in SEEDS
    ]
    wrong = [sum(column) for column in zip(*plain, strict=True)]
    cells = " | ".join(f"-, {n}, {len(SEEDS) - n}" for n in wrong)
    lines.append(f"| no banner, bright rims | {cells} |")
    return "\n".join(lines)


TABLES = {"banner": banner_table, "watermark": watermark_table, "detector": detector_table}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page with marks for each table")
    page = parser.parse_args().write
    for name, make in TABLES.items():
        text = make()
        print(f"\n{name}\n{text}")
        if page:
            start, end = f"<!-- banner_fills.py {name} -->", f"<!-- end {name} -->"
            old = page.read_text(encoding="utf-8")
            new = f"{old.split(start)[0]}{start}\n{text}\n{end}{old.split(end)[1]}"
            page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
