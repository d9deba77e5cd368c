"""How often good pictures are flagged and spoiled ones found, as docs/quality.md tells.

Each set is judged as it is: whatever is flagged there counts as a false alarm. Then single
pictures of it are blurred, darkened, brightened or saturated, one at a time among the
others as they are. Objects are the true ones: no method of finding them has a part in it.

Run it with `python benchmarks/quality_figures.py --write docs/quality.md`; the real
pictures are found as by the tests, see CONTRIBUTING.md.
"""

import argparse
import csv
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pages import put

from segmetry.batch.verdict import with_verdicts
from segmetry.image import Image, Labels
from segmetry.io import read, read_labels
from segmetry.measure import measure
from segmetry.measure.picture_quality import clipped_share, picture_quality
from segmetry.recipe import Recipe, run

DATA = Path(os.environ.get("SEGMETRY_DATA", Path(__file__).parents[2] / "shared" / "data"))
MOST = 20  # pictures of a set that are spoiled, spread evenly over it
DRAWS, N_DRAWN = 100, 6  # small sets drawn from each, and their size
ROUNDS = 15  # of a run and its quality, of which the best counts
NOISE = 2.0  # grey levels, standard deviation: what a camera adds behind the optics

Pixels = NDArray[np.uint8]
Row = tuple[dict[str, object], pd.DataFrame]


