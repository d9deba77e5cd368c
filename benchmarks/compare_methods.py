"""All methods on five public sets, one table each.

Run it with `nice -n 5 python benchmarks/compare_methods.py --work FOLDER`; it keeps what
is finished in the folder and goes on from there. `--write docs/method_comparison.md` puts
the tables into that page. `--most 2` takes two pictures of each set, to try it.

Test parts judge, and nothing was chosen by them: options are the defaults, methods that
learn are taught by the train part, or by the other folds where a set has none. Where a
test part has more than `--most` pictures, so many are drawn by a fixed seed, spread over
its classes. A method that would take more than `--cap` seconds for a set is left out.
"""

import argparse
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from segmetry.compare import CompareOptions, Comparison, Method, compare, find_methods
from segmetry.compare.judging import Job, Rules, carried_out
from segmetry.compare.methods import learns
from segmetry.compare.pictures import open_set
from segmetry.compare.tables import leaderboard
from segmetry.dataset import find_pairs
from segmetry.evaluate import HEADLINES, SCORES
from segmetry.segment import segmenter_names

DATA = Path(os.environ.get("SEGMETRY_DATA", "../shared/data"))
SEED = 7
# Those for volumes, and those that need a choice before they find anything.
LEFT_OUT = {"nothing", "network", "lungs"}


@dataclass(frozen=True)
class Subject:
    """A set, and how it is judged."""

    name: str
    what: str
    options: Mapping[str, object]
    sheet: str = ""
    train: int = 12
    seen_by: tuple[str, ...] = ()
    caveat: str = ""


SUBJECTS = (
    Subject(
        "dsb2018",
        "Nuclei, five kinds of picture",
        {"task": "objects", "by": "class", "cluster": "group"},
        sheet="test.csv",
        train=16,
        seen_by=("nuclei", "neurons"),
        caveat="Neighbouring tiles stay together in intervals.",
    ),
    Subject(
        "ampis_powder",
        "Metal powder in the electron microscope",
        {"task": "objects"},
        train=4,
        seen_by=("particles",),
        caveat="The test part is one picture: no intervals, and nothing is called better.",
    ),
    Subject(
        "saemi_sem",
        "Particles in the electron microscope, foreground only",
        {"task": "pixels"},
        caveat="There is no train part: methods that learn are cross-validated.",
    ),
    Subject(
        "drive",
        "Vessels of the retina, inside the field of view",
        {"task": "pixels", "thin": True},
        seen_by=("vessels",),
    ),
    Subject(
        "isbi2012_em",
        "Cell interiors in an electron micrograph of tissue",
        {"task": "pixels"},
        caveat=(
            "The pictures are neighbouring slices of one block: intervals are of these "
            "slices, and say nothing of other tissue."
        ),
    ),
)


def main() -> None:
    asked = _arguments()
    work = Path(asked.work)
    for subject in SUBJECTS:
        if asked.only and subject.name not in asked.only:
            continue
        begun = time.process_time()
        found, methods, left = judged(subject, work, most=asked.most, cap=asked.cap)
        text = table(subject, found, methods, left)
        (work / f"{subject.name}.md").write_text(text, encoding="utf-8")
        print(
            f"{subject.name}: {time.process_time() - begun:.0f} CPU s\n{text}", flush=True
        )
    if asked.write:
        write(Path(asked.write), work)


def judged(
    subject: Subject, work: Path, *, most: int, cap: float
) -> tuple[Comparison, tuple[Method, ...], dict[str, str]]:
    """Compare all methods on a set; what is finished in the folder is kept."""
    part = DATA / subject.name
    chosen = drawn(part / "test", part / subject.sheet if subject.sheet else None, most)
    place = work / subject.name
    images, masks = copied(part / "test", place / "test", chosen)
    options = dict(subject.options)
    if subject.sheet:
        options["groups"] = part / subject.sheet
    if (part / "test" / "fov").is_dir():
        options["fov"] = part / "test" / "fov"
    if (part / "train").is_dir():
        sheet = part / "train.csv" if subject.sheet else None
        taught = drawn(part / "train", sheet, subject.train)
        options["train"] = copied(part / "train", place / "train", taught)
    names = [name for name in segmenter_names() if name not in LEFT_OUT]
    methods = find_methods(names, whole=bool(options.get("thin")))
    methods, left = affordable(methods, images, masks, options, cap)
    out = place / "compared"
    options["resume"] = out.exists()
    found = compare(
        images,
        masks,
        methods,
        out,
        options=CompareOptions(seed=SEED, **options),
        on_outcome=lambda one, done, total: print(
            f"{done}/{total} {one.method} {one.picture} {one.reason}", flush=True
        ),
    )
    return found, methods, left


