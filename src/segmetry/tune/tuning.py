"""The way in: the options of a method tuned on annotated pictures, and judged on others.

The search that gives the tuned options looks at all pictures; its own score is too good,
because the options were chosen by it. What tuning is worth is told by outer folds: for
each, the whole search is made on the other pictures, and what it finds is judged on the
fold beside the defaults [1]_.

References
----------
.. [1] G. C. Cawley, N. L. C. Talbot, "On over-fitting in model selection and subsequent
       selection bias in performance evaluation", Journal of Machine Learning Research 11,
       2010, pages 2079 to 2107.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from segmetry import __version__, io
from segmetry.compare.comparison import score_named
from segmetry.compare.differences import difference, holm
from segmetry.compare.judging import Rules
from segmetry.compare.pictures import AnnotatedSet, Entry, open_set, picture_of, read_truth
from segmetry.compare.store import file_mark, make_folder
from segmetry.compare.work import folds_of
from segmetry.errors import DatasetError, RecipeError, SegmetryError
from segmetry.evaluate import Task
from segmetry.tune.candidates import Candidate, candidate_of
from segmetry.tune.files import MODEL, RESULTS, write_tuning
from segmetry.tune.importance import importance
from segmetry.tune.outcome import DEFAULT, LEFT_OUT, TUNED, OuterFold, Tuning
from segmetry.tune.scoring import Scorer
from segmetry.tune.study import Journal, Search, Tried, search
from segmetry.tune.training import NetworkTraining

__all__ = ["TuneOptions", "tune"]

_JOURNAL, _SETTINGS = "trials.log", "settings.json"
_ALL = "all pictures"

# Told of each trial: the search, its number from 1, how many searches, and the trial.
Told = Callable[[str, int, int, Tried], None]


@dataclass(frozen=True, kw_only=True)
class TuneOptions:
    """How options are tuned.

    Parameters
    ----------
    task : {"objects", "pixels"}
    score : str or None
        What is made best; `None` takes the first headline of the task.
    trials : int
        Of each search, at most.
    patience : int
        See `segmetry.tune.study.search`.
    folds : int
        Outer folds, which judge.
    inner_folds : int
        Folds within each search, for methods that learn.
    settled : mapping of str to str or None
        Options that stay as they are, as texts.
    steps : int
        Of each training of a network.
    groups : Path or None
        A CSV file that names groups.
    cluster : str or None
        Its column of pictures that hang together.
    fov : Path or None
    thin : bool
    seed : int
    resume, overwrite : bool

    Raises
    ------
    RecipeError
        If a value is not possible.
    """

    task: Task = "objects"
    score: str | None = None
    trials: int = 40
    patience: int = 15
    folds: int = 5
    inner_folds: int = 3
    settled: Mapping[str, str] | None = None
    steps: int = 100
    groups: Path | None = None
    cluster: str | None = None
    fov: Path | None = None
    thin: bool = False
    seed: int = 0
    resume: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not possible."""
        if self.task not in ("objects", "pixels"):
            msg = f"methods are tuned by objects or pixels, got {self.task!r}"
            raise RecipeError(msg)
        if self.thin and self.task != "pixels":
            msg = "thin structures are judged by their pixels: --task pixels"
            raise RecipeError(msg)
        for name, least in (("trials", 1), ("patience", 1), ("folds", 2), ("steps", 1)):
            if getattr(self, name) < least:
                msg = f"{name} must be at least {least}, got {getattr(self, name)}"
                raise RecipeError(msg)
        score_named(self.score, self.task, thin=self.thin)


def tune(
    images: Path,
    masks: Path,
    method: str,
    out: Path,
    *,
    options: TuneOptions | None = None,
    told: Told | None = None,
) -> Tuning:
    """Tune the options of a method on pictures with masks, and say what that is worth.

    Parameters
    ----------
    images, masks : Path
        Folders, paired by name.
    method : str
        A segmenter, a file NAME.segmodel, or "network", which trains one for each trial.
    out : Path
        Folder for the recipe, the trials and a page.
    options : TuneOptions or None
    told : callable or None
        Told of each trial.

    Returns
    -------
    Tuning

    Raises
    ------
    DatasetError
        If fewer than two pictures, or groups of them, can be used.
    RecipeError
        If an option is wrong, or the folder holds other results already.
    WriteError
        If nothing can be written.
    """
    options = options or TuneOptions()
    rules = Rules(task=options.task, thin=options.thin, seed=options.seed)
    score = score_named(options.score, options.task, thin=options.thin)
    with TemporaryDirectory(ignore_cleanup_errors=True) as models:
        network = NetworkTraining(
            task="pixels" if options.task == "pixels" else "objects",
            steps=options.steps,
            folder=models,
        )
        candidate = candidate_of(
            method, options.settled, whole=options.thin, network=network
        )
        pictures = _usable(
            open_set(
                images,
                masks,
                groups=options.groups,
                cluster=options.cluster,
                fov=options.fov,
            ),
            candidate,
        )
        folds = folds_of(pictures.entries, options.folds, seed=options.seed)
        make_folder(out, RESULTS, resume=options.resume, overwrite=options.overwrite)
        _same_settings(out, candidate, pictures, options, score)
        scorer = Scorer(candidate, rules, score, inner_folds=options.inner_folds)
        tuning = _tuned(out, scorer, pictures, folds, options, (score, told))
        model = _model(scorer, tuning, pictures.entries, out)
        tuning = replace(tuning, model=model)
        write_tuning(out, tuning, candidate)
    return tuning


