"""Running a recipe on one picture of a project, exactly as the command line does.

`carry_out` needs no project, so that a process of its own can do it: what it takes and
gives can be sent there and back.
"""

import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from math import prod
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry import io
from segmetry.batch import Picture
from segmetry.batch.inputs import stem_of
from segmetry.batch.pictures import calibration_columns, remarks_of, row_of
from segmetry.calibrate import Calibration
from segmetry.errors import PictureError
from segmetry.image import Labels, Step
from segmetry.io.limits import for_strangers
from segmetry.prepare import remove_banner
from segmetry.project.checkpoints import Checkpoint
from segmetry.project.identifiers import called
from segmetry.project.looks import pixel_size_facts, pixel_size_of
from segmetry.recipe import (
    Recipe,
    Result,
    doubts_of,
    find_objects,
    make_ready,
    read_recipe_text,
    with_thin,
)

__all__ = [
    "Basis",
    "Order",
    "carry_out",
    "confidence_of_run",
    "doubt_of_run",
    "labels_of_run",
    "recalibrated_run",
]


Basis = Literal["confidence", "steadiness", "none"]


@dataclass(frozen=True)
class Order:
    """What is to be run on what.

    Parameters
    ----------
    picture : str
        Its identifier in the project.
    name : str
        As people call it.
    path : Path
    recipe : str
        TOML, with what was chosen for this picture.
    is_upload : bool
        Whether a stranger may have made the file: then it may not be as large.
    """

    picture: str
    name: str
    path: Path
    recipe: str
    is_upload: bool = False

    @property
    def care(self) -> AbstractContextManager[None]:
        """Limits within which the picture is to be read."""
        return for_strangers() if self.is_upload else nullcontext()


def carry_out(order: Order) -> Checkpoint:
    """Find the objects of a picture.

    Parameters
    ----------
    order : Order

    Returns
    -------
    Checkpoint
        The labels. Its facts tell what `labels_of_run` needs, and the picture's row of
        `images.csv`; its arrays hold `excluded`, `confidence` where it is known, and
        `doubt`, how likely each object is wrong, where a person can look through them.

    Raises
    ------
    SegmetryError
        As `segmetry.recipe.run` does.
    """
    recipe = read_recipe_text(order.recipe)
    named = called(order.path, order.name)
    with named, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with order.care:
            image = io.read(order.path, **recipe.reading.model_dump())
        ready = make_ready(recipe, image)
        result = find_objects(recipe, ready)
        # Kept nowhere, for corrections would change it: it tells now what would fail later.
        with_thin(recipe, result)
    picture = Picture(stem_of(order.name), order.path, order.name)
    facts = {
        "row": row_of(picture, ready, result),
        "remarks": remarks_of(result, [str(warning.message) for warning in caught]),
        "pixel_size": pixel_size_facts(result.image.pixel_size),
        "banner": None if ready.banner is None else [ready.banner.top, ready.banner.bottom],
        "image_steps": [asdict(step) for step in result.image.steps],
        "steps": [asdict(step) for step in result.labels.steps],
    }
    return Checkpoint(result.labels.data, facts, _arrays(recipe, result))


def _arrays(recipe: Recipe, result: Result) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    if result.image.excluded is not None:
        arrays["excluded"] = np.packbits(result.image.excluded)
    if "confidence" in result.objects:
        arrays["confidence"] = result.objects["confidence"].to_numpy()
        arrays["confidence_of"] = result.objects["label"].to_numpy()
    if result.labels.data.ndim == 3:
        # Nobody looks through the objects of a volume one by one here.
        return arrays | _classes(result)
    if "confidence" not in arrays and (doubt := doubts_of(recipe, result)) is not None:
        arrays["doubt"] = doubt.astype(np.float32)
        arrays["doubt_of"] = result.objects["label"].to_numpy()
    return arrays


def _classes(result: Result) -> dict[str, NDArray[Any]]:
    """Return the names of the objects' classes, where the method tells any."""
    if "class" not in result.objects:
        return {}
    return {"class": result.objects["class"].to_numpy(dtype=str)}


def recalibrated_run(run: Mapping[str, Any], calibration: Calibration) -> dict[str, Any]:
    """Return the facts of a run as if it had been made with another pixel size."""
    steps = [
        {**step, "options": {"note": calibration.note}}
        if step["name"] == "calibrate"
        else step
        for step in run["image_steps"]
    ]
    return {
        **run,
        "row": run["row"] | calibration_columns(calibration),
        "pixel_size": pixel_size_facts(calibration.pixel_size),
        "image_steps": steps,
    }


def labels_of_run(
    path: Path, recipe: Recipe, run: Mapping[str, Any], checkpoint: Checkpoint
) -> Labels:
    """Return labels on their picture as it was when they were found.

    Parameters
    ----------
    path : Path
        The picture's file.
    recipe : Recipe
        That of the run.
    run : dict
        The facts that `carry_out` gave.
    checkpoint : Checkpoint
        Labels of now, with the arrays that `carry_out` gave.

    Returns
    -------
    Labels
        Nothing is detected anew: no newer version sees another banner or scale bar.

    Raises
    ------
    PictureError
        If the file has another shape than the labels.
    """
    image = io.read(path, **recipe.reading.model_dump())
    if recipe.banner.fill != "none" and run["banner"] is not None:
        top, bottom = run["banner"]
        image = remove_banner(image, (top, bottom), method=recipe.banner.fill)
    shape = checkpoint.data.shape
    if image.spatial_shape != shape:
        msg = (
            f"{path.name} is read as {image.spatial_shape} pixels, but its labels have "
            f"{shape}; run it again."
        )
        raise PictureError(msg)
    image = replace(
        image,
        excluded=_excluded(checkpoint, shape),
        pixel_size=pixel_size_of(run["pixel_size"]),
        steps=_steps(run["image_steps"]),
    )
    return Labels(checkpoint.data, image, _steps(run["steps"]))


def confidence_of_run(
    checkpoint: Checkpoint,
) -> tuple[NDArray[np.uint32], NDArray[np.float32]] | None:
    """Return the numbers of the objects that were found, and how sure each is."""
    if "confidence" not in checkpoint.arrays:
        return None
    return checkpoint.arrays["confidence_of"], checkpoint.arrays["confidence"]


def doubt_of_run(
    checkpoint: Checkpoint,
) -> tuple[NDArray[np.uint32], NDArray[np.float64], Basis]:
    """Return the numbers of objects, how likely each is wrong, and what tells so.

    Returns
    -------
    ids : ndarray of uint32, shape (n,)
        Ascending; none where nothing is known, as in labels of early versions.
    doubt : ndarray of float64, shape (n,)
    basis : {"confidence", "steadiness", "none"}
        A model's own word; how well objects stand when the cutoff moves; nothing.
    """
    arrays = checkpoint.arrays
    if "confidence" in arrays:
        doubt = 1 - arrays["confidence"].astype(np.float64)
        return arrays["confidence_of"], np.clip(doubt, 0, 1), "confidence"
    if "doubt" in arrays:
        return arrays["doubt_of"], arrays["doubt"].astype(np.float64), "steadiness"
    return np.zeros(0, np.uint32), np.zeros(0), "none"


def _excluded(checkpoint: Checkpoint, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    packed = checkpoint.arrays.get("excluded")
    if packed is None:
        return None
    count = prod(shape)
    return np.unpackbits(packed, count=count).reshape(shape).astype(bool)


def _steps(values: list[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(value["name"], value["options"]) for value in values)
