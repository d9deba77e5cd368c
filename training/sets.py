"""The annotated sets that the shipped models are trained on."""

import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from drawn_slices import EXAM, TRAINING, Settings, drawn_slice
from numpy.typing import NDArray

from segmetry import read, read_labels
from segmetry.dataset import split_by_group
from segmetry.image import Image
from segmetry.io.channels import one_channel
from segmetry.learn.examples import Example
from segmetry.models.neurons import clearest_channel
from segmetry.segment.objects import number_objects

DATA = Path(os.environ.get("SEGMETRY_DATA", Path(__file__).parents[2] / "shared" / "data"))
VALIDATION_SHARE = 0.15
HELD_OUT_NEURONS = "red_MAR32C2R3_PVHr_200x_r"
LEAST_OF_A_CELL = 0.2  # of the typical area: a smaller part is no cell of its own
TRAINING_SEEDS = range(10_000, 10_300)  # those of the exam begin at 0
VALIDATION_SEEDS = range(20_000, 20_024)
LAYOUTS = (
    ("train", "images", "masks", "fov"),
    ("training", "images", "1st_manual", "mask"),
)


def nuclei() -> tuple[list[Example], list[Example]]:
    """Training and validation pictures of the 2018 Data Science Bowl, by its groups."""
    folder = DATA / "dsb2018" / "train"
    with (DATA / "dsb2018" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["file"])
    examples = [
        example(folder, row["file"], group=row["group"], kind=row["class"]) for row in rows
    ]
    return divided(examples)


def particles() -> tuple[list[Example], list[Example]]:
    """Training and validation pictures of particles in electron micrographs."""
    folder = DATA / "emps" / "train"
    with (DATA / "emps" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["id"])
    examples = [
        example(folder, f"{row['id']}.png", group=row["doi"], kind="emps") for row in rows
    ]
    training, validation = divided(examples)
    folder = DATA / "ampis_powder" / "train"
    powder = [
        example(folder, path.name, group=path.stem, kind="powder")
        for path in sorted((folder / "images").iterdir())
    ]
    return [*training, *powder[1:]], [*validation, powder[0]]


def vessels() -> tuple[list[Example], list[Example]]:
    """Training and validation pictures of retinas, counted inside the field of view.

    Every fifth picture is held out. DRIVE's test part is not opened.
    """
    examples = retinas(DATA / "drive")
    held = [k % 5 == 4 for k in range(len(examples))]
    training = [one for one, out in zip(examples, held, strict=True) if not out]
    return training, [one for one, out in zip(examples, held, strict=True) if out]


def neurons() -> tuple[list[Example], list[Example]]:
    """Training and validation pictures of bright cells on dark ground, in one channel.

    Nuclei in fluorescence, held out as for the model `nuclei`, but every third of those
    held out is enough; the red slices, of which one is held out; and drawn slices, the
    seeds of which are not those of the exam.
    """
    training, validation = (
        [one for one in part if one.kind.startswith("fluo")] for part in nuclei()
    )
    validation = validation[::3]
    folder = DATA / "fluocells" / "train"
    for path in sorted((folder / "images").iterdir()):
        one = example(folder, path.name, group=path.stem, kind="neurons")
        part = validation if path.stem == HELD_OUT_NEURONS else training
        part.append(without_joined(in_one_channel(one)))
    training += [drawn_example(seed, TRAINING) for seed in TRAINING_SEEDS]
    validation += [drawn_example(seed, EXAM) for seed in VALIDATION_SEEDS]
    return training, validation


def drawn_example(seed: int, settings: Settings) -> Example:
    """Draw a slice with its true cells, in its clearest channel."""
    pixels, labels, _ = drawn_slice(seed, settings=settings)
    image = Image(pixels, axes="YX" if pixels.ndim == 2 else "YXC")
    name = f"drawn {seed}"
    return in_one_channel(Example(image, labels, name=name, group=name, kind="drawn"))


def in_one_channel(one: Example) -> Example:
    """Return an example in its clearest channel, as the segmenter `neurons` sees it."""
    if not one.image.axes.endswith("C"):
        return one
    return replace(one, image=one_channel(one.image, clearest_channel(one.image)))


def without_joined(one: Example) -> Example:
    """Exclude objects that are probably several cells, which nothing tells apart.

    Marks of cells that touch were made one object each: a network that learned from them
    would learn to join cells. What the cutter of touching objects would cut is excluded.
    """
    parts = number_objects(one.labels > 0)
    inside = parts > 0
    areas = np.bincount(parts[inside])
    least = LEAST_OF_A_CELL * np.median(areas[areas > 0])
    pairs = np.unique(np.stack([one.labels[inside], parts[inside]]), axis=1)
    whole = pairs[0, areas[pairs[1]] >= least]
    numbers, n_parts = np.unique(whole, return_counts=True)
    joined = np.isin(one.labels, numbers[n_parts > 1])
    image = replace(one.image, excluded=joined | ~one.image.included)
    return replace(one, image=image, labels=np.where(joined, 0, one.labels))


def retinas(folder: Path) -> list[Example]:
    """Read DRIVE's training pictures, as its publishers lay them out or as PNG.

    `folder` holds either training/ with images, 1st_manual and mask, or train/ with images,
    masks and fov, paired by the order of their names. Nothing else in it is opened.
    """
    part, *kinds = next((one for one in LAYOUTS if (folder / one[0]).is_dir()), LAYOUTS[0])
    paths = [sorted((folder / part / kind).iterdir()) for kind in kinds]
    examples = []
    for path, mask, view in zip(*paths, strict=True):
        image = replace(read(path), excluded=~marked(view))
        truth = marked(mask).astype(np.uint32)
        examples.append(Example(image, truth, name=path.name, group=path.stem))
    return examples


def marked(path: Path) -> NDArray[np.bool_]:
    """Read a mask that marks by any value above 0."""
    return read(path).pixels > 0


def example(folder: Path, name: str, *, group: str, kind: str) -> Example:
    """Read one picture with its objects."""
    image = read(folder / "images" / name)
    labels = read_labels(folder / "masks" / name, allow_empty=True)
    return Example(image, labels, name=name, group=group, kind=kind)


def divided(examples: list[Example]) -> tuple[list[Example], list[Example]]:
    """Hold out a share of the groups, the same on every machine."""
    groups = [one.group for one in examples]
    kinds = [one.kind for one in examples]
    held = split_by_group(groups, VALIDATION_SHARE, classes=kinds)
    training = [one for one, out in zip(examples, held, strict=True) if not out]
    return training, [one for one, out in zip(examples, held, strict=True) if out]


def summary(examples: list[Example]) -> str:
    """Say how many pictures and objects there are."""
    counts = [len(np.unique(one.labels)) - 1 for one in examples]
    return f"{len(examples)} pictures, {sum(counts)} objects"
