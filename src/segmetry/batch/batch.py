"""Many pictures through one recipe: in this process or in several, one row per picture."""

import logging
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from segmetry.batch.finish import BatchResult, finish
from segmetry.batch.inputs import RESULT_FILES, Picture
from segmetry.batch.log import run_log
from segmetry.batch.manifest import fingerprint
from segmetry.batch.pictures import (
    UNFINISHED,
    PictureResult,
    earlier_result,
    failure,
    is_result,
    process,
)
from segmetry.batch.work import work_of
from segmetry.errors import RecipeError, WriteError
from segmetry.measure.wording import found_text
from segmetry.recipe import Recipe

__all__ = ["BatchOptions", "BatchResult", "run_batch"]

_PICTURES_A_WORKER = 4  # a worker takes seconds to start: fewer pictures are not worth it
_MOST_WORKERS = 4  # reading a scale bar takes up to 1 GB in each


@dataclass(frozen=True)
class BatchOptions:
    """How a batch is carried out; none of this changes a result.

    Parameters
    ----------
    jobs : int or None
        Number of processes; `None` takes one per four pictures, at most four. More than
        one needs a script whose own work stands under `if __name__ == "__main__":`.
    resume : bool
        Keep what an earlier run with the same recipe has done.
    overwrite : bool
        Replace what an earlier run has done.
    save_maps : bool
        Also write `foreground.tif`, the probability of each pixel, and where the method
        tells classes `class_probabilities.tif`, a page for each.
    """

    jobs: int | None = 1
    resume: bool = False
    overwrite: bool = False
    save_maps: bool = False


Progress = Callable[[PictureResult, int, int], None]
Begun = Callable[[str, int], None]


def run_batch(
    recipe: Recipe,
    inputs: str | Path | Sequence[str | Path] = (),
    out: str | Path = "segmetry-results",
    *,
    folder: Path | None = None,
    options: BatchOptions | None = None,
    progress: Progress | None = None,
    begun: Begun | None = None,
) -> BatchResult:
    """Run a recipe on many pictures and write tables, labels, overlays and a report.

    Parameters
    ----------
    recipe : Recipe
    inputs : path-like or sequence of path-like
        Files, folders and patterns. Empty: the pictures that the recipe names.
    out : path-like
        Folder for the results; made if it is not there.
    folder : Path or None
        Folder that the recipe's own paths are relative to. `None`: the current one.
    options : BatchOptions or None
    progress : callable or None
        Called with each picture's result, the number done so far and the total.
    begun : callable or None
        Called with what work begins on, in words, and the total.

    Returns
    -------
    BatchResult

    Raises
    ------
    RecipeError
        If nothing is found to work on, results are there already, or the sheet is wrong.
    WriteError
        If the tables cannot be written.
    """
    options = options or BatchOptions()
    begun = begun or _nobody_asks
    folder = folder or Path.cwd()
    out = Path(out)
    work = work_of(recipe, inputs, out, folder)
    _make_folder(out, work.pictures, options)
    with run_log(out / "run.log") as log:
        log.info("%d pictures", len(work.pictures))
        for remark in work.remarks:  # before hours of work, which they may speak against
            log.warning("%s", remark)
        done = _results(work.pictures, work.recipe, out, options, begun)
        results = _collected(done, work.pictures, log, progress or _no_progress)
        begun("statistics and report", len(work.pictures))
        finished = finish(out, work, results)
        log.info("finished")
    return finished


def _no_progress(_result: PictureResult, _done: int, _total: int) -> None:
    """Tell nobody."""


def _nobody_asks(_what: str, _total: int) -> None:
    """Tell nobody."""


def _collected(
    work: Iterable[tuple[Picture, PictureResult]],
    pictures: Sequence[Picture],
    log: logging.Logger,
    progress: Progress,
) -> list[PictureResult]:
    """Return results in the order of the pictures, telling each as it comes."""
    results = {}
    for picture, result in work:
        results[picture.key] = result
        log.info("%s", _line(result))
        for line in (*result.remarks, *filter(None, [result.trace])):
            log.info("%s: %s", picture.key, line)
        progress(result, len(results), len(pictures))
    return [results[picture.key] for picture in pictures]


