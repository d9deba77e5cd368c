"""Which pictures of a project are fit to be pooled with the others."""

from typing import Any

from segmetry.batch.quality import quality_summary
from segmetry.batch.results import statistics_options
from segmetry.batch.verdict import with_verdicts
from segmetry.project.project import Project
from segmetry.project.tables import in_order, named_pictures, project_tables

__all__ = ["project_quality"]


def project_quality(project: Project) -> dict[str, Any]:
    """Return the verdict on each picture that has labels, and the numbers without some.

    Parameters
    ----------
    project : Project

    Returns
    -------
    dict
        JSON values: what `segmetry.batch.quality.quality_summary` returns, and "pictures",
        the "verdict" and its "reason" by the picture's identifier.

    Raises
    ------
    ProjectError
        If no picture has labels.
    """
    tables = project_tables(project)
    images = with_verdicts(tables.images, tables.objects)
    records = in_order(project.pictures.records())
    pictures = zip(named_pictures(records), records, strict=True)
    identifiers = {picture.key: record.id for picture, record in pictures}
    columns = (images[name] for name in ("image", "verdict", "verdict_reason"))
    return {
        **quality_summary(images, tables.objects, statistics_options(project.recipe)),
        "pictures": {
            identifiers[key]: {"verdict": verdict, "reason": reason}
            for key, verdict, reason in zip(*columns, strict=True)
        },
    }
