"""The statistics of the objects of volumes: how many, how large, how sure.

Sizes are diameters of balls of equal volume. An object is more likely to be cut by the
border of a volume the larger it is; the weights of Miles and Lantuéjoul hold in three
dimensions as in two.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.measure.conditions import condition_groups
from segmetry.measure.distribution import Floats
from segmetry.measure.edge_rules import EdgeRule, edge_weights
from segmetry.measure.estimates import by_number, by_volume, density, of_area
from segmetry.measure.intervals import resample
from segmetry.measure.options import StatisticsOptions

__all__ = ["summarize_volumes"]

_AXES = ("z", "y", "x")
_NUMBERS = ("mean", "median", "sd", "d10", "d50", "d90")
_DEFAULTS = StatisticsOptions()


def summarize_volumes(
    objects: pd.DataFrame,
    images: pd.DataFrame,
    *,
    options: StatisticsOptions = _DEFAULTS,
    conditions: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the statistics of the objects of all volumes together, and by condition.

    Parameters
    ----------
    objects : DataFrame
        One row per object of a volume, as `measure_volume` makes it, with `image`.
    images : DataFrame
        One row per volume: `image`, `width_px`, `height_px`, `depth_px`, `pixel_size`,
        `pixel_size_y`, `pixel_size_z`, `included_volume_px` and the conditions.
    options : StatisticsOptions
        "two-sides" and "truncated-log-normal" are rules for pictures: the objects are then
        weighted after Miles and Lantuéjoul.
    conditions : sequence of str

    Returns
    -------
    dict
        JSON values: "unit" ("um", or "px" where a voxel size is unknown), "n_volumes",
        "n_objects", "each" (a dictionary per volume: its objects, the sum of their volumes
        as they look, and their share of the volume), "pooled" and "groups" (as by
        `summarize`: "number", "volume", "size" and "density"), "warnings".

    Examples
    --------
    >>> row = {"width_px": 9, "height_px": 9, "depth_px": 9, "included_volume_px": 729}
    >>> images = pd.DataFrame([{"image": "a", "pixel_size": None, **row}])
    >>> ends = {"min": 2, "max": 5}
    >>> box = {f"bbox_{a}_{end}_px": k for a in "zyx" for end, k in ends.items()}
    >>> ball = {"image": "a", "volume_px": 14}
    >>> objects = pd.DataFrame([{**ball, **box, "touches_edge": False}] * 3)
    >>> found = summarize_volumes(objects, images)
    >>> found["n_objects"], round(found["pooled"]["number"]["d50"]["value"], 1)
    (3, 3.0)
    """
    known = images["pixel_size"].notna()
    unit = "um" if len(images) and known.all() else "px"
    warnings = []
    if known.any() and not known.all():
        warnings.append(
            f"The voxel size of {int((~known).sum())} of {len(images)} volumes is unknown: "
            "sizes of all are in voxels here."
        )
    rule: EdgeRule = options.edge_rule
    if rule in {"two-sides", "truncated-log-normal"}:
        rule = "miles-lantuejoul"
        warnings.append(
            f"The edge rule {options.edge_rule} is for pictures: objects of volumes are "
            "weighted after Miles and Lantuéjoul."
        )
    each = [_one(row, objects, unit) for row in images.to_dict("records")]
    groups = [
        {"name": same.name, "conditions": same.shared}
        | _group(objects, images[same.chosen], unit, rule, options)
        for same in condition_groups(images, list(conditions))
    ]
    pooled = _group(objects, images, unit, rule, options)
    cut = int(objects["touches_edge"].astype(bool).sum()) if len(objects) else 0
    if cut:
        warnings.append(
            f"{cut} of {len(objects)} objects touch the border of what was scanned: their "
            "volume is that of the part which is seen."
        )
    return {
        "unit": unit,
        "edge_rule": rule,
        "n_volumes": len(images),
        "n_objects": len(objects),
        "each": each,
        "pooled": pooled,
        "groups": groups,
        "warnings": warnings,
    }


def _spacing(row: Any, unit: str) -> tuple[float, float, float]:
    if unit == "px":
        return (1.0, 1.0, 1.0)
    x = float(row["pixel_size"])
    y = row.get("pixel_size_y")
    return (float(row["pixel_size_z"]), x if pd.isna(y) else float(y), x)


def _volume_of(objects: pd.DataFrame, unit: str) -> Floats:
    name = "volume_um3" if unit == "um" else "volume_px"
    if name not in objects:
        return np.zeros(len(objects))
    return objects[name].to_numpy(np.float64)


def _one(row: dict[Any, Any], objects: pd.DataFrame, unit: str) -> dict[str, Any]:
    mine = objects[objects["image"] == row["image"]]
    total = float(_volume_of(mine, unit).sum())
    whole = float(row["included_volume_px"]) * float(np.prod(_spacing(row, unit)))
    return {
        "image": row["image"],
        "n_objects": len(mine),
        "total_volume": total,
        "fraction": total / whole if whole else None,
    }


def _group(
    objects: pd.DataFrame,
    images: pd.DataFrame,
    unit: str,
    rule: EdgeRule,
    options: StatisticsOptions,
) -> dict[str, Any]:
    """Return the statistics of the objects of some volumes."""
    rows = images.to_dict("records")
    spacing = np.array([_spacing(row, unit) for row in rows]).reshape(-1, 3)
    sides = images[["depth_px", "height_px", "width_px"]].to_numpy(np.float64)
    frames = sides * spacing
    mine = objects[objects["image"].isin(images["image"])]
    index = np.zeros(0, np.intp)
    boxes, touches = np.zeros((0, 3)), np.zeros(0, bool)
    if len(mine):
        index = pd.Index(images["image"]).get_indexer(mine["image"])
        boxes = _boxes(mine) * spacing[index]
        touches = mine["touches_edge"].to_numpy(bool)
    weights = edge_weights(rule, boxes, frames, touches=touches, touches_far=touches)
    used = weights > 0
    sizes = np.cbrt(6 * _volume_of(mine, unit) / np.pi)
    drawn = resample(
        index[used],
        n_images=len(rows),
        resamples=options.resamples,
        level=options.level,
        seed=options.seed,
    )
    shared: dict[str, Any] = {"resampling": drawn}
    found = {
        "number": by_number(sizes[used], weights[used], keys=_NUMBERS, **shared),
        "volume": by_volume(sizes[used], weights[used], **shared),
        "size": of_area(_volume_of(mine, unit)[used], weights[used], **shared),
    }
    included = images["included_volume_px"].to_numpy(np.float64) * spacing.prod(axis=1)
    counted = density(weights[used], included, **shared)
    return {
        "n_volumes": len(rows),
        "n_objects": len(mine),
        "n_used": int(used.sum()),
        **{
            key: {name: one.as_json() for name, one in numbers.items()}
            for key, numbers in found.items()
        },
        "density": {**counted.as_json(), "unit": f"per {unit}3"},
    }


def _boxes(objects: pd.DataFrame) -> NDArray[np.float64]:
    sides = [
        objects[f"bbox_{axis}_max_px"].to_numpy(np.float64)
        - objects[f"bbox_{axis}_min_px"].to_numpy(np.float64)
        for axis in _AXES
    ]
    return np.stack(sides, axis=1)
