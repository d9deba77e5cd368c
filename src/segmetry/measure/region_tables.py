"""Tables of counts: one row per picture and region, and one per animal and region.

Rows are independent of each other and have one value per column, as programs for mixed
models want them. A region without objects is a row with 0; a region that a picture does not
have is no row.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from segmetry.measure.abercrombie import Section

__all__ = ["ANIMAL", "animals_table", "constant_within", "picture_columns", "regions_table"]

ANIMAL = "animal"  # the column of a sheet that says which animal a picture is of

_KEYS = ["image", "region", "classification", "rule", "n_objects", "area_px", "area_mm2"]
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
    kept = constant_within(known, [name for name in conditions if name != ANIMAL])
    sums = [name for name in ("n_objects", "area_px", "area_mm2") if name in known]
    rows = []
    for (animal, region), group in known.groupby([ANIMAL, "region"], sort=False):
        row = {ANIMAL: animal, **{name: group[name].iloc[0] for name in kept}}
        row |= {"region": region, "n_pictures": group["image"].nunique()}
        # Where one area is not known, neither is the sum.
        row |= {name: group[name].sum(skipna=False) for name in sums}
        row |= {name: _mean(group, name) for name in _MEANS if name in known}
        rows.append(row)
    columns = [ANIMAL, *kept, "region", "n_pictures", *sums]
    columns += [name for name in _MEANS if name in known]
    return _with_densities(pd.DataFrame(rows, columns=columns), section)


def picture_columns(images: pd.DataFrame, objects: pd.DataFrame) -> pd.DataFrame:
    """Return density and mean size of whole pictures, in the order of the pictures.

    Parameters
    ----------
    images : DataFrame
        As in images.csv: `image`, `n_objects`, `included_area_px`, `pixel_size` and
        `pixel_size_y` in micrometres.
    objects : DataFrame
        As in objects.csv.

    Returns
    -------
    DataFrame
        `density_per_mm2`, or `density_per_px2` where no pixel size is known, and the mean
        equivalent diameter.
    """
    whole = images[["n_objects"]].assign(area_px=images["included_area_px"].astype(float))
    if images["pixel_size"].notna().any():
        sizes = (
            images[["pixel_size", "pixel_size_y"]].astype(float).prod(axis=1, skipna=False)
        )
        whole["area_mm2"] = whole["area_px"] * sizes * 1e-6
    for unit in ("um", "px"):
        column = f"equivalent_diameter_{unit}"
        if column in objects:
            means = objects.groupby("image")[column].mean()
            whole[f"mean_{column}"] = images["image"].map(means)
    return _with_densities(whole, None).drop(
        columns=["n_objects", "area_px", "area_mm2"], errors="ignore"
    )


def constant_within(table: pd.DataFrame, conditions: Sequence[str]) -> list[str]:
    """Return those conditions that are the same in all rows of each animal.

    Parameters
    ----------
    table : DataFrame
        With the column `animal`.
    conditions : sequence of str
    """
    differing = table.groupby(ANIMAL)[list(conditions)].nunique(dropna=False).max()
    return [name for name in conditions if differing[name] == 1]


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
