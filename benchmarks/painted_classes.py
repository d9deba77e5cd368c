"""How long a stroke waits for the colours that it teaches.

    python benchmarks/painted_classes.py PICTURE TRUTH --strokes 40

Strokes are painted one after another on random pixels of the objects of a mask, and of the
ground, as a person does in the app. Each is written to the disk; then all of them are
learned from, in the app's own process for that, and the classes of a window of up to one
megapixel come back packed as they are sent. Prints one JSON object: seconds of the first
answer, median and 95th percentile of the others, and how busy the computer was.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from segmetry import io
from segmetry.project import Project, Stroke
from segmetry.project.taught import ClassMapOrder, lesson_of
from segmetry.web.previewing import ClassMaps

_MOST_SIDE = 1024  # px of the window


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("truth", type=Path, help="mask or labels of the same shape")
    parser.add_argument("--strokes", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    truth = io.read_labels(options.truth) > 0
    with tempfile.TemporaryDirectory() as place:
        copy = Path(shutil.copy(options.picture, place))
        with Project.create(place, "Painting") as project, closing(ClassMaps()) as maps:
            seconds = painted(project, maps, copy, truth, options)
    first, *others = seconds
    told = {
        "megapixels": round(min(truth.size, _MOST_SIDE**2) / 1e6, 2),
        "strokes": options.strokes,
        "first_s": round(first, 2),
        "median_s": round(float(np.median(others)), 2),
        "p95_s": round(float(np.percentile(others, 95)), 2),
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(told))


def painted(
    project: Project,
    maps: ClassMaps,
    path: Path,
    truth: np.ndarray,
    options: argparse.Namespace,
) -> list[float]:
    """Return the seconds of each answer; the first stroke of all has none."""
    rng = np.random.default_rng(options.seed)
    picture = project.pictures.add(path)
    order = project.labels.order(picture, project.recipe)
    height, width = (min(side, _MOST_SIDE) for side in truth.shape)
    spots = [
        np.argwhere(truth[:height, :width] == is_object) for is_object in (False, True)
    ]
    seconds = []
    for number in range(options.strokes):
        kind = number % 2
        y, x = (int(one) for one in rng.choice(spots[kind]))
        begun = time.perf_counter()
        way = ((x, y), (x + 12, y + 4))
        project.strokes.draw(picture, Stroke(str(number), 1 + kind, 9, way))
        if number > 0:
            window = (0, 0, width, height)
            maps.make(ClassMapOrder(order, window, lesson_of(project)))
            seconds.append(time.perf_counter() - begun)
    return seconds


if __name__ == "__main__":
    main()
