"""The way in: from folders and names of methods to a comparison in a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segmetry.compare.comparison import Comparison, compared, score_named
from segmetry.compare.files import RESULTS, write_comparison
from segmetry.compare.judging import Job, Rules
from segmetry.compare.methods import Method, baseline, learns
from segmetry.compare.pictures import AnnotatedSet, Entry, open_set, twins_of
from segmetry.compare.store import make_folder
from segmetry.compare.work import OnOutcome, jobs_of, run_jobs
from segmetry.errors import DatasetError, RecipeError
from segmetry.evaluate import Task
from segmetry.measure.wording import count_of

__all__ = ["CompareOptions", "compare"]


@dataclass(frozen=True, kw_only=True)
class CompareOptions:
    """How methods are compared.

    Parameters
    ----------
    task : {"objects", "pixels"}
    score : str or None
        Orders the methods; `None` takes the first headline of the task.
    against : str or None
        Label of the method that all are compared with; `None` takes the best.
    folds : int
        For methods that learn.
    train : tuple of Path or None
        Folders of pictures and masks to learn from, instead of the other folds.
    groups : Path or None
        A CSV file that names groups.
    by, cluster : str or None
        Its columns: groups to score apart, and pictures that hang together.
    fov : Path or None
        Folder of masks of which only the pixels count.
    thin : bool
        Keep lines whole, and judge their skeletons.
    jobs : int
        Processes.
    seed : int
    resume, overwrite : bool

    Raises
    ------
    RecipeError
        If a value is not possible.
    """

    task: Task = "objects"
    score: str | None = None
    against: str | None = None
    folds: int = 5
    train: tuple[Path, Path] | None = None
    groups: Path | None = None
    by: str | None = None
    cluster: str | None = None
    fov: Path | None = None
    thin: bool = False
    jobs: int = 1
    seed: int = 0
    resume: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not possible."""
        if self.task not in ("objects", "pixels"):
            msg = f"methods are judged by objects or pixels, got {self.task!r}"
            raise RecipeError(msg)
        if self.thin and self.task != "pixels":
            msg = "thin structures are judged by their pixels: --task pixels"
            raise RecipeError(msg)
        if self.folds < 2:
            msg = f"there must be at least 2 folds, got {self.folds}"
            raise RecipeError(msg)
        score_named(self.score, self.task, thin=self.thin)


def compare(
    images: Path,
    masks: Path,
    methods: Sequence[Method],
    out: Path,
    *,
    options: CompareOptions | None = None,
    on_outcome: OnOutcome | None = None,
) -> Comparison:
    """Compare methods on pictures with masks, and write what came of it.

    Parameters
    ----------
    images, masks : Path
        Folders, paired by name.
    methods : sequence of Method
        See `find_methods`.
    out : Path
        Folder for tables, a page, and the objects that each method found.
    options : CompareOptions or None
    on_outcome : callable or None
        Told each outcome, how many there are, and how many there will be.

    Returns
    -------
    Comparison
        With a baseline that nobody asked for beside the methods.

    Raises
    ------
    DatasetError
        If nothing pairs, or no picture can be judged.
    RecipeError
        If an option is wrong, or the folder holds results already.
    WriteError
        If nothing can be written.
    """
    options = options or CompareOptions()
    rules = Rules(task=options.task, thin=options.thin, seed=options.seed)
    score = score_named(options.score, options.task, thin=options.thin)
    everyone = (*methods, baseline(options.task, whole=options.thin))
    _check_reference(options.against, everyone)
    pictures = open_set(
        images,
        masks,
        groups=options.groups,
        by=options.by,
        cluster=options.cluster,
        fov=options.fov,
    )
    teachers, pictures = _teachers(options.train, pictures, everyone)
    jobs = list(
        jobs_of(
            everyone,
            pictures.entries,
            teachers=teachers,
            n_folds=options.folds,
            seed=options.seed,
        )
    )
    make_folder(out, RESULTS, resume=options.resume, overwrite=options.overwrite)
    outcomes = run_jobs(jobs, rules, out, n_processes=options.jobs, on_outcome=on_outcome)
    found = compared(
        everyone,
        pictures,
        outcomes,
        rules,
        score=score,
        against=options.against,
        how=_how(jobs, options),
    )
    write_comparison(out, found, everyone, pictures, rules)
    return found


def _check_reference(against: str | None, methods: Sequence[Method]) -> None:
    labels = [one.label for one in methods]
    if against is not None and against not in labels:
        msg = f"--against names no method that is compared: expected one of {', '.join(labels)}, got {against!r}"  # noqa: E501
        raise RecipeError(msg)


def _teachers(
    train: tuple[Path, Path] | None, pictures: AnnotatedSet, methods: Sequence[Method]
) -> tuple[tuple[Entry, ...], AnnotatedSet]:
    """Return the pictures of the train folder, none of which may be judged too."""
    if train is None or not any(learns(one.segmenter()) for one in methods):
        return (), pictures
    others = open_set(*train)
    twins = set(twins_of(others.looks, pictures.looks))
    kept = tuple(one for one in others.entries if one.name not in twins)
    notes = pictures.notes
    if twins:
        note = (
            f"Not learned from, as they look like pictures that judge: {len(twins)} of "
            f"{len(others.entries)} pictures of the train folder."
        )
        notes = (*notes, note)
    if not kept:
        msg = "every picture of the train folder looks like one that judges; give others"
        raise DatasetError(msg)
    return kept, AnnotatedSet(pictures.entries, notes, pictures.looks)


def _how(jobs: Sequence[Job], options: CompareOptions) -> Mapping[str, str]:
    """Say how each method that learns was taught."""
    lessons: dict[str, list[int]] = {}
    for job in jobs:
        if job.teachers:
            lessons.setdefault(job.method.label, []).append(len(job.teachers))
    return {
        label: (
            count_of(sizes[0], "other picture")
            if options.train
            else f"cross-validation in {len(sizes)} folds"
        )
        for label, sizes in lessons.items()
    }
