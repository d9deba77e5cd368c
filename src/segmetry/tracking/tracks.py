"""From links between pictures to tracks: one number for an object while it lasts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.tracking.linking import LinkOptions, Links, Objects, link_objects
from segmetry.tracking.registration import Motion

__all__ = ["track_objects", "typical_distance"]

_COLUMNS = ("frame", "label", "track", "parents", "begins", "ends")


@dataclass
class _Track:
    """A track while it is followed: what begins it, its objects, what ends it."""

    begins: str
    parents: tuple[int, ...] = ()
    ends: str = "last picture"
    places: list[tuple[int, int]] = field(default_factory=list)  # frame, place in it


def typical_distance(frames: Sequence[Objects]) -> float:
    """Return the median diameter of all objects, of circles of equal area, in pixels.

    It is how far an object may move between two pictures unless something else is said.

    Examples
    --------
    >>> frames = [Objects.of(np.ones((10, 10), np.uint32))]
    >>> round(typical_distance(frames), 1)
    11.3
    """
    areas = np.concatenate([np.zeros(0), *(frame.areas for frame in frames)])
    return float(np.median(2 * np.sqrt(areas / np.pi))) if areas.size else 0.0


def track_objects(
    frames: Sequence[NDArray[np.integer] | Objects],
    *,
    options: LinkOptions | None = None,
    motions: Sequence[Motion] | None = None,
    gap: int = 1,
    first: int = 1,
) -> pd.DataFrame:
    """Return every object of a series with the number of its track.

    Parameters
    ----------
    frames : sequence of ndarray of integers, shape (Y, X), or of Objects
        Label images in the order of time, of one shape; 0 is background.
    options : LinkOptions or None
        `None` takes the median diameter of the objects for the greatest distance.
    motions : sequence of Motion or None
        How the scene moved from each picture to the next, one fewer than pictures; `None`
        if it did not.
    gap : int
        Pictures in which an object may be missed, and still be the same.
    first : int
        Number of the first track.

    Returns
    -------
    DataFrame
        One row per object of every picture, in the order of pictures and labels:

        - `frame`: number of the picture, from 0; `label`.
        - `track`: number from `first` up, in the order in which tracks begin.
        - `parents`: tracks that it comes from, joined by ";"; empty where there are none.
        - `begins`, on the first row of a track: "first picture", "appears", "split" or
          "merger"; else empty.
        - `ends`, on its last row: "last picture", "disappears", "split" or "merger".

    Raises
    ------
    ValueError
        If shapes differ, the number of motions does not fit, or the gap is negative.

    Examples
    --------
    >>> first, second = np.zeros((2, 9, 9), np.uint32)
    >>> first[1:6, 1:6], second[2:7, 2:7] = 4, 1
    >>> track_objects([first, second])[["frame", "label", "track"]].to_numpy().tolist()
    [[0, 4, 1], [1, 1, 1]]
    """
    objects = [one if isinstance(one, Objects) else Objects.of(one) for one in frames]
    moved = [Motion()] * (len(objects) - 1) if motions is None else list(motions)
    _refuse(objects, moved, gap)
    if options is None:
        options = LinkOptions(max_distance=typical_distance(objects))
    tracks: list[_Track] = []
    current = _started(tracks, 0, objects[0], "first picture") if objects else {}
    for frame in range(1, len(objects)):
        links = link_objects(objects[frame - 1], objects[frame], options, moved[frame - 1])
        current = _followed(tracks, current, frame, links, objects)
        for missed in range(1, min(gap, frame - 1) + 1):
            before = frame - 1 - missed
            motion = _together(moved[before:frame])
            _bridge(tracks, current, (before, frame), objects, options, motion)
    return _table(tracks, objects, first)


def _refuse(objects: Sequence[Objects], moved: Sequence[Motion], gap: int) -> None:
    shapes = {one.labels.shape for one in objects}
    if len(shapes) > 1:
        msg = f"pictures of a series must have one shape, got {sorted(shapes)}"
        raise ValueError(msg)
    if len(moved) != max(len(objects) - 1, 0) and objects:
        msg = f"expected {len(objects) - 1} motions between pictures, got {len(moved)}"
        raise ValueError(msg)
    if gap < 0:
        msg = f"gap must be a number of pictures from 0 up, got {gap}"
        raise ValueError(msg)


def _started(
    tracks: list[_Track], frame: int, objects: Objects, begins: str
) -> dict[int, int]:
    """Begin a track for each object; return the track at each place."""
    places = range(len(objects.ids))
    tracks.extend(_Track(begins, places=[(frame, place)]) for place in places)
    return {place: place for place in places}


def _followed(
    tracks: list[_Track],
    current: dict[int, int],
    frame: int,
    links: Links,
    objects: Sequence[Objects],
) -> dict[int, int]:
    """Follow all tracks into a picture; return the track at each place in it."""
    for number in current.values():
        tracks[number].ends = "disappears"
    parents: dict[int, list[int]] = {}
    begins: dict[int, str] = {}
    for event, pairs in (("split", links.splits), ("merger", links.mergers)):
        for before, after in pairs.tolist():
            tracks[current[before]].ends = event
            begins[after] = event
            parents.setdefault(after, []).append(current[before])
    continued = {after: current[before] for before, after in links.continued.tolist()}
    now: dict[int, int] = {}
    for place in range(len(objects[frame].ids)):
        number = continued.get(place, len(tracks))
        if number == len(tracks):
            origin = tuple(sorted(set(parents.get(place, ()))))
            tracks.append(_Track(begins.get(place, "appears"), origin))
        tracks[number].places.append((frame, place))
        tracks[number].ends = "last picture"
        now[place] = number
    return now


def _bridge(
    tracks: list[_Track],
    current: dict[int, int],
    between: tuple[int, int],
    objects: Sequence[Objects],
    options: LinkOptions,
    motion: Motion,
) -> None:
    """Join tracks that were lost in one picture to those that appear in a later one."""
    before, frame = between
    lost = {
        track.places[-1][1]: number
        for number, track in enumerate(tracks)
        if track.ends == "disappears" and track.places[-1][0] == before
    }
    new = {
        place: number
        for place, number in current.items()
        if tracks[number].begins == "appears" and tracks[number].places[0][0] == frame
    }
    if not (lost and new):
        return
    left, right = sorted(lost), sorted(new)
    links = link_objects(
        _some(objects[before], left), _some(objects[frame], right), options, motion
    )
    for one, other in links.continued.tolist():
        kept, gone = tracks[lost[left[one]]], tracks[new[right[other]]]
        kept.places += gone.places
        kept.ends = gone.ends
        gone.places = []
        current[right[other]] = lost[left[one]]


def _some(objects: Objects, places: Sequence[int]) -> Objects:
    ids = objects.ids[list(places)]
    labels = np.where(np.isin(objects.labels, ids), objects.labels, 0).astype(np.uint32)
    chosen = list(places)
    return Objects(labels, ids, objects.centres[chosen], objects.areas[chosen])


def _together(motions: Sequence[Motion]) -> Motion:
    """Return one shift for several; flows are left out, as they belong to places."""
    return Motion(sum(one.y for one in motions), sum(one.x for one in motions))


def _table(
    tracks: Sequence[_Track], objects: Sequence[Objects], first: int
) -> pd.DataFrame:
    number_of = {
        old: new
        for new, old in enumerate((n for n, one in enumerate(tracks) if one.places), first)
    }
    rows = []
    for old, new in number_of.items():
        track = tracks[old]
        last = len(track.places) - 1
        parents = ";".join(str(number_of[parent]) for parent in track.parents)
        for at, (frame, place) in enumerate(track.places):
            begins = track.begins if at == 0 else ""
            ends = track.ends if at == last else ""
            label = int(objects[frame].ids[place])
            rows.append((frame, label, new, parents, begins, ends))
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    return table.sort_values(["frame", "label"], ignore_index=True)
