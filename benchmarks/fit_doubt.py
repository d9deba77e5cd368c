"""Fit the weights that tell doubtful objects of the classical methods, on train parts only.

Run it with `python benchmarks/fit_doubt.py`; it takes some minutes. Objects of every fourth
training picture of dsb2018, and of drawn slices, are found by `threshold` and `auto` and
compared with the truth; an object is wrong where its IoU with each true one is 0.5 or less.
Each set counts as much as another. The figure beside each set is the area under the ROC
curve with weights fitted on the other sets. Beside each weight stands the one in use, that
of `segmetry.segment.doubt`.
"""

import sys
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError, SegmetryWarning
from segmetry.evaluate import match_objects
from segmetry.image import Image
from segmetry.learn.confidence import fit_confidence
from segmetry.models import Confidence
from segmetry.segment import segmenter
from segmetry.segment.doubt import CONSTANT, TRAITS, WEIGHTS, doubtful_traits

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

SEEDS = range(30_000, 30_040)
N_EACH = 1500  # objects drawn of each set
LEFT_OUT = "threshold, drawn"  # of its objects 87 % are noise, which nobody would review

Objects = tuple[NDArray[np.float64], NDArray[np.bool_]]


def nuclei() -> Iterable[tuple[Image, NDArray[np.uint32]]]:
    """Yield every fourth training picture with its truth."""
    from sets import nuclei

    return ((one.image, one.labels) for one in nuclei()[0][::4])


def slices(seeds: range = SEEDS) -> Iterable[tuple[Image, NDArray[np.uint32]]]:
    """Yield drawn slices with the settings of training."""
    from drawn_slices import TRAINING, drawn_slice

    for seed in seeds:
        pixels, truth = drawn_slice(seed, settings=TRAINING)[:2]
        yield Image(pixels, axes="YX" if pixels.ndim == 2 else "YXC"), truth


def judged(pictures: Iterable[tuple[Image, NDArray[np.uint32]]], name: str) -> Objects:
    """Return the traits of all objects, and which of them are right."""
    method, rows, right = segmenter(name), [], []
    for image, truth in pictures:
        try:
            labels, maps = method.labels_and_maps(image)
        except PictureError:
            continue
        matches = match_objects(labels.data, truth)
        is_right = np.zeros(int(labels.data.max(initial=0)), bool)
        is_right[matches.predicted[matches.iou > 0.5].astype(np.intp) - 1] = True
        rows.append(doubtful_traits(method, labels, maps))
        right.append(is_right)
    return np.concatenate(rows), np.concatenate(right)


def fitted(sets: Iterable[Objects]) -> Confidence:
    """Fit on equally many objects of each set."""
    rng = np.random.default_rng(0)
    rows, right = [], []
    for its_rows, its_right in sets:
        drawn = rng.integers(0, len(its_right), N_EACH)
        rows.append(its_rows[drawn])
        right.append(its_right[drawn])
    return fit_confidence(np.concatenate(rows), np.concatenate(right), features=TRAITS)


def area(probability: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve of a probability of being right."""
    order = np.argsort(probability, kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    n_right, n_wrong = right.sum(), (~right).sum()
    return float((ranks[right].sum() - n_right * (n_right + 1) / 2) / (n_right * n_wrong))


def main() -> None:
    """Print areas under the curve and the weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        sets = {
            f"{name}, {part}": judged(pictures(), name)
            for part, pictures in (("dsb2018", nuclei), ("drawn", slices))
            for name in ("threshold", "auto")
        }
    taught = {name: one for name, one in sets.items() if name != LEFT_OUT}
    for name, (rows, right) in sets.items():
        others = fitted(one for other, one in taught.items() if other != name)
        share = 100 * (~right).mean()
        told = area(others.probability(rows), right)
        print(f"{name}: {len(right)} objects, {share:.1f} % wrong, area {told:.3f}")
    found = fitted(taught.values())
    for trait, weight, used in zip(TRAITS, found.coefficients, WEIGHTS, strict=True):
        print(f"{trait}: {-weight:.2f}, in use {used}")
    print(f"constant: {-found.intercept:.2f}, in use {CONSTANT}")


if __name__ == "__main__":
    main()
