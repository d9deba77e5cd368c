"""Pictures chosen at random to be corrected, and what they tell of all others."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from segmetry.batch.results import statistics_options
from segmetry.errors import ProjectError
from segmetry.evaluate.choosing import choose_pictures
from segmetry.evaluate.corrected_run import estimate_run
from segmetry.project.annotated import is_checked
from segmetry.project.pictures import PictureRecord
from segmetry.project.project import Project
from segmetry.project.tables import in_order, joined, named_pictures
from segmetry.report.budget import together

__all__ = ["choose_sample", "estimate_project", "is_sampled"]


def is_sampled(picture: PictureRecord) -> bool:
    """Return whether a picture was chosen at random to be corrected."""
    return picture.choices.get("sampled") is not None


def choose_sample(project: Project, n: int, *, seed: int = 0) -> list[str]:
    """Choose pictures to be corrected, in the place of any that were chosen before.

    With the same seed, more pictures are those of before and others.

    Parameters
    ----------
    project : Project
    n : int
    seed : int
        Kept with the pictures.

    Returns
    -------
    list of str
        Their identifiers.

    Raises
    ------
    ProjectError
        If there are not so many pictures that can be read; volumes are not chosen.
    """
    records = in_order(project.pictures.records())
    keys = [picture.key for picture in named_pictures(records)]
    known = {
        key: record.id
        for key, record in zip(keys, records, strict=True)
        if "width_px" in record.look and not record.is_volume
    }
    if not 1 <= n <= len(known):
        msg = (
            f"{n} pictures cannot be chosen: {len(known)} can be read so far, without "
            "volumes, which cannot be corrected here."
        )
        raise ProjectError(msg)
    chosen = [known[name] for name in choose_pictures(list(known), n, seed=seed)]
    for record in records:
        project.pictures.sample(record.id, seed if record.id in chosen else None)
    return chosen


def estimate_project(project: Project, *, by: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the corrected ones of the chosen pictures tell of all pictures.

    Parameters
    ----------
    project : Project
    by : sequence of str
        Conditions of the sheet; each of their combinations has totals of its own.

    Returns
    -------
    dict
        JSON values, see `segmetry.evaluate.corrected_run.estimate_run`, and: `seed`, by
        which the pictures were chosen (`None`: none were), `n_chosen`, and `budget`: what
        the sources of uncertainty come to together, in sentences.

    Raises
    ------
    ProjectError
        If no picture has labels, or the sheet has no such column.
    DatasetError
        If none of the chosen pictures is completely checked.
    """
    records = in_order(project.pictures.records())
    pictures = named_pictures(records)
    conditions, _ = project.sheet.conditions(pictures)
    unknown = [name for name in by if name not in conditions]
    if unknown:
        msg = f"The sheet has no column {unknown[0]}; choose one of its columns."
        raise ProjectError(msg)
    newest_labels, objects, rows, corrections = [], [], [], []
    for picture, record in zip(pictures, records, strict=True):
        found = project.labels.records(record.id)
        if not found:
            continue
        newest = found[-1]
        newest_labels.append(newest)
        rows.append(dict(newest.run["row"]) | {"image": picture.key})
        counts = is_sampled(record) and is_checked(project, record, newest.id)
        if counts or project.labels.is_corrected(newest.id):
            correction = project.corrections.of(newest, picture.key)
            objects.append(correction.before)
            corrections += [correction] if counts else []
        else:
            objects.append(project.tables.of(newest)[0].assign(image=picture.key))
    if not rows:
        msg = "There is nothing to tell yet: no picture was segmented."
        raise ProjectError(msg)
    everything = joined(objects)
    images = pd.DataFrame(rows).join(conditions, on="image")
    statistics = statistics_options(project.recipe)
    told = estimate_run(
        everything,
        images,
        corrections,
        statistics=statistics,
        conditions=by,
        budgets=project.automatic_budgets.of(
            newest_labels, (everything, images), statistics
        ),
    )
    seeds = [one.choices["sampled"] for one in records if is_sampled(one)]
    return {
        "seed": seeds[0] if seeds else None,
        "n_chosen": len(seeds),
        **told,
        "budget": together(told["error_budget"]),
    }
