"""Which animal each picture is of, so that no animal is both learned from and judged."""

from pathlib import Path

import pandas as pd

from segmetry.io import write_table
from segmetry.measure.conditions import value_text
from segmetry.measure.region_tables import ANIMAL
from segmetry.project.annotated import checked_pictures
from segmetry.project.project import Project
from segmetry.project.tables import in_order, named_pictures

__all__ = ["write_animals"]


def write_animals(project: Project, path: Path) -> list[str]:
    """Write a sheet of the checked pictures with the columns `image` and `group`.

    Parameters
    ----------
    project : Project
    path : Path
        Of the sheet. It is written only where the project's sheet tells animals.

    Returns
    -------
    list of str
        The animals, each once. A picture of which none is told is a group by itself.
    """
    records = in_order(project.pictures.records())
    sheet, _ = project.sheet.conditions(named_pictures(records))
    if ANIMAL not in sheet:
        return []
    animal_of = dict(zip([one.id for one in records], sheet[ANIMAL], strict=True))
    checked = [one.picture for one in checked_pictures(project)]
    keys = [picture.key for picture in named_pictures(checked)]
    told = [animal_of[picture.id] for picture in checked]
    groups = [
        f"picture {key}" if pd.isna(animal) else f"animal {value_text(animal)}"
        for key, animal in zip(keys, told, strict=True)
    ]
    write_table(path, pd.DataFrame({"image": keys, "group": groups}))
    return list(dict.fromkeys(groups))
