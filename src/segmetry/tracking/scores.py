"""How many links between objects are right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from segmetry.measure.intervals import wilson

__all__ = ["LinkScores", "judge_links"]

_Object = tuple[int, int]  # frame, label
_Link = tuple[_Object, _Object]


@dataclass(frozen=True)
class LinkScores:
    """Links found against true links.

    A link joins an object to the same one in its next picture, or a parent to its child.

    Parameters
    ----------
    n_found, n_true, n_correct : int
        Links.
    n_found_events, n_true_events, n_correct_events : int
        Links between parents and children alone: divisions and mergers.
    """

    n_found: int
    n_true: int
    n_correct: int
    n_found_events: int
    n_true_events: int
    n_correct_events: int

    @property
    def precision(self) -> float:
        """Share of the links found that are true; 1 where none was found."""
        return self.n_correct / self.n_found if self.n_found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true links that were found; 1 where there is none."""
        return self.n_correct / self.n_true if self.n_true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.n_found + self.n_true
        return 2 * self.n_correct / total if total else 1.0

    def interval_of_recall(self, *, level: float = 0.95) -> tuple[float, float]:
        """Return Wilson's interval of the recall.

        It takes links for independent. Those of one film are not: for other films, the
        interval is too narrow.
        """
        return wilson(self.recall, max(self.n_true, 1), level=level)


def judge_links(
    found: pd.DataFrame,
    true: pd.DataFrame,
    *,
    same: Sequence[Mapping[int, int]] | None = None,
) -> LinkScores:
    """Count the links of found tracks that true tracks have too.

    Parameters
    ----------
    found, true : DataFrame
        As `track_objects` gives them: `frame`, `label`, `track` and `parents`.
    same : sequence of mapping or None
        For each frame, the true label of each found one that is an object of the truth;
        links of others are wrong. `None` where labels of both are the same.

    Returns
    -------
    LinkScores

    Examples
    --------
    >>> rows = {"frame": [0, 1], "label": [1, 1], "track": [1, 1], "parents": ["", ""]}
    >>> judge_links(pd.DataFrame(rows), pd.DataFrame(rows)).f1
    1.0
    """
    true_links, true_events = _links(true)
    links, events = ({_translated(link, same) for link in part} for part in _links(found))
    return LinkScores(
        n_found=len(links),
        n_true=len(true_links),
        n_correct=len(links & true_links),
        n_found_events=len(events),
        n_true_events=len(true_events),
        n_correct_events=len(events & true_events),
    )


def _links(tracks: pd.DataFrame) -> tuple[set[_Link], set[_Link]]:
    """Return all links, and those of them between parents and children."""
    places: dict[int, list[_Object]] = {}
    parents: dict[int, list[int]] = {}
    columns = [tracks[name] for name in ("frame", "label", "track", "parents")]
    for frame, label, track, above in zip(*columns, strict=True):
        places.setdefault(int(track), []).append((int(frame), int(label)))
        parents[int(track)] = [int(one) for one in str(above).split(";") if one]
    ordered = {track: sorted(objects) for track, objects in places.items()}
    events = {
        (ordered[parent][-1], ordered[track][0])
        for track, above in parents.items()
        for parent in above
    }
    along = {pair for objects in ordered.values() for pair in pairwise(objects)}
    return along | events, events


def _translated(link: _Link, same: Sequence[Mapping[int, int]] | None) -> _Link:
    if same is None:
        return link
    # A label without a true one keeps a number that no true object has.
    one, other = ((frame, same[frame].get(label, -1 - label)) for frame, label in link)
    return one, other
