"""Kill a program that edits, again and again: no acknowledged edit may be lost.

    python benchmarks/killed_edits.py --repeats 50

A process of its own opens the project and edits, undoes, redoes, keeps versions and goes
back to them as fast as it can. It says the number of each operation once that is
answered, and is killed at a random moment, while it writes checkpoints too. Then the
project is opened again: every operation that was answered must be in the journal, and the
labels must be those that making all edits anew, by the algorithm and not from what was
stored, gives. The next process goes on from there.

Prints one JSON object; the exit status is 1 if anything was lost or differs.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np

from segmetry import Image, Labels
from segmetry.edit import Canvas, Edit
from segmetry.io import write_png
from segmetry.measure import measure
from segmetry.project import OpenLabels, Project, open_labels
from segmetry.recipe import Recipe

_KINDS = ("draw", "draw", "draw", "erase", "split", "fill", "merge", "remove")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--side", type=int, default=400, help="of the picture, in pixels")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--edit", metavar="FOLDER", help="be the process that is killed")
    options = parser.parse_args()
    if options.edit:
        edit_for_ever(Path(options.edit), options.seed)
        return
    with tempfile.TemporaryDirectory() as folder:
        result = kill_again_and_again(Path(folder), options)
    print(json.dumps(result))
    sys.exit(1 if result["lost"] or result["mismatches"] else 0)


def kill_again_and_again(home: Path, options: argparse.Namespace) -> dict[str, int]:
    make_project(home, options.side)
    chance = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    acknowledged: list[str] = []
    counts = {"kills": 0, "acknowledged": 0, "restored": 0, "lost": 0, "mismatches": 0}
    for number in range(options.repeats):
        moment = chance.uniform(0.05, 1.5)
        acknowledged += killed(home, seed=options.seed + number, moment=moment)
        lost, is_equal = after_crash(home, acknowledged)
        counts["kills"] += 1
        counts["lost"] += lost
        counts["mismatches"] += not is_equal
    with Project.open(home) as project:
        history = opened(project).history()
    restored = sum((entry["edit"] or {}).get("kind") == "restore" for entry in history)
    return counts | {"acknowledged": len(acknowledged), "restored": restored}


def make_project(home: Path, side: int) -> None:
    y, x = np.mgrid[:side, :side]
    discs = (np.hypot(y % 40 - 20, x % 40 - 20) < 12) * np.uint8(180) + np.uint8(40)
    write_png(home / "a.png", discs)
    parts = {"segmentation": {"name": "threshold"}, "calibration": {"scale_bar": False}}
    with Project.create(home, "Crashes") as project:
        picture = project.pictures.add(home / "a.png")
        project.labels.run(picture, Recipe.model_validate(parts))


def opened(project: Project) -> OpenLabels:
    picture = project.pictures.records()[0].id
    return project.labels.open(project.labels.records(picture)[0].id)


def killed(home: Path, *, seed: int, moment: float) -> list[str]:
    """Let a process edit, kill it, and return the operations that it had answered."""
    command = [sys.executable, __file__, "--edit", str(home), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(moment)
        process.kill()
        said = process.stdout.read()
    # A last line without its end was not fully said.
    return said[: said.rfind("\n") + 1].split()


def edit_for_ever(home: Path, seed: int) -> None:
    open_labels._SAVE_EVERY = 5  # noqa: SLF001 - so that kills meet checkpoints often
    chance = np.random.default_rng(seed)
    with Project.open(home) as project:
        labels = opened(project)
        print("ready", flush=True)
        while True:
            op_id, what = str(uuid.uuid4()), chance.random()
            before = labels.rev
            if what < 0.15:
                labels.undo(op_id=op_id, base=labels.rev)
            elif what < 0.25:
                labels.redo(op_id=op_id, base=labels.rev)
            elif what < 0.3:
                labels.keep_version(op_id)
            elif what < 0.4:
                known = [None, *(version.name for version in labels.versions())]
                version = known[chance.integers(len(known))]
                labels.restore(version, op_id=op_id, base=labels.rev)
            else:
                shape = labels.labels.data.shape
                labels.edit(random_edit(chance, shape), op_id=op_id, base=labels.rev)
            if labels.rev > before:  # what hit nothing is no operation
                print(op_id, flush=True)


def random_edit(chance: np.random.Generator, shape: tuple[int, ...]) -> Edit:
    kind = str(chance.choice(_KINDS))
    spots = chance.integers(0, [shape[1], shape[0]], (chance.integers(1, 4), 2))
    points = tuple((int(x), int(y)) for x, y in spots)
    return Edit(kind, points=points, width=int(chance.integers(1, 15)))


def after_crash(home: Path, acknowledged: list[str]) -> tuple[int, bool]:
    """Return how many operations are lost, and whether the labels are as they must be."""
    with Project.open(home) as project:
        labels = opened(project)
        kept = {row["op_id"] for row in project._database.rows("SELECT op_id FROM entry")}  # noqa: SLF001
        data, image = made_anew(labels), labels.labels.image
        is_equal = np.array_equal(data, labels.labels.data)
        is_equal &= measure(Labels(data, image)).equals(labels.table)
    return len(set(acknowledged) - kept), bool(is_equal)


def made_anew(labels: OpenLabels) -> np.ndarray:
    """Return what the first labels become when all is done again by the algorithm."""
    image: Image = labels.labels.image
    canvas = Canvas.of(Labels(labels.data_of(None), image))
    then = {version.name: version.rev for version in labels.versions()} | {None: 0}
    kept = {0: (canvas.labels().data.copy(), None)}
    done, undone = [], []
    for entry in labels.history():
        edit = entry["edit"]
        if entry["kind"] == "undo":
            undone.append(done.pop())
            canvas.revert(undone[-1])
        elif entry["kind"] == "redo":
            done.append(undone.pop())
            canvas.reapply(done[-1])
        elif edit["kind"] == "restore":
            undone.clear()
            data, bookkeeping = kept[then[edit["version"]]]
            done.append(canvas.restore(data, bookkeeping=bookkeeping))
        else:
            undone.clear()
            done.append(canvas.apply(Edit.from_json(edit)))
        if entry["rev"] in then.values():
            kept[entry["rev"]] = canvas.labels().data.copy(), canvas.bookkeeping()
    return canvas.labels().data


if __name__ == "__main__":
    main()
