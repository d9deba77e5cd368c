"""CPU seconds of a whole run, and of the cold command line, beside plain scikit-image.

Run `python benchmarks/whole_run.py [--write docs/benchmarks_run.md]`. The picture is the
demo's, cut and tiled to 1024 x 768 and larger. "Warm" means that compiled code is in
memory, as it is from the second picture of a batch on; reading a scale bar (none is in
this picture) and drawing the report are not counted, as in the table's heading.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from PIL import Image as PillowImage
from skimage import filters, measure

import segmetry
from segmetry import io
from segmetry.measure.options import StatisticsOptions
from segmetry.recipe import Recipe

SHAPES = ((768, 1024), (1536, 2048), (4096, 4096))
COLUMNS = ("label", "area", "equivalent_diameter_area", "centroid", "bbox")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="also write the table to this file")
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = table(Path(folder), arguments.repeat)
    print(text)
    if arguments.write:
        arguments.write.write_text(text, encoding="utf-8")


def table(folder: Path, repeat: int) -> str:
    lines = [
        "# What a whole run costs",
        "",
        (
            f"CPU seconds, median of {repeat} runs side by side on {platform.machine()}; "
            "reading the file, finding and measuring objects, statistics and writing the "
            "tables. scikit-image: read, Otsu, label, regionprops_table with five columns, "
            "no cutting and no statistics. Written by `benchmarks/whole_run.py`."
        ),
        "",
        (
            "| picture | MP | threshold | auto | scikit-image | threshold, CPU s per MP "
            "| threshold / scikit-image | auto / scikit-image |"
        ),
        "|---|---|---|---|---|---|---|---|",
    ]
    for shape in SHAPES:
        path = folder / f"{shape[0]}.png"
        PillowImage.fromarray(powder(shape)).save(path)
        spent = {
            "threshold": lambda p=path: whole_run(p, "threshold", folder),
            "auto": lambda p=path: whole_run(p, "auto", folder),
            "scikit-image": lambda p=path: plain(p),
        }
        medians = side_by_side(spent, repeat)
        megapixels = shape[0] * shape[1] / 1e6
        lines.append(
            f"| {shape[1]} x {shape[0]} | {megapixels:.2f} | {medians['threshold']:.2f} "
            f"| {medians['auto']:.2f} | {medians['scikit-image']:.2f} "
            f"| {medians['threshold'] / megapixels:.2f} "
            f"| {medians['threshold'] / medians['scikit-image']:.1f} "
            f"| {medians['auto'] / medians['scikit-image']:.1f} |"
        )
    lines += ["", "| command line, cold | CPU s |", "|---|---|"]
    picture = str(folder / "768.png")
    for words in (
        ["--help"],
        ["run", picture, "--segmenter", "threshold"],
        ["run", picture],
    ):
        told = " ".join(["segmetry", *words]).replace(picture, "PICTURE")
        lines.append(f"| `{told}` | {cold(words, folder, repeat):.2f} |")
    return "\n".join(lines) + "\n"


def powder(shape: tuple[int, int]) -> np.ndarray:
    picture = files("segmetry") / "demo" / "powder.png"
    pixels = io.read(Path(str(picture))).pixels
    repeats = [-(-wanted // have) for wanted, have in zip(shape, pixels.shape, strict=True)]
    return np.tile(pixels, repeats)[: shape[0], : shape[1]]


def whole_run(path: Path, name: str, folder: Path) -> None:
    recipe = Recipe(segmentation={"name": name})
    result = segmetry.run(recipe, io.read(path))
    objects = result.objects
    objects.insert(0, "image", "picture")
    height, width = result.image.spatial_shape
    images = pd.DataFrame(
        {
            "image": ["picture"],
            "status": "done",
            "n_objects": len(objects),
            "frame_x_min_px": 0,
            "frame_y_min_px": 0,
            "frame_x_max_px": width,
            "frame_y_max_px": height,
            "included_area_px": height * width,
            "pixel_size": np.nan,
            "pixel_size_y": np.nan,
            "unit": "",
            "calibration_uncertainty": np.nan,
        }
    )
    summary = segmetry.summarize(objects, images, options=StatisticsOptions())
    io.write_table(folder / "objects.csv", objects)
    io.write_json(folder / "summary.json", summary)


def plain(path: Path) -> None:
    pixels = np.asarray(PillowImage.open(path))
    labels = measure.label(pixels > filters.threshold_otsu(pixels))
    pd.DataFrame(measure.regionprops_table(labels, properties=COLUMNS))


def side_by_side(jobs: dict[str, Callable[[], None]], repeat: int) -> dict[str, float]:
    spent: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(repeat):
        for name, job in jobs.items():
            start = time.process_time()
            job()
            spent[name].append(time.process_time() - start)
    return {name: float(np.median(times)) for name, times in spent.items()}


def cold(words: list[str], folder: Path, repeat: int) -> float:
    """Median CPU seconds of a new process, after one that is not counted."""
    spent = []
    for number in range(repeat + 1):
        out = (
            ["--out", str(folder / f"out-{number}"), "--overwrite"]
            if len(words) > 1
            else []
        )
        process = psutil.Popen(
            [sys.executable, "-m", "segmetry", *words, *out],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        spent.append(cpu_seconds(process))
    return float(np.median(spent[1:]))


def cpu_seconds(process: psutil.Popen) -> float:
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0, "a run that fails has no time"
        return usage.ru_utime + usage.ru_stime
    spent = 0.0
    while process.poll() is None:
        times = process.cpu_times()
        spent = times.user + times.system
        time.sleep(0.01)
    assert process.returncode == 0, "a run that fails has no time"
    return spent


if __name__ == "__main__":
    main()
