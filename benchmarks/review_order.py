"""How many of the wrong objects come early in the review queue, against random order.

Objects of drawn slices (the seeds and settings of `training/drawn_slices.py`'s exam) and of
the test part of dsb2018 are found, compared with the truth, and put in the order in which
a person would look at them before there is any verdict. An object is wrong where no true
one shares over half of their pixels with it (IoU 0.5 or less). Slices are a set, so sizes
that are rare among them are doubted more; the test pictures are of many kinds and no set.

`python benchmarks/review_order.py --write docs/review.md --figure docs/figures/review.png`
takes some minutes for each hundred pictures. What was found of a set can be kept in a
folder (`--keep`), so that another set can be added without judging it again.
"""

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from segmetry.errors import PictureError, SegmetryWarning
from segmetry.evaluate import match_objects
from segmetry.evaluate.review_queue import review_order
from segmetry.evaluate.review_sizes import doubts_by_size
from segmetry.image import Image
from segmetry.report.canvas import drawing_style, to_png
from segmetry.segment import segmenter
from segmetry.segment.doubt import doubts

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

FIRST = 0.3  # of the objects
RESAMPLES = 2000
_MARK = "<!-- made by benchmarks/review_order.py -->"

Picture = tuple[Image, NDArray[np.uint32], str, str]  # with its truth, group and kind


@dataclass(frozen=True, eq=False)
class Objects:
    """Found objects of a set of pictures.

    Parameters
    ----------
    doubt : ndarray of float64, shape (n,)
    wrong : ndarray of bool, shape (n,)
    picture : ndarray of int64, shape (n,)
        Number of each object's picture.
    group, kind : ndarray of str, shape (n,)
        Of that picture.
    area : ndarray of float64, shape (n,), or None
        In pixels; `None` leaves sizes aside.
    """

    doubt: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    picture: NDArray[np.int64]
    group: NDArray[np.str_]
    kind: NDArray[np.str_]
    area: NDArray[np.float64] | None = None

    @property
    def doubt_in_set(self) -> NDArray[np.float64]:
        """Doubts as a project has them, with the sizes of objects where these are known."""
        if self.area is None:
            return self.doubt
        return doubts_by_size(self.doubt, self.area, picture=self.picture)

    def only(self, chosen: NDArray[np.bool_]) -> "Objects":
        """Return some of the objects."""
        columns = vars(self).items()
        return Objects(**{name: one[chosen] for name, one in columns if one is not None})


def drawn(n: int) -> Iterator[Picture]:
    """Yield slices of the exam, each a group of its own."""
    from drawn_slices import EXAM_SEEDS, drawn_slice

    for seed in EXAM_SEEDS[:n]:
        pixels, truth = drawn_slice(seed)[:2]
        axes = "YX" if pixels.ndim == 2 else "YXC"
        yield Image(pixels, axes=axes), truth, str(seed), "drawn"


