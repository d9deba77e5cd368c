"""Judge models of vessels on pictures that they did not learn from, beside `ridge`.

For each random start, train without the last turn and with it, into folders of their own:

    python training/vessels.py --seeds 1 --without-last --out starts/before1
    python training/vessels.py --seeds 1 --out starts/after1

then judge, before the last turn on pictures held out, and after it on the test pictures:

    python training/vessels_judged.py --starts starts --write docs/vessels.md

All is done by `segmetry run` and `segmetry evaluate`, and kept in `--runs` under a hash of
model and pictures: what is there is not done again. The start that comes with the program
is known by its network. The test pictures are for judging, never for choosing.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from making import ROOT, SHIPPED, set_hash
from sets import DATA

from segmetry.models import read_model

SPECIFICITY = 0.9725  # of the second observer of DRIVE's test pictures
STARTS = (0, 1, 2)
MARK = "<!-- {} made by training/vessels_judged.py -->"
MODEL = "vessels.segmodel"

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Method:
    """A segmenter with its options, as the command line takes them, and its model."""

    name: str
    segmenter: str
    options: tuple[str, ...] = ()
    model: Path | None = None

    def identity(self, pictures: Path) -> str:
        """Hash what decides a result: options, model and pictures, wherever they lie."""
        model = b"" if self.model is None else self.model.read_bytes()
        parts = (
            repr((self.segmenter, self.options)),
            hashlib.sha256(model).hexdigest(),
            set_hash(pictures),
        )
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:8]


def methods(starts: Path, stage: str) -> list[Method]:
    """Return each random start with and without flips, and `ridge`."""
    found = []
    for start in STARTS:
        file = starts / f"{stage}{start}" / MODEL
        for flips in ("yes", "no"):
            name, options = f"{stage}{start}-flips-{flips}", (f"flips={flips}",)
            found.append(Method(name, "vessels", options, file))
    return [*found, Method(f"{stage}-ridge", "ridge")]


def shipped(starts: Path, file: Path = SHIPPED / MODEL) -> int:
    """Return the start whose network, after the last turn, is that of a model's file.

    Its card may tell other words, so the file as a whole may differ.
    """
    network = read_model(file).card.files["model.onnx"]
    for start in STARTS:
        if read_model(starts / f"after{start}" / MODEL).card.files["model.onnx"] == network:
            return start
    msg = f"{file.name} as it is shipped is none of the starts in {starts.name}"
    raise SystemExit(msg)


def judged(method: Method, pictures: Path, runs: Path) -> Told:
    """Run a method on pictures inside their field of view, and score it.

    Parameters
    ----------
    method : Method
    pictures : Path
        Folder of images, masks, fov, and where there is one a second observer's masks2.
    runs : Path

    Returns
    -------
    mapping
        What `segmetry evaluate --json` prints.
    """
    name = f"{method.name}-{method.identity(pictures)}"
    kept = runs / f"{name}.json"
    if not kept.is_file():
        found, view = runs / name, pictures / "fov"
        model = () if method.model is None else (f"model={method.model}",)
        options = [word for one in (*model, *method.options) for word in ("--set", one)]
        segmetry(
            *("run", pictures / "images", "--out", found, "--save-maps", "--overwrite"),
            *("--segmenter", method.segmenter, "--field-of-view", view, *options),
        )
        second = pictures / "masks2"
        beside = ["--second-observer", second] if second.is_dir() else []
        told = segmetry(
            *("evaluate", found, pictures / "masks", "--task", "pixels", "--thin"),
            *("--fov", view, "--specificity", SPECIFICITY, "--json", *beside),
            *("--out", runs / f"{name}-judged", "--overwrite"),
        )
        kept.write_text(told, encoding="utf-8")
    told_again: Told = json.loads(kept.read_text(encoding="utf-8"))
    return told_again


def segmetry(*words: object) -> str:
    command = [sys.executable, "-m", "segmetry", *map(str, words)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def held_out(folder: Path) -> Path:
    """Copy every fifth training picture of DRIVE, as `sets.vessels` holds them out."""
    for kind in ("images", "masks", "fov"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for path in sorted((DATA / "drive" / "train" / kind).iterdir())[4::5]:
            shutil.copy(path, folder / kind)
    return folder


def header(*names: str) -> list[str]:
    return [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]


def number(score: Told, digits: int = 3) -> str:
    """Return a score with its interval, where there is one."""
    if score["low"] is None:
        return f"{score['value']:.{digits}f}"
    bounds = (f"{score[end]:.{digits}f}" for end in ("low", "high"))
    return f"{score['value']:.{digits}f} ({' to '.join(bounds)})"


def score_table(rows: Mapping[str, Told]) -> list[str]:
    """Return the scores inside the field of view, of all pixels together.

    Parameters
    ----------
    rows : mapping
        By the name of a method: what `segmetry evaluate` tells of it. The second
        observer's own scores are taken from the first.
    """
    lines = header(
        *("method", "AUC-ROC, first observer", "AUC-ROC, second", "AUC-PR, first"),
        *("Dice, first", "Dice, second", f"sensitivity at specificity {SPECIFICITY}"),
        *("accuracy", "clDice"),
    )
    for name, told in rows.items():
        other = told["against_second_observer"]
        cells = [
            number(told["auc_roc_pooled"], 4),
            number(other["auc_roc_pooled"], 4),
            number(told["auc_pr_pooled"]),
            number(told["dice_pooled"]),
            number(other["dice_pooled"]),
            number(told["sensitivity_at_specificity_pooled"]),
            number(told["accuracy_pooled"]),
            number(told["cldice_pooled"]),
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    person = next(iter(rows.values()))["second_observer"]
    cells = [
        *("", "", "", number(person["dice_pooled"]), ""),
        number(person["sensitivity_pooled"]),
        number(person["accuracy_pooled"]),
        number(person["cldice_pooled"]),
    ]
    return [*lines, f"| second observer | {' | '.join(cells)} |"]


def width_table(rows: Mapping[str, Told]) -> list[str]:
    """Return how much of the first observer's centrelines was found, by width in pixels."""
    person = next(iter(rows.values()))["second_observer"]
    widths = {"1_2": "1 to 2 px", "2_4": "2 to 4", "4_8": "4 to 8", "over_8": "over 8"}
    lines = header("method", *widths.values())
    for name, told in {**rows, "second observer": person}.items():
        cells = [number(told[f"skeleton_recall_{width}_pooled"]) for width in widths]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def start_table(held: Mapping[str, Told], test: Mapping[str, Told]) -> list[str]:
    """Return the area under the curve of each start, with and without flips."""
    lines = header(
        *("start", "flips", "held out", "held out, per picture", "test, first observer"),
        *("per picture", "test, second", "Dice, first", "sensitivity"),
    )
    for start in STARTS:
        for flips in ("yes", "no"):
            before = held[f"before{start}-flips-{flips}"]
            after = test[f"after{start}-flips-{flips}"]
            cells = [
                f"{before['auc_roc_pooled']['value']:.4f}",
                # So near each other that only more digits tell which one was chosen.
                f"{before['auc_roc']['value']:.5f}",
                f"{after['auc_roc_pooled']['value']:.4f}",
                f"{after['auc_roc']['value']:.4f}",
                f"{after['against_second_observer']['auc_roc_pooled']['value']:.4f}",
                f"{after['dice_pooled']['value']:.3f}",
                f"{after['sensitivity_at_specificity_pooled']['value']:.3f}",
            ]
            lines.append(f"| {start} | {flips} | {' | '.join(cells)} |")
    return lines


