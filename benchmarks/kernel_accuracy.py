"""How far measured sizes are from the truth on drawn shapes; writes docs/accuracy.md.

Run it with `python benchmarks/kernel_accuracy.py --write docs/accuracy.md`, which takes
about a minute.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ellipe

from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import measure

FLOORS = """\
Asked of the project: area and equivalent diameter within 0.5 %; perimeter within 1 % on
discs and 2:1 ellipses from a semi-major axis of 5 px, and within 1.5 % on rectangles from a
side of 20 px."""

_MARK = "<!-- made by benchmarks/kernel_accuracy.py -->"


@dataclass(frozen=True)
class Shape:
    """An ellipse or a rectangle, by its half axes or half sides in pixels."""

    name: str
    half_long: float
    half_short: float
    is_rectangle: bool = False

    def covers(self, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points, given in the shape's own axes, lie inside."""
        u, v = np.abs(u / self.half_long), np.abs(v / self.half_short)
        return np.maximum(u, v) <= 1 if self.is_rectangle else u**2 + v**2 <= 1

    @property
    def truth(self) -> dict[str, float]:
        """Sizes from geometry, by column without unit."""
        a, b = self.half_long, self.half_short
        area = 4 * a * b if self.is_rectangle else np.pi * a * b
        perimeter = 4 * (a + b) if self.is_rectangle else 4 * a * ellipe(1 - (b / a) ** 2)
        return {
            "area": area,
            "equivalent_diameter": 2 * np.sqrt(area / np.pi),
            "perimeter": perimeter,
            "perimeter_crofton": perimeter,
            "feret_diameter_max": 2 * (np.hypot(a, b) if self.is_rectangle else a),
            "feret_diameter_min": 2 * b,
            "axis_major_length": 2 * a * (2 / np.sqrt(3) if self.is_rectangle else 1),
        }


def shapes() -> Iterator[Shape]:
    for radius in (5, 7, 10, 15, 20, 30, 50):
        yield Shape(f"disc, radius {radius}", radius, radius)
    for radius in (5, 7, 10, 15, 20, 30, 50):
        yield Shape(f"ellipse 2:1, half axis {radius}", radius, radius / 2)
    for radius in (10, 20, 50):
        yield Shape(f"ellipse 4:1, half axis {radius}", radius, radius / 4)
    for side in (10, 20, 30, 50, 100):
        yield Shape(f"square, side {side}", side / 2, side / 2, is_rectangle=True)
    for side in (10, 20, 30, 50):
        name = f"rectangle 2:1, short side {side}"
        yield Shape(name, side, side / 2, is_rectangle=True)


def draw(
    shape: Shape, *, n: int, seed: int, dy: float = 1.0, turned: bool = True
) -> NDArray[np.uint32]:
    """Return `n` copies of a shape at random places and angles, side by side.

    A pixel belongs to the shape where its centre does. `dy` is the height of a pixel, of
    which the width is 1.
    """
    rng = np.random.default_rng(seed)
    reach = int(np.ceil(np.hypot(shape.half_long, shape.half_short))) + 2
    rows = int(np.ceil(reach / dy)) + 1
    y, x = np.mgrid[-rows : rows + 1, -reach : reach + 1]
    per_row = int(np.ceil(np.sqrt(n)))
    height, width = y.shape
    scene = np.zeros((height * (-(-n // per_row)), width * per_row), dtype=np.uint32)
    for k in range(n):
        shift_x, shift_y = rng.uniform(-0.5, 0.5, 2)
        angle = rng.uniform(0, np.pi) if turned else 0.0
        along = (x - shift_x) * np.cos(angle) + (y - shift_y) * dy * np.sin(angle)
        across = (y - shift_y) * dy * np.cos(angle) - (x - shift_x) * np.sin(angle)
        top, left = k // per_row * height, k % per_row * width
        scene[top : top + height, left : left + width] = shape.covers(along, across) * (
            k + 1
        )
    return scene


def deviations(
    shape: Shape, *, n: int, seed: int, dy: float = 1.0, turned: bool = True
) -> pd.DataFrame:
    """Return measured over true size less 1, in percent: one row per object."""
    scene = draw(shape, n=n, seed=seed, dy=dy, turned=turned)
    size = PixelSize(y=dy, x=1.0, unit="um", source="typed")
    table = measure(
        Labels(scene, Image(scene, pixel_size=size)), perimeters=("crofton",)
    ).rename(columns=lambda name: name.removesuffix("2").removesuffix("_um"))
    truth = pd.Series(shape.truth)
    return 100 * (table[truth.index] / truth - 1)


COLUMNS = {
    "area": "area",
    "equivalent_diameter": "equivalent diameter",
    "perimeter": "perimeter",
    "perimeter_crofton": "Crofton",
    "feret_diameter_max": "Feret max",
    "feret_diameter_min": "Feret min",
    "axis_major_length": "major axis",
}


def table(rows: list[tuple[str, pd.DataFrame]]) -> str:
    lines = [
        f"| shape (px) | {' | '.join(COLUMNS.values())} |",
        "|---" * (len(COLUMNS) + 1) + "|",
    ]
    for name, found in rows:
        cells = [f"{found[c].mean():+.2f} ± {found[c].std():.2f}" for c in COLUMNS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2000, help="drawings of each shape")
    parser.add_argument("--write", type=Path, help="page in which to replace the tables")
    options = parser.parse_args()
    drawn = {"n": options.n, "seed": 1}
    square = table([(s.name, deviations(s, **drawn)) for s in shapes()])
    upright = table(
        [(s.name, deviations(s, **drawn, turned=False)) for s in shapes() if s.is_rectangle]
    )
    flat = [Shape("disc, radius 20", 20, 20), Shape("ellipse 2:1, half axis 40", 40, 20)]
    flat.append(Shape("square, side 60", 30, 30, is_rectangle=True))
    stretched = table(
        [
            (f"{s.name}, pixel height {dy}", deviations(s, **drawn, dy=dy))
            for s in flat
            for dy in (1.25, 1.5, 2.0, 3.0)
        ]
    )
    text = (
        f"{_MARK}\n\n{FLOORS}\n\n### Any place, any angle\n\n{square}\n\n"
        f"### Rectangles along the axes\n\n{upright}\n\n"
        f"### Pixels that are not square\n\nLengths in pixel widths.\n\n{stretched}\n"
    )
    if options.write is None:
        print(text)
        return
    page = options.write.read_text(encoding="utf-8")
    options.write.write_text(page.split(_MARK)[0] + text, encoding="utf-8")


if __name__ == "__main__":
    main()
