"""Batches in which things go wrong: a worker is killed, and pictures are bad.

Draws 200 pictures and runs them undisturbed, then with two processes and with two workers
of a Dask cluster, of which one is killed in the middle; compares all files of the runs to
the byte. Then draws 500 of which 25 are bad, each of another kind; names what failed, mends
five, and resumes.

Run `python benchmarks/batches.py FOLDER`, with the extra `cluster`; FOLDER is made anew.
"""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from bad_pictures import BAD_PICTURES, write_bad_pictures
from PIL import Image

from segmetry.batch import BatchOptions, run_batch
from segmetry.recipe import Recipe

_RECIPE = Recipe(
    segmentation={"name": "threshold"},
    calibration={"pixel_size": "50 nm", "scale_bar": False},
)
_N, _N_WITH_BAD, _N_MENDED = 200, 500, 5


def draw(folder: Path, n: int) -> None:
    """Write pictures of twelve discs each."""
    folder.mkdir()
    y, x = np.mgrid[:160, :200]
    for number in range(n):
        rng = np.random.default_rng(number)
        picture = rng.normal(40, 4, y.shape)
        for k in range(12):
            row, column = divmod(k, 4)
            apart = np.hypot(y - 25 - 50 * row, x - 25 - 50 * column)
            picture[apart < rng.uniform(8, 16)] += 160
        pixels = picture.clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"p{number:03}.png")


def files_of(out: Path) -> dict[str, bytes]:
    """Return all files of a run but its log, which tells times."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "run.log"
    }


def kill_a_worker() -> None:
    """End a process that works for this one, with SIGKILL."""
    for one in psutil.Process().children(recursive=True):
        if "spawn_main" in " ".join(one.cmdline()):
            one.kill()
            return


def timed(out: Path, **how: object) -> tuple[float, Callable[[str], pd.DataFrame]]:
    """Run a folder's pictures; return the seconds, and what reads a table."""
    begun = time.perf_counter()
    options = BatchOptions(**{name: how[name] for name in how if name != "progress"})
    run_batch(
        _RECIPE,
        [out.parent / "pictures"],
        out,
        options=options,
        progress=how.get("progress"),
    )
    return time.perf_counter() - begun, lambda name: pd.read_csv(out / name)


def with_a_death(folder: Path) -> None:
    """Print whether runs in which a worker is killed are as the undisturbed one."""
    folder.mkdir(parents=True)
    draw(folder / "pictures", _N)
    seconds, table = timed(folder / "undisturbed", jobs=1)
    print(f"{_N} pictures, undisturbed, 1 process: {seconds:.0f} s")
    print(f"  {len(table('objects.csv'))} objects")
    expected = files_of(folder / "undisturbed")

    def progress(_result: object, done: int, _total: int) -> None:
        if done == _N // 2:
            kill_a_worker()

    for how in ({"jobs": 2}, {"cluster": "local:2"}):
        seconds, _ = timed(folder / "-".join(how), progress=progress, **how)
        found = files_of(folder / "-".join(how))
        same = sum(found.get(name) == content for name, content in expected.items())
        print(f"{how}, one worker killed after {_N // 2}: {seconds:.0f} s")
        print(f"  {same} of {len(expected)} files equal, {len(found)} written")


def with_bad_ones(folder: Path) -> None:
    """Print what becomes of bad pictures among good ones, and of a resumed run."""
    folder.mkdir(parents=True)
    draw(folder / "pictures", _N_WITH_BAD - len(BAD_PICTURES))
    bad = write_bad_pictures(folder / "pictures")
    out = folder / "out"
    seconds, table = timed(out, jobs=2)
    images = table("images.csv")
    failed = images[images["status"] == "failed"]
    print(f"{len(images)} pictures, {len(bad)} bad: {seconds:.0f} s")
    print(f"  {len(images) - len(failed)} results, {len(failed)} named failures")
    print(f"  failed are the bad ones: {set(failed['path']) == set(bad)}")
    for path, reason in zip(failed["path"], failed["reason"], strict=True):
        print(f"    {path}: {reason}")
    for name in bad[:_N_MENDED]:
        (folder / "pictures" / name).unlink()
        shutil.copy(folder / "pictures" / "p000.png", folder / "pictures" / name)
    before = {path: path.stat().st_mtime_ns for path in out.glob("p*/labels.tif")}
    seconds, table = timed(out, jobs=2, resume=True)
    kept = sum(path.stat().st_mtime_ns == at for path, at in before.items())
    n_failed = int((table("images.csv")["status"] == "failed").sum())
    print(f"resumed, {_N_MENDED} mended: {seconds:.0f} s")
    print(f"  {kept} of {len(before)} kept as they were, {n_failed} failures left")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    shutil.rmtree(place, ignore_errors=True)
    with_a_death(place / "killed")
    with_bad_ones(place / "bad")