def written(page: str, name: str, lines: Sequence[str], *, mark: str = MARK) -> str:
    """Return a page with a table between its two marks."""
    mark = mark.format(name)
    before, _, after = page.split(mark)
    return "\n".join([f"{before}{mark}", *lines, f"{mark}{after}"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--starts", type=Path, required=True, help="folder of all starts")
    parser.add_argument("--test", type=Path, default=DATA / "drive" / "test")
    runs = ROOT / "training" / "runs" / "vessels_judged"
    parser.add_argument("--runs", type=Path, default=runs)
    parser.add_argument("--write", type=Path, help="page in which to replace the tables")
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    pictures = held_out(options.runs / "held_out")
    held, test = (
        {one.name: judged(one, folder, options.runs) for one in methods(options.starts, at)}
        for at, folder in (("before", pictures), ("after", options.test))
    )
    best = f"after{shipped(options.starts)}-flips"
    rows = {
        "`vessels`": test[f"{best}-yes"],
        "`vessels`, without flips": test[f"{best}-no"],
        "`ridge`": test["after-ridge"],
    }
    tables = {
        "scores": score_table(rows),
        "widths": width_table(rows),
        "starts": start_table(held, test),
    }
    print("\n\n".join("\n".join(lines) for lines in tables.values()))
    if options.write is not None:
        page = options.write.read_text(encoding="utf-8")
        for name, lines in tables.items():
            page = written(page, name, lines)
        options.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
