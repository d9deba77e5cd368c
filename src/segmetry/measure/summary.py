"""The statistics of a run as one dictionary, ready for JSON.

Which images can be pooled is decided in `pooling`, which objects count how much in
`edge_rules`, how sure each number is in `intervals` and `estimates`, and whether it means
anything in `log_normal` and `planner`; `group` puts them together for one sample.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from segmetry.measure.conditions import condition_groups, value_text
from segmetry.measure.group import summarize_group
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.pooling import Sample, pool, without_failed
from segmetry.measure.wording import count_of, named

__all__ = ["StatisticsOptions", "summarize"]

_DEFAULTS = StatisticsOptions()


def summarize(
    objects: pd.DataFrame,
    images: pd.DataFrame,
    *,
    options: StatisticsOptions = _DEFAULTS,
    conditions: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the statistics of all images together, by condition, and along conditions.

    Parameters
    ----------
    objects : DataFrame
        One row per object, as in `objects.csv`: `image`, `equivalent_diameter_um` or
        `equivalent_diameter_px`, `area_um2` or `area_px`, the four sides of the bounding
        box, `touches_edge`.
    images : DataFrame
        One row per image, as in `images.csv`: `image`, `pixel_size`, `unit`, the four
        sides of the frame, `included_area_px`, where known `pixel_size_y`,
        `calibration_uncertainty` and `status`; and the columns of `conditions`. Images
        without objects belong here too: they count for the number per area.
    options : StatisticsOptions
    conditions : sequence of str
        Columns of `images` that tell samples apart: time, temperature, pH.

    Returns
    -------
    dict
        JSON values; `docs/statistics.md` explains each key. "pooled" holds the statistics
        of all images, "groups" those of each combination of conditions, "trends" D50 and
        mean against each condition whose values are numbers.

    Raises
    ------
    ValueError
        If a column is missing, two images have one name, or objects lie in images that
        the second table lacks.

    Examples
    --------
    >>> frame = {"frame_x_min_px": 0, "frame_y_min_px": 0}
    >>> frame |= {"frame_x_max_px": 100, "frame_y_max_px": 100, "included_area_px": 10000}
    >>> images = pd.DataFrame([{"image": "a.tif", "pixel_size": None, **frame}])
    >>> box = {"bbox_x_min_px": 40, "bbox_y_min_px": 40}
    >>> box |= {"bbox_x_max_px": 50, "bbox_y_max_px": 50, "touches_edge": False}
    >>> sizes = [{"equivalent_diameter_px": 9.0, "area_px": 64}]
    >>> objects = pd.DataFrame([{"image": "a.tif", **row, **box} for row in sizes * 3])
    >>> found = summarize(objects, images)
    >>> found["unit"], found["n_objects"], found["pooled"]["number"]["d50"]["value"]
    ('px', 3, 9.0)
    """
    missing = [name for name in conditions if name not in images]
    if missing:
        msg = f"the table of images lacks the condition {missing[0]!r}"
        raise ValueError(msg)
    done = without_failed(images)
    if len(done) < len(images) and len(objects):
        objects = objects[objects["image"].isin(done["image"])]
    sample, used = pool(objects, done)
    pooled = summarize_group(sample, options, name="all", conditions={})
    return {
        "format": 1,
        "unit": sample.unit,
        "n_images": len(images),
        "n_failed": len(images) - len(done),
        "n_objects": len(objects),
        "warnings": [
            *_about_failed(images, done),
            *_about_lost(images, used, list(conditions)),
            *pooled["warnings"],
        ],
        "pooled": pooled,
        "groups": _groups(sample, used, options, list(conditions)),
        "trends": _trends(sample, used, options, list(conditions)),
    }


def _about_failed(images: pd.DataFrame, done: pd.DataFrame) -> list[str]:
    failed = images.loc[~images.index.isin(done.index), "image"].tolist()
    if not failed:
        return []
    told = f"{count_of(len(failed), 'image')} could not be used ({named(failed)})"
    return [f"{told}; the table of images says why."]


def _about_lost(images: pd.DataFrame, used: pd.DataFrame, names: list[str]) -> list[str]:
    """Tell of conditions of which no image is left."""
    left = {same.name for same in condition_groups(used, names)}
    lost = [same.name for same in condition_groups(images, names) if same.name not in left]
    if not lost:
        return []
    return [f"There are no statistics of {named(lost)}: no image there could be used."]


def _groups(
    sample: Sample, images: pd.DataFrame, options: StatisticsOptions, names: list[str]
) -> list[dict[str, Any]]:
    return [
        summarize_group(
            sample.of_images(same.chosen), options, name=same.name, conditions=same.shared
        )
        for same in condition_groups(images, names)
    ]


def _trends(
    sample: Sample, images: pd.DataFrame, options: StatisticsOptions, names: list[str]
) -> list[dict[str, Any]]:
    trends = []
    for name in names:
        numbers = pd.to_numeric(images[name], errors="coerce").to_numpy(np.float64)
        if not np.array_equal(np.isnan(numbers), images[name].isna()):
            continue
        points = [
            _point(sample.of_images(numbers == x), options, name, float(x))
            for x in np.unique(numbers[np.isfinite(numbers)])
        ]
        if points:
            trends.append({"condition": name, "points": points})
    return trends


def _point(
    sample: Sample, options: StatisticsOptions, name: str, x: float
) -> dict[str, Any]:
    group = summarize_group(sample, options, name=name, conditions={name: x})
    return {
        "x": x,
        "label": value_text(x),
        "n_objects": group["n_used"],
        "d50": group["number"]["d50"],
        "mean": group["number"]["mean"],
    }
