"""The table of objects, kept true while labels change."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.edit import Canvas
from segmetry.edit.change import AFTER, BEFORE, Change
from segmetry.edit.spans import ROW, START, STOP
from segmetry.edit.table import ORIGINS
from segmetry.measure import measure, measure_some
from segmetry.measure.intensity import grey_values, local_background, median_of_all
from segmetry.measure.some import MARGIN

__all__ = ["Measured"]

_SOME_RUNS = 10_000
_LARGE = 4_000_000  # px of a box: to measure what fills it takes longer than an edit may
_MANY = 1000  # objects: to measure more of them does, too
_MEAN, _ABOVE = "intensity_mean", "intensity_mean_above_background"

_Ids = NDArray[np.int64]
_Columns = dict[str, NDArray[Any]]


class Measured:
    """The table of objects of a canvas; equal at any time to one that is made anew.

    After a change, the objects near it are measured; very large ones, and all where there
    are very many, when the table is read, or when `settle` says that hands rest. Objects so
    crowded that their background is that of the whole picture follow when that changes.

    Parameters
    ----------
    canvas : Canvas
    perimeters : sequence of str
        See `segmetry.measure.measure`.
    confidence : tuple of ndarray, shape (n,), or None
        Numbers of objects, ascending, and how sure each was when it was found. That stays
        with objects that nobody changed; for others nothing is known.
    rev : int
        Revision of the canvas.
    """

    def __init__(
        self,
        canvas: Canvas,
        *,
        perimeters: Sequence[str],
        confidence: tuple[NDArray[np.uint32], NDArray[np.float32]] | None,
        rev: int = 0,
    ) -> None:
        self._canvas, self._perimeters = canvas, tuple(perimeters)
        self._confidence = confidence
        labels = canvas.labels()
        self._background = _Background(canvas)
        # Columns, not a table: an edit changes few rows, and may not wait for the others.
        self._columns = self._completed(measure(labels, perimeters=perimeters))
        self._table: pd.DataFrame | None = None
        self._revs = np.full(self.n_objects, rev, dtype=np.int64)
        self._is_crowded = self._background.is_lost(canvas.objects["box"])
        self._followed: float | None = None
        self._unmeasured = self._untold = np.empty(0, dtype=np.int64)
        self._follow_background(rev)

    @property
    def table(self) -> pd.DataFrame:
        """As `segmetry.measure.measure` gives it, with `confidence` where it is known."""
        if len(self._unmeasured):
            ids, self._unmeasured = self._unmeasured, self._unmeasured[:0]
            # No news yet: who waits for these rows hears of them when they are settled.
            self._renew(ids, int(self._revs.max()))
        if self._table is None:
            self._table = pd.DataFrame(self._columns, copy=False)
        return self._table

    @property
    def n_objects(self) -> int:
        """How many there are."""
        return len(self._columns["label"])

    @property
    def late(self) -> tuple[int, ...]:
        """Objects whose new rows were not told of yet, as that would have taken long."""
        return tuple(self._untold.tolist())

    def note(self, changes: Sequence[Change], *, rev: int) -> None:
        """Take in what has changed on the canvas, up to a revision."""
        self._background.note(changes)
        near = [self._canvas.near(change, margin=MARGIN) for change in changes]
        ids = np.unique(np.concatenate([*near, _touched(changes)]))
        later = self._later(ids)
        others = np.setdiff1d(ids, later)
        self._unmeasured = np.setdiff1d(np.union1d(self._unmeasured, later), others)
        self._untold = np.setdiff1d(np.union1d(self._untold, later), others)
        self._renew(others, rev)

    def settle(self, *, rev: int) -> None:
        """Measure what is late, as news of a revision."""
        ids = self._untold
        self._untold = self._unmeasured = ids[:0]
        if len(ids):
            self._renew(ids, rev)

    def _later(self, ids: _Ids) -> _Ids:
        """Return those that can wait: they have rows already, and would take long."""
        objects = self._canvas.objects
        objects = objects[np.isin(objects["label"], ids)]
        if len(objects) <= _MANY:
            sides = (objects["box"][:, 2:] - objects["box"][:, :2]).astype(np.int64)
            objects = objects[sides.prod(axis=1) > _LARGE]
        labels = objects["label"].astype(np.int64)
        return labels[np.isin(labels, self._columns["label"])]

    def _renew(self, ids: _Ids, rev: int) -> None:
        """Measure objects anew; those that are gone lose their rows."""
        self._put(self._measured(ids), ~np.isin(self._columns["label"], ids), rev)
        self._follow_background(rev)

    def rows_since(self, rev: int) -> pd.DataFrame:
        """Return rows that are newer than a revision, with `origin` as a last column."""
        is_true = ~np.isin(self._columns["label"], self._unmeasured)
        chosen = np.flatnonzero((self._revs > rev) & is_true)
        rows = {name: values[chosen] for name, values in self._columns.items()}
        return pd.DataFrame(rows | {"origin": self._origins(rows["label"])})

    def gone(self, changes: Sequence[Change]) -> tuple[int, ...]:
        """Return the objects that changes were about and that are no more."""
        touched = _touched(changes)
        gone = touched[~np.isin(touched, self._columns["label"])]
        return tuple(gone.tolist())

    def _follow_background(self, rev: int) -> None:
        """Bring crowded objects up to date where the picture's background has changed."""
        crowded, before = self._is_crowded, self._followed
        # To be known now: the labels that it belongs to are gone after the next change.
        now = self._followed = self._background.median if crowded.any() else None
        if before is None or now is None or before == now:
            return
        above = self._columns[_ABOVE].copy()
        above[crowded] = self._columns[_MEAN][crowded] - now
        self._columns, self._table = self._columns | {_ABOVE: above}, None
        self._revs[crowded] = rev

    def _measured(self, ids: _Ids) -> tuple[_Columns, NDArray[np.bool_]]:
        """Return the rows of those that are there, and whether each is crowded."""
        objects = self._canvas.objects
        objects = objects[np.isin(objects["label"], ids)]
        rows = self._completed(
            measure_some(
                self._canvas.labels(),
                objects["label"].tolist(),
                boxes=objects["box"],
                perimeters=self._perimeters,
                background=lambda: -np.inf,
            )
        )
        # The search for the background around each is long: what it tells is used twice.
        is_crowded = np.isposinf(rows[_ABOVE])
        if is_crowded.any():
            above = rows[_MEAN] - self._background.median
            rows[_ABOVE] = np.where(is_crowded, above, rows[_ABOVE])
        return rows, is_crowded

    def _put(
        self, found: tuple[_Columns, NDArray[np.bool_]], stays: NDArray[np.bool_], rev: int
    ) -> None:
        """Put rows in the place of all that do not stay."""
        rows, is_crowded = found
        revs = np.full(len(is_crowded), rev)
        place = _places(self._columns["label"], rows["label"], stays)
        self._columns = {
            name: place(values, rows[name]) for name, values in self._columns.items()
        }
        self._table = None
        self._revs = place(self._revs, revs)
        self._is_crowded = place(self._is_crowded, is_crowded)

    def _origins(self, labels: NDArray[np.uint32]) -> list[str]:
        objects = self._canvas.objects
        codes = objects["origin"][np.searchsorted(objects["label"], labels)]
        return [ORIGINS[code] for code in codes.tolist()]

    def _completed(self, rows: pd.DataFrame) -> _Columns:
        columns = {str(name): values.to_numpy() for name, values in rows.items()}
        if self._confidence is None:
            return columns
        ids, known = self._confidence
        labels = columns["label"]
        values = np.full(len(labels), np.nan, dtype=known.dtype)
        is_found = np.array(self._origins(labels), dtype=object) == "found"
        values[is_found] = known[np.searchsorted(ids, labels[is_found])]
        return columns | {"confidence": values}


