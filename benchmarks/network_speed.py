"""From pixels to objects and their table by a network, beside Cellpose 3 and StarDist.

Each contender runs in a Python of its own, on two cores, and they take turns on one drawn
picture whose true outlines are known. From the project's folder, once:

    python -m venv .venv-cellpose
    .venv-cellpose/bin/pip install 'cellpose<4' 'numpy<2.1' 'torch==2.13.0'
    python -m venv .venv-stardist
    .venv-stardist/bin/pip install 'stardist==0.9.2' 'tensorflow-cpu==2.15.*'

and then, for the table of docs/benchmarks_networks.md,

    python benchmarks/network_speed.py --write docs/benchmarks_networks.md

A contender whose Python is not there is left out. The first run trains a StarDist on other
drawn pictures, which takes minutes, and keeps it; `--stardist-model` names another one.
On Windows the environments' programs are in `Scripts` instead of `bin`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from network_contenders.drawn_nuclei import Nuclei, draw
from pages import put

from segmetry.evaluate import dsb_score, f1_at, match_objects

HERE = Path(__file__).parent
CONTENDERS = HERE / "network_contenders"
CORES = 2
SIDE, N_NUCLEI, DIAMETER = 1024, 500, 26.0
CELLPOSE_NUCLEI = 17.0  # pixels, to which Cellpose's model for nuclei brings them

Seconds = tuple[float, float]  # wall, processor


@dataclass
class Contender:
    """A process that does the picture once for each line it gets."""

    name: str
    process: subprocess.Popen[str]
    labels: Path
    cold: Seconds = (0.0, 0.0)
    turns: list[dict[str, Any]] = field(default_factory=list)

    def take_turn(self) -> dict[str, Any]:
        """Return what the process tells of one picture."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("{"):  # libraries print while they load
                return json.loads(line)
        msg = f"{self.name} ended: what it said is above"
        raise SystemExit(msg)

    def part(self, name: str) -> Seconds:
        """Return the median wall and processor seconds of a part."""
        walls, processors = zip(*(turn["parts"][name] for turn in self.turns), strict=True)
        return median(walls), median(processors)

    @property
    def told(self) -> dict[str, Any]:
        """Return what the process told of the last picture."""
        return self.turns[-1]["told"]


def start(name: str, command: list[str], labels: Path) -> Contender:
    """Start a process, and wait for its first picture, cold."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    contender = Contender(name, process, labels)
    first = contender.take_turn()
    contender.cold = (time.perf_counter() - began, first["cpu_since_start"])
    print(f"{name}: {first['about']}, first picture after {contender.cold[0]:.1f} s")
    return contender


def commands(options: argparse.Namespace) -> dict[str, list[str]]:
    """Return how each contender that is there is started, without its paths."""
    found = {
        "segmetry": [
            sys.executable,
            str(CONTENDERS / "segmetry_turns.py"),
            *["--model", options.model, "--precision", options.precision],
        ]
    }
    if options.cellpose.exists():
        script = [str(options.cellpose), str(CONTENDERS / "cellpose_turns.py")]
        found["cellpose"] = script
        rescale = CELLPOSE_NUCLEI / options.diameter
        found["cellpose, nuclei"] = [*script, "--rescale", f"{rescale:.3f}"]
    if options.stardist.exists():
        script = [str(options.stardist), str(CONTENDERS / "stardist_turns.py")]
        found["stardist"] = [*script, "--model", str(options.stardist_model)]
        if not (options.stardist_model / "thresholds.json").exists():
            print("training StarDist on drawn pictures, once", flush=True)
            subprocess.run(found["stardist"], check=True, stdout=subprocess.DEVNULL)
    return found


def race(options: argparse.Namespace, drawn: Nuclei) -> dict[str, Contender]:
    """Let all contenders do the picture in turns."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.npz"
        np.savez(picture, picture=drawn.picture, truth=drawn.truth)
        contenders = {}
        for name, command in commands(options).items():
            labels = Path(folder) / f"{len(contenders)}.npy"
            paths = [str(picture), str(labels)]
            contenders[name] = start(name, [*command, *paths], labels)
        for _ in range(options.rounds):
            for contender in contenders.values():
                time.sleep(0.3)  # threads of the one before may still be spinning
                contender.turns.append(contender.take_turn())
        for contender in contenders.values():
            contender.process.communicate()
            contender.told.update(scores(np.load(contender.labels), drawn.truth))
    return contenders


def scores(labels: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    matches = match_objects(labels.astype(np.uint32), truth.astype(np.uint32))
    return {"dsb_score": dsb_score(matches), "f1_50": f1_at(matches, threshold=0.5)}


def plus(*parts: Seconds) -> Seconds:
    return sum(wall for wall, _ in parts), sum(cpu for _, cpu in parts)


def line(name: str, seconds: Seconds, told: dict[str, Any] | None = None) -> str:
    found = ["", "", ""]
    if told is not None:
        found = [
            str(told["n_objects"]),
            f"{told['dsb_score']:.3f}",
            f"{told['f1_50']:.3f}",
        ]
    wall, processor = seconds
    return f"| {name} | {wall:.2f} | {processor:.2f} | {' | '.join(found)} |"


def times(contenders: dict[str, Contender]) -> list[str]:
    """Return the table of times and scores."""
    own = contenders["segmetry"]
    objects, table = own.part("pixels to objects"), own.part("table")
    network = own.part("network")
    cutting = (objects[0] - network[0], objects[1] - network[1])
    lines = [
        "| | wall s | CPU s | objects | `dsb_score` | F1 at 0.5 |",
        "|---|---|---|---|---|---|",
        line("Segmetry: maps by the network", network),
        line("Segmetry: cutting and confidence", cutting),
        line(f"Segmetry: table of {own.told['n_columns']} columns", table),
        line("**Segmetry, pixels to objects**", objects, own.told),
        line("**Segmetry, pixels to table**", plus(objects, table)),
        line("Segmetry, first picture of a new process", own.cold),
    ]
    for name, scale in (("cellpose", "own"), ("cellpose, nuclei", "17 px")):
        if name in contenders:
            parts = [contenders[name].part(part) for part in ("network", "dynamics")]
            title = f"Cellpose 3, cells at {scale} scale"
            lines += [
                line(f"{title}: network, random weights", parts[0]),
                line(f"{title}: dynamics, true flows", parts[1]),
                line(f"**{title}, both**", plus(*parts)),
            ]
    if "stardist" in contenders:
        theirs = contenders["stardist"]
        title = "**StarDist, `predict_instances`**"
        lines.append(line(title, theirs.part("predict_instances"), theirs.told))
    return lines


def ratios(contenders: dict[str, Contender]) -> list[str]:
    """Return the table of how many times as long the others take."""
    own = contenders["segmetry"]
    objects = own.part("pixels to objects")
    whole = plus(objects, own.part("table"))
    rows = []
    for name, scale in (("cellpose", "own"), ("cellpose, nuclei", "17 px")):
        if name in contenders:
            parts = [contenders[name].part(part) for part in ("network", "dynamics")]
            title = f"Cellpose 3, cells at {scale} scale / Segmetry, pixels to table"
            rows.append((title, plus(*parts), whole))
    if "stardist" in contenders:
        theirs = contenders["stardist"].part("predict_instances")
        rows.append(("StarDist / Segmetry, pixels to objects", theirs, objects))
    lines = ["| ratio | wall | CPU |", "|---|---|---|"]
    for title, (wall, processor), (own_wall, own_processor) in rows:
        lines.append(
            f"| {title} | {wall / own_wall:.1f} | {processor / own_processor:.1f} |"
        )
    return lines


def conditions(options: argparse.Namespace, contenders: dict[str, Contender]) -> str:
    told = contenders["segmetry"].told
    versions: dict[str, str] = {}
    for contender in contenders.values():
        versions = {**contender.turns[-1]["about"], **versions}
    named = ", ".join(f"{name} {number}" for name, number in versions.items())
    busy = f"; load before the race {options.load:.1f}" if options.load is not None else ""
    return (
        f"Median of {options.rounds} turns on {CORES} cores of {platform.machine()}{busy}. "
        f"{options.n} nuclei of about {options.diameter:g} px, seed {options.seed}, on "
        f"{SIDE} × {SIDE} pixels. Segmetry's model {told['found_model']} ran in "
        f"{told['found_precision']} at scale {told['scale']:g}. {named}."
    )


def limit_cores() -> None:
    """Give this process and those it starts two cores, and as many threads."""
    for library in ("OMP", "MKL", "OPENBLAS", "NUMBA"):
        os.environ[f"{library}_NUM_THREADS"] = str(CORES)
    for pool in ("INTRAOP", "INTEROP"):
        os.environ[f"TF_NUM_{pool}_THREADS"] = str(CORES)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    elif (os.cpu_count() or CORES) > CORES:
        print(f"this system cannot hold programs to {CORES} cores: ratios may be off")


def parsed() -> argparse.Namespace:
    python = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="nuclei", help="a model's name or file")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--n", type=int, default=N_NUCLEI, help="nuclei to draw")
    parser.add_argument("--diameter", type=float, default=DIAMETER, help="theirs, in px")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cellpose", type=Path, default=Path(".venv-cellpose", python))
    parser.add_argument("--stardist", type=Path, default=Path(".venv-stardist", python))
    parser.add_argument(
        "--stardist-model", type=Path, default=HERE / "results" / "stardist"
    )
    parser.add_argument("--write", type=Path, help="page in which to replace the tables")
    return parser.parse_args()


def main() -> None:
    options = parsed()
    limit_cores()
    options.load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    drawn = draw(side=SIDE, n=options.n, diameter=options.diameter, seed=options.seed)
    contenders = race(options, drawn)
    blocks = [times(contenders), ratios(contenders), [conditions(options, contenders)]]
    text = "\n\n".join("\n".join(block) for block in blocks)
    put(options.write, text, script=__file__)


if __name__ == "__main__":
    main()
