"""Tables of counts: one row per picture and region, and one per animal and region.

Rows are independent of each other and have one value per column, as programs for mixed
models want them. A region without objects is a row with 0; a region that a picture does not
have is no row.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from segmetry.measure.abercrombie import Section
from segmetry.measure.edge_rules import EdgeRule
from segmetry.measure.pooling import without_failed
from segmetry.measure.weighted import picture_sums

__all__ = [
    "ANIMAL",
    "GROUP",
    "animal_columns",
    "animals_table",
    "constant_within",
    "group_conditions",
    "picture_columns",
    "regions_table",
]

ANIMAL = "animal"  # the column of a sheet that says which animal a picture is of
GROUP = "group"  # and the one that says which group the animal is of

_KEYS = ["image", "region", "classification", "rule", "n_objects", "area_px", "area_mm2"]
_UM2_PER_MM2 = 1e6
_DIGITS = 14
_MEANS = ["mean_equivalent_diameter_um", "mean_equivalent_diameter_px"]


def regions_table(
    counted: Mapping[str, pd.DataFrame],
    images: pd.DataFrame,
    *,
    conditions: Sequence[str] = (),
    section: Section | None = None,
) -> pd.DataFrame:
    """Return one row per picture and region.

    Parameters
    ----------
    counted : mapping of str to DataFrame
        The table of `segmetry.measure.regions.Counted` by the name of the picture.
    images : DataFrame
        One row per picture: `image` and the columns of `conditions`.
    conditions : sequence of str
        Columns of the sheet: animal, group and the like.
    section : Section or None
        Adds columns with Abercrombie's correction.

    Returns
    -------
    DataFrame
        `image`, `region`, the conditions, `rule`, `n_objects`, `area_px`, where some pixel
        size is known `area_mm2` and `density_per_mm2`, else `density_per_px2`, and the mean
        equivalent diameter of the objects.
    """
    tables = [table.assign(image=name) for name, table in counted.items() if len(table)]
    if not tables:
        return pd.DataFrame({"image": pd.Series(dtype=str), "region": pd.Series(dtype=str)})
    found = pd.concat(tables, ignore_index=True)
    if not found["classification"].ne("").any():
        found = found.drop(columns="classification")
    told = images.set_index("image")[list(conditions)]
    found = found.join(told, on="image")
    first = ["image", "region", "classification", *conditions]
    order = [*first, *(name for name in [*_KEYS, *_MEANS] if name not in first)]
    found = found[[name for name in order if name in found]]
    return _with_densities(found, section)


def animals_table(
    regions: pd.DataFrame,
    *,
    conditions: Sequence[str] = (),
    section: Section | None = None,
) -> pd.DataFrame:
    """Return one row per animal and region: sums over its pictures.

    Parameters
    ----------
    regions : DataFrame
        As `regions_table` returns it, with a column `animal`. Rows without an animal are
        left out.
    conditions : sequence of str
        Those that are the same in all pictures of each animal are kept.
    section : Section or None

    Returns
    -------
    DataFrame
        `animal`, conditions, `region`, `n_pictures`, `n_objects`, areas, density (all
        objects by all area) and the mean over all objects.
    """
    known = regions[regions[ANIMAL].notna()]
    keys = animal_columns(known)
    kept = [*keys[:-1], *(name for name in conditions if name not in keys)]
    kept = constant_within(known, kept)
    sums = [name for name in ("n_objects", "area_px", "area_mm2") if name in known]
    rows = []
    for _, group in known.groupby([*keys, "region"], sort=False, dropna=False):
        row = {name: group[name].iloc[0] for name in (ANIMAL, *kept, "region")}
        row |= {"n_pictures": group["image"].nunique()}
        # Where one area is not known, neither is the sum.
        row |= {name: _sum(group[name]) for name in sums}
        row |= {name: _mean(group, name) for name in _MEANS if name in known}
        rows.append(row)
    columns = [ANIMAL, *kept, "region", "n_pictures", *sums]
    columns += [name for name in _MEANS if name in known]
    return _with_densities(pd.DataFrame(rows, columns=columns), section)


def picture_columns(
    images: pd.DataFrame, objects: pd.DataFrame, *, edge_rule: EdgeRule
) -> pd.DataFrame:
    """Return density and mean size of whole pictures, in the order of the pictures.

    Objects count as they do in the statistics of the run: the mean of the densities,
    weighted by area, is the density that the summary tells of all pictures.

    Parameters
    ----------
    images, objects : DataFrame
        As `segmetry.measure.summarize` takes them.
    edge_rule : str
        See `picture_sums` of `segmetry.measure.weighted`.

    Returns
    -------
    DataFrame
        `density_per_mm2` and `mean_equivalent_diameter_um`, or `density_per_px2` and
        `mean_equivalent_diameter_px` where no pixel size is known; NaN for pictures that
        the statistics leave out.
    """
    sums, sample = picture_sums(objects, without_failed(images), edge_rule=edge_rule)
    density = sums["weight"] / sums["included_area"]
    if sample.unit == "um":
        density *= _UM2_PER_MM2
    area_unit = "mm2" if sample.unit == "um" else "px2"
    whole = pd.DataFrame(
        {
            f"density_per_{area_unit}": density,
            f"mean_equivalent_diameter_{sample.unit}": sums["size"] / sums["weight"],
        }
    )
    return whole.reindex(images["image"]).set_axis(images.index)


def animal_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns that together tell one animal from another.

    Numbers of animals may start anew in each group: mouse 1 of the controls and mouse 1 of
    the treated are two mice.

    Parameters
    ----------
    table : DataFrame
        With the column `animal`.
    """
    return [name for name in (GROUP, ANIMAL) if name in table]


