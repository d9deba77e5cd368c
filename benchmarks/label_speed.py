"""CPU time of labelling 8-connected objects, side by side with other libraries.

Run it with `python benchmarks/label_speed.py --write docs/benchmarks_measure.md`.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cc3d
import cv2
import numpy as np
from numpy.typing import NDArray
from pages import put
from scipy import ndimage
from skimage.measure import label

ROUNDS = 7

CONTENDERS: dict[str, Callable[[NDArray[np.bool_]], Any]] = {
    "OpenCV": lambda mask: cv2.connectedComponents(mask.view(np.uint8), connectivity=8),
    "cc3d": lambda mask: cc3d.connected_components(mask, connectivity=8),
    "scipy.ndimage": lambda mask: ndimage.label(mask, np.ones((3, 3))),
    "scikit-image": lambda mask: label(mask, connectivity=2),
    "(filling an int32 array)": lambda mask: np.full(mask.shape, 1, dtype=np.int32),
}


def discs(side: int, *, spacing: int) -> NDArray[np.bool_]:
    """Return a grid of discs, of random radius."""
    rng = np.random.default_rng(side)
    n = side // spacing
    y, x = np.mgrid[:spacing, :spacing] - (spacing - 1) / 2
    radius = rng.uniform(0.2, 0.45, (n, 1, n, 1)) * spacing
    tiles = (x**2 + y**2)[None, :, None, :] <= radius**2
    return np.ascontiguousarray(tiles.reshape(n * spacing, n * spacing))


def pictures() -> dict[str, NDArray[np.bool_]]:
    noise = np.random.default_rng(0).random((1024, 1024)) < 0.4
    return {
        "1 MP, 1,024 discs": discs(1024, spacing=32),
        "1 MP, 16,384 discs": discs(1024, spacing=8),
        "1 MP, noise": noise,
        "16 MP, 16,384 discs": discs(4096, spacing=32),
    }


def race(mask: NDArray[np.bool_]) -> dict[str, float]:
    """Return the best CPU time in seconds of each contender, taken in turns."""
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(ROUNDS):
        for name, contender in CONTENDERS.items():
            start = time.process_time()
            contender(mask)
            times[name].append(time.process_time() - start)
    return {name: min(seconds) for name, seconds in times.items()}


def page(results: dict[str, dict[str, float]]) -> str:
    lines = [
        f"| CPU ms (times cc3d's) | {' | '.join(results)} |",
        "|---" * (len(results) + 1) + "|",
    ]
    for name in CONTENDERS:
        cells = [
            f"{1e3 * t[name]:.1f} ({t[name] / t['cc3d']:.2f})" for t in results.values()
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page in which to replace the table")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    text = page({name: race(mask) for name, mask in pictures().items()})
    put(options.write, text, script=__file__)


if __name__ == "__main__":
    main()
