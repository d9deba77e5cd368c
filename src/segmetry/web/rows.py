"""Tables as JSON: columns, and a list of values for each row."""

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["rows_json"]


def rows_json(table: pd.DataFrame) -> dict[str, Any]:
    """Return a table as `Rows` of the client.

    Parameters
    ----------
    table : DataFrame
        The index is left out.

    Returns
    -------
    dict
        `columns`, and `values` with a list for each row; what is missing or not finite is
        `None`, for JSON knows no such number.

    Examples
    --------
    >>> rows_json(pd.DataFrame({"label": [1, 2], "area_px": [9.5, np.nan]}))
    {'columns': ['label', 'area_px'], 'values': [[1, 9.5], [2, None]]}
    """
    columns = [_plain(table[name]) for name in table.columns]
    values = [list(row) for row in zip(*columns, strict=True)]
    return {"columns": [str(name) for name in table.columns], "values": values}


def _plain(column: "pd.Series[Any]") -> list[Any]:
    values = column.to_numpy()
    if values.dtype.kind in "biu":
        return values.tolist()
    is_known = (
        np.isfinite(values) if values.dtype.kind == "f" else column.notna().to_numpy()
    )
    if is_known.all():
        return values.tolist()
    pairs = zip(values.tolist(), is_known.tolist(), strict=True)
    return [value if known else None for value, known in pairs]
