"""Where the labels of a picture come from: a program, a person, or both."""

from collections.abc import Mapping
from typing import Any

from segmetry.io.exchange import MaskKind, MaskOrigin
from segmetry.project.label_sets import LabelSetRecord
from segmetry.project.volume_labels import ReadLabels

__all__ = ["mask_kind", "origin_of"]


def mask_kind(origins: Mapping[int, str], *, n_found: int) -> MaskKind:
    """Return what labels are, from the objects that are left.

    Parameters
    ----------
    origins : mapping of int to {"found", "edited", "drawn"}
        Of each object there is now.
    n_found : int
        How many objects the run found.

    Returns
    -------
    {"draft", "corrected", "from nothing"}
        A draft is as it was found, to the number of objects. From nothing is what a person
        has drawn all of, also where an automatic draft was deleted first.

    Examples
    --------
    >>> mask_kind({1: "found"}, n_found=2), mask_kind({4: "drawn"}, n_found=0)
    ('corrected', 'from nothing')
    """
    kinds = set(origins.values())
    if kinds == {"drawn"}:
        return "from nothing"
    if kinds <= {"found"} and len(origins) == n_found:
        return "draft"
    return "corrected"


def origin_of(
    found: LabelSetRecord, labels: ReadLabels, *, checked: bool | None = None
) -> MaskOrigin:
    """Return where labels come from, as `masks.csv` tells it.

    Parameters
    ----------
    found : LabelSetRecord
    labels : ReadLabels
    checked : bool or None
        Whether a person said that they are complete.

    Returns
    -------
    MaskOrigin
    """
    row: Mapping[str, Any] = found.run["row"]
    origins = dict(labels.origins)
    return MaskOrigin(
        mask_kind(origins, n_found=int(row["n_objects"] or 0)),
        segmenter=str(row["segmenter"]),
        threshold=row.get("threshold"),
        checked=checked,
        objects=origins,
    )
