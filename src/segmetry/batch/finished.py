"""A run that is done, read back from its folder."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from segmetry.batch.results import statistics_options
from segmetry.batch.sheet import NAME_COLUMNS
from segmetry.errors import ReadError, RecipeError
from segmetry.io.tables import guarded
from segmetry.measure.error_budget import Budget
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.pooling import pool
from segmetry.measure.region_tables import group_conditions
from segmetry.recipe import read_recipe

__all__ = ["FinishedRun", "read_run"]

_LABELS = "labels.tif"
_FRAME = [f"frame_{side}_px" for side in ("x_min", "y_min", "x_max", "y_max")]


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """The tables of a run.

    Parameters
    ----------
    folder : Path
    objects : DataFrame
        One row per object.
    images : DataFrame
        One row per picture that gave a result.
    conditions : tuple of str
        Columns of `images` that come from the sheet and tell groups.
    statistics : StatisticsOptions
    budgets : dict of str to Budget
        What makes the density and the mean of all pictures uncertain; empty where a run of
        an earlier version did not tell it.
    """

    folder: Path
    objects: pd.DataFrame
    images: pd.DataFrame
    conditions: tuple[str, ...]
    statistics: StatisticsOptions
    budgets: dict[str, Budget]

    def labels(self, name: str) -> Path:
        """Return the label image of a picture."""
        return self.folder / name / _LABELS


def read_run(folder: Path) -> FinishedRun:
    """Return what a run left in its folder.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    ReadError
        If it is no folder of a run, or a file of it is missing or damaged.
    """
    try:
        objects = pd.read_parquet(folder / "objects.parquet")
        images = pd.read_csv(
            folder / "images.csv",
            dtype=dict.fromkeys(NAME_COLUMNS, str),
            keep_default_na=False,
            na_values=[""],
        )
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        groups, known = summary["groups"], dict(summary["pooled"]).get("error_budget", {})
        budgets = {key: Budget.from_json(budget) for key, budget in dict(known).items()}
        # The table may have columns that this version does not know; the sheet's are here.
        told = list(groups[0]["conditions"]) if groups else []
        conditions = tuple(group_conditions(told))  # earlier versions had animals in them
        statistics = statistics_options(read_recipe(folder / "recipe.toml"))
        images = _with_own_names(images[images["status"] == "done"], objects, folder)
        _refuse_changed(objects, images, conditions)
    except (OSError, ValueError, KeyError, TypeError, RecipeError) as error:
        msg = (
            f"Expected the folder of a run, but {folder.name or folder} lacks a file of it "
            f"or holds a damaged one ({_reason(error)})."
        )
        raise ReadError(msg) from error
    return FinishedRun(folder, objects, images, conditions, statistics, budgets)


def _with_own_names(
    images: pd.DataFrame, objects: pd.DataFrame, folder: Path
) -> pd.DataFrame:
    """Return the table with the names that Parquet and folders have, not CSV's."""
    own = [
        *objects["image"].unique(),
        *(path.parent.name for path in folder.glob("*/*.tif")),
    ]
    names = {guarded(str(name)): str(name) for name in own}
    return images.assign(image=[names.get(name, name) for name in images["image"]])


def _refuse_changed(
    objects: pd.DataFrame, images: pd.DataFrame, conditions: tuple[str, ...]
) -> None:
    """Refuse tables that lost a column or a picture since the run wrote them."""
    lost = [name for name in conditions if name not in images]
    if lost:
        msg = f"images.csv lacks the column {lost[0]}"
        raise ValueError(msg)
    pool(objects, images)
    frames = images[_FRAME].to_numpy(np.float64)
    without = images.loc[~np.isfinite(frames).all(axis=1), "image"].tolist()
    if without:
        msg = f"images.csv has no frame for {without[0]}"
        raise ValueError(msg)


def _reason(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).split())[:100]