def _make_folder(out: Path, pictures: Sequence[Picture], options: BatchOptions) -> None:
    if options.resume and options.overwrite:
        msg = "Choose --resume to keep earlier results or --overwrite to replace them."
        raise RecipeError(msg)
    again = options.resume or options.overwrite
    try:
        out.mkdir(parents=True, exist_ok=True)
        present = {path.name.casefold(): path for path in out.iterdir()}
    except OSError as error:
        msg = f"Cannot make the folder {out.name} for the results: {error.strerror}."
        raise WriteError(msg) from error
    for name in (*RESULT_FILES - {"run.log"}, *(picture.key for picture in pictures)):
        found = present.get(name.casefold())
        if found is None:
            continue
        if name not in RESULT_FILES and not is_result(found):
            msg = (
                f"{out.name} holds {found.name}, which no run has made and none may "
                "replace; choose another --out."
            )
            raise RecipeError(msg)
        if not again:
            msg = (
                f"{out.name} already holds results ({found.name}); choose another --out, "
                "or say --resume to keep them or --overwrite to replace them."
            )
            raise RecipeError(msg)
    for path in out.glob(f"{UNFINISHED}*") if again else ():
        shutil.rmtree(path, ignore_errors=True)


def _results(
    pictures: Sequence[Picture],
    recipe: Recipe,
    out: Path,
    options: BatchOptions,
    begun: Begun,
) -> Iterator[tuple[Picture, PictureResult]]:
    mark = fingerprint(recipe)
    todo = []
    for picture in pictures:
        kept = None
        if options.resume:
            kept = earlier_result(
                picture, out, fingerprint=mark, save_maps=options.save_maps
            )
        if kept is None:
            todo.append(picture)
        else:
            yield picture, kept
    work = partial(
        process, recipe=recipe, out=out, fingerprint=mark, save_maps=options.save_maps
    )
    jobs = _n_workers(options.jobs, len(todo))
    if jobs > 1:
        begun(f"in {jobs} processes", len(pictures))
        yield from _in_processes(work, todo, jobs)
        return
    for picture in todo:
        begun(picture.shown, len(pictures))
        yield picture, work(picture)


def _n_workers(jobs: int | None, n_pictures: int) -> int:
    if jobs is not None:
        return max(1, min(jobs, n_pictures))
    cores = os.cpu_count() or 1
    return max(1, min(cores, n_pictures // _PICTURES_A_WORKER, _MOST_WORKERS))


def _in_processes(
    work: Callable[[Picture], PictureResult], pictures: Sequence[Picture], jobs: int
) -> Iterator[tuple[Picture, PictureResult]]:
    spawn = multiprocessing.get_context("spawn")
    lost: list[Picture] = []
    with ProcessPoolExecutor(jobs, mp_context=spawn) as pool:
        futures = {pool.submit(work, picture): picture for picture in pictures}
        try:
            for future in as_completed(futures):
                if isinstance(future.exception(), BrokenProcessPool):
                    lost.append(futures[future])
                else:
                    yield futures[future], future.result()
        except BaseException:  # Ctrl-C ends what waits, not only what runs
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for picture in lost:  # one of them ended its worker: each gets a worker of its own
        yield picture, _alone(work, picture)


def _alone(work: Callable[[Picture], PictureResult], picture: Picture) -> PictureResult:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        future: Future[PictureResult] = pool.submit(work, picture)
        try:
            return future.result()
        except BrokenProcessPool:
            reason = "The process that worked on it ended, as it does when memory runs out."
            return failure(picture, reason)


def _line(result: PictureResult) -> str:
    row = result.row
    if result.failed:
        return f"{row['image']}: failed: {row['reason']}"
    return f"{row['image']}: {found_text(row)}; {row['calibration_note']}"
