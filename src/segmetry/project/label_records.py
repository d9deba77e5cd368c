"""What the project knows of a set of labels without opening it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any

from segmetry.recipe import Recipe, read_recipe_text

__all__ = ["LabelSetRecord", "record_of"]


@dataclass(frozen=True)
class LabelSetRecord:
    """What the project knows of a set of labels.

    Parameters
    ----------
    id : str
    picture : str
        Identifier of the picture in which they were found.
    recipe : Recipe
        What found them.
    run : dict
        What the run told, see `segmetry.project.runs.carry_out`.
    created : str
    """

    id: str
    picture: str
    recipe: Recipe
    run: Mapping[str, Any]
    created: str


def record_of(row: Row) -> LabelSetRecord:
    """Return what a row of the table `label_set` tells."""
    return LabelSetRecord(
        id=row["id"],
        picture=row["picture"],
        recipe=read_recipe_text(row["recipe"]),
        run=json.loads(row["run"]),
        created=row["created"],
    )
