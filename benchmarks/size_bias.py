"""How far found and measured diameters are from the truth, on blurred and noisy discs.

kernel_accuracy.py draws labels; here a segmenter has to find the discs first. Run it with
`python benchmarks/size_bias.py`, which prints a table of docs/accuracy.md.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from segmetry.errors import SegmetryError
from segmetry.image import Image, Labels
from segmetry.measure import measure
from segmetry.segment import segmenter

RADII = (3, 4, 5, 6, 8, 12, 20)
SEGMENTERS = ("threshold", "auto")
GROUND, DISC = 40.0, 200.0
BLUR, NOISE = 1.0, 5.0
_SIDE = 7  # discs along each side of the picture
_FINER = 8  # points along each side of a pixel that tell how much of it a disc covers


def draw(radius: float, *, seed: int = 0) -> NDArray[np.uint8]:
    """Return a picture of 49 discs at random subpixel places, blurred and with noise."""
    rng = np.random.default_rng(seed)
    pitch = int(4 * radius + 20)
    fine = (np.arange(pitch * _FINER) + 0.5) / _FINER
    cells = []
    for y, x in pitch / 2 + rng.uniform(-0.5, 0.5, (_SIDE**2, 2)):
        covered = (fine[:, np.newaxis] - y) ** 2 + (fine - x) ** 2 <= radius**2
        cells.append(covered.reshape(pitch, _FINER, pitch, _FINER).mean(axis=(1, 3)))
    rows = [np.hstack(cells[k : k + _SIDE]) for k in range(0, _SIDE**2, _SIDE)]
    picture = gaussian_filter(GROUND + (DISC - GROUND) * np.vstack(rows), BLUR)
    picture += rng.normal(0, NOISE, picture.shape)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def found_diameters(radius: float, name: str, *, seed: int = 0) -> NDArray[np.float64]:
    """Return the diameters of all objects that a segmenter finds, in pixels."""
    labels: Labels = segmenter(name)(Image(draw(radius, seed=seed)))
    return measure(labels)["equivalent_diameter_px"].to_numpy()


def row(radius: float) -> str:
    """Return one line of the table."""
    cells = [_cell(radius, name) for name in SEGMENTERS]
    return f"| {radius} | {' | '.join(cells)} |"


def _cell(radius: float, name: str) -> str:
    try:
        error = 100 * (found_diameters(radius, name) / (2 * radius) - 1)
    except SegmetryError as reason:
        return f"none: {reason}"
    if not error.size:
        return "0, -"
    return f"{error.size}, {error.mean():+.1f} ± {error.std():.1f}"


def main() -> None:
    """Print the table."""
    heads = [f"`{name}`: found, error in %" for name in SEGMENTERS]
    print(f"| radius (px) | {' | '.join(heads)} |")
    print("|---|" + "---|" * len(heads))
    for radius in RADII:
        print(row(radius), flush=True)


if __name__ == "__main__":
    main()