class _Background:
    """The median grey value of all background of a picture, while labels change.

    Grey values of 8 and 16 bits are counted once; then a change costs what it changes.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        image = canvas.labels().image
        self._values, self._excluded = grey_values(image), image.excluded
        self._counts: NDArray[np.int64] | None = None
        self._median: float | None = None
        if self._values.dtype.kind == "u":
            is_free = (canvas.labels().data == 0) & image.included
            n_values = np.iinfo(self._values.dtype).max + 1
            self._counts = np.bincount(self._values[is_free], minlength=n_values)

    @property
    def median(self) -> float:
        """Of now; NaN where nothing is background. Found when it is asked for."""
        if self._median is None:
            data = self._canvas.labels().data
            self._median = (
                median_of_all(self._values, data, self._excluded)
                if self._counts is None
                else _median_of_counts(self._counts)
            )
        return self._median

    def is_lost(self, boxes: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return for each object whether this median is its background."""
        found = local_background(
            self._values,
            self._canvas.labels().data,
            np.ascontiguousarray(boxes, dtype=np.int32),
            self._excluded,
            of_all=lambda: -np.inf,
        )
        return np.isneginf(found)

    def note(self, changes: Sequence[Change]) -> None:
        """Count what became background or is no longer."""
        self._median = None
        if self._counts is None:
            return
        for change in changes:
            was_free, is_free = (change.runs[:, [BEFORE, AFTER]] == 0).T
            self._counts += self._counted(change.runs[is_free & ~was_free])
            self._counts -= self._counted(change.runs[was_free & ~is_free])

    def _counted(self, runs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many pixels of runs have each grey value."""
        assert self._counts is not None  # noqa: S101 - who calls has looked
        counts = np.zeros_like(self._counts)
        # Some at a time: a stroke may be of millions of pixels.
        for part in (runs[k : k + _SOME_RUNS] for k in range(0, len(runs), _SOME_RUNS)):
            lengths = part[:, STOP] - part[:, START]
            ends = np.cumsum(lengths)
            x = np.arange(ends[-1]) + np.repeat(part[:, STOP] - ends, lengths)
            place = np.repeat(part[:, ROW], lengths), x
            values = self._values[place]
            if self._excluded is not None:
                values = values[~self._excluded[place]]
            counts += np.bincount(values, minlength=len(counts))
        return counts


def _places(
    labels: NDArray[np.uint32], new: NDArray[np.uint32], stays: NDArray[np.bool_]
) -> Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]:
    """Return what puts values of new labels in the place of those that do not stay."""
    old = np.flatnonzero(~stays)
    if np.array_equal(labels[old], new):
        return partial(_written, old)
    order = np.argsort(np.append(labels[stays], new), kind="stable")
    return lambda values, others: np.concatenate([values[stays], others])[order]


def _written(
    places: NDArray[np.intp], values: NDArray[Any], others: NDArray[Any]
) -> NDArray[Any]:
    written = values.copy()  # tables that were given out hold them
    written[places] = others
    return written


def _median_of_counts(counts: NDArray[np.int64]) -> float:
    """Return the median of values of which there are so many each; NaN of none."""
    below = np.cumsum(counts)
    n = int(below[-1])
    if n == 0:
        return float("nan")
    middle = np.searchsorted(below, [(n - 1) // 2, n // 2], side="right")
    return float(middle.mean())


def _touched(changes: Sequence[Change]) -> _Ids:
    labels = [change.after["label"].astype(np.int64) for change in changes]
    return np.unique(np.concatenate([*labels, np.empty(0, dtype=np.int64)]))
