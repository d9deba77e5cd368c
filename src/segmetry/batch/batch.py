"""Many pictures through one recipe, one row per picture."""

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from segmetry.batch.finish import BatchResult, finish
from segmetry.batch.folders import is_result
from segmetry.batch.inputs import RESULT_FILES, Picture
from segmetry.batch.log import run_log
from segmetry.batch.pictures import PictureResult
from segmetry.batch.work import work_of
from segmetry.batch.working import BatchOptions, Begun, remove_unfinished, worked_on
from segmetry.errors import RecipeError, WriteError
from segmetry.measure.wording import found_text
from segmetry.recipe import Recipe

__all__ = ["BatchOptions", "BatchResult", "run_batch"]

Progress = Callable[[PictureResult, int, int], None]


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
    WorkersError
        If a cluster cannot be reached, does not share files with this machine, or is gone.
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
        done = worked_on(work.pictures, work.recipe, out, options, begun)
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
    if again:
        remove_unfinished(out)


def _line(result: PictureResult) -> str:
    row = result.row
    if result.failed:
        return f"{row['image']}: failed: {row['reason']}"
    return f"{row['image']}: {found_text(row)}; {row['calibration_note']}"
