"""CPU time of the full table of objects, side by side with other libraries.

One thread each.

Run it with `python benchmarks/measure_speed.py --write docs/benchmarks_measure.md`. The
largest picture takes some minutes; `--largest 10000` leaves it out.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import diplib
import numpy as np
import nyxus
from numpy.typing import NDArray
from pages import put
from skimage.measure import regionprops_table

from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import measure

STEP = 32  # px between objects: 1024 px of picture for each
ROUNDS = {1_000: 9, 10_000: 3, 100_000: 1}


SKIMAGE_FEW = [
    *("label", "area", "equivalent_diameter_area", "centroid", "bbox"),
    *("axis_major_length", "axis_minor_length", "orientation", "eccentricity", "extent"),
    *("intensity_mean", "intensity_std", "intensity_min", "intensity_max"),
]
SKIMAGE = [*SKIMAGE_FEW, "feret_diameter_max", "perimeter", "solidity", "euler_number"]
DIPLIB = [
    *("Size", "Center", "Minimum", "Maximum", "MajorAxes", "DimensionsEllipsoid"),
    *("Eccentricity", "Feret", "AspectRatioFeret", "Perimeter", "Circularity", "Solidity"),
    *("Mean", "StandardDeviation", "MinVal", "MaxVal"),
]
NYXUS = [
    *("AREA_PIXELS_COUNT", "DIAMETER_EQUAL_AREA", "CENTROID_X", "CENTROID_Y"),
    *("BBOX_XMIN", "BBOX_YMIN", "BBOX_HEIGHT", "BBOX_WIDTH"),
    *("MAJOR_AXIS_LENGTH", "MINOR_AXIS_LENGTH", "ORIENTATION", "ECCENTRICITY"),
    *("STAT_FERET_DIAM_MAX", "STAT_FERET_DIAM_MIN", "PERIMETER", "CIRCULARITY"),
    *("SOLIDITY", "EXTENT", "EULER_NUMBER", "MEAN", "STANDARD_DEVIATION", "MIN", "MAX"),
]


def draw(n: int, *, seed: int) -> NDArray[np.uint32]:
    """Return `n` ellipses of random size, form, place and angle on a grid."""
    rng = np.random.default_rng(seed)
    columns = int(np.ceil(np.sqrt(n)))
    rows = -(-n // columns)
    y, x = np.mgrid[:STEP, :STEP] - (STEP - 1) / 2
    scene = np.zeros((rows * STEP, columns * STEP), dtype=np.uint32)
    for k in range(n):
        half = rng.uniform(8, 14.5)
        ratio, angle = rng.uniform(0.5, 1), rng.uniform(0, np.pi)
        shift_x, shift_y = rng.uniform(-0.5, 0.5, 2)
        along = (x - shift_x) * np.cos(angle) + (y - shift_y) * np.sin(angle)
        across = (y - shift_y) * np.cos(angle) - (x - shift_x) * np.sin(angle)
        top, left = k // columns * STEP, k % columns * STEP
        inside = along**2 + (across / ratio) ** 2 <= half**2
        scene[top : top + STEP, left : left + STEP] = inside * (k + 1)
    return scene


def contenders(
    scene: NDArray[np.uint32], grey: NDArray[Any]
) -> dict[str, Callable[[], Any]]:
    size = PixelSize(y=0.01, x=0.01, unit="um", source="typed")
    labels = Labels(scene, Image(grey, pixel_size=size))
    engine = nyxus.Nyxus(NYXUS, n_feature_calc_threads=1)
    wide = grey.astype(np.uint32)

    def with_diplib() -> NDArray[Any]:
        # The measurement must keep a name: its values die with it.
        found = diplib.MeasurementTool.Measure(scene, grey, DIPLIB)
        return np.array(found)

    return {
        "Segmetry": lambda: measure(labels),
        "DIPlib": with_diplib,
        "nyxus": lambda: engine.featurize(wide, scene),
        "scikit-image, without hull, Feret, perimeter": lambda: regionprops_table(
            scene, grey, properties=SKIMAGE_FEW
        ),
        "scikit-image": lambda: regionprops_table(scene, grey, properties=SKIMAGE),
    }


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drop what nyxus prints below Python's level."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def race(n: int) -> dict[str, float]:
    """Return the best CPU time in seconds of each contender, taken in turns."""
    scene = draw(n, seed=n)
    grey = np.random.default_rng(n).integers(1, 255, scene.shape).astype(np.uint8)
    entries = contenders(scene, grey)
    times: dict[str, list[float]] = {name: [] for name in entries}
    for _ in range(ROUNDS[n]):
        for name, entry in entries.items():
            with quiet():
                start = time.process_time()
                entry()
                times[name].append(time.process_time() - start)
    return {name: min(seconds) for name, seconds in times.items()}


def cold_start() -> float:
    """Return the CPU time in seconds of a fresh process, less that of numpy and pandas."""
    first = (
        "import time, numpy as np, pandas; start = time.process_time()\n"
        "from segmetry.image import Image, Labels; from segmetry.measure import measure\n"
        "data = np.ones((9, 9), np.uint8)\n"
        "measure(Labels(data, Image(data))); print(time.process_time() - start)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-P", "-c", first], capture_output=True, check=True, text=True
        )
        for _ in range(5)
    ]
    return median(float(run.stdout) for run in runs)


def page(results: dict[int, dict[str, float]], cold: float) -> str:
    sizes = list(results)
    ours = {n: results[n]["Segmetry"] for n in sizes}
    lines = [
        "| CPU ms (times Segmetry's) | "
        + " | ".join(f"{n:,} objects" for n in sizes)
        + " |",
        "|---" * (len(sizes) + 1) + "|",
    ]
    for name in results[sizes[0]]:
        times = {n: results[n][name] for n in sizes}
        cells = [f"{1e3 * times[n]:.1f} ({times[n] / ours[n]:.1f})" for n in sizes]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    per_pixel = ", ".join(f"{1e9 * ours[n] / (n * STEP**2):.1f}" for n in sizes)
    notes = (
        f"Segmetry per pixel of the picture: {per_pixel} ns. First table in a process "
        "beyond importing numpy and pandas, with compiled code kept from an earlier one: "
        f"{cold:.2f} s of CPU."
    )
    return "\n".join([*lines, "", notes])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=100_000, help="objects")
    parser.add_argument("--write", type=Path, help="page in which to replace the table")
    options = parser.parse_args()
    diplib.SetNumberOfThreads(1)
    warnings.simplefilter("ignore")
    data = np.ones((9, 9), dtype=np.uint8)
    measure(Labels(data, Image(data)))  # compile before the clock runs
    results = {n: race(n) for n in ROUNDS if n <= options.largest}
    text = page(results, cold_start())
    put(options.write, text, script=__file__)


if __name__ == "__main__":
    main()
