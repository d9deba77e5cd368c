"""Whether a small network finds lungs better than the rules of the method `lungs`.

    python training/lungs_network.py FOLDER WORK [--steps 500]

FOLDER has train/ and test/, each with images/ and masks/ of NIfTI files. For each volume a
network learns from the slices of the others, of which one volume chooses when to stop, and
is judged on all slices of the volume that it has not seen, beside the rules. Prints a table
in Markdown. What is finished is kept in WORK, and a stopped training goes on.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from segmetry.evaluate import dice
from segmetry.evaluate.surfaces import judge_surface
from segmetry.image import Image
from segmetry.io import read, read_labels, write_png
from segmetry.learn import TrainingOptions, train_model
from segmetry.prepare.windows import window
from segmetry.segment import segmenter

SEED = 0


def volumes(folder: Path) -> dict[str, tuple[Image, Any]]:
    """Return image and true mask of each volume."""
    paths = sorted(folder.glob("*/images/*"))
    masks = {path: path.parents[1] / "masks" / path.name for path in paths}
    return {
        path.name.split(".")[0]: (read(path), read_labels(mask) > 0)
        for path, mask in masks.items()
    }


def slices(image: Image) -> np.ndarray:
    """Return the slices of a volume in the window of lungs, uint8."""
    return np.round(255 * window(image, "lung")).astype(np.uint8)


def write_slices(found: dict[str, tuple[Image, Any]], names: list[str], to: Path) -> None:
    """Write the slices of some volumes and their masks as pictures."""
    for folder in (to / "pictures", to / "masks"):
        folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        image, true = found[name]
        for number, (grey, mask) in enumerate(zip(slices(image), true, strict=True)):
            file = f"{name}_{number:03}.png"
            write_png(to / "pictures" / file, grey)
            write_png(to / "masks" / file, mask.astype(np.uint8) * 255)


def learned(found: dict[str, tuple[Image, Any]], out: str, work: Path, steps: int) -> Path:
    """Return the model that has learned from two volumes, while a third one judged."""
    model = work / f"without_{out}.segmodel"
    if model.exists():
        return model
    *teach, judge = [name for name in found if name != out]
    write_slices(found, teach, work / out / "teach")
    write_slices(found, [judge], work / out / "judge")
    judges = (work / out / "judge" / "pictures", work / out / "judge" / "masks")
    options = TrainingOptions(
        task="pixels", start="none", size="small", steps=steps, seed=SEED,
        validation=judges, resume=True,
    )  # fmt: skip
    teachers = work / out / "teach"
    train_model(teachers / "pictures", teachers / "masks", model, options=options)
    return model


def row(found: np.ndarray, true: np.ndarray, image: Image) -> str:
    size = image.pixel_size
    judged = judge_surface(found, true, spacing=(size.z, size.y, size.x))
    overlap = dice(found.reshape(len(found), -1), true.reshape(len(true), -1))
    volume = judged.volume_error_percent
    return f"{overlap:.4f} | {judged.mean:.2f} | {judged.p95:.1f} | {volume:+.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--steps", type=int, default=500)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    found = volumes(asked.folder)
    print("| volume | method | Dice | mean distance, mm | 95 % Hausdorff, mm | volume, % |")
    print("|---|---|---|---|---|---|")
    for name, (image, true) in found.items():
        rules = segmenter("lungs")(image).data > 0
        print(f"| {name} | rules | {row(rules, true, image)} |", flush=True)
        find = segmenter(str(learned(found, name, asked.work, asked.steps)))
        maps = [find.maps(Image(grey)) for grey in slices(image)]
        network = np.stack([one.foreground > one.cutoff for one in maps])
        print(f"| {name} | network | {row(network, true, image)} |", flush=True)


if __name__ == "__main__":
    main()
