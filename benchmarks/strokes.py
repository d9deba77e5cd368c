"""What twenty strokes are worth, and what classifiers of pixels learn from masks.

Run it with `python benchmarks/strokes.py [--page docs/pixel_classifier.md]`; the real
pictures lie in the folder that SEGMETRY_DATA names. Nothing is chosen here: the sizes and
scales are the usual ones. Times are of the processor, with one thread.
"""

import os
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from pages import put
from scipy.ndimage import distance_transform_edt
from skimage.feature import multiscale_basic_features

from segmetry.errors import SegmetryWarning
from segmetry.evaluate import MeanScore, dice, mean_score
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.models.pixel_classifier import KINDS, PixelClassifier, points_of_strokes
from segmetry.segment import segmenter
from segmetry.segment.pixel_features import pixel_features

HERE = Path(__file__).parent
DATA = Path(os.environ.get("SEGMETRY_DATA", HERE.parent.parent / "shared" / "data"))
EACH = 10  # strokes of the objects, and as many of the ground
LONG, WIDE = 40, 3  # of a stroke, in pixels
SEEDS = range(5)


def pictures(name: str, part: str) -> Iterator[tuple[Image, NDArray[np.bool_]]]:
    """Yield pictures with their true foreground; outside the field of view is excluded."""
    folder = DATA / name / part
    for path in sorted((folder / "images").iterdir()):
        image = read(path)
        truth = np.asarray(read_labels(same_stem(folder / "masks", path))) > 0
        if (folder / "fov").is_dir():
            view = np.asarray(read_labels(same_stem(folder / "fov", path))) > 0
            image = Image(image.pixels, axes=image.axes, excluded=~view, name=image.name)
        yield image, truth


def same_stem(folder: Path, path: Path) -> Path:
    (found,) = (one for one in folder.iterdir() if one.stem == path.stem)
    return found


def drawn_strokes(truth: NDArray[np.bool_], seed: int) -> NDArray[np.uint8]:
    """Return strokes as a person paints them: within objects, and within the ground."""
    rng = np.random.default_rng(seed)
    strokes = np.zeros(truth.shape, np.uint8)
    for number, own in ((1, ~truth), (2, truth)):
        inner = np.argwhere(distance_transform_edt(own) > WIDE)
        for y, x in inner[rng.choice(len(inner), EACH, replace=False)]:
            line = np.zeros(truth.shape, np.uint8)
            angle = rng.uniform(0, np.pi)
            reach = LONG / 2 * np.array([np.cos(angle), np.sin(angle)])
            ends = [tuple(np.round((x, y) + side * reach).astype(int)) for side in (-1, 1)]
            cv2.line(line, *([int(v) for v in end] for end in ends), 1, WIDE)
            strokes[(line > 0) & own] = number
    return strokes


def of_strokes() -> list[str]:
    """Return the table of what strokes are worth."""
    found: dict[str, list[list[float]]] = {}
    groups = []
    for part in ("test", "train"):
        for image, truth in pictures("ampis_powder", part):
            groups.append(f"{part} {image.name}")
            for name, scores in of_picture(image, truth).items():
                found.setdefault(name, []).append(scores)
    rows = [
        "| method | Dice, test picture (five sets of strokes) | on all five pictures |",
        "|---|---|---|",
    ]
    for name, scores in found.items():
        test = scores[0]
        spread = f" ({min(test):.3f} to {max(test):.3f})" if len(test) > 1 else ""
        whole = mean_score(
            [float(np.mean(one)) for one in scores], clusters=groups, bounds=(0, 1)
        )
        rows.append(f"| {name} | {np.mean(test):.3f}{spread} | {told(whole)} |")
    return rows


def of_picture(image: Image, truth: NDArray[np.bool_]) -> dict[str, list[float]]:
    features = pixel_features(image)
    classical = segmenter("auto")(image).data > 0
    scores: dict[str, list[float]] = {}
    for seed in SEEDS:
        strokes = drawn_strokes(truth, seed)
        rest = strokes == 0
        points, classes = points_of_strokes(features, strokes)
        for kind in KINDS:
            learned = PixelClassifier.fit_points(points, classes, kind=kind, seed=seed)
            map_ = learned.probabilities(features)[..., 1] > 0.5
            scores.setdefault(f"{kind}, 20 strokes", []).append(
                dice(map_, truth, included=rest)
            )
        scores.setdefault("auto, no strokes", []).append(
            dice(classical, truth, included=rest)
        )
        scores.setdefault("everything taken for object", []).append(
            dice(np.ones_like(truth), truth, included=rest)
        )
    return scores


