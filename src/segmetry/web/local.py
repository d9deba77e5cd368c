"""Pictures of this computer, added where they lie; what cannot be is passed over."""

import logging
from collections.abc import Sequence
from pathlib import Path

from segmetry.batch import find_pictures
from segmetry.errors import PictureError, ReadError
from segmetry.project import Project

__all__ = ["add_pictures"]

_log = logging.getLogger(__name__)


def add_pictures(
    project: Project, inputs: Sequence[str | Path]
) -> tuple[list[str], list[str]]:
    """Add the pictures that files, folders and patterns name.

    Parameters
    ----------
    project : Project
    inputs : sequence of path-like
        As `segmetry.batch.find_pictures` takes them.

    Returns
    -------
    list of str
        Identifiers.
    list of str
        A sentence for each that was passed over, as one whose name is no text.

    Raises
    ------
    RecipeError
        If nothing is found.
    PictureError, ReadError
        If none could be added.
    """
    added, passed_over = [], []
    for found in find_pictures(inputs, out=project.folder):
        try:
            added.append(project.pictures.add(found.path))
        except (PictureError, ReadError) as error:
            problem = error
            passed_over.append(str(error))
            _log.warning("A picture was passed over: %s", error)
    if not added:
        raise problem
    return added, passed_over
