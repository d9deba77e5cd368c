"""Fit the weights with which `auto` chooses, on train parts only.

Run it with `python benchmarks/fit_auto.py`; it takes some minutes. Every candidate of
`auto` is run on every picture of the train parts of emps and ampis_powder; the weights are
those of a ridge regression of the object F1 on the traits, both centred within a picture,
so that only differences within a picture count. The cross-validated figure leaves whole
pictures out.
"""

import argparse
import os
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate import f1_at, match_objects
from segmetry.io import read, read_labels
from segmetry.segment.auto import Auto
from segmetry.segment.quality import WEIGHTS, Traits

DATA = Path(os.environ.get("SEGMETRY_DATA", "../shared/data"))
NAMES = [*(item.name for item in fields(Traits)), "li"]
FOLDS = 6
RIDGE = 3000.0  # against weights of 100 a picture
POWDER = 3.0  # four pictures of powder against eighty of other particles


def picture_rows(image_path: Path, mask_path: Path) -> tuple[NDArray, NDArray]:
    """Return the traits of every candidate of one picture, and its object F1."""
    image, truth = read(image_path), read_labels(mask_path)
    rows, scores = [], []
    for trial in Auto().trials(image):
        if trial.found is None:
            continue
        rows.append([*astuple(trial.found), trial.segmenter.method == "li"])
        scores.append(f1_at(match_objects(trial.segmenter(image).data, truth)))
    return np.array(rows, dtype=float), np.array(scores)


def pictures() -> list[tuple[Path, Path, float]]:
    """Return picture, mask and weight of every picture of the train parts."""
    found = []
    for name, weight in (("emps", 1.0), ("ampis_powder", POWDER)):
        images = sorted((DATA / name / "train" / "images").iterdir())
        masks = sorted((DATA / name / "train" / "masks").iterdir())
        found += [(*pair, weight) for pair in zip(images, masks, strict=True)]
    return found


def fitted(parts: list[tuple[NDArray, NDArray, float]]) -> NDArray:
    """Return the weights of a ridge regression on centred and scaled traits."""
    rows = np.concatenate([rows - rows.mean(axis=0) for rows, _, _ in parts])
    scores = np.concatenate([scores - scores.mean() for _, scores, _ in parts])
    weights = np.concatenate(
        [np.full(len(scores), 100 * weight / len(scores)) for _, scores, weight in parts]
    )
    scale = rows.std(axis=0) + 1e-9
    scaled = rows / scale
    left = (scaled * weights[:, None]).T @ scaled + RIDGE * np.eye(len(scale))
    return np.linalg.solve(left, (scaled * weights[:, None]).T @ scores) / scale


def chosen(part: tuple[NDArray, NDArray, float], weights: NDArray) -> float:
    """Return the F1 of the candidate that the weights choose."""
    rows, scores, _ = part
    return float(scores[np.argmax(rows @ weights)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", type=Path, help="keep traits and scores in a .npz file")
    save = parser.parse_args().save
    parts = []
    for image_path, mask_path, weight in pictures():
        parts.append((*picture_rows(image_path, mask_path), weight))
        print(f"{image_path.stem}: best candidate {parts[-1][1].max():.3f}", flush=True)
    if save:
        np.savez(
            save, **{f"{i}_{k}": part[k] for i, part in enumerate(parts) for k in (0, 1, 2)}
        )
    fold = np.random.default_rng(0).permutation(len(parts)) % FOLDS
    left_out = [
        chosen(parts[i], fitted([parts[j] for j in np.flatnonzero(fold != fold[i])]))
        for i in range(len(parts))
    ]
    everything = fitted(parts)
    used = np.array([*astuple(WEIGHTS), 0.04])
    print(dict(zip(NAMES, everything.round(3).tolist(), strict=True)))
    best = np.mean([part[1].max() for part in parts])
    print(f"best candidate of each picture  {best:.3f}")
    print(f"chosen, pictures left out       {np.mean(left_out):.3f}")
    for told, weights in (("all pictures", everything), ("weights in use", used)):
        mean = np.mean([chosen(part, weights) for part in parts])
        print(f"chosen, {told:23} {mean:.3f}")


if __name__ == "__main__":
    main()
