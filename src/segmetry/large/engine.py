"""A picture of any size through a method, tile by tile, as if it had been seen whole."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.errors import PictureError, RecipeError, WorkersError
from segmetry.large.cutting import Known, cut_unit, known_of
from segmetry.large.looking import all_units, look
from segmetry.large.measuring import (
    COLUMN,
    Writer,
    lookup_of,
    measure_long,
    measure_tile,
    mosaic,
)
from segmetry.large.median import median_of_background
from segmetry.large.numbering import least_area_of, number_all
from segmetry.large.placing import (
    areas_in_tile,
    brightness_of,
    place_long,
    place_tile,
    reach_of,
)
from segmetry.large.room import Room
from segmetry.large.store import Arrays, Store
from segmetry.large.work import Work
from segmetry.measure.exposure import Exposure
from segmetry.segment.segmenter import Segmenter
from segmetry.tiled import TiledImage
from segmetry.workers import Lost, Workers

__all__ = ["Found", "Options", "Tell", "finds_by_tile", "segment_large"]

Tell = Callable[[str, int, int], None]

_BACKGROUND = "intensity_mean_above_background"


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in a picture.

    Parameters
    ----------
    objects : DataFrame
        As `segmetry.measure.measure` gives it.
    exposure : sequence of Exposure
        Of the parts of the picture.
    pixels, labels, excluded : ndarray
        One of so many rows and columns: a copy to look at.
    found : mapping
        What the method found in the picture, as JSON values; see `Maps`.
    """

    objects: pd.DataFrame
    exposure: Sequence[Exposure]
    pixels: NDArray[Any]
    labels: NDArray[np.uint32]
    excluded: NDArray[np.bool_]
    found: Mapping[str, Any] = field(default_factory=dict)

    @property
    def included(self) -> int:
        """Number of pixels that are part of the sample."""
        return sum(int(part.counts[0, 0]) for part in self.exposure)

    @property
    def covered(self) -> int:
        """Number of pixels of objects."""
        return sum(int(part.counts[1, 0]) for part in self.exposure)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a picture is taken to pieces; none of this changes a result but `perimeters`.

    Parameters
    ----------
    side : int
        Rows and columns of a tile.
    memory : int
        Bytes that one window may take.
    sharing : int
        So many workers share the memory: windows that do not fit beside others are looked
        at one after the other.
    perimeters : tuple of str
        See `segmetry.measure.measure`.
    """

    side: int = 2048
    memory: int = 2 * 10**9
    sharing: int = 1
    perimeters: tuple[str, ...] = ()


def segment_large(
    tiled: TiledImage,
    segmenter: Segmenter,
    *,
    store: Store,
    workers: Workers,
    options: Options | None = None,
    writer: Writer | None = None,
    tell: Tell | None = None,
) -> Found:
    """Find and measure the objects of a picture of any size.

    The objects, their numbers and their table are those of the whole picture in memory.

    Parameters
    ----------
    tiled : TiledImage
        With its pixel size, and all that is excluded.
    segmenter : Segmenter
        One that takes tiles.
    store : Store
        Where the state is kept, begun: work that was ended goes on from it.
    workers : Workers
    options : Options or None
    writer : Writer or None
        Where final labels go, in windows that are tiles.
    tell : callable or None
        Called with what is being done, how much of it is done and how much there is.

    Returns
    -------
    Found

    Raises
    ------
    RecipeError
        If the method needs the whole picture at once.
    PictureError
        If there is nothing to segment, or an object is too large for the memory.
    WorkersError
        If a worker dies twice at the same tile.
    WriteError
        If the state cannot be kept.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.image import Image
    >>> from segmetry.segment import segmenter
    >>> from segmetry.tiled import InMemory
    >>> from segmetry.workers import open_workers
    >>> pixels = np.full((60, 90), 20, np.uint8)
    >>> pixels[20:40, 20:70] = 200
    >>> with TemporaryDirectory() as folder, open_workers() as workers:
    ...     found = segment_large(
    ...         InMemory(Image(pixels)),
    ...         segmenter("threshold"),
    ...         store=Store(Path(folder)),
    ...         workers=workers,
    ...         options=Options(side=32),
    ...     )
    >>> found.objects["area_px"].tolist()
    [1000]
    """
    if segmenter.takes_tiles and not finds_by_tile(segmenter):
        msg = (
            f"the segmenter {segmenter.name!r} judges all objects of a picture together, "
            "and needs it whole"
        )
        raise RecipeError(msg)
    options = options or Options()
    job = _Job(workers, tell or _tell_nobody, Room(options.memory, options.sharing))
    job.tell("looking at the whole picture", 0, 1)
    survey = segmenter.survey(tiled, over=job.over)
    settled = segmenter.settled(survey.keeping(store.folder))
    work = _work(Work(tiled, *settled, options.side, store, options.perimeters))
    job.each("finding foreground", partial(look, work), _tiles(work, "foreground"), work)
    all_units(work)
    known = job.cut_long_units(work)
    if work.segmenter.min_share > 0:
        known = job.without_specks(work, known)
    if work.places_edges:
        known = job.brightness(work, known)
    longs = np.flatnonzero(known.is_long).tolist()
    job.room.check(work, known.pieces[longs], reach_of(work))
    large = job.room.not_beside_others(work, known.pieces, reach_of(work))
    place = partial(place_tile, work, known)
    job.each("finding objects", place, _tiles(work, "tile"), work)
    alone = partial(place_long, work, known)
    job.each("finding long objects", alone, _some(longs, "long"), work, large)
    return replace(job.measured(work, longs, writer, large), found=dict(survey.found))


def finds_by_tile(segmenter: Segmenter) -> bool:
    """Return whether the objects of a method follow from its maps, tile by tile.

    A network that tells how likely each object is a true one compares it with all others,
    unless it is to keep all (`min_confidence` of 0).

    Examples
    --------
    >>> from segmetry.segment import segmenter
    >>> finds_by_tile(segmenter("auto")), finds_by_tile(segmenter("watershed"))
    (True, False)
    """
    return segmenter.takes_tiles and not segmenter.judges_together


def _work(work: Work) -> Work:
    """Return it with what the maps of the method tell of its way of working."""
    maps = work.maps((slice(0, 1), slice(0, 1)))
    if maps.class_names:
        msg = (
            f"the segmenter {work.segmenter.name!r} tells kinds of objects apart, which is "
            "done in whole pictures only; give more with --memory, or cut the picture"
        )
        raise PictureError(msg)
    by_maps = (maps.flows, maps.boundary, maps.classes)
    return replace(
        work,
        places_edges=maps.edge_grey is not None,
        cuts_by_maps=any(one is not None for one in by_maps),
    )


class _Items(dict[int, str]):
    """Numbers of items, with the name under which what comes of each is kept."""


def _tiles(work: Work, what: str) -> _Items:
    return _some(range(len(work.grid)), what)


def _some(numbers: Iterable[int], what: str) -> _Items:
    return _Items((number, f"{what}-{number}") for number in numbers)


def _tell_nobody(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class _Job:
    """The steps of one picture, over workers."""

    workers: Workers
    tell: Tell
    room: Room

    def each(
        self,
        what: str,
        do: Callable[[int], None],
        items: _Items,
        work: Work,
        large: Collection[int] = (),
    ) -> None:
        """Do what was not done before, in any order; large items one after the other."""
        todo = [item for item, name in items.items() if not work.store.has(name)]
        done = len(items) - len(todo)
        if not todo:
            return
        self.tell(what, done, len(items))
        together = [item for item in todo if item not in large]
        for some in (together, *([item] for item in todo if item in large)):
            for _, lost in self.workers.run_all(do, some):
                if isinstance(lost, Lost):
                    raise WorkersError(_LOST)
                done += 1
                self.tell(what, done, len(items))

    def over(self, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """Return what the work makes of each item, in their order."""
        answers = {}
        numbered = list(enumerate(items))
        for (number, _), answer in self.workers.run_all(partial(_of, work), numbered):
            if isinstance(answer, Lost):
                raise WorkersError(_LOST)
            answers[number] = answer
        return [answers[number] for number, _ in numbered]

    def cut_long_units(self, work: Work) -> Known:
        """Cut units that are longer than the margin of a tile."""
        known = known_of(work)
        self.room.check(work, known.large, 1)
        numbers = range(len(known.large))
        cut = partial(cut_unit, work)
        large = self.room.not_beside_others(work, known.large, 1)
        self.each("cutting long objects", cut, _some(numbers, "unit"), work, large)
        if work.store.has("pieces") or not numbers:
            return known_of(work)
        parts = [work.store.read(f"unit-{number}") for number in numbers]
        count = [len(part["area"]) for part in parts]
        work.store.write(
            "pieces",
            {
                "pieces": np.concatenate([part["boxes"] for part in parts]),
                "area": np.concatenate([part["area"] for part in parts]),
                "unit": np.repeat(np.array(numbers), count),
                "place": np.concatenate([np.arange(1, n + 1) for n in count]),
                "brightness": np.full(sum(count), np.nan, np.float32),
            },
        )
        return known_of(work)

    def without_specks(self, work: Work, known: Known) -> Known:
        """Find how small an object may be against the others."""
        areas = partial(areas_in_tile, work, known)
        self.each("finding areas", areas, _tiles(work, "areas"), work)
        tiles = range(len(work.grid))
        found = [work.store.read_one(f"areas-{tile}", "area") for tile in tiles]
        area = np.concatenate([*found, known.area[known.is_long]])
        least = least_area_of(area, work.segmenter.min_share)
        return replace(known, least_area=least)

    def brightness(self, work: Work, known: Known) -> Known:
        """Find how bright long objects are, which many windows show a part of."""
        longs = np.flatnonzero(known.is_long).tolist()
        bright = partial(brightness_of, work, known)
        large = self.room.not_beside_others(work, known.pieces, 1)
        self.each("looking at long objects", bright, _some(longs, "bright"), work, large)
        brightness = known.brightness.copy()
        for piece in longs:
            brightness[piece] = work.store.read_one(f"bright-{piece}", "mean")
        return replace(known, brightness=brightness)

    def measured(
        self,
        work: Work,
        longs: Sequence[int],
        writer: Writer | None,
        large: Collection[int],
    ) -> Found:
        """Write the labels and measure."""
        names = [*_tiles(work, "tile").values(), *_some(longs, "long").values()]
        lookup = lookup_of(work, number_all(work, names))
        tile = partial(measure_tile, work, lookup, writer)
        self.each("measuring", tile, _tiles(work, "rows"), work)
        alone = partial(measure_long, work, lookup)
        self.each("measuring long objects", alone, _some(longs, "rows-long"), work, large)
        rows = [f"rows-{number}" for number in range(len(work.grid))]
        kept = [work.store.read(name) for name in rows]
        more = [work.store.read(f"rows-long-{piece}") for piece in longs]
        table = _table([*kept, *more], work)
        lost = table[_BACKGROUND].isna() & table["intensity_mean"].notna()
        if lost.any():
            if not work.store.has("median"):
                found = median_of_background(work, lookup, self.workers)
                work.store.write("median", {"median": np.array(found)})
            median = float(work.store.read_one("median", "median"))
            table.loc[lost, _BACKGROUND] = table.loc[lost, "intensity_mean"] - median
        return Found(
            table,
            exposure=[
                Exposure(part["counts"], int(part["highest"]), part["values"])
                for part in kept
            ],
            pixels=mosaic(kept, "few_pixels", work),
            labels=mosaic(kept, "few_labels", work),
            excluded=mosaic(kept, "few_excluded", work),
        )


def _of(work: Callable[[Any], Any], numbered: tuple[int, Any]) -> Any:
    return work(numbered[1])


_LOST = (
    "A process that worked on a part of the picture ended twice, as it does when memory "
    "runs out; give fewer --jobs or less --memory, and --resume to go on"
)


def _table(kept: Sequence[Arrays], work: Work) -> pd.DataFrame:
    """Return the rows of all tiles in ascending order."""
    filled = [part for part in kept if f"{COLUMN}label" in part]
    if not filled:
        return _empty_table(work)
    names = [name for name in filled[0] if name.startswith(COLUMN)]
    columns = {
        name.removeprefix(COLUMN): np.concatenate([part[name] for part in filled])
        for name in names
    }
    order = np.argsort(columns["label"], kind="stable")
    return pd.DataFrame({name: values[order] for name, values in columns.items()})


def _empty_table(work: Work) -> pd.DataFrame:
    from segmetry.image import Labels
    from segmetry.measure import measure

    image = work.tiled.read((slice(0, 1), slice(0, 1)))
    none = Labels(np.zeros((1, 1), np.uint32), image)
    return measure(none, perimeters=work.perimeters)
