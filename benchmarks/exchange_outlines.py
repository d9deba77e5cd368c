"""Outlines of objects: how wrong their areas are, and how long they take (on one core).

Each peer traces 10,000 discs of one label image, and its outlines are judged by their
area (shoelace formula, holes subtracted) against the number of pixels.

Run `python benchmarks/exchange_outlines.py [REPEATS]`.
"""

import sys
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.measure import find_contours, regionprops

from segmetry.io.exchange import fill_polygons, trace_outlines

Areas = dict[int, float]
SIDE, PER_ROW = 30, 100


def discs(diameter: float) -> NDArray[np.uint32]:
    """Return a label image of 10,000 discs, each at another place within its cell."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[: SIDE * PER_ROW, : SIDE * PER_ROW]
    cell = (y // SIDE) * PER_ROW + x // SIDE
    middle = rng.uniform(SIDE / 2 - 2, SIDE / 2 + 2, (PER_ROW**2, 2))
    inside = np.hypot(y % SIDE - middle[cell, 0], x % SIDE - middle[cell, 1]) < diameter / 2
    return np.where(inside, cell + 1, 0).astype(np.uint32)


def shoelace(ring: NDArray) -> float:
    x, y = np.asarray(ring, dtype=float).T
    return (x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def ours(labels: NDArray) -> Areas:
    return {
        number: sum(shoelace(ring) for rings in polygons for ring in rings)
        for number, polygons in trace_outlines(labels).items()
    }


def opencv(labels: NDArray) -> Areas:
    found = {}
    for one in regionprops(labels.astype(np.int32)):
        rings, _ = cv2.findContours(
            one.image.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
        )
        found[one.label] = sum(cv2.contourArea(ring) for ring in rings)
    return found


def scikit_image(labels: NDArray) -> Areas:
    found = {}
    for one in regionprops(labels.astype(np.int32)):
        rings = find_contours(np.pad(one.image, 1).astype(float), 0.5)
        found[one.label] = abs(sum(shoelace(ring) for ring in rings))
    return found


def rasterio(labels: NDArray) -> Areas:
    from rasterio.features import shapes

    found: Areas = {}
    for geometry, number in shapes(labels.astype(np.int32), mask=labels > 0):
        area = sum(shoelace(ring[:-1]) for ring in geometry["coordinates"])
        found[int(number)] = found.get(int(number), 0) + abs(area)
    return found


PEERS: dict[str, Callable[[NDArray], Areas]] = {
    "segmetry": ours,
    "rasterio": rasterio,
    "scikit-image": scikit_image,
    "OpenCV": opencv,
}


def main(repeats: int) -> None:
    print("| outlines by | error of the area at 10 px | at 20 px | 10,000 objects, CPU |")
    print("|---|---|---|---|")
    for name, trace in PEERS.items():
        errors, seconds = [], []
        for diameter in (10, 20):
            labels = discs(diameter)
            true = np.bincount(labels.ravel())
            for _ in range(repeats):
                begun = time.process_time()
                try:
                    areas = trace(labels)
                except ImportError:
                    break
                seconds.append(time.process_time() - begun)
            else:
                ratio = [area / true[number] - 1 for number, area in areas.items()]
                errors.append(100 * float(np.mean(ratio)))
        if not errors:
            print(f"| {name} | not installed | | |")
            continue
        told = " | ".join(f"{error:+.1f} %" for error in errors)
        print(f"| {name} | {told} | {min(seconds):.2f} s |")
    labels = discs(20)
    outlines = trace_outlines(labels)
    begun = time.process_time()
    polygons = [(number, rings) for number, parts in outlines.items() for rings in parts]
    assert np.array_equal(fill_polygons(polygons, labels.shape), labels)
    print(f"\nFilling them again, exactly: {time.process_time() - begun:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