def drawn(part: Path, sheet: Path | None, most: int) -> list[str]:
    """Draw pictures of a part by the fixed seed, spread over the classes of its sheet."""
    names = [pair.stem for pair in find_pairs(part / "images", part / "masks").pairs]
    if len(names) <= most:
        return names
    rng = np.random.default_rng(SEED)
    if sheet is None:
        return sorted(rng.permutation(names)[:most].tolist())
    table = pd.read_csv(sheet).assign(stem=lambda rows: rows["file"].str.rsplit(".").str[0])
    classes = [group["stem"].tolist() for _, group in table.groupby("class")]
    queues = [rng.permutation(sorted(group)).tolist() for group in classes]
    taken: list[str] = []
    while len(taken) < most:  # one of each class in turn
        for queue in queues:
            if queue and len(taken) < most:
                taken.append(queue.pop())
    return sorted(taken)


def copied(part: Path, place: Path, names: Sequence[str]) -> tuple[Path, Path]:
    """Copy pictures and masks of these names, and nothing else, to a place."""
    wanted = set(names)
    pairs = find_pairs(part / "images", part / "masks").pairs
    shutil.rmtree(place, ignore_errors=True)
    for kind in ("images", "masks"):
        (place / kind).mkdir(parents=True)
    for pair in pairs:
        if pair.stem in wanted:
            shutil.copy2(pair.image_path, place / "images" / pair.image_path.name)
            shutil.copy2(pair.mask_path, place / "masks" / pair.mask_path.name)
    return place / "images", place / "masks"


def affordable(
    methods: Sequence[Method],
    images: Path,
    masks: Path,
    options: Mapping[str, object],
    cap: float,
) -> tuple[tuple[Method, ...], dict[str, str]]:
    """Leave out methods that would take too long, judged by the first picture."""
    entries = open_set(images, masks).entries
    rules = Rules(task=options["task"], seed=SEED)
    kept, left = [], {}
    for method in methods:
        cost = None
        if not learns(method.segmenter()):  # those that learn have their own bounds
            outcome, _ = next(carried_out(Job(method, entries[:1]), rules))
            cost = outcome.cost
        seconds = 0.0 if cost is None else cost.cpu_s * len(entries)
        if seconds > cap:
            left[method.label] = f"{cost.cpu_s:.0f} CPU s a picture"
        else:
            kept.append(method)
    return tuple(kept), left


def table(
    subject: Subject,
    found: Comparison,
    methods: Sequence[Method],
    left: Mapping[str, str],
) -> str:
    """Return the table of a set, as Markdown."""
    return "\n".join(_table(subject, found, methods, left)) + "\n"


