"""What pictures of 1 to 400 megapixels cost, and what an archive of slides would.

Run `python benchmarks/projection.py`: it draws pictures, runs `segmetry run --memory` on
each, keeps a row of each in projection.csv beside it, and writes the page. Rows that are
there are not measured again, so that it can be stopped and goes on; `--sizes 1 16` measures
only these, `--again` measures anew, and without anything missing it only writes the page.
A reader's own prices and slides: `--slides 5000 --megapixels 2000 --price 0.02`.
"""

import argparse
import csv
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pandas as pd
import psutil
from numpy.typing import NDArray
from scipy.stats import t as student

sys.path.insert(0, str(Path(__file__).parent))
from large_pictures import DrawnPicture
from pages import put

from segmetry.io import write_ome_zarr

ROWS = Path(__file__).with_suffix(".csv")
PAGE = Path(__file__).parents[1] / "docs" / "projection.md"
SIZES = (1, 16, 100, 400)  # megapixels
DENSITIES = (65, 645)  # objects per megapixel
WORKERS = (1, 2)
MEMORY = "1GB"
LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Row:
    """One run: what was asked, and what it cost."""

    megapixels: float
    density: int
    workers: int
    objects: int
    cpu_s: float
    wall_s: float
    peak_bytes: int
    label_bytes: int
    table_bytes: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Model:
    """`a + b * megapixels + c * objects`."""

    terms: NDArray[np.float64]  # a, b and c
    covariance: NDArray[np.float64]
    times: float  # Student's, from standard deviation to half an interval
    worst: float  # largest share by which a row is off

    def at(self, megapixels: float, objects: float) -> tuple[float, float]:
        """Return the value there, and half its interval."""
        place = np.array([1.0, megapixels, objects])
        spread = math.sqrt(place @ self.covariance @ place)
        return float(place @ self.terms), self.times * spread


@dataclass(frozen=True, kw_only=True)
class Archive:
    """What the reader may change."""

    slides: int = 100_000
    megapixels: float = 2000
    objects: float = 300_000
    price: float = 0.05
    disk_price: float = 0.02
    cores: int = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, choices=SIZES)
    parser.add_argument("--again", action="store_true", help="measure rows that are there")
    parser.add_argument("--no-page", action="store_true", help="only print the text")
    for one in fields(Archive):
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=type(one.default))
    asked = parser.parse_args()
    own = {one.name: getattr(asked, one.name) for one in fields(Archive)}
    rows = [] if asked.again else read_rows(ROWS)
    for row in measured(asked.sizes, rows):
        rows = sorted(
            [*rows, row], key=lambda one: (one.megapixels, one.density, one.workers)
        )
        write_rows(ROWS, rows)
    archive = Archive(**{name: value for name, value in own.items() if value is not None})
    is_own = archive != Archive()
    sizes = {row.megapixels for row in rows if row.workers == 1}
    if len(sizes) < 2:
        sys.exit("A model needs pictures of two sizes: measure one more with --sizes.")
    page = None if asked.no_page or is_own else PAGE
    put(page, told(rows, archive), script=__file__)


