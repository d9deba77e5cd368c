"""Which steps can be undone and redone: read off the journal, never stored beside it.

Undo and redo are entries of the journal themselves, so a revision is never taken back; two
windows and a program that starts again read one history and find the same steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Kind", "Steps"]

Kind = Literal["edit", "settle", "undo", "redo"]


@dataclass
class _Step:
    """What one undo takes back: the revisions of one stroke, oldest first.

    A negative number stands for what that revision did, taken back.
    """

    stroke: str
    revs: list[int]


@dataclass
class Steps:
    """The steps that were done, and those that were undone and can come back.

    Examples
    --------
    Two chunks of one stroke are undone together:

    >>> steps = Steps()
    >>> for rev in (1, 2):
    ...     steps.note("edit", rev, stroke="a")
    >>> steps.to_undo
    (1, 2)
    >>> steps.note("undo", 3)
    >>> steps.to_undo, steps.to_redo
    ((), (1, 2))

    A settle in between leaves the redo, which first takes the settle back:

    >>> steps.note("settle", 4)
    >>> steps.to_redo
    (-4, 1, 2)
    """

    _done: list[_Step] = field(default_factory=list)
    _undone: list[_Step] = field(default_factory=list)

    @property
    def to_undo(self) -> Sequence[int]:
        """Revisions that the next undo takes back, oldest first; empty where none can.

        What a negative one has taken back, is done again.
        """
        return tuple(self._done[-1].revs) if self._done else ()

    @property
    def to_redo(self) -> Sequence[int]:
        """Revisions that the next redo does again, oldest first; empty where none can.

        What a negative one did, is taken back.
        """
        return tuple(self._undone[-1].revs) if self._undone else ()

    def note(self, kind: Kind, rev: int, *, stroke: str = "") -> None:
        """Take in the next entry of the journal.

        Parameters
        ----------
        kind : {"edit", "settle", "undo", "redo"}
            A settle finishes the newest step, and is undone with it; it is no step by
            itself, as no person did it. It takes no redo away: a redo is made on the
            labels of before, so it takes the settle back.
        rev : int
        stroke : str
            Edits of one stroke that follow each other are one step. Empty: none.
        """
        if kind == "undo":
            _move(self._done, self._undone)
        elif kind == "redo":
            _move(self._undone, self._done)
        elif kind == "settle":
            if self._undone:
                self._undone[-1].revs.insert(0, -rev)
            if self._done:
                self._done[-1].revs.append(rev)
        else:
            self._undone.clear()
            if self._done and stroke and self.stroke == stroke:
                self._done[-1].revs.append(rev)
            else:
                self._done.append(_Step(stroke, [rev]))

    @property
    def stroke(self) -> str:
        """The stroke of the newest step; empty where there is none."""
        return self._done[-1].stroke if self._done else ""


def _move(these: list[_Step], those: list[_Step]) -> None:
    # Journals of early versions know undone settles, which are no steps any more.
    if these:
        those.append(these.pop())