def _tuned(
    out: Path,
    scorer: Scorer,
    pictures: AnnotatedSet,
    folds: Sequence[tuple[Entry, ...]],
    options: TuneOptions,
    how: tuple[str, Told | None],
) -> Tuning:
    journal = Journal(out / _JOURNAL)
    score, told = how
    n_searches = len(folds) + 1

    def searched(name: str, number: int, entries: Sequence[Entry]) -> Search:
        return search(
            journal,
            name,
            scorer.candidate.ranges,
            lambda values: scorer.searched(values, entries),
            trials=options.trials,
            patience=options.patience,
            seed=options.seed,
            told=None
            if told is None
            else lambda tried: told(name, number, n_searches, tried),
        )

    whole = searched(_ALL, 1, pictures.entries)
    for tried in whole.tried:
        scorer.remember(tried.settings, tried.pictures)
    outer = []
    for number, fold in enumerate(folds):
        others = tuple(entry for entry in pictures.entries if entry not in fold)
        found = searched(f"without fold {number}", number + 2, others)
        defaults = scorer.candidate.defaults
        outer.append(
            OuterFold(
                held_out=tuple(entry.name for entry in fold),
                search=found,
                default=scorer.held_out(defaults, others, fold),
                tuned=scorer.held_out(found.best.settings, others, fold),
            )
        )
    return _judged(scorer, pictures, whole, outer, (score, options))


def _judged(
    scorer: Scorer,
    pictures: AnnotatedSet,
    whole: Search,
    outer: Sequence[OuterFold],
    how: tuple[str, TuneOptions],
) -> Tuning:
    """Compare the tuned options with the defaults on held-out pictures."""
    score, options = how

    def values(kind: str) -> dict[str, float]:
        return {
            name: scorer.as_told(value)
            for fold in outer
            for name, value in getattr(fold, kind).items()
        }

    tuned, default = values("tuned"), values("default")
    found = difference(
        (TUNED, DEFAULT), score, (tuned, default), pictures.units, seed=options.seed
    )
    return Tuning(
        method=scorer.candidate.name,
        score=score,
        defaults=scorer.candidate.defaults,
        search=whole,
        outer=tuple(outer),
        default_scores=default,
        tuned_scores=tuned,
        difference=holm([found])[0],
        gain=scorer.as_told(found.value),
        sign=scorer.as_told(1.0),
        importance=importance(whole, scorer.candidate.ranges),
        options=asdict(options),
        notes=pictures.notes,
        units=pictures.units,
    )


def _model(
    scorer: Scorer, tuning: Tuning, entries: Sequence[Entry], out: Path
) -> str | None:
    """Teach a method that learns with all pictures, and write its model file."""
    if not scorer.candidate.learns:
        return None
    learned = scorer.taught(tuning.recommended, entries)
    if scorer.candidate.network is not None:
        io.write_bytes(out / MODEL, Path(learned.model).read_bytes())
    else:
        learned.save(out / MODEL)
    return MODEL


def _usable(pictures: AnnotatedSet, candidate: Candidate) -> AnnotatedSet:
    """Leave out what cannot be read, with a note."""
    entries, notes = [], [*pictures.notes]
    recipe = candidate.recipe(candidate.defaults)
    for entry in pictures.entries:
        try:
            picture_of(entry, recipe)
            read_truth(entry)
        except SegmetryError as error:
            notes.append(f"{LEFT_OUT}{entry.name}: {error}")
            continue
        entries.append(entry)
    if not entries:
        msg = f"No picture can be used: {'; '.join(notes[:3])}"
        raise DatasetError(msg)
    return AnnotatedSet(tuple(entries), tuple(notes), pictures.looks)


def _same_settings(
    out: Path,
    candidate: Candidate,
    pictures: AnnotatedSet,
    options: TuneOptions,
    score: str,
) -> None:
    """Refuse to go on with a tuning of other pictures or options."""
    parts = {
        "version": __version__,
        "method": [candidate.name, sorted(candidate.fixed.items())],
        "ranges": [asdict(one) for one in candidate.ranges],
        "score": [score, options.task, options.thin, options.steps],
        "folds": [options.folds, options.inner_folds, options.seed],
        "search": [options.trials, options.patience],
        "pictures": [
            [one.name, one.unit, file_mark(one.image), file_mark(one.mask)]
            for one in pictures.entries
        ],
    }
    text = json.dumps(parts, sort_keys=True, default=str)
    mark = hashlib.sha256(text.encode()).hexdigest()
    path = out / _SETTINGS
    if path.exists() and json.loads(path.read_text(encoding="utf-8")).get("mark") != mark:
        msg = (
            f"{out.name} holds a tuning of other pictures, masks or options; choose "
            "another --out, or say --overwrite to begin anew."
        )
        raise RecipeError(msg)
    io.write_json(path, {"mark": mark, **parts})
