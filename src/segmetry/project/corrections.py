"""What a person changed in the labels of a picture, kept while they stay as they are."""

from typing import Any

from segmetry.evaluate.corrections import Correction, compare
from segmetry.project.label_sets import LabelSetRecord, LabelSets

__all__ = ["KeptCorrections"]


class KeptCorrections:
    """What was changed in labels, kept until they change again.

    Parameters
    ----------
    labels : LabelSets
    """

    def __init__(self, labels: LabelSets) -> None:
        self._labels = labels
        self._kept: dict[str, tuple[Any, Correction]] = {}

    def of(self, record: LabelSetRecord, name: str) -> Correction:
        """Return the objects of labels as they were found, and as they are now.

        Parameters
        ----------
        record : LabelSetRecord
        name : str
            Of the picture, in tables.

        Raises
        ------
        ProjectError, PictureError
            If the labels cannot be opened.
        """
        state = (self._labels.rev(record.id), record, name)
        kept = self._kept.get(record.id)
        if kept is None or kept[0] != state:
            found = self._labels.found(record.id).data
            now = self._labels.read(record.id, lambda opened: opened.labels.data.copy())
            row = dict(record.run["row"]) | {"image": name}
            kept = (state, compare(found, now, row))
            self._kept[record.id] = kept
        return kept[1]
