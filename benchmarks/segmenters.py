"""Object F1, count, D50 and Dice of `particles`, `auto`, `threshold` and `local`.

Run it with `python benchmarks/segmenters.py --part train`. Rules were chosen on train
parts; the test parts are for judging, not for choosing. `--write docs/segmenting.md` puts
the means into that page, and `--fixed` adds every fixed method.
"""

import argparse
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmetry.evaluate import (
    count_error,
    dice,
    f1_at,
    match_objects,
    mean_score,
    size_errors,
)
from segmetry.io import read, read_labels
from segmetry.segment import segmenter

DATA = Path(os.environ.get("SEGMETRY_DATA", "../shared/data"))
SETS = ("emps", "ampis_powder", "saemi_sem")
SEMANTIC = {"saemi_sem"}  # touching particles are not told apart: Dice only

METHODS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "particles": ("particles", {}),
    "auto": ("auto", {}),
    "threshold": ("threshold", {}),
    "local": ("local", {}),
}
FIXED: Mapping[str, tuple[str, Mapping[str, object]]] = {
    f"{name} {method}{told}": (name, {"method": method, "min_share": share})
    for name, methods in (
        ("threshold", ("otsu", "li", "triangle", "yen")),
        ("local", ("sauvola", "mean", "gauss")),
    )
    for method in methods
    for share, told in ((0.0, ""), (0.02, ", specks 2 %"), (0.08, ", specks 8 %"))
}


@dataclass(frozen=True)
class Row:
    """Scores of one method on one picture."""

    name: str
    f1: float
    count: float
    d50: float
    dice: float


def judged(
    path: Path, mask: Path, methods: Mapping[str, tuple], *, semantic: bool
) -> list[Row]:
    """Return a row for each method, and for marking nothing and all of the picture."""
    image, truth = read(path), read_labels(mask)
    found = {
        key: segmenter(name, **options)(image).data
        for key, (name, options) in methods.items()
    }
    found["nothing"] = np.zeros_like(truth)
    found["one object"] = np.ones_like(truth)
    return [scored(key, labels, truth, semantic=semantic) for key, labels in found.items()]


def scored(name: str, labels: np.ndarray, truth: np.ndarray, *, semantic: bool) -> Row:
    foreground = dice(labels > 0, truth > 0)
    if semantic:
        return Row(name, math.nan, math.nan, math.nan, foreground)
    matches = match_objects(labels, truth)
    return Row(
        name,
        f1_at(matches),
        count_error(matches.n_predicted, matches.n_true),
        size_errors(labels, truth).median,
        foreground,
    )


def plain_otsu_dice(path: Path, mask: Path) -> float:
    """Return Otsu's Dice as in the literature: bright or dark, whichever is better."""
    image, truth = read(path), read_labels(mask) > 0
    options = {
        "denoise": 0,
        "min_area": 1,
        "fill_holes": False,
        "separate": False,
        "edges": "cutoff",
    }
    return max(
        dice(segmenter("threshold", polarity=polarity, **options)(image).data > 0, truth)
        for polarity in ("bright", "dark")
    )


def cell(rows: list[Row], item: str, *, absolute: bool = False) -> str:
    values = [getattr(row, item) for row in rows]
    if absolute:
        values = [abs(value) for value in values]
    mean = mean_score(values)
    if mean.n == 0:
        return ""
    digits = 0 if absolute else 3
    if math.isnan(mean.low):
        return f"{mean.value:.{digits}f}"
    return f"{mean.value:.{digits}f} ({mean.low:.{digits}f} to {mean.high:.{digits}f})"


def means(rows: list[Row]) -> str:
    """Return a markdown table of means with 95 % intervals over pictures."""
    lines = [
        "| method | F1 at IoU 0.5 | count error, % | D50 error, % | Dice |",
        "|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(row.name for row in rows):
        own = [row for row in rows if row.name == name]
        lines.append(
            f"| {name} | {cell(own, 'f1')} | {cell(own, 'count', absolute=True)} "
            f"| {cell(own, 'd50', absolute=True)} | {cell(own, 'dice')} |"
        )
    return "\n".join(lines)


def told(stem: str, rows: list[Row]) -> str:
    shown = "  ".join(
        f"{row.name}: {row.f1:.3f} {row.count:+.0f}% {row.d50:+.0f}% {row.dice:.3f}"
        for row in rows
    )
    return f"{stem[:14]:14}  {shown}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("train", "test"), default="train")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--fixed", action="store_true", help="every fixed method too")
    parser.add_argument("--write", type=Path, help="page with marks for each set's table")
    given = parser.parse_args()
    methods = {**METHODS, **FIXED} if given.fixed else METHODS
    both: list[Row] = []
    for name in given.sets:
        folder = DATA / name / given.part
        if not folder.is_dir():
            continue
        rows: list[Row] = []
        print(f"\n{name}/{given.part}: F1, count error, D50 error, Dice")
        images, masks = (sorted((folder / kind).iterdir()) for kind in ("images", "masks"))
        for path, mask in zip(images, masks, strict=True):
            semantic = name in SEMANTIC
            found = judged(path, mask, methods, semantic=semantic)
            if semantic:
                found.append(scored_otsu(path, mask))
            print(told(path.stem, found), flush=True)
            rows += found
        both += [] if name in SEMANTIC else rows
        finish(rows, f"{name}/{given.part}", len(images), given.write)
    if both:
        finish(both, f"all/{given.part}", len(both) // (len(methods) + 2), given.write)


def scored_otsu(path: Path, mask: Path) -> Row:
    return Row("Otsu alone", math.nan, math.nan, math.nan, plain_otsu_dice(path, mask))


def finish(rows: list[Row], title: str, n: int, page: Path | None) -> None:
    text = f"Means of {n} pictures of {title}:\n\n{means(rows)}"
    print(f"\n{text}")
    start, end = f"<!-- segmenters.py {title} -->", f"<!-- end {title} -->"
    if page and start in page.read_text(encoding="utf-8"):
        old = page.read_text(encoding="utf-8")
        new = f"{old.split(start)[0]}{start}\n{text}\n{end}{old.split(end)[1]}"
        page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
