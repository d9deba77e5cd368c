"""How much of a picture or volume each class takes: area, volume, share of the sample.

In a section at random through a material, the share of the area that a phase takes is on
average its share of the volume [1]_, [2]_. One section says nothing of how sections differ,
so an interval needs several: whole pictures are drawn anew.

References
----------
.. [1] A. Delesse, "Procédé mécanique pour déterminer la composition des roches", Annales
       des Mines 13, 1848, 379-388.
.. [2] A. J. Baddeley, E. B. Vedel Jensen, "Stereology for Statisticians", 2004.
       doi:10.1201/9780203496817
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from segmetry.image import ClassMap
from segmetry.measure.conditions import condition_groups
from segmetry.measure.intervals import FEWEST_UNITS, Estimate, interval, resample
from segmetry.measure.options import StatisticsOptions

__all__ = ["measure_classes", "summarize_classes"]

_DEFAULTS = StatisticsOptions()
_ALL = 100.0  # percent


def measure_classes(classes: ClassMap) -> pd.DataFrame:
    """Return how much of a picture or volume each class takes.

    Parameters
    ----------
    classes : ClassMap
        Of a picture, or of a volume.

    Returns
    -------
    DataFrame
        A row per class, those included that take nothing: `class_number`, `class`,
        `area_px`, where the pixel size is known `area_um2`, and `area_percent`, the share
        of all pixels whose class is known. Of a volume `volume_px`, where the distance of
        slices is known too `volume_um3`, and `volume_percent`.

    Examples
    --------
    >>> from segmetry import Image
    >>> picture = Image(np.zeros((1, 5), np.uint8))
    >>> found = ClassMap(np.uint8([[0, 0, 0, 1, 255]]), picture, ("ground", "vessel"))
    >>> measure_classes(found)[["class", "area_px", "area_percent"]].values.tolist()
    [['ground', 3, 75.0], ['vessel', 1, 25.0]]
    """
    n_classes = len(classes.names)
    counts = np.bincount(classes.data[classes.known], minlength=n_classes)
    is_volume = classes.data.ndim == 3
    stem = "volume" if is_volume else "area"
    table = pd.DataFrame(
        {
            "class_number": np.arange(n_classes),
            "class": list(classes.names),
            f"{stem}_px": counts,
        }
    )
    size = _size_of_pixel(classes)
    if size is not None:
        table[f"{stem}_um{3 if is_volume else 2}"] = counts * size
    table[f"{stem}_percent"] = _ALL * counts / counts.sum() if counts.sum() else np.nan
    return table


def summarize_classes(
    table: pd.DataFrame,
    images: pd.DataFrame,
    *,
    conditions: Sequence[str] = (),
    options: StatisticsOptions = _DEFAULTS,
) -> dict[str, Any]:
    """Return the share of each class in all pictures together, and by condition.

    Parameters
    ----------
    table : DataFrame
        Rows of `measure_classes` of all pictures or volumes, with the column `image`.
    images : DataFrame
        One row per picture: `image` and the columns of `conditions`.
    conditions : sequence of str
        Columns of `images`; each combination is a group.
    options : StatisticsOptions
        Level, resamples and seed of the intervals.

    Returns
    -------
    dict
        JSON values. "quantity": "area" or "volume"; "unit": "um2", "um3" or "px"; "level";
        "rows": for each group (its name is empty for all pictures together) and class
        `group`, `class_number`, `class`, `n_pictures`, `amount` in the unit, and
        `percent` of the sample with its interval, which needs five pictures.
    """
    quantity = "volume" if "volume_px" in table else "area"
    unit = _common_unit(table, quantity)
    names = table.drop_duplicates("class_number").set_index("class_number")["class"]
    amounts = table.pivot_table(
        index="image", columns="class_number", values=f"{quantity}_{unit}", fill_value=0
    )
    done = images[images["image"].isin(amounts.index)].reset_index(drop=True)
    amounts = amounts.reindex(done["image"])
    groups = [(one.name, one.chosen) for one in condition_groups(done, conditions)]
    rows = [
        {"group": group, "class": str(names[row["class_number"]]), **row}
        for group, chosen in [("", np.ones(len(done), bool)), *groups]
        for row in _shares(amounts[chosen], options)
    ]
    return {"quantity": quantity, "unit": unit, "level": options.level, "rows": rows}


def _size_of_pixel(classes: ClassMap) -> float | None:
    """Return the area or volume of a pixel in powers of µm; `None` where it is unknown."""
    if classes.image.pixel_size is None:
        return None
    size = classes.image.pixel_size.in_um
    if classes.data.ndim == 2:
        return size.y * size.x
    return None if size.z is None else size.z * size.y * size.x


def _common_unit(table: pd.DataFrame, quantity: str) -> str:
    """Return the unit in which all pictures are known."""
    real = f"{quantity}_um{2 if quantity == 'area' else 3}"
    known = real in table and table[real].notna().all()
    return real.removeprefix(f"{quantity}_") if known else "px"


def _shares(amounts: pd.DataFrame, options: StatisticsOptions) -> Iterator[dict[str, Any]]:
    """Yield a row per class; `amounts` has a row per picture and a column per class."""
    values = amounts.to_numpy(np.float64)
    values = values[values.sum(axis=1) > 0]  # an empty picture tells of no share
    total = values.sum()
    drawn = resample(
        np.arange(len(values)),
        n_images=len(values),
        resamples=options.resamples,
        level=options.level,
        seed=options.seed,
    )
    for column, number in enumerate(amounts.columns):
        amount = float(values[:, column].sum())
        share = _ALL * amount / total if total else np.nan
        found = Estimate(share if total else None, None, None, len(values))
        if len(values) >= FEWEST_UNITS and 0 < amount < total:
            drawn_sums = drawn.draws @ values
            replicates = _ALL * drawn_sums[:, column] / drawn_sums.sum(axis=1)
            found = interval(share, replicates, drawn)
        percent = found.as_json()
        if percent["high"] is not None:
            percent["high"] = min(percent["high"], _ALL)
        yield {
            "class_number": int(number),
            "n_pictures": len(values),
            "amount": amount,
            "percent": percent,
        }