def _table(
    subject: Subject,
    found: Comparison,
    methods: Sequence[Method],
    left: Mapping[str, str],
) -> Iterator[str]:
    every = (*methods, *(_baseline(found, methods)))
    board = leaderboard(found, every)
    whole, apart = board[board["group"] == ""], board[board["group"] != ""]
    n, n_all = int(whole["n_pictures"].max()), _n_test(subject)
    scores = [name for name in HEADLINES[found.task] if name in whole][:4]
    groups = sorted(apart["group"].unique())
    yield f"### {subject.name}: {subject.what}\n"
    said = "1 test picture" if n_all == 1 else f"All {n_all} test pictures"
    if n < n_all:
        said = f"{n} of {n_all} test pictures, drawn by seed"
    yield f"{said}. {subject.caveat}".strip()
    yield ""
    heads = [SCORES[name].title for name in scores]
    heads[0] += " (95 % interval)"
    classes = [f"{group} ({_n_of(apart, group)})" for group in groups]
    columns = ["method", *heads, *classes, "against the best", "CPU s a picture", "MB"]
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    says = {one.method: one for one in found.differences if one.other == found.reference}
    for _, row in whole.iterrows():
        label = row["method"]
        mark = " ¹" if label in subject.seen_by else ""
        mark += " ²" if isinstance(row["learned"], str) and row["learned"] else ""
        cells = [f"`{label}`{mark}" if label != "baseline" else "*baseline*"]
        cells.append(_with_interval(row, scores[0]))
        cells += [_number(row[name]) for name in scores[1:]]
        cells += [_of_group(apart, label, group, scores[0]) for group in groups]
        cells.append(_against(says.get(label)))
        cells += [_number(row["cpu_s"], 2), _number(row["memory_mb"], 0)]
        yield f"| {' | '.join(cells)} |"
    yield ""
    if any(label in subject.seen_by for label in whole["method"]):
        yield "¹ The shipped model learned from the train part of this set."
    if (whole["learned"].fillna("") != "").any():
        how = next(one for one in whole["learned"] if isinstance(one, str) and one)
        yield f"² Learned here: {_plainly(how)}."
    for label, why in left.items():
        yield f"Left out as too slow: `{label}` ({why})."
    for one in found.failed[:6]:
        yield f"Failed: `{one.method}` on {one.picture}: {one.reason}"


def _plainly(how: str) -> str:
    return how.replace("other pictures", "pictures of the train part, drawn by seed")


def _against(one: object) -> str:
    if one is None:
        return "the best"
    gone = _number(one.value, 3, sign=True)
    return f"{gone}, {one.says}"


def _baseline(found: Comparison, methods: Sequence[Method]) -> list[Method]:
    from segmetry.compare.methods import baseline

    labels = {one.label for one in methods}
    return [baseline(found.task) for label in found.methods if label not in labels]


def _n_test(subject: Subject) -> int:
    part = DATA / subject.name / "test"
    return len(find_pairs(part / "images", part / "masks").pairs)


def _n_of(apart: pd.DataFrame, group: str) -> int:
    return int(apart.loc[apart["group"] == group, "n_pictures"].max())


def _of_group(apart: pd.DataFrame, label: str, group: str, score: str) -> str:
    rows = apart[(apart["group"] == group) & (apart["method"] == label)]
    return _number(rows[score].iloc[0]) if len(rows) else "–"


def _with_interval(row: pd.Series, score: str) -> str:
    value, low, high = (row.get(f"{score}{end}", np.nan) for end in ("", "_low", "_high"))
    if not np.isfinite(low):
        return f"{_number(value)}"
    return f"**{_number(value)}** ({_number(low)} to {_number(high)})"


def _number(value: float, digits: int = 3, *, sign: bool = False) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:{'+' if sign else ''}.{digits}f}".replace("-", "−")


def write(page: Path, work: Path) -> None:
    """Put the tables of all sets that are finished into a page, between its marks."""
    begin, end = "<!-- tables made by benchmarks/compare_methods.py -->", "<!-- end -->"
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    parts = [
        (work / f"{subject.name}.md").read_text(encoding="utf-8")
        for subject in SUBJECTS
        if (work / f"{subject.name}.md").is_file()
    ]
    page.write_text(
        f"{head}{begin}\n\n{chr(10).join(parts)}\n{end}{tail}", encoding="utf-8"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True, help="Folder that keeps what is finished.")
    parser.add_argument("--most", type=int, default=20, help="Test pictures of a set.")
    parser.add_argument("--cap", type=float, default=150.0, help="CPU s a method and set.")
    parser.add_argument("--only", nargs="*", help="Names of sets.")
    parser.add_argument("--write", help="Page to put the tables into.")
    return parser.parse_args()


if __name__ == "__main__":
    main()
