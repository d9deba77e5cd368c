"""Measuring thin structures in a process of its own: others are answered meanwhile."""

from typing import TYPE_CHECKING

from segmetry.image import Labels
from segmetry.project.thin import measure_again
from segmetry.recipe import Thin
from segmetry.web.worker import TooLongError, Worker, WorkError, limited_memory

if TYPE_CHECKING:  # loaded in the process that measures
    from segmetry.measure.thin import ThinStructures

__all__ = ["Measuring"]

_MOST_SECONDS = 120.0  # 17 megapixels of lines took 25 on a busy machine
_TOO_LONG = (
    "These labels take over {:g} seconds to measure as thin structures: exclude parts of "
    "the picture, or run it on the command line."
)


class Measuring:
    """Measures one set of labels after another; safe to use from several threads.

    Parameters
    ----------
    most_seconds : float
        For one set of labels.
    """

    def __init__(self, *, most_seconds: float = _MOST_SECONDS) -> None:
        self._worker, self._most_seconds = Worker(), most_seconds

    def measure(self, choice: Thin, labels: Labels) -> "ThinStructures":
        """Return the thin structures of labels.

        Raises
        ------
        WorkError
            If they cannot be measured, or it takes too long.
        """
        try:
            return self._worker.do(
                _measure, (choice, labels), most_seconds=self._most_seconds
            )
        except TooLongError as error:
            raise WorkError(_TOO_LONG.format(self._most_seconds)) from error

    def close(self) -> None:
        """End the work."""
        self._worker.end()


def _measure(asked: tuple[Thin, Labels]) -> "ThinStructures":
    with limited_memory():
        return measure_again(*asked)
