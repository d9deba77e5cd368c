"""Nuclei in stained sections: a threshold on grey and on haematoxylin, and the network.

Run it with `python benchmarks/histology.py`; `--write docs/tissue.md` puts the table into
that page. Pictures are the two stained classes of dsb2018. Options of the threshold are
chosen on the train part by mean F1 at an overlap of 0.5; the test part judges once. Its
pictures are of few groups, too few to resample; intervals are over pictures.
"""

import argparse
import csv
import itertools
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pages import put

from segmetry.errors import PictureError, SegmetryWarning
from segmetry.evaluate import f1_at, match_objects, mean_score, paired_difference
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.recipe.model import Staining
from segmetry.recipe.stains import found_in_stains
from segmetry.segment import segmenter

DATA = Path(os.environ.get("SEGMETRY_DATA", "../shared/data")) / "dsb2018"
CLASSES = ("he_purple", "purple_on_white")
CHOICES = {
    "method": ("otsu", "li", "triangle"),
    "denoise": (1.0, 2.0),
    "min_area": (30,),
    "flatten": (0, 100),
}
STAINS: Mapping[str, Staining] = {
    "grey": Staining(),
    "haematoxylin, published colours": Staining(look_at="haematoxylin"),
    "haematoxylin, colours of the picture": Staining(
        look_at="haematoxylin", vectors="picture"
    ),
    "eosin, published colours": Staining(look_at="eosin"),
    "eosin, colours of the picture": Staining(look_at="eosin", vectors="picture"),
}

Pair = tuple[str, str, Image, NDArray[np.uint32]]  # class, group, picture, truth


def pairs(part: str) -> Iterator[Pair]:
    with (DATA / f"{part}.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["class"] in CLASSES:
                name = row["file"]
                truth = read_labels(DATA / part / "masks" / name)
                yield (
                    row["class"],
                    row["group"],
                    read(DATA / part / "images" / name),
                    truth,
                )


def f1(method: Any, staining: Staining, picture: Image, truth: NDArray[np.uint32]) -> float:
    try:
        labels, _, _ = found_in_stains(method, staining, picture)
    except PictureError:
        return 0.0  # nothing can be told: nothing is found
    return f1_at(match_objects(labels.data, truth))


def chosen(staining: Staining, train: Sequence[Pair], polarity: str) -> Mapping[str, Any]:
    """Return the options of the greatest mean F1."""
    best: tuple[float, Mapping[str, Any]] = (-1.0, {})
    for values in itertools.product(*CHOICES.values()):
        options = dict(zip(CHOICES, values, strict=True)) | {"polarity": polarity}
        method = segmenter("threshold", **options)
        score = float(np.mean([f1(method, staining, *pair[2:]) for pair in train]))
        best = max(best, (score, options), key=lambda one: one[0])
    print(f"train {best[0]:.3f} {best[1]}", flush=True)
    return best[1]


def lines(train: Sequence[Pair], test: Sequence[Pair]) -> Iterator[str]:
    scores: dict[str, list[float]] = {}
    options_of: dict[str, str] = {}
    for name, staining in STAINS.items():
        polarity = "dark" if staining.look_at == "none" else "bright"
        options = chosen(staining, train, polarity)
        method = segmenter("threshold", **options)
        key = f"`threshold` on {name}"
        scores[key] = [f1(method, staining, *pair[2:]) for pair in test]
        options_of[key] = ", ".join(f"{k} {v}" for k, v in options.items())
    scores["`nuclei`, the network"] = [
        f1(segmenter("nuclei"), Staining(), *pair[2:]) for pair in test
    ]
    first = next(iter(scores.values()))
    yield f"| method | F1 | {' | '.join(CLASSES)} | better than grey by | options |"
    yield "|---|---|---|---|---|---|"
    for name, values in scores.items():
        cells = [told(mean_score(values, bounds=(0, 1)))]
        for kind in CLASSES:
            own = [v for v, pair in zip(values, test, strict=True) if pair[0] == kind]
            cells.append(f"{np.mean(own):.2f} (n = {len(own)})")
        gain = paired_difference(values, first)
        cells.append("" if values is first else told(gain))
        yield f"| {name} | {' | '.join(cells)} | {options_of.get(name, 'as shipped')} |"


def told(score: Any) -> str:
    if np.isnan(score.low):
        return f"{score.value:.2f}"
    return f"{score.value:.2f} ({score.low:.2f} to {score.high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page whose table is replaced")
    page = parser.parse_args().write
    warnings.simplefilter("ignore", SegmetryWarning)  # that the network is in doubt
    table = "\n".join(lines(list(pairs("train")), list(pairs("test"))))
    put(page, table, script=__file__)


if __name__ == "__main__":
    main()
