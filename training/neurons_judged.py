"""Judge the model `neurons` beside thresholds with watershed, in one run.

    python training/neurons_judged.py --write docs/neurons.md

Three sets, each picture by its centres, one to one:

- yellow: the test slices of Fluorescent Neuronal Cells, which nothing was chosen on;
- red: those from which the model learned, so that its figures say little;
- drawn: the 500 slices of the exam of `drawn_slices`.

Real slices go through `segmetry run` and `segmetry evaluate`, drawn ones through the
functions behind them. All is kept in `--runs` under a hash of model, options and pictures:
what is there is not done again, and a run that was stopped goes on. The test slices and the
exam are for judging, never for choosing; `--sets validation` may be looked at before.
"""

import argparse
import hashlib
import json
import multiprocessing
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from drawn_slices import EXAM, EXAM_DISTANCE_PX, EXAM_SEEDS, drawn_slice
from making import ROOT, SHIPPED
from sets import DATA, VALIDATION_SEEDS
from vessels_judged import Method, Told, header, segmetry, written

from segmetry import segmenter
from segmetry.errors import PictureError, SegmetryWarning
from segmetry.evaluate import evaluate_set, judge_detection, object_centres
from segmetry.image import Image

MARK = "<!-- {} made by training/neurons_judged.py -->"
MODEL = SHIPPED / "neurons.segmodel"
DISTANCE_PX = 50  # of centres in real slices, as published with the set
REAL = {"yellow": "test", "red": "train"}  # the folders of the sets
PIXEL_SIZES = {"yellow": "0.315um"}  # published too; that of the red ones is not known
N_WORKERS = 2
SHOWN = ("`neurons`", "adaptive, from 200 px on", "Otsu, from 200 px on")
RATES = ("precision", "recall")
LARGE = ("min_area=200",)  # no specks; the least area published with the set


def methods(name: str, model: Path) -> dict[str, Method]:
    """Return what is compared on a set, by the name in the tables."""
    chosen = {"`neurons`": Method("neurons", "neurons", model=model)}
    if name in PIXEL_SIZES:
        looked_for = Method("neurons-size", "neurons", ("diameter_um=0",), model)
        chosen["`neurons`, size of the cells looked for"] = looked_for
    if name in REAL:
        chosen["adaptive threshold"] = Method("local", "local")
    return {
        **chosen,
        "adaptive, from 200 px on": Method("local-large", "local", LARGE),
        "Otsu, from 200 px on": Method("otsu-large", "threshold", LARGE),
    }


def judged(method: Method, pictures: Path, runs: Path, *, pixel_size: str = "") -> Told:
    """Run a method on real slices, and score it.

    Parameters
    ----------
    method : Method
    pictures : Path
        Folder of images and masks.
    runs : Path
    pixel_size : str
        As `segmetry run` takes it; empty where it is not known.

    Returns
    -------
    mapping
        What `segmetry evaluate --json` prints.
    """
    name = f"{method.name}-{method.identity(pictures)}-{pixel_size or 'unknown'}"
    kept = runs / f"{name}.json"
    if not kept.is_file():
        found, model = runs / name, method.model
        options = (() if model is None else (f"model={model}",)) + method.options
        size = ("--pixel-size", pixel_size) if pixel_size else ()
        segmetry(
            *("run", pictures / "images", "--out", found, "--overwrite"),
            *("--segmenter", method.segmenter, "--exclude-banner", "none", *size),
            *(word for one in options for word in ("--set", one)),
        )
        told = segmetry(
            *("evaluate", found, pictures / "masks", "--task", "detection"),
            *("--distance", f"{DISTANCE_PX}px", "--json"),
        )
        kept.write_text(told, encoding="utf-8")
    told_again: Told = json.loads(kept.read_text(encoding="utf-8"))
    return told_again


def judged_drawn(method: Method, seeds: Sequence[int], runs: Path) -> Told:
    """Run a method on drawn slices of the exam's settings, and score it.

    Returns
    -------
    mapping
        As `judged`.
    """
    model = b"" if method.model is None else method.model.read_bytes()
    made_of = repr((method.segmenter, method.options, EXAM)).encode() + model
    kept = runs / f"drawn-{method.name}-{hashlib.sha256(made_of).hexdigest()[:8]}.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []
    rows = {row.pop("seed"): row for row in map(json.loads, lines)}
    left = [seed for seed in seeds if seed not in rows]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(N_WORKERS, context) as pool, kept.open("a") as file:
        for row in pool.map(partial(judged_slice, method), left, chunksize=2):
            file.write(json.dumps(row) + "\n")
            file.flush()
            rows[row.pop("seed")] = row
    chosen = {f"{seed:05d}": rows[seed] for seed in seeds}
    return evaluate_set(chosen, task="detection").as_json()


