"""The tables of a run: what became of each picture, and the objects of all of them."""

from collections.abc import Sequence

import pandas as pd

from segmetry.batch.pictures import PictureResult
from segmetry.batch.thin import image_columns
from segmetry.batch.volumes import deep_columns
from segmetry.io import COUNT_COLUMN, IMAGE_COLUMNS

__all__ = ["images_table", "objects_table"]


def images_table(
    results: Sequence[PictureResult], conditions: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows of all pictures, with columns for what some of them are or have.

    Parameters
    ----------
    results : sequence of PictureResult
    conditions : DataFrame
        Of the same pictures, in their order.
    """
    rows = [result.row for result in results]
    counted = [COUNT_COLUMN] if any(COUNT_COLUMN in row for row in rows) else []
    columns = [*IMAGE_COLUMNS, *deep_columns(rows), *counted, *image_columns(rows)]
    images = pd.DataFrame(rows, columns=columns)
    if counted:  # who adds up found objects shall not take them for none
        images["n_objects"] = images["n_objects"].where(images[COUNT_COLUMN].isna())
    told = {str(name): conditions[name].to_numpy() for name in conditions.columns}
    return images.assign(**told)


def objects_table(results: Sequence[PictureResult]) -> pd.DataFrame:
    """Return the objects of all pictures in one table.

    Where a person has corrected some pictures, the objects of the others were found.
    """
    tables = [result.objects for result in results if result.objects is not None]
    filled = [table for table in tables if len(table)]
    if not filled:
        return tables[0] if tables else pd.DataFrame(columns=["image", "label"])
    together = pd.concat(filled, ignore_index=True)
    if "origin" not in together:
        return together
    return together.assign(origin=together["origin"].fillna("found"))
