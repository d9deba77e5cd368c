"""How well the lungs of a CT scan are found, with options chosen on other scans.

    python benchmarks/lungs.py FOLDER [--figure FILE]

FOLDER has train/ and test/, each with images/ and masks/ of NIfTI files. Prints two tables
in Markdown: the options of the method as they come, on each volume; and each volume with
the options that are best on the others (mean Dice), out of a small grid, which is what a
user may expect who chooses options on a few scans of his own.
"""

import argparse
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from segmetry.evaluate.surfaces import judge_surface
from segmetry.io import read, read_labels, write_png
from segmetry.report.montage import draw_montage
from segmetry.segment import segmenter

GRID = {
    "threshold": (-500.0, -400.0, -350.0),
    "hilum": (12.0, 20.0, 25.0),
    "smoothing": (2.0, 3.0, 4.0),
}


def volumes(folder: Path) -> dict[str, tuple[str, Any, Any]]:
    """Return split, image and true mask of each volume."""
    found = {}
    for split in ("train", "test"):
        for path in sorted((folder / split / "images").iterdir()):
            mask = read_labels(folder / split / "masks" / path.name) > 0
            found[path.name.split(".")[0]] = (split, read(path), mask)
    return found


def dice(found: Any, true: Any) -> float:
    return 2 * np.count_nonzero(found & true) / (found.sum() + true.sum())


def scores(image: Any, true: Any, options: dict[str, float]) -> tuple[Any, str]:
    """Return labels and a row: Dice, distances in mm, error of the volume, seconds."""
    start = time.perf_counter()
    labels = segmenter("lungs", **options)(image)
    seconds = time.perf_counter() - start
    size = image.pixel_size
    found = labels.data > 0
    judged = judge_surface(found, true, spacing=(size.z, size.y, size.x))
    row = (
        f"{dice(found, true):.4f} | {judged.mean:.2f} | {judged.p95:.1f} | "
        f"{judged.max:.0f} | {judged.volume_error_percent:+.1f} | {seconds:.1f}"
    )
    return labels, row


def grid() -> Iterator[dict[str, float]]:
    for values in product(*GRID.values()):
        yield dict(zip(GRID, values, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--figure", type=Path)
    asked = parser.parse_args()
    known = volumes(asked.folder)
    head = "Dice | mean distance, mm | 95 % Hausdorff, mm | Hausdorff, mm | volume, % | s |"
    print(f"| volume | split | {head}\n|---|---|{'---|' * 6}")
    for name, (split, image, true) in known.items():
        labels, row = scores(image, true, {})
        print(f"| {name} | {split} | {row} |", flush=True)
    if asked.figure:
        write_png(asked.figure, draw_montage(labels)[::2, ::2])
    tried = {
        name: [dice(segmenter("lungs", **one)(image).data > 0, true) for one in grid()]
        for name, (_, image, true) in known.items()
    }
    print(f"\n| left out | options of the others | {head}\n|---|---|{'---|' * 6}")
    for name, (_, image, true) in known.items():
        others = np.mean([tried[other] for other in tried if other != name], axis=0)
        options = list(grid())[int(np.argmax(others))]
        told = ", ".join(f"{key} {value:g}" for key, value in options.items())
        print(f"| {name} | {told} | {scores(image, true, options)[1]} |", flush=True)


if __name__ == "__main__":
    main()