def sets() -> dict[str, list[tuple[Path, Path]]]:
    """Return pictures and masks of each set, those of dsb2018 by their class."""
    found: dict[str, list[tuple[Path, Path]]] = {}
    with (DATA / "dsb2018" / "train.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            folder = DATA / "dsb2018" / "train"
            pair = (folder / "images" / row["file"], folder / "masks" / row["file"])
            found.setdefault(f"dsb2018 {row['class']}", []).append(pair)
    for name, part in (("emps", "train"), ("saemi_sem", "test"), ("fluocells", "train")):
        folder = DATA / name / part
        masks = {path.stem: path for path in (folder / "masks").iterdir()}
        images = sorted((folder / "images").iterdir())
        found[f"{name} {part}"] = [(path, masks[path.stem]) for path in images]
    return found


def spoiled(pixels: Pixels, inside: NDArray[np.bool_]) -> Iterator[tuple[str, Pixels]]:
    """Yield a picture spoiled in several ways; the camera's noise comes after a blur."""
    grey = pixels.astype(np.float32)
    noise = np.random.default_rng(0).normal(0, NOISE, grey.shape)
    for sigma in (1, 1.5, 2, 3, 4):
        soft = cv2.GaussianBlur(grey, (0, 0), sigma)
        yield f"blurred, σ {sigma} px", _stored(soft + noise)
    for factor, said in ((0.5, "half as bright"), (0.1, "a tenth as bright")):
        yield said, _stored(grey * factor)
    for factor, said in ((2, "twice as bright"), (4, "four times as bright")):
        yield said, _stored(grey * factor)
    values = grey[inside] if grey.ndim == 2 else grey[inside].max(axis=-1)
    for share in (0.1, 0.6):
        top = max(float(np.quantile(values, 1 - share)), 1) if values.size else 255
        said = f"{100 * share:.0f} % of the objects' pixels saturated"
        yield said, _stored(grey * 255 / top)


def _stored(values: NDArray[np.floating]) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def row(name: str, pixels: Pixels, axes: str, labels: NDArray[np.uint32]) -> Row:
    """Return a picture's row of the table, and its objects."""
    image = Image(pixels, axes=axes)  # type: ignore[arg-type]
    marked = Labels(labels, image)
    objects = measure(marked)
    objects.insert(0, "image", name)
    numbers = asdict(picture_quality(image))
    share = {"clipped_objects_fraction": clipped_share(marked)}
    return {"image": name, "status": "done", "unit": "", **numbers, **share}, objects


def judged(rows: Mapping[str, Row]) -> pd.DataFrame:
    images = pd.DataFrame([image for image, _ in rows.values()])
    objects = pd.concat([objects for _, objects in rows.values()], ignore_index=True)
    return with_verdicts(images, objects).set_index("image")


def in_small_sets(rows: Mapping[str, Row]) -> float:
    """Return the share of pictures that are flagged where only a few are compared."""
    random = np.random.default_rng(0)
    if len(rows) < 2 * N_DRAWN:
        return float("nan")
    shares = []
    for _ in range(DRAWS):
        names = random.choice(list(rows), N_DRAWN, replace=False)
        verdicts = judged({name: rows[name] for name in names})["verdict"]
        shares.append(verdicts.ne("pass").mean())
    return float(np.mean(shares))


@dataclass(frozen=True)
class Found:
    """Verdicts of a set as it is, of each way to spoil a picture, and in small sets."""

    plain: pd.DataFrame
    spoiled: dict[str, list[str]]
    flagged_in_small: float


def of_set(pairs: list[tuple[Path, Path]]) -> Found:
    every = {}
    for path, mask in pairs:
        image, labels = read(path), read_labels(mask, allow_empty=True)
        every[path.stem] = (row(path.stem, image.pixels, image.axes, labels), path, mask)
    rows = {name: one for name, (one, _, _) in every.items()}
    plain = judged(rows)
    verdicts: dict[str, list[str]] = {}
    for name in list(every)[:: max(1, len(every) // MOST)][:MOST]:
        _, path, mask = every[name]
        image, labels = read(path), read_labels(mask, allow_empty=True)
        for how, pixels in spoiled(image.pixels, labels > 0):
            changed = rows | {name: row(name, pixels, image.axes, labels)}
            verdicts.setdefault(how, []).append(judged(changed).loc[name, "verdict"])
    return Found(plain, verdicts, in_small_sets(rows))


def share(verdicts: list[str]) -> str:
    """Return the shares that are flagged, and that fail, in percent."""
    n = len(verdicts)
    flagged = sum(verdict != "pass" for verdict in verdicts)
    failed = sum(verdict == "fail" for verdict in verdicts)
    return f"{100 * flagged / n:.0f} ({100 * failed / n:.0f})"


def cost() -> Iterator[str]:
    """Yield rows on how long the numbers take beside a run of the same picture."""
    yield "| picture | px | method | run, ms | quality, ms | share |"
    yield "|---|---|---|---|---|---|"
    for folder in ("dsb2018/train", "emps/train", "fluocells/train"):
        path = min((DATA / folder / "images").iterdir())
        image = read(path)
        for method in ("threshold", "auto"):
            recipe = Recipe(
                segmentation={"name": method},  # type: ignore[arg-type]
                calibration={"scale_bar": False},  # type: ignore[arg-type]
            )
            whole, own = [], []
            for _ in range(ROUNDS):
                start = time.process_time()
                result = run(recipe, image)
                between = time.process_time()
                picture_quality(result.image)
                clipped_share(result.labels)
                whole.append(between - start)
                own.append(time.process_time() - between)
            spent, mine = min(whole), min(own)
            size = " × ".join(str(side) for side in reversed(image.spatial_shape))
            yield (
                f"| {folder.split('/')[0]} | {size} | {method} | {1e3 * spent:.0f} "
                f"| {1e3 * mine:.1f} | {100 * mine / spent:.1f} % |"
            )


def tables() -> str:
    found = {name: of_set(pairs) for name, pairs in sets().items()}
    names = "set", "pictures", "pass", "look", "fail", "less sharp"
    alarms = [
        f"| {' | '.join(names)} | flagged in sets of {N_DRAWN} |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        verdicts, reasons = one.plain["verdict"], one.plain["verdict_reason"]
        counts = [int(verdicts.eq(v).sum()) for v in ("pass", "look", "fail")]
        blurred = int(reasons.str.contains("less sharp").sum())
        small = "–" if np.isnan(one.flagged_in_small) else f"{one.flagged_in_small:.0%}"
        cells = [len(one.plain), *counts, blurred, small.replace("%", " %")]
        alarms.append(f"| {name} | {' | '.join(map(str, cells))} |")
    ways = list(next(iter(found.values())).spoiled)
    head = ["| spoiled by", *found]
    rows = [" | ".join(head) + " |", "|---" * len(head) + "|"]
    rows += [
        f"| {how} | {' | '.join(share(one.spoiled[how]) for one in found.values())} |"
        for how in ways
    ]
    return "\n\n".join("\n".join(lines) for lines in (alarms, rows, cost()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page in which to replace the tables")
    options = parser.parse_args()
    put(options.write, tables(), script=__file__)


if __name__ == "__main__":
    main()
