"""The pictures of a run, worked on in this process, in several, or on a cluster."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from segmetry.batch.far import Far, see_to_sharing, wait_for_results
from segmetry.batch.fetching import Fetching
from segmetry.batch.folders import UNFINISHED
from segmetry.batch.inputs import Picture
from segmetry.batch.large import LargeRun, needs_tiles, process_large
from segmetry.batch.manifest import fingerprint
from segmetry.batch.memory import LEAST, default_memory
from segmetry.batch.pictures import (
    PictureResult,
    earlier_result,
    failure,
    process,
)
from segmetry.io.remote_files import is_remote_file
from segmetry.recipe import Recipe, with_paths
from segmetry.workers import Lost, Workers, open_workers

__all__ = ["BatchOptions", "Begun", "by_workers", "remove_unfinished", "worked_on"]

_PICTURES_A_WORKER = 4  # a worker takes seconds to start: fewer pictures are not worth it
_MOST_WORKERS = 4  # reading a scale bar takes up to 1 GB in each

Begun = Callable[[str, int], None]


@dataclass(frozen=True)
class BatchOptions:
    """How a batch is carried out; none of this changes a result.

    Parameters
    ----------
    jobs : int or None
        Number of processes; `None` takes one per four pictures, at most four. More than
        one needs a script whose own work stands under `if __name__ == "__main__":`.
    cluster : str, int or None
        Dask cluster that works on the pictures, instead of processes: see
        `segmetry.workers.open_workers`.
    resume : bool
        Keep what an earlier run with the same recipe has done.
    overwrite : bool
        Replace what an earlier run has done.
    save_maps : bool
        Also write `foreground.tif`, the probability of each pixel, and where the method
        tells classes `class_probabilities.tif`, a page for each.
    memory : int or None
        Bytes that the run may take. Pictures that need more are seen tile by tile, where
        the recipe can be carried out so; `None` takes half of the machine's memory.
    """

    jobs: int | None = 1
    cluster: str | int | None = None
    resume: bool = False
    overwrite: bool = False
    save_maps: bool = False
    memory: int | None = None


def worked_on(
    pictures: Sequence[Picture],
    recipe: Recipe,
    out: Path,
    options: BatchOptions,
    begun: Begun,
) -> Iterator[tuple[Picture, PictureResult]]:
    """Yield each picture with its result, as they are done; its folder is then there.

    A picture whose worker dies is tried again, alone, when all others are done; if that
    one dies too, it has failed.

    Parameters
    ----------
    pictures : sequence of Picture
    recipe : Recipe
    out : Path
        Folder of the run.
    options : BatchOptions
    begun : callable
        Called with what work begins on, in words, and the number of pictures.

    Yields
    ------
    tuple of Picture and PictureResult

    Raises
    ------
    WorkersError
        If the cluster cannot be reached, does not share the folder, or is gone.
    """
    out = out.absolute()  # on other machines and in other processes too
    recipe = with_paths(recipe, lambda path: str(Path(path).absolute()))
    mark = fingerprint(recipe)
    earlier = partial(
        earlier_result, out=out, fingerprint=mark, save_maps=options.save_maps
    )
    todo = []
    for picture in pictures:
        kept = None
        if options.resume and not is_remote_file(picture.path):
            kept = earlier(picture)
        if kept is None:
            todo.append(picture)
        else:
            yield picture, kept
    work = Fetching(
        partial(
            process, recipe=recipe, out=out, fingerprint=mark, save_maps=options.save_maps
        ),
        out,
        earlier if options.resume else None,
    )
    jobs = _n_workers(options.jobs, len(todo))
    large = _large(todo, recipe, options, jobs)
    todo = [picture for picture in todo if picture not in large]
    if options.cluster is None and jobs == 1:
        for picture in todo:
            begun(picture.shown, len(pictures))
            yield picture, work(picture)
    elif todo:
        with open_workers(jobs=jobs, cluster=options.cluster) as workers:
            begun(workers.told, len(pictures))
            try:
                if options.cluster is None:
                    yield from by_workers(work, todo, workers)
                else:
                    yield from _far(Far(out, recipe, mark, work), todo, workers)
            finally:  # a worker that dies leaves its unfinished folder
                remove_unfinished(out)
    run = LargeRun(recipe, out, mark, _memory(options) or LEAST)
    for picture in large:
        tell = partial(_tell, begun, picture, len(pictures))
        yield picture, process_large(picture, run, options.jobs, options.cluster, tell)


def _memory(options: BatchOptions) -> int | None:
    return options.memory or default_memory()


def _large(
    pictures: Sequence[Picture], recipe: Recipe, options: BatchOptions, jobs: int
) -> list[Picture]:
    """Return the pictures that are seen tile by tile."""
    memory = _memory(options)
    if memory is None or options.save_maps:
        return []
    # What is stated is for all processes together.
    share = memory // (jobs if options.memory else 1)
    return [
        picture
        for picture in pictures
        if not is_remote_file(picture.path) and needs_tiles(picture, recipe, share)
    ]


def _tell(begun: Begun, picture: Picture, total: int, what: str) -> None:
    begun(f"{picture.shown}: {what}", total)


def by_workers(
    work: Callable[[Picture], PictureResult], pictures: Sequence[Picture], workers: Workers
) -> Iterator[tuple[Picture, PictureResult]]:
    """Yield pictures with their results, or with the failure that their worker died."""
    for picture, result in workers.run_all(work, pictures):
        if isinstance(result, Lost):
            yield picture, failure(picture, result.reason)
        else:
            yield picture, result


def _far(
    work: Far, pictures: Sequence[Picture], workers: Workers
) -> Iterator[tuple[Picture, PictureResult]]:
    """Yield pictures with their results, all of which are seen from here."""
    see_to_sharing(workers, work.out, pictures[0].path)
    for picture, result in by_workers(work, pictures, workers):
        if not result.failed:
            wait_for_results(work.out / picture.key)
        yield picture, result


def remove_unfinished(out: Path) -> None:
    """Remove what pictures have left that were not finished."""
    for path in out.glob(f"{UNFINISHED}*"):
        shutil.rmtree(path, ignore_errors=True)


def _n_workers(jobs: int | None, n_pictures: int) -> int:
    if jobs is not None:
        return max(1, min(jobs, n_pictures))
    cores = os.cpu_count() or 1
    return max(1, min(cores, n_pictures // _PICTURES_A_WORKER, _MOST_WORKERS))
