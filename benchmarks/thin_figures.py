"""How far widths and lengths of thin structures are from the truth on drawn fibres.

Run it with `python benchmarks/thin_figures.py --write docs/thin_structures.md --figure
docs/figures/thin_structures.png`, which takes some minutes. The usual way is measured in
the same run: twice the distance at the skeleton's pixels for the width, and the length of
the skeleton from pixel to pixel, by skan where it is installed (`pip install skan`).
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.morphology import skeletonize

from segmetry.image import Image
from segmetry.measure import measure_thin
from segmetry.measure.box_counting import count_boxes
from segmetry.measure.pruning import path_lengths
from segmetry.measure.skeleton import skeleton_graph
from segmetry.measure.thin import ThinStructures
from segmetry.report.canvas import to_png
from segmetry.report.thin_figure import thin_figure

_MARK = "<!-- made by benchmarks/thin_figures.py -->"
_WIDTHS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20)
_LENGTH = 140.0
_REFERENCE = 8.0  # px, the width of a second fibre that tells the blur
_SHAPE = (180, 250)
_CENTRE = np.array([89.5, 90.0])

Inside = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]


@dataclass(frozen=True)
class Errors:
    """Measured over true less 1, in percent, of one fibre."""

    mask: float
    grey: float
    noisy: float
    naive_width: float
    length: float
    naive_length: float


def fibre(width: float, length: float, angle: float, centre: NDArray[np.float64]) -> Inside:
    """Return which places lie in a straight fibre."""

    def inside(y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.bool_]:
        v, u = y - centre[0], x - centre[1]
        along = u * np.cos(angle) - v * np.sin(angle)
        across = u * np.sin(angle) + v * np.cos(angle)
        return (np.abs(along) <= length / 2) & (np.abs(across) <= width / 2)

    return inside


def coverage(inside: Inside, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return the share of each pixel that a shape covers."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    shifts = (np.arange(6) + 0.5) / 6 - 0.5
    covered = [inside(y + dy, x + dx) for dy in shifts for dx in shifts]
    return np.mean(covered, axis=0)


def errors(width: float, rng: np.random.Generator) -> Errors:
    """Draw a fibre at a random place and angle and measure it in three ways."""
    centre = _CENTRE + rng.uniform(-0.5, 0.5, 2)
    drawn = fibre(width, _LENGTH, rng.uniform(0, np.pi), centre)
    aside = np.array([90.3, 215.2]) + rng.uniform(-0.5, 0.5, 2)
    beside = fibre(_REFERENCE, 120, rng.uniform(1.5, 1.64), aside)
    y, x = np.mgrid[: _SHAPE[0], : _SHAPE[1]].astype(float)
    alone = drawn(y, x)
    mask = alone | beside(y, x)
    covered = coverage(drawn, _SHAPE) + coverage(beside, _SHAPE)
    blurred = 160 - 80 * gaussian_filter(covered, 1.0)
    noisy = blurred + rng.normal(0, 8, _SHAPE)
    found, again = measure_thin(mask, grey=blurred), measure_thin(mask, grey=noisy)
    return Errors(
        mask=_width(found, "width_mean_px") / width,
        grey=_width(found, "width_grey_mean_px") / width,
        noisy=_width(again, "width_grey_mean_px") / width,
        naive_width=_naive_width(alone) / width,
        length=_own(found)["length_px"].sum() / _LENGTH,
        naive_length=_naive_length(alone) / _LENGTH,
    )


def _own(found: ThinStructures) -> pd.DataFrame:
    """Return the segments of the fibre in the middle; very thin ones may break."""
    table = found.segments
    middle = (table["start_x_px"] + table["end_x_px"]) / 2
    return table[middle < 180]


def _width(found: ThinStructures, column: str) -> float:
    table = _own(found).dropna(subset=[column])
    if table.empty:
        return float("nan")
    return float(np.average(table[column], weights=table["length_px"]))


def _naive_width(mask: NDArray[np.bool_]) -> float:
    return float(2 * distance_transform_edt(mask)[skeletonize(mask)].mean())


def _naive_length(mask: NDArray[np.bool_]) -> float:
    skeleton = skeletonize(mask)
    if find_spec("skan"):
        from skan import Skeleton, summarize

        branches = summarize(Skeleton(skeleton), separator="-")
        return float(branches["branch-distance"].sum())
    return float(path_lengths(skeleton_graph(skeleton).paths).sum())


def accuracy(n: int) -> str:
    """Return the table of errors against the true width."""
    length = "skan" if find_spec("skan") else "pixel steps"
    head = (
        "| width (px) | mask | grey | grey, noise | twice the distance | length | "
        f"length, {length} |"
    )
    lines = [head, "|---" * 7 + "|"]
    for width in _WIDTHS:
        rng = np.random.default_rng(round(10 * width))
        found = [errors(width, rng) for _ in range(n)]
        cells = [
            _cell([getattr(one, name) for one in found])
            for name in ("mask", "grey", "noisy", "naive_width", "length", "naive_length")
        ]
        lines.append(f"| {width} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(ratios: list[float]) -> str:
    percent = 100 * (np.array(ratios) - 1)
    percent = percent[np.isfinite(percent)]
    return f"{percent.mean():+.1f} ± {percent.std():.1f}" if percent.size else "-"


def dimensions() -> str:
    """Return the table of dimensions by boxes of sets whose dimension is known."""
    y, x = np.mgrid[:512, :512]
    cell = np.ones((1, 1), bool)
    for _ in range(6):
        cell = np.kron(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool), cell)
    line = coverage(fibre(1.2, 480, 0.4, np.array([255.5, 255.5])), (512, 512)) >= 0.5
    sets = {
        "a straight line": (line, 1.0),
        "a filled square": (np.ones((300, 300), bool), 2.0),
        "Sierpinski's triangle": ((x & y) == 0, np.log(3) / np.log(2)),
        "Sierpinski's carpet": (cell, np.log(8) / np.log(3)),
    }
    lines = ["| set | true | found ± standard error | boxes (px) |", "|---|---|---|---|"]
    for name, (mask, truth) in sets.items():
        found = count_boxes(mask)
        told = f"{found.dimension:.3f} ± {found.standard_error:.3f}"
        sizes = f"{found.sizes[0]} to {found.sizes[-1]}"
        lines.append(f"| {name} | {truth:.3f} | {told} | {sizes} |")
    return "\n".join(lines)


def tree(*, shape: tuple[int, int] = (420, 600), seed: int = 15) -> NDArray[np.float64]:
    """Return a drawn tree of vessels that get thinner with every branch."""
    scale = shape[0] / 420
    rng = np.random.default_rng(seed)
    drawn = np.zeros(shape)
    waiting = [(shape[0] / 2, 10.0, 0.0, 12.0)]
    while waiting:
        v, u, angle, width = waiting.pop()
        bend = rng.normal(0, 0.006)
        for _ in range(int(rng.uniform(30, 50) * width**0.4 * scale)):
            angle += bend + rng.normal(0, 0.02)
            v, u = v + np.sin(angle), u + np.cos(angle)
            _stamp(drawn, v, u, width)
        if width > 4:
            share = rng.uniform(0.35, 0.65)
            for side, part in ((-1, share), (1, 1 - share)):
                # Murray's law: the cubes of the widths add up.
                thinner = width * part ** (1 / 3)
                waiting.append((v, u, angle + side * rng.uniform(0.3, 0.55), thinner))
    return drawn


def _stamp(drawn: NDArray[np.float64], v: float, u: float, width: float) -> None:
    """Draw a disc, in place."""
    reach = int(width) + 2
    rows = slice(max(int(v) - reach, 0), max(int(v) + reach, 0))
    columns = slice(max(int(u) - reach, 0), max(int(u) + reach, 0))
    part = drawn[rows, columns]
    y, x = np.ogrid[: part.shape[0], : part.shape[1]]
    apart = np.hypot(y + rows.start - v, x + columns.start - u)
    part[:] = np.maximum(part, np.clip(width / 2 + 0.5 - apart, 0, 1))


def speed() -> str:
    """Return how long the drawn tree takes, and a picture of 17 million pixels of it."""
    mask = tree(shape=(565, 584)) >= 0.5
    measure_thin(mask)
    lines = ["| picture | segments | seconds of one processor |", "|---|---|---|"]
    for name, picture in (
        ("565 x 584 px", mask),
        ("4096 x 4096 px", np.tile(mask, (8, 8))[:4096, :4096].copy()),
    ):
        start = time.process_time()
        found = measure_thin(picture)
        taken = time.process_time() - start
        lines.append(f"| {name} | {len(found.segments)} | {taken:.2f} |")
    return "\n".join(lines)


def figure() -> bytes:
    covered = tree()
    grey = gaussian_filter(190 - 110 * covered, 0.8)
    image = Image(np.clip(grey, 0, 255).astype(np.uint8))
    return to_png(thin_figure(image, measure_thin(covered >= 0.5)), dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=60, help="fibres of each width")
    parser.add_argument("--write", type=Path, help="page in which to replace the tables")
    parser.add_argument("--figure", type=Path, help="file for the figure of the page")
    options = parser.parse_args()
    parts = [
        f"### Widths and lengths: {options.n} fibres each\n\n{accuracy(options.n)}",
        f"### Dimensions\n\n{dimensions()}",
        f"### Speed\n\n{speed()}",
    ]
    text = "\n\n".join(parts)
    print(text)
    if options.figure:
        options.figure.write_bytes(figure())
    if options.write:
        page = options.write.read_text(encoding="utf-8").split(_MARK)[0]
        options.write.write_text(f"{page}{_MARK}\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