def judged_slice(method: Method, seed: int) -> dict[str, Any]:
    """Return how well a method found the cells of a drawn slice."""
    pixels, labels, _ = drawn_slice(seed)
    values = dict(option.split("=") for option in method.options)
    if method.model is not None:
        values["model"] = str(method.model)
    find = segmenter(method.segmenter, **values)
    image = Image(pixels, axes="YX" if pixels.ndim == 2 else "YXC", name=str(seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        try:
            found = object_centres(find(image).data)
        except PictureError:  # nothing in it to segment, which is an answer too
            found = np.zeros((0, 2))
    truth = object_centres(labels)
    scores = judge_detection(found, truth, max_distance=EXAM_DISTANCE_PX)
    return {"seed": seed, **{name: float(value) for name, value in scores.items()}}


def bounds(n_right: float, n_wrong: float) -> tuple[float, float]:
    """Return the 95 % interval of F1 of so many right and wrong cells, found or missed.

    Of few pictures no interval over pictures can be had. This one is Wilson's, over cells:
    the share of the right ones, J, has it, and F1 is 2 J / (1 + J). It is too narrow where
    cells of one picture are alike.

    References
    ----------
    E. B. Wilson, J. Am. Stat. Assoc. 22, 1927. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> [round(end, 2) for end in bounds(90, 10)]
    [0.91, 0.97]
    """
    n, z = n_right + n_wrong, 1.96
    if not n:
        return 0.0, 1.0
    share = n_right / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return tuple(float(2 * end / (1 + end)) for end in (middle - half, middle + half))


def sums(told: Told) -> dict[str, float]:
    """Return the counts of all pictures together."""
    rows = told["pictures"].values()
    names = ("tp_centres", "fp_centres", "fn_centres", "n_true", "n_predicted")
    return {name: sum(row[name] or 0 for row in rows) for name in names}


def interval_text(told: Told) -> str:
    """Return F1 of all cells together, with an interval over pictures or over cells."""
    score = told["f1_centres_pooled"]
    low, high, over = score["low"], score["high"], "pictures"
    if low is None:
        counts = sums(told)
        wrong = counts["fp_centres"] + counts["fn_centres"]
        (low, high), over = bounds(counts["tp_centres"], wrong), "cells"
    return f"{score['value']:.3f} ({low:.3f} to {high:.3f}, over {over})"


def pooled_table(rows: Mapping[str, Told]) -> list[str]:
    """Return what each method found in a set, of all pictures together."""
    lines = header(
        *("method", "cells", "found", "error of the total", "F1", "precision", "recall"),
        *("mean error of a picture's count",),
    )
    for name, told in rows.items():
        counts = sums(told)
        error = 100 * (counts["n_predicted"] / counts["n_true"] - 1)
        cells = [
            *(f"{counts[key]:.0f}" for key in ("n_true", "n_predicted")),
            f"{error:+.1f} %",
            interval_text(told),
            *(f"{told[f'{kind}_centres_pooled']['value']:.3f}" for kind in RATES),
            f"{told['count_mae']['value']:.2f}",
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def picture_table(rows: Mapping[str, Told]) -> list[str]:
    """Return the count and F1 of each picture, by method."""
    pictures = sorted(next(iter(rows.values()))["pictures"])
    names = [f"{name}: {what}" for name in rows for what in ("found", "F1")]
    lines = header("picture", "cells", *names)
    for picture in pictures:
        of_each = [told["pictures"][picture] for told in rows.values()]
        cells = [f"{of_each[0]['n_true']:.0f}"]
        for row in of_each:
            f1 = row["f1_centres"]
            cells += [f"{row['n_predicted']:.0f}", "" if f1 is None else f"{f1:.2f}"]
        lines.append(f"| {picture} | {' | '.join(cells)} |")
    return lines


def one_set(method: Method, name: str, runs: Path) -> Told:
    """Judge a method on the set of a name."""
    drawn = {"drawn": EXAM_SEEDS, "validation": VALIDATION_SEEDS}
    if name in drawn:
        return judged_drawn(method, drawn[name], runs)
    pictures = DATA / "fluocells" / REAL[name]
    return judged(method, pictures, runs, pixel_size=PIXEL_SIZES.get(name, ""))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = ("yellow", "red", "drawn", "validation")
    parser.add_argument("--sets", nargs="+", choices=known, default=list(known[:3]))
    runs = ROOT / "training" / "runs" / "neurons_judged"
    parser.add_argument("--runs", type=Path, default=runs)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--write", type=Path, help="page in which to replace the tables")
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    told = {
        name: {
            title: one_set(one, name, options.runs)
            for title, one in methods(name, options.model).items()
        }
        for name in options.sets
    }
    tables = {}
    for name, rows in told.items():
        tables[name] = pooled_table(rows)
        if name in REAL:
            few = {title: one for title, one in rows.items() if title in SHOWN}
            tables[f"{name}, picture by picture"] = picture_table(few)
    print("\n\n".join("\n".join([name, *lines]) for name, lines in tables.items()))
    if options.write is not None:
        page = options.write.read_text(encoding="utf-8")
        for name, lines in tables.items():
            page = written(page, name, lines, mark=MARK)
        options.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
