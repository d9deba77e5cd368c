"""Judge drafts by threshold, for the table of docs/annotating.md.

    python training/drafts_judged.py --write docs/annotating.md

On the four red slices of Fluorescent Neuronal Cells, which belong to a training part, and
on six drawn slices that chose for `neurons`; no test picture is looked at.
"""

import argparse
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from drawn_slices import EXAM_DISTANCE_PX
from sets import DATA, EXAM, VALIDATION_SEEDS, drawn_example, example
from vessels_judged import header, written

from segmetry import segmenter
from segmetry.errors import SegmetryWarning
from segmetry.evaluate import judge_detection, object_centres
from segmetry.learn.examples import Example

DOCS = Path(__file__).parents[1] / "docs"
MARK = "<!-- {} made by training/drafts_judged.py -->"
DISTANCES_PX = {"red": 50.0, "drawn": float(EXAM_DISTANCE_PX)}
N_DRAWN = 6
_TOLD = ("cells found", "objects too many")
COMMON = {"polarity": "bright", "min_area": 200, "denoise": 2.0}
METHODS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "`method=otsu`": ("threshold", {"method": "otsu"}),
    "`method=otsu`, `flatten=100`": ("threshold", {"method": "otsu", "flatten": 100.0}),
    "`method=yen`": ("threshold", {"method": "yen"}),
    "`method=yen`, `flatten=100`": ("threshold", {"method": "yen", "flatten": 100.0}),
    "`method=yen`, `flatten=100`, `min_area=400`": (
        "threshold",
        {"method": "yen", "flatten": 100.0, "min_area": 400},
    ),
    "`method=triangle`, `flatten=100`": (
        "threshold",
        {"method": "triangle", "flatten": 100.0},
    ),
    "`--segmenter local`, `sensitivity=0.5`": ("local", {"sensitivity": 0.5}),
}


class Draft(NamedTuple):
    """What drafts of a set were worth: true cells, those found, and objects too many."""

    n_true: int
    n_right: int
    n_wrong: int


def pictures(kind: str) -> Iterator[Example]:
    """Read or draw the pictures of a kind, one at a time."""
    if kind == "drawn":
        for seed in VALIDATION_SEEDS[:N_DRAWN]:
            yield drawn_example(seed, EXAM)
        return
    folder = DATA / "fluocells" / "train"
    for path in sorted((folder / "images").iterdir()):
        yield example(folder, path.name, group=path.stem, kind="neurons")


def judged(
    name: str, options: Mapping[str, Any], examples: Iterable[Example], *, distance: float
) -> Draft:
    """Find cells with a segmenter, and judge them by their centres."""
    find = segmenter(name, **{**COMMON, **options})
    totals = np.zeros(3, int)
    for one in examples:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SegmetryWarning)
            found = object_centres(find(one.image).data)
        scores = judge_detection(found, object_centres(one.labels), max_distance=distance)
        totals += [int(scores[key]) for key in ("n_true", "tp_centres", "fp_centres")]
    return Draft(*totals.tolist())


def table(drafts: Mapping[str, Mapping[str, Draft]]) -> list[str]:
    """Return a row for each method: the share of cells found, and objects too many."""
    names = [f"{kind}: {what}" for kind in DISTANCES_PX for what in _TOLD]
    lines = header("options", *names)
    for name, by_kind in drafts.items():
        cells = []
        for kind in DISTANCES_PX:
            one = by_kind[kind]
            share = f"{100 * one.n_right / one.n_true:.0f} %"
            cells += [f"{share} of {one.n_true}", f"{one.n_wrong}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", type=Path, help="page in which to replace the table")
    options = parser.parse_args()
    known = {kind: list(pictures(kind)) for kind in DISTANCES_PX}
    drafts = {
        title: {
            kind: judged(name, chosen, known[kind], distance=distance)
            for kind, distance in DISTANCES_PX.items()
        }
        for title, (name, chosen) in METHODS.items()
    }
    lines = table(drafts)
    print("\n".join(lines))
    if options.write is not None:
        page = options.write.read_text(encoding="utf-8")
        page = written(page, "drafts", lines, mark=MARK)
        options.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
