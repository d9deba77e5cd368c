"""The thin structures of labels, measured as these are now.

A person may have corrected the labels since they were found. So nothing is kept on the
disk: what is asked for is measured then, and kept until the labels change.
"""

import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segmetry.errors import ProjectError, SegmetryWarning
from segmetry.image import Labels
from segmetry.project.label_sets import LabelSetRecord, LabelSets
from segmetry.recipe import Thin
from segmetry.recipe.lines import measure_lines

if TYPE_CHECKING:  # what measures lines is loaded when a project has any
    from segmetry.measure.thin import ThinStructures

__all__ = ["MeasureLines", "Thinned", "ThinnedLabels", "measure_again"]

MeasureLines = Callable[[Thin, Labels], "ThinStructures"]

_MOST_KEPT = 4  # of pictures; those of 17 megapixels may take 30 MB each


@dataclass(frozen=True, eq=False)
class Thinned:
    """Labels measured as thin structures.

    Parameters
    ----------
    rev : int
        Revision of the labels that were measured.
    labels : Labels
    found : ThinStructures
    """

    rev: int
    labels: Labels
    found: "ThinStructures"


class ThinnedLabels:
    """Thin structures of the labels of a project; safe to use from several threads.

    Parameters
    ----------
    labels : LabelSets
    """

    def __init__(self, labels: LabelSets) -> None:
        self._labels = labels
        self._turn = threading.Lock()
        self._kept: dict[str, tuple[Any, ThinStructures]] = {}

    def of(
        self,
        record: LabelSetRecord,
        *,
        now: tuple[int, Labels] | None = None,
        measure: MeasureLines | None = None,
    ) -> Thinned:
        """Return the thin structures of labels as they are now.

        Parameters
        ----------
        record : LabelSetRecord
        now : tuple of int and Labels, or None
            The labels with their revision, where they were taken already.
        measure : callable or None
            What measures them, as in another process; `None` does so here.

        Raises
        ------
        ProjectError
            If the run that found the labels was not asked for thin structures.
        PictureError
            If the picture's pixels are not square.
        """
        choice = record.recipe.thin
        if not choice.enabled:
            msg = (
                "These labels were not measured as thin structures: choose that in the "
                "step Segment, and run the method again."
            )
            raise ProjectError(msg)
        with self._turn:  # whoever asks for the same meanwhile need not measure it too
            rev, labels = now or self._labels.read(
                record.id, lambda opened: (opened.rev, opened.labels)
            )
            state = (rev, record)
            kept = self._kept.pop(record.id, None)
            if kept is None or kept[0] != state:
                kept = (state, (measure or measure_again)(choice, labels))
            self._kept[record.id] = kept  # the last is the newest
            for oldest in list(self._kept)[:-_MOST_KEPT]:
                del self._kept[oldest]
        return Thinned(rev, labels, kept[1])


def measure_again(choice: Thin, labels: Labels) -> "ThinStructures":
    """Measure labels of which the run has told already what a person should know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        return measure_lines(choice, labels)
