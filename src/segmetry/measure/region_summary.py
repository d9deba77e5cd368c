"""Counts and densities by group and region, with intervals that whole animals give.

Slices of one animal resemble each other, so animals are drawn anew, not slices, and not
objects: the number of animals is what an experiment has many or few of. Where no animals
are told, pictures are drawn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from segmetry.measure.abercrombie import Section
from segmetry.measure.conditions import Conditions, condition_groups
from segmetry.measure.intervals import FEWEST_UNITS, Estimate, interval, resample
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.region_tables import (
    ANIMAL,
    GROUP,
    animal_columns,
    constant_within,
    group_conditions,
)
from segmetry.measure.wording import named

__all__ = ["MOST_GROUPS", "summarize_regions"]

MOST_GROUPS = 24  # more combinations of conditions are no groups of an experiment


def summarize_regions(
    regions: pd.DataFrame,
    *,
    conditions: Sequence[str] = (),
    uncertainty: float = 0.0,
    section: Section | None = None,
    options: StatisticsOptions,
) -> dict[str, Any]:
    """Return the number of objects per area in each region of each group.

    Parameters
    ----------
    regions : DataFrame
        As `segmetry.measure.region_tables.regions_table` returns it, with rows.
    conditions : sequence of str
        Columns of the sheet. Groups are the combinations of those that are the same in all
        pictures of each animal, or of all where no animals are told. Where these are more
        than `MOST_GROUPS`, groups are those of the column `group` alone.
    uncertainty : float
        Relative standard uncertainty of the pixel size.
    section : Section or None
        As given to the table.
    options : StatisticsOptions
        Level, resamples and seed of the intervals.

    Returns
    -------
    dict
        JSON values. "rows": `group`, `region`, `n_pictures`, `n_units`, `n_objects`, and
        `density` as an estimate with its "unit". "animals": the same without an interval
        for each animal, or picture where none are told, with its "name". "unit": "animal"
        or "picture"; "rules": those of the regions; "level"; "section": thickness and
        height in micrometres, and the `factor`; "warnings".
    """
    unit = ANIMAL if ANIMAL in regions else "image"
    known = regions[regions[unit].notna()].reset_index(drop=True)
    keys = animal_columns(known) if unit == ANIMAL else [unit]
    told = group_conditions(conditions)
    names = constant_within(known, told) if unit == ANIMAL else told
    groups, many = _groups(known, names)
    parts = [(one.name, known[one.chosen]) for one in groups] or [("", known)]
    rows = [
        {"group": name, "region": region, **_density(part, keys, uncertainty, options)}
        for name, group in parts
        for region, part in group.groupby("region", sort=False)
    ]
    units = [
        {"group": name, "region": one[0], "name": str(one[-1]), **_plain(part)}
        for name, group in parts
        for one, part in group.groupby(["region", *keys], sort=False, dropna=False)
    ]
    return {
        "unit": "animal" if unit == ANIMAL else "picture",
        "level": options.level,
        "rules": sorted(set(known.get("rule", ()))),
        "rows": rows,
        "animals": units,
        "section": None if section is None else _section(section),
        "warnings": [
            *_warnings(regions, known, rows, unit),
            *many,
            *_about_numbers(known, keys),
            *_about_groups(told, names),
        ],
    }


def _groups(
    known: pd.DataFrame, names: Sequence[str]
) -> tuple[list[Conditions], list[str]]:
    """Return the groups, and what is to be said where there were too many."""
    groups = list(condition_groups(known, names))
    if len(groups) <= MOST_GROUPS:
        return groups, []
    coarse = list(condition_groups(known, [name for name in names if name == GROUP]))
    coarse = coarse if len(coarse) <= MOST_GROUPS else []
    how = f"by {GROUP} alone" if coarse else "without groups"
    remark = (
        f"{len(groups)} combinations of {named(names)} are too many for groups: densities "
        f"by region are told {how}. The tables have every column; to have groups, leave "
        "out of the sheet what does not tell them."
    )
    return coarse, [remark]


def _density(
    part: pd.DataFrame,
    keys: list[str],
    uncertainty: float,
    options: StatisticsOptions,
) -> dict[str, Any]:
    told = _plain(part)
    units = part.groupby(keys, sort=False, dropna=False)
    sums = units[["n_objects", _area_column(part)]].sum()
    # What is excluded altogether tells of no density, and may leave a draw without area.
    counts, areas = sums[sums[_area_column(part)] > 0].to_numpy(np.float64).T
    estimate = Estimate(told["density"]["value"], None, None, told["n_objects"])
    if estimate.value is not None and len(counts) >= FEWEST_UNITS:
        drawn = resample(
            np.arange(len(counts)),
            n_images=len(counts),
            resamples=options.resamples,
            level=options.level,
            seed=options.seed,
        )
        # In the unit of the value, which is per square micrometre or pixel.
        replicates = (drawn.draws @ counts) / (drawn.draws @ areas) / _scale(part)
        shared = 2 * uncertainty
        found = interval(estimate.value, replicates, drawn, relative_uncertainty=shared)
        if found.value:  # of no object at all, resampling tells nothing
            estimate = replace(found, n=told["n_objects"])
    density = estimate.as_json() | {"unit": told["density"]["unit"]}
    return told | {"n_units": len(counts), "density": density}


def _plain(part: pd.DataFrame) -> dict[str, Any]:
    column = _area_column(part)
    area = float(part[column].sum(skipna=False)) * _scale(part)
    n_objects = int(part["n_objects"].sum())
    value = n_objects / area if area > 0 else None
    unit = "per um2" if column == "area_mm2" else "per px2"
    return {
        "n_pictures": int(part["image"].nunique()),
        "n_objects": n_objects,
        "density": {"value": value, "unit": unit},
    }


def _area_column(part: pd.DataFrame) -> str:
    return "area_mm2" if "area_mm2" in part else "area_px"


def _scale(part: pd.DataFrame) -> float:
    return 1e6 if "area_mm2" in part else 1.0


def _section(section: Section) -> dict[str, Any]:
    return {
        "thickness_um": section.thickness_um,
        "object_height_um": section.object_height_um,
        "measured": section.measured,
        "factor": section.factor,
    }


def _warnings(
    regions: pd.DataFrame, known: pd.DataFrame, rows: Sequence[dict[str, Any]], unit: str
) -> list[str]:
    word = "animals" if unit == ANIMAL else "pictures"
    warnings = []
    if len(known) < len(regions):
        lost = regions.loc[regions[unit].isna(), "image"].nunique()
        warnings.append(
            f"The sheet names no animal for {lost} of the pictures with regions; their "
            "objects are in regions.csv alone."
        )
    few = [row for row in rows if row["n_units"] < FEWEST_UNITS]
    if few:
        warnings.append(
            f"Densities by region of fewer than {FEWEST_UNITS} {word} have no interval: so "
            f"few tell too little of how {word} differ."
        )
    return warnings


def _about_numbers(known: pd.DataFrame, keys: Sequence[str]) -> Iterator[str]:
    """Yield which names of animals stand in several groups."""
    if len(keys) < 2:
        return
    groups = known.groupby(ANIMAL, sort=False)[GROUP].nunique(dropna=False)
    twice = [str(name) for name in groups[groups > 1].index]
    if twice:
        yield (
            f"Animals of one name in several groups ({named(twice)}) are taken for "
            "different ones. If they are the same, call the column not "
            f"{GROUP!r}, but side, day or the like."
        )


def _about_groups(told: Sequence[str], kept: Sequence[str]) -> Iterator[str]:
    if told and not kept:
        yield (
            "No column of the sheet is the same in all pictures of each animal, so there "
            f"are no groups. If numbers start anew in each group, call it {GROUP!r}."
        )