def read_rows(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        kinds = {one.name: one.type for one in fields(Row)}
        return [
            Row(**{name: kinds[name](value) for name, value in row.items()})
            for row in csv.DictReader(file)
        ]


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    table = pd.DataFrame([asdict(row) for row in rows])
    table.to_csv(path, index=False, lineterminator="\n")


def measured(sizes: Sequence[int], rows: Sequence[Row]) -> Iterator[Row]:
    """Yield a row for each picture and number of workers that has none."""
    known = {(row.megapixels, row.density, row.workers) for row in rows}
    for size in sizes:
        for density in DENSITIES:
            todo = [n for n in WORKERS if (size, density, n) not in known]
            if not todo:
                continue
            with tempfile.TemporaryDirectory(prefix="projection-") as place:
                picture = Path(place) / "picture.ome.zarr"
                side = round(1000 * math.sqrt(size))
                write_ome_zarr(picture, DrawnPicture(side, size * density))
                for workers in todo:
                    out = Path(place) / f"out-{workers}"
                    row = run(picture, out, size=size, density=density, workers=workers)
                    print(row, file=sys.stderr)
                    yield row


def run(picture: Path, out: Path, *, size: int, density: int, workers: int) -> Row:
    words = [sys.executable, "-m", "segmetry", "run", str(picture), "--out", str(out)]
    words += ["--segmenter", "threshold", "--memory", MEMORY, "--jobs", str(workers)]
    start = time.perf_counter()
    before = _children_cpu()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as program:
        peak = _peak(program)
        if program.wait():
            sys.exit(f"segmetry ended with status {program.returncode}")
        wall = time.perf_counter() - start
        found = peak()
    images = pd.read_csv(out / "images.csv")
    # Pictures of up to some 30 MP have labels.tif, larger ones OME-Zarr, some have both.
    tiled = [one for one in out.glob("*/labels.ome.zarr/**/*") if one.is_file()]
    labels = tiled or list(out.glob("*/labels.tif"))
    tables = [*out.glob("*.csv"), *out.glob("*.parquet"), *out.glob("*/*.parquet")]
    return Row(
        megapixels=size,
        density=density,
        workers=workers,
        objects=int(images["n_objects"][0]),
        cpu_s=round(_children_cpu() - before, 2),
        wall_s=round(wall, 2),
        peak_bytes=found,
        label_bytes=sum(one.stat().st_size for one in labels),
        table_bytes=sum(one.stat().st_size for one in tables),
    )


def _children_cpu() -> float:
    """Return the CPU seconds of all programs that were run and ended, and of theirs."""
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def _peak(program: "subprocess.Popen[bytes]") -> Callable[[], int]:
    """Watch the memory of a program and of its workers; shared pages count once."""
    ended, highest = Event(), [0]

    def watch() -> None:
        while not ended.wait(0.25):
            total = 0
            with suppress(psutil.Error):
                top = psutil.Process(program.pid)
                for one in (top, *top.children(recursive=True)):
                    with suppress(psutil.Error):
                        info = one.memory_full_info()
                        total += getattr(info, "pss", info.uss)
            highest[0] = max(highest[0], total)

    watching = Thread(target=watch, daemon=True)
    watching.start()

    def stop() -> int:
        ended.set()
        watching.join()
        return highest[0]

    return stop


def fitted(rows: Sequence[Row], values: Sequence[float]) -> Model:
    """Fit by least squares of the relative error, with intervals after Student.

    Errors are shares of the value, for runs of 3 s and of 300 s are told alike.
    """
    weight = 1 / np.asarray(values, np.float64)
    terms = np.array([[1.0, row.megapixels, row.objects] for row in rows]) * weight[:, None]
    scale = np.abs(terms).max(axis=0)
    found, *_ = np.linalg.lstsq(terms / scale, np.ones(len(rows)), rcond=None)
    off = terms / scale @ found - 1
    spare = max(1, len(rows) - 3)
    inverse = np.linalg.pinv((terms / scale).T @ (terms / scale))
    return Model(
        terms=found / scale,
        covariance=inverse * (off @ off) / spare / np.outer(scale, scale),
        times=float(student.ppf((1 + LEVEL) / 2, spare)),
        worst=float(np.abs(off).max()),
    )


def told(rows: Sequence[Row], archive: Archive) -> str:
    alone = [row for row in rows if row.workers == 1]
    cpu = fitted(alone, [row.cpu_s for row in alone])
    large = [row for row in alone if row.megapixels > min(SIZES)]
    labels = fitted(large, [row.label_bytes for row in large])
    tables = fitted(large, [row.table_bytes for row in large])
    parts = [_measured_table(rows), _model_table(cpu), _workers_table(rows)]
    missing = sorted(set(SIZES) - {row.megapixels for row in rows})
    if missing:
        sizes = " and ".join(map(str, missing))
        parts.insert(1, f"Pictures of {sizes} MP have not been measured yet.")
    parts.append(_projection(cpu, (labels, tables), archive))
    return "\n\n".join(parts) + "\n"


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _measured_table(rows: Sequence[Row]) -> str:
    names = ("MP", "objects", "workers", "CPU s", "CPU s per MP", "wall s")
    return _table(
        (*names, "peak memory, GB", "labels, MB", "tables, MB"),
        (
            (
                *(f"{row.megapixels:g}", f"{row.objects:,}", row.workers),
                *(f"{row.cpu_s:.1f}", f"{row.cpu_s / row.megapixels:.3f}"),
                *(f"{row.wall_s:.1f}", f"{row.peak_bytes / 1e9:.2f}"),
                *(f"{row.label_bytes / 1e6:.2f}", f"{row.table_bytes / 1e6:.2f}"),
            )
            for row in rows
        ),
    )


def _model_table(cpu: Model) -> str:
    head = (
        "**CPU s = a + b × megapixels + c × objects**, fitted to the runs with one worker "
        f"(95 % intervals; no row is off by more than {100 * cpu.worst:.0f} %):"
    )
    names = (
        ("a, each picture", 1, "CPU s"),
        ("b, each megapixel", 1, "CPU s"),
        ("c, each object", 1e6, "CPU µs"),
    )
    half = cpu.times * np.sqrt(np.diag(cpu.covariance))
    rows = [
        (
            name,
            f"{value * to:.3g}",
            f"{(value - h) * to:.3g} to {(value + h) * to:.3g}",
            unit,
        )
        for (name, to, unit), value, h in zip(names, cpu.terms, half, strict=True)
    ]
    return f"{head}\n\n{_table(('', 'value', 'interval', 'unit'), rows)}"


def _workers_table(rows: Sequence[Row]) -> str:
    head = (
        "**Two workers** beside one, and the time that does not shrink "
        "(start = wall - CPU / workers):"
    )
    by_key = {(row.megapixels, row.density, row.workers): row for row in rows}
    pairs = [
        (row, by_key[size, density, 2])
        for (size, density, workers), row in by_key.items()
        if workers == 1 and (size, density, 2) in by_key
    ]
    names = ("MP", "objects", "CPU, times", "wall, times")
    return f"{head}\n\n" + _table(
        (*names, "start with 1, s", "start with 2, s"),
        (
            (
                *(f"{one.megapixels:g}", f"{one.objects:,}"),
                *(f"{two.cpu_s / one.cpu_s:.2f}", f"{two.wall_s / one.wall_s:.2f}"),
                *(f"{one.wall_s - one.cpu_s:.1f}", f"{two.wall_s - two.cpu_s / 2:.1f}"),
            )
            for one, two in pairs
        ),
    )


def _projection(cpu: Model, stored: tuple[Model, Model], archive: Archive) -> str:
    """Return the arithmetic with the numbers as shown, so that it can be redone."""
    a, b, c = (float(f"{value:.3g}") for value in cpu.terms)
    n, size, objects = archive.slides, archive.megapixels, archive.objects
    one = round(a + b * size + c * objects)
    hours = round(n * one / 3600)
    half = n * cpu.at(size, objects)[1] / 3600
    labels, tables = (
        round(max(0.0, each.at(size, objects)[0]) / 1e6, 1) for each in stored
    )
    disk = round(n * (labels + tables) / 1000)
    head = (
        f"**An archive of {n:,} slides**, assumed: {size:,.0f} MP and {objects:,.0f} "
        f"objects each, {archive.price:g} for a core and hour, {archive.disk_price:g} for "
        f"a GB and month (in any currency), {archive.cores:,} cores."
    )
    rows = (
        (
            "one slide",
            f"{a:.3g} + {b:.3g} × {size:,.0f} + {c:.3g} × {objects:,.0f}",
            f"{one:,} CPU s",
        ),
        (
            "all slides",
            f"{n:,} × {one:,} / 3600",
            f"{hours:,} CPU h, give or take {half:,.0f}",
        ),
        (
            "computing",
            f"{hours:,} × {archive.price:g}",
            f"**{hours * archive.price:,.0f}**",
        ),
        (
            "time",
            f"{hours:,} / {archive.cores:,} cores / 24",
            f"**{hours / archive.cores / 24:,.1f} days**",
        ),
        ("labels", f"{n:,} × {labels:,} MB", f"{n * labels / 1e6:,.2f} TB"),
        ("tables", f"{n:,} × {tables:,} MB", f"{n * tables / 1e6:,.2f} TB"),
        (
            "keeping both",
            f"{disk:,} GB × {archive.disk_price:g}",
            f"**{disk * archive.disk_price:,.0f} a month**",
        ),
    )
    return f"{head}\n\n{_table(('step', 'arithmetic', 'result'), rows)}"


if __name__ == "__main__":
    main()
