"""What tuning on five pictures is worth on test pictures that it did not see.

Run it with `python benchmarks/tune_few.py --work FOLDER`; it goes on where it was stopped.
`--write docs/tuning.md` puts the table into that page. Five pictures of a train part,
drawn by seed 0, are tuned with; pictures of the test part, which no search sees, judge.
The sets and methods were named before the first run: three where the default was expected
to be wrong, and two where it was expected to be good.
"""

import argparse
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from segmetry.compare.differences import Difference, difference
from segmetry.compare.judging import Rules, judgeable, judged
from segmetry.compare.methods import recipe_of
from segmetry.compare.pictures import open_set
from segmetry.dataset import find_pairs
from segmetry.segment import segmenter
from segmetry.tune import TuneOptions, Tuning, tune

DATA = Path(os.environ.get("SEGMETRY_DATA", "../shared/data"))
SEED, FEW, TRIALS = 0, 5, 40


@dataclass(frozen=True)
class Case:
    """A method on a set, or on one class of it."""

    folder: str
    method: str
    expected: str
    kind: str = ""
    most: int = 20


CASES = (
    Case("dsb2018", "local", "wrong", "fluo_small"),
    Case("dsb2018", "threshold", "wrong", "he_purple", most=12),
    Case("emps", "local", "wrong", most=15),
    Case("dsb2018", "threshold", "good", "fluo_small"),
    Case("dsb2018", "threshold", "good", "fluo_large"),
)


def main() -> None:
    asked = _arguments()
    rows = list(_rows(Path(asked.work)))
    text = "\n".join(_table(rows)) + "\n"
    print(text)
    if asked.write:
        page = Path(asked.write)
        mark = "<!-- few pictures -->"
        head, _, rest = page.read_text(encoding="utf-8").partition(mark)
        tail = rest.partition(mark)[2] or rest
        page.write_text(f"{head}{mark}\n\n{text}\n{mark}{tail}", encoding="utf-8")


def _rows(work: Path) -> Iterator[tuple[Case, Tuning, Difference]]:
    for case in CASES:
        place = work / "-".join(
            part for part in (case.folder, case.kind, case.method) if part
        )
        train = sampled(case, "train", FEW, place / "train")
        test = sampled(case, "test", case.most, place / "test")
        out = place / "tuned"
        options = TuneOptions(
            trials=TRIALS, seed=SEED, folds=FEW, resume=out.exists(), patience=15
        )
        tuning = tune(*train, case.method, out, options=options)
        found = on_test(test, case.method, tuning)
        print(case.folder, case.kind, case.method, found, flush=True)
        yield case, tuning, found


def sampled(case: Case, part: str, most: int, place: Path) -> tuple[Path, Path]:
    """Copy pictures of a class, drawn by the seed, to a place of their own."""
    source = DATA / case.folder / part
    pairs = {one.stem: one for one in find_pairs(source / "images", source / "masks").pairs}
    names = sorted(pairs)
    units = {name: name for name in names}
    if case.kind:
        table = pd.read_csv(DATA / case.folder / f"{part}.csv")
        table["stem"] = table["file"].str.rsplit(".").str[0]
        table = table[table["class"] == case.kind]
        names = sorted(set(table["stem"]) & set(pairs))
        units = dict(zip(table["stem"], table["group"], strict=True))
    chosen: dict[str, str] = {}
    for name in np.random.default_rng(SEED).permutation(names).tolist():
        if len(chosen) < most and units[name] not in chosen.values():
            chosen[name] = units[name]  # one picture of a field: neighbours are alike
    shutil.rmtree(place, ignore_errors=True)
    for kind in ("images", "masks"):
        (place / kind).mkdir(parents=True)
    for name in chosen:
        one = pairs[name]
        shutil.copy2(one.image_path, place / "images" / one.image_path.name)
        shutil.copy2(one.mask_path, place / "masks" / one.mask_path.name)
    return place / "images", place / "masks"


def on_test(test: tuple[Path, Path], method: str, tuning: Tuning) -> Difference:
    """Compare what the search found with the defaults on the test pictures."""
    pictures = open_set(*test)
    recipe = recipe_of(method, {})
    scores: dict[str, dict[str, float]] = {"tuned": {}, "default": {}}
    for entry in pictures.entries:
        picture = judgeable(entry, recipe)
        for which, values in (("tuned", tuning.search.best.settings), ("default", {})):
            found = judged(segmenter(method, **values), picture, Rules(seed=SEED))
            scores[which][entry.name] = found.scores[tuning.score]
    return difference(
        ("tuned", "default"),
        tuning.score,
        (scores["tuned"], scores["default"]),
        pictures.units,
        seed=SEED,
    )


def _table(rows: Sequence[tuple[Case, Tuning, Difference]]) -> Iterator[str]:
    yield "## What five pictures are worth\n"
    yield (
        f"Five train pictures of public sets, drawn by seed (one of a field), {TRIALS} "
        "trials at most. Differences are of the mean precision over overlaps of 0.50 to "
        "0.95, tuned minus default, with 95 % intervals. *Own*: what the search believed "
        "of itself. *Told*: what `tune` says by its nested folds of these five. *Test*: "
        "what the search found, recommended or not, on test pictures that no search saw. "
        "Made by `benchmarks/tune_few.py`.\n"
    )
    yield "| set | method | own | told by nested folds | recommended | test | n |"
    yield "|---|---|---|---|---|---|---|"
    for case, tuning, found in rows:
        own = tuning.search.best.mean - tuning.search.tried[0].mean
        cells = [
            " ".join(part for part in (case.folder, case.kind) if part),
            f"`{case.method}`",
            _signed(own),
            _told(tuning.difference),
            "tuned" if tuning.helps else "defaults",
            _told(found),
            str(found.n),
        ]
        yield f"| {' | '.join(cells)} |"


def _told(one: Difference) -> str:
    interval = "no interval"
    if np.isfinite(one.low):
        interval = f"{_signed(one.low)} to {_signed(one.high)}"
    return f"**{_signed(one.value)}** ({interval}), {one.says}"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True, help="Folder that keeps what is finished.")
    parser.add_argument("--write", help="Page to put the table into.")
    return parser.parse_args()


if __name__ == "__main__":
    main()