def dsb2018() -> Iterator[Picture]:
    """Yield the pictures of the test part."""
    import csv

    from sets import DATA, example

    with (DATA / "dsb2018" / "test.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["file"])
    for row in rows:
        one = example(
            DATA / "dsb2018" / "test", row["file"], group=row["group"], kind=row["class"]
        )
        yield one.image, one.labels, one.group, one.kind


def judged(pictures: Iterator[Picture], name: str) -> Objects:
    """Find the objects of pictures, and which of them are wrong."""
    found: list[list[NDArray[np.generic]]] = [[], [], [], [], [], []]
    method = segmenter(name)
    for number, (image, truth, group, kind) in enumerate(pictures):
        try:
            labels, maps = method.labels_and_maps(image)
        except PictureError:
            continue  # a slice without cells may be flat
        n = int(labels.data.max(initial=0))
        is_true = np.zeros(n, bool)
        matches = match_objects(labels.data, truth)
        is_true[matches.predicted[matches.iou > 0.5].astype(np.intp) - 1] = True
        parts = (
            doubts(method, labels, maps),
            ~is_true,
            np.full(n, number),
            np.full(n, group),
            np.full(n, kind),
            np.bincount(labels.data.ravel(), minlength=n + 1)[1:].astype(np.float64),
        )
        for column, part in zip(found, parts, strict=True):
            column.append(part)
    return Objects(*(np.concatenate(column) for column in found))


def kept(folder: Path | None, name: str, make: Callable[[], Objects]) -> Objects:
    """Return objects from a file of the folder, or make them and write it."""
    if folder is None:
        return make()
    path = folder / f"{name}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = vars(make()).items()
        np.savez(path, **{column: one for column, one in made if one is not None})
    with np.load(path) as file:
        return Objects(**file)


@dataclass(frozen=True)
class Order:
    """How good an order is; each number with the ends of its 95 % interval.

    Parameters
    ----------
    early : tuple of float
        Share of the wrong objects among the first 30 %.
    area : tuple of float
        Mean share of the wrong objects found, over all shares of objects looked at: the
        area under the curve. Random order has 0.5.
    """

    early: tuple[float, float, float]
    area: tuple[float, float, float]


def curve(
    wrong: NDArray[np.floating], weights: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return shares of the objects looked at, and of the wrong ones among them."""
    looked = np.append(0, np.cumsum(weights)) / weights.sum()
    return looked, np.append(0, np.cumsum(weights * wrong)) / (weights * wrong).sum()


def in_queue(objects: Objects, *, seed: int = 0) -> Objects:
    """Return the objects in the order of the queue, the random ones among them."""
    names = np.random.default_rng(seed).permutation(len(objects.doubt))
    order = review_order(objects.doubt_in_set, names=names)
    return objects.only(order)


def order_of(objects: Objects) -> Order:
    """Return how good the queue is, with intervals by resampling groups of pictures."""
    queue = in_queue(objects)
    groups = np.unique(queue.group, return_inverse=True)[1]
    rng = np.random.default_rng(1)
    told = []
    for resample in range(RESAMPLES + 1):
        n = groups.max() + 1
        times = np.bincount(rng.integers(0, n, n), minlength=n)
        weights = times[groups] if resample else np.ones(len(groups))
        if not (weights * queue.wrong).any():
            continue
        looked, found = curve(queue.wrong, weights)
        told.append((np.interp(FIRST, looked, found), np.trapezoid(found, looked)))
    values, ends = told[0], np.percentile(told[1:], [2.5, 97.5], axis=0).T
    early, area = ((value, *its) for value, its in zip(values, ends.tolist(), strict=True))
    return Order(early, area)


def row(name: str, objects: Objects) -> str:
    """Return a row of the table."""
    found = order_of(objects)
    early, area = (
        f"{value:.{digits}f}{unit} ({low:.{digits}f} to {high:.{digits}f})"
        for (value, low, high), digits, unit in (
            ([100 * one for one in found.early], 0, " %"),
            (found.area, 2, ""),
        )
    )
    n_pictures = len(np.unique(objects.picture))
    share = f"{objects.wrong.sum()} ({100 * objects.wrong.mean():.1f} %)"
    return f"| {name} | {n_pictures} | {len(objects.wrong)} | {share} | {early} | {area} |"


def table(sets: dict[str, Objects]) -> str:
    """Return the table of the page, each kind of pictures by itself too."""
    lines = [
        "| objects of | pictures | found | wrong | of these in the first 30 % | area |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, objects in sets.items():
        lines.append(row(name, objects))
        kinds = np.unique(objects.kind)
        for kind in kinds if len(kinds) > 1 else ():
            part = objects.only(objects.kind == kind)
            if part.wrong.any() and len(np.unique(part.group)) > 1:
                lines.append(row(f"- {kind}", part))
    return "\n".join([*lines, "| any, in random order | | | | 30 % | 0.50 |"])


def figure(sets: dict[str, Objects]) -> bytes:
    """Draw the wrong objects found against the objects looked at."""
    with drawing_style():
        drawing = Figure(figsize=(5.2, 3.8), layout="constrained")
        axes = drawing.subplots()
        for name, objects in sets.items():
            queue = in_queue(objects)
            looked, found = curve(queue.wrong, np.ones(len(queue.wrong)))
            axes.plot(100 * looked, 100 * found, label=name.replace("`", ""))
        axes.plot([0, 100], [0, 100], "--", color="grey", label="random order")
        axes.axvline(100 * FIRST, color="grey", linewidth=0.6)
        axes.set(xlabel="objects looked at (%)", ylabel="wrong objects found (%)")
        axes.set(xlim=(0, 100), ylim=(0, 101))
        axes.legend(loc="lower right")
        return to_png(drawing, dpi=150)


def main() -> None:
    """Print the table, or write it and the figure into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawn", type=int, default=500, help="number of drawn slices")
    parser.add_argument("--methods", nargs="+", default=["neurons"], help="on slices")
    parser.add_argument("--keep", type=Path, help="folder for what was found")
    parser.add_argument("--write", type=Path, help="page for the table")
    parser.add_argument("--figure", type=Path, help="file for the figure of the page")
    chosen = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        sets = {
            f"`{name}`, drawn slices": kept(
                chosen.keep,
                f"drawn_{name}",
                lambda name=name: judged(drawn(chosen.drawn), name),
            )
            for name in chosen.methods
        }
        sets["`nuclei`, dsb2018 test"] = kept(
            chosen.keep,
            "dsb2018_nuclei",
            lambda: replace(judged(dsb2018(), "nuclei"), area=None),
        )
    made = table(sets)
    print(made)
    if chosen.write:
        before, _, after = chosen.write.read_text(encoding="utf-8").split(_MARK)
        page = f"{before}{_MARK}\n{made}\n{_MARK}{after}"
        chosen.write.write_text(page, encoding="utf-8")
    if chosen.figure:
        chosen.figure.write_bytes(figure(sets))


if __name__ == "__main__":
    main()