def of_masks() -> list[str]:
    """Return the table of what is learned from all training pictures."""
    rows = [
        "| pictures | method | tested on | Dice | learning, s | running, s per MP |",
        "|---|---|---|---|---|---|",
    ]
    for name in ("ampis_powder", "drive", "isbi2012_em"):
        teachers, tests = list(pictures(name, "train")), list(pictures(name, "test"))
        for kind in KINDS:
            fit = lambda kind=kind, some=teachers: segmenter(kind).fit(  # noqa: E731
                [image for image, _ in some], [truth for _, truth in some]
            )
            learned, seconds = timed(fit)
            rows.append(row(name, kind, learned, tests, f"{seconds:.1f}"))
        rows.append(row(name, "auto", segmenter("auto"), tests, ""))
        rows.append(row(name, "everything taken for object", None, tests, ""))
    return rows


def row(name: str, method: str, own: Any, tests: list[Any], seconds: str) -> str:
    scores, spent, pixels = [], 0.0, 0
    for image, truth in tests:
        if own is None:
            map_ = np.ones_like(truth)
        elif method == "auto":
            map_ = own(image).data > 0
        else:
            maps, cost = timed(lambda own=own, image=image: own.maps(image))
            map_, spent = maps.foreground > maps.cutoff, spent + cost
        pixels += truth.size
        scores.append(dice(map_, truth, included=image.included))
    score = mean_score(scores, clusters=[str(k) for k in range(len(scores))], bounds=(0, 1))
    running = f"{1e6 * spent / pixels:.2f}" if spent else ""
    return f"| {name} | {method} | {len(tests)} | {told(score)} | {seconds} | {running} |"


def of_time() -> list[str]:
    """Return the table of times of one million pixels."""
    image, truth = next(pictures("ampis_powder", "test"))
    image = Image(np.ascontiguousarray(image.pixels[:1000, :1000]))
    strokes = drawn_strokes(truth[:1000, :1000], 0)
    features = pixel_features(image)
    points, classes = points_of_strokes(features, strokes)
    ours = least(lambda: pixel_features(image))
    theirs = least(lambda: multiscale_basic_features(image.pixels))
    rows = [
        "| of 1000 x 1000 grey pixels | processor, s | on the clock, s |",
        "|---|---|---|",
        f"| 36 features | {ours[0]:.2f} | {ours[1]:.2f} |",
        f"| 24 features of scikit-image | {theirs[0]:.2f} | {theirs[1]:.2f} |",
    ]
    for kind in KINDS:
        fit = least(
            lambda kind=kind: PixelClassifier.fit_points(points, classes, kind=kind)
        )
        learned = PixelClassifier.fit_points(points, classes, kind=kind)
        paint = least(lambda learned=learned: learned.probabilities(features))
        rows += [
            f"| {kind}: learning from 20 strokes | {fit[0]:.2f} | {fit[1]:.2f} |",
            f"| {kind}: painting all pixels anew | {paint[0]:.2f} | {paint[1]:.2f} |",
        ]
    share = ours[0] / theirs[0]
    return [*rows, "", f"The features take {share:.2f} of scikit-image's time."]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def least(work: Callable[[], Any]) -> tuple[float, float]:
    """Return the least seconds of five: of the processor, and on the clock."""
    work()
    found = []
    for _ in range(5):
        processor, clock = time.process_time(), time.perf_counter()
        work()
        found.append((time.process_time() - processor, time.perf_counter() - clock))
    return min(one for one, _ in found), min(one for _, one in found)


def told(score: MeanScore) -> str:
    interval = f" ({score.low:.3f} to {score.high:.3f})" if score.low == score.low else ""
    return f"{score.value:.3f}{interval}"


def main(page: Path | None = None) -> None:
    """Measure, and put the tables into a page."""
    cv2.setNumThreads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        parts = [of_strokes(), of_masks(), of_time()]
    titles = ("Twenty strokes", "Learning from masks", "Time")
    text = "\n\n".join(
        f"### {title}\n\n" + "\n".join(rows)
        for title, rows in zip(titles, parts, strict=True)
    )
    put(page, text, script=__file__)


if __name__ == "__main__":
    typer.run(main)
