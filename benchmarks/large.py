"""What a picture costs that is seen in tiles, beside the same picture seen whole.

Run `python benchmarks/large.py --sizes 16 100 --whole`: it draws pictures, runs
`segmetry run` on each in tiles and as a whole, compares the tables byte by byte, keeps a
row of each run in large.csv beside it, and writes the page. Without `--sizes` it only
writes the page. A picture of 400 megapixels needs 32 GB to be seen whole.
"""

import argparse
import csv
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent))
from large_pictures import DrawnPicture
from pages import put

from segmetry.io import write_ome_zarr

ROWS = Path(__file__).with_suffix(".csv")
PAGE = Path(__file__).parents[1] / "docs" / "large_pictures.md"
DENSITY = 645  # objects per megapixel
ENOUGH = "500GB"  # of memory, as the programme is told where the picture is seen whole


@dataclass(frozen=True, kw_only=True)
class Row:
    """One run; "whole" has no workers but the programme itself."""

    megapixels: int
    way: str
    jobs: int
    memory: str
    objects: int
    cpu_s: float
    wall_s: float
    peak_mb: int
    same: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[], help="megapixels")
    parser.add_argument("--jobs", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--whole", action="store_true", help="run the picture whole too")
    parser.add_argument("--segmenter", default="threshold")
    asked = parser.parse_args()
    rows = read_rows()
    for size in asked.sizes:
        for row in measured(size, asked):
            print(row, file=sys.stderr)
            same = (row.megapixels, row.way, row.jobs)
            rows = [one for one in rows if (one.megapixels, one.way, one.jobs) != same]
            rows.append(row)
            write_rows(rows)
    put(PAGE, table(rows), script=__file__)


def read_rows() -> list[Row]:
    if not ROWS.is_file():
        return []
    kinds = {field.name: field.type for field in fields(Row)}
    with ROWS.open(encoding="utf-8", newline="") as file:
        return [
            Row(**{name: kinds[name](value) for name, value in line.items()})
            for line in csv.DictReader(file)
        ]


def write_rows(rows: Sequence[Row]) -> None:
    ordered = sorted(rows, key=lambda row: (row.megapixels, row.way != "whole", row.jobs))
    with ROWS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, [field.name for field in fields(Row)], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(asdict(row) for row in ordered)


def measured(size: int, asked: argparse.Namespace) -> Iterator[Row]:
    """Yield a row for each way to run a picture of a size."""
    with tempfile.TemporaryDirectory(prefix="large-") as place:
        picture = Path(place) / "picture.ome.zarr"
        write_ome_zarr(picture, DrawnPicture(round(1000 * math.sqrt(size)), size * DENSITY))
        ways = [("whole", 1, ENOUGH)] if asked.whole else []
        ways += [("tiles", jobs, asked.memory) for jobs in asked.jobs]
        first = None
        for way, jobs, memory in ways:
            out = Path(place) / f"{way}-{jobs}"
            words = [sys.executable, "-m", "segmetry", "run", str(picture)]
            words += ["--out", str(out), "--segmenter", asked.segmenter]
            words += ["--memory", memory, "--jobs", str(jobs)]
            cpu, wall, peak = watched(words)
            found = (out / "objects.csv").read_bytes()
            first = found if first is None else first
            yield Row(
                megapixels=size,
                way=way,
                jobs=jobs,
                memory="" if way == "whole" else memory,
                objects=found.count(b"\n") - 1,
                cpu_s=round(cpu, 1),
                wall_s=round(wall, 1),
                peak_mb=round(peak / 1e6),
                same="yes" if found == first else "NO",
            )


def watched(words: Sequence[str]) -> tuple[float, float, int]:
    """Run a programme; return its CPU and wall seconds, and its most memory in bytes.

    Memory is the sum of the proportional set sizes of it and its workers: pages that some
    of them share count once.
    """
    before, start, peak = spent(), time.perf_counter(), 0
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as programme:
        while programme.poll() is None:
            with suppress(psutil.Error):
                own = psutil.Process(programme.pid)
                peak = max(peak, sum(map(held, [own, *own.children(recursive=True)])))
            time.sleep(0.25)
    if programme.returncode:
        sys.exit(f"segmetry ended with status {programme.returncode}")
    return spent() - before, time.perf_counter() - start, peak


def held(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        info = process.memory_full_info()
        return int(getattr(info, "pss", info.uss))
    return 0


def spent() -> float:
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| megapixels | objects | seen | workers | CPU s | per MP | peak memory | table |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.megapixels} | {row.objects:,} | {row.way} {row.memory}".rstrip()
        + f" | {row.jobs} "
        f"| {row.cpu_s:.0f} "
        f"| {row.cpu_s / row.megapixels:.2f} | {row.peak_mb / 1000:.2f} GB "
        f"| {'the same' if row.same == 'yes' else 'OTHERS'} |"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