def group_conditions(conditions: Sequence[str]) -> list[str]:
    """Return the conditions that tell groups: all but the animal.

    Animals are what is drawn within a group. Crossed with it, each would be a group of its
    own, and the groups that an experiment compares would have no row.

    Parameters
    ----------
    conditions : sequence of str
        Columns of a sheet.

    Examples
    --------
    >>> group_conditions(["animal", "group", "time_h"])
    ['group', 'time_h']
    """
    return [name for name in conditions if name != ANIMAL]


def constant_within(table: pd.DataFrame, conditions: Sequence[str]) -> list[str]:
    """Return those conditions that are the same in all rows of each animal.

    Parameters
    ----------
    table : DataFrame
        With the column `animal`, where each animal is one of its group.
    conditions : sequence of str
    """
    animals = table.groupby(animal_columns(table), dropna=False)
    values = {name: animals[name].nunique(dropna=False).max() for name in conditions}
    return [name for name, number in values.items() if number == 1]


def _sum(column: "pd.Series[Any]") -> int | float:
    """Return a sum without the last digits, which are those of binary fractions alone."""
    total = column.sum(skipna=False)
    return int(total) if column.dtype.kind in "iu" else float(f"{total:.{_DIGITS}g}")


def _mean(group: pd.DataFrame, name: str) -> float:
    """Return the mean over all objects of the rows of a group, from the rows' means."""
    known = group[group[name].notna() & (group["n_objects"] > 0)]
    if not len(known):
        return float("nan")
    return float(np.average(known[name], weights=known["n_objects"]))


def _with_densities(table: pd.DataFrame, section: Section | None) -> pd.DataFrame:
    """Return a table with the densities behind the areas, and corrected columns last."""
    unit = "mm2" if "area_mm2" in table else "px2"
    area = table["area_mm2" if unit == "mm2" else "area_px"].astype(float)
    density = (table["n_objects"] / area.where(area > 0)).astype(float)
    table = table.copy()
    place = list(table.columns).index(str(area.name)) + 1
    table.insert(place, f"density_per_{unit}", density)
    if section is not None:
        table["n_objects_abercrombie"] = table["n_objects"] * section.factor
        table[f"density_abercrombie_per_{unit}"] = density * section.factor
    return table
