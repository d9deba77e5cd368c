"""Which method runs on which pictures, in this process or in several."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from segmetry.compare.judging import Job, Rules, carried_out
from segmetry.compare.methods import Method, learns
from segmetry.compare.outcome import Outcome
from segmetry.compare.pictures import Entry
from segmetry.compare.store import Store
from segmetry.dataset import k_folds
from segmetry.errors import DatasetError
from segmetry.workers import Lost, run_all

__all__ = ["OnOutcome", "folds_of", "jobs_of", "run_jobs"]

OnOutcome = Callable[[Outcome, int, int], None]


def folds_of(
    entries: Sequence[Entry], n_folds: int, *, seed: int = 0
) -> list[tuple[Entry, ...]]:
    """Deal pictures into folds; those that hang together are in one.

    Parameters
    ----------
    entries : sequence of Entry
    n_folds : int
        At most; as many as there are units, where they are fewer.
    seed : int

    Returns
    -------
    list of tuple of Entry
        The pictures of each fold, groups spread evenly over them.

    Raises
    ------
    DatasetError
        If all pictures hang together.
    """
    units = [entry.unit for entry in entries]
    k = min(n_folds, len(set(units)))
    if k < 2:
        msg = (
            "All pictures hang together, so none can judge what was learned from the "
            "others; add pictures, or teach with others (--train-images, --train-masks)"
        )
        raise DatasetError(msg)
    groups = [entry.group for entry in entries]
    fold = k_folds(units, k, seed=seed, classes=groups if any(groups) else None)
    return [
        tuple(one for one, at in zip(entries, fold, strict=True) if at == number)
        for number in range(k)
    ]


def jobs_of(
    methods: Sequence[Method],
    entries: Sequence[Entry],
    *,
    teachers: Sequence[Entry] = (),
    n_folds: int = 5,
    seed: int = 0,
) -> Iterator[Job]:
    """Yield the jobs of a comparison.

    Parameters
    ----------
    methods : sequence of Method
    entries : sequence of Entry
    teachers : sequence of Entry
        Other pictures to learn from; where there are none, a method that learns is taught
        by the other folds.
    n_folds : int
    seed : int

    Yields
    ------
    Job
        One picture for a method that knows already, a fold for one that learns.
    """
    for method in methods:
        if not learns(method.segmenter()):
            for entry in entries:
                yield Job(method, (entry,))
        elif teachers:
            yield Job(method, tuple(entries), tuple(teachers))
        else:
            for fold in folds_of(entries, n_folds, seed=seed):
                others = tuple(entry for entry in entries if entry not in fold)
                yield Job(method, fold, others)


def run_jobs(
    jobs: Sequence[Job],
    rules: Rules,
    folder: Path,
    *,
    n_processes: int = 1,
    on_outcome: OnOutcome | None = None,
) -> list[Outcome]:
    """Carry out jobs, keeping each result in a folder as soon as it is there.

    Parameters
    ----------
    jobs : sequence of Job
    rules : Rules
    folder : Path
        What it holds of earlier and has not changed is not done again.
    n_processes : int
    on_outcome : callable or None
        Told each outcome, how many there are, and how many there will be.

    Returns
    -------
    list of Outcome
        In the order of the jobs and their pictures.
    """
    store = Store(folder, rules)
    found: dict[tuple[int, str], Outcome] = {}
    total = sum(len(job.entries) for job in jobs)
    todo = []
    for at, job in enumerate(jobs):
        kept = {entry.name: store.earlier(job, entry) for entry in job.entries}
        found |= {(at, name): one for name, one in kept.items() if one is not None}
        rest = tuple(entry for entry in job.entries if kept[entry.name] is None)
        if rest:
            todo.append((at, job, rest))
    run = partial(_of_job, rules=rules, folder=folder)
    for at, outcomes in _each(run, todo, min(n_processes, len(todo))):
        for outcome in outcomes:
            found[at, outcome.picture] = outcome
            if on_outcome is not None:
                on_outcome(outcome, len(found), total)
    return [found[at, entry.name] for at, job in enumerate(jobs) for entry in job.entries]


_Task = tuple[int, Job, tuple[Entry, ...]]


def _of_job(task: _Task, *, rules: Rules, folder: Path) -> list[Outcome]:
    """Do what is left of a job, and keep it."""
    _, job, rest = task
    store = Store(folder, rules)
    outcomes = []
    by_name = {entry.name: entry for entry in rest}
    for outcome, labels in carried_out(Job(job.method, rest, job.teachers), rules):
        store.keep(job, by_name[outcome.picture], outcome, labels)
        outcomes.append(outcome)
    return outcomes


def _each(
    run: Callable[[_Task], list[Outcome]], todo: Sequence[_Task], n_processes: int
) -> Iterator[tuple[int, list[Outcome]]]:
    for (at, job, rest), outcomes in run_all(run, todo, jobs=n_processes):
        if isinstance(outcomes, Lost):
            label, why = job.method.label, outcomes.reason
            yield at, [Outcome(label, one.name, reason=why) for one in rest]
        else:
            yield at, outcomes
