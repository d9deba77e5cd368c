"""One search over the ranges of a method: which values next, and when to stop.

The first trial has the defaults. In the next ten a few options differ from them at random:
where all differ at once, something is mostly wrong. After that a tree-structured Parzen
estimator [1]_ proposes every second trial, and every other changes a few options of the
best. Each proposal has a seed of its own, which depends on the seed of the search and on
how many trials are finished, and on nothing else: a search that was stopped goes on as if
it had not been.

References
----------
.. [1] J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl, "Algorithms for hyper-parameter
       optimization", Advances in Neural Information Processing Systems 24, 2011.
"""

import hashlib
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segmetry.errors import DatasetError, WriteError
from segmetry.tune.ranges import Range

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial, Trial

__all__ = [
    "DONE",
    "FAILED",
    "PRUNED",
    "Journal",
    "Search",
    "Tried",
    "distribution_of",
    "rise",
    "search",
]

DONE, PRUNED, FAILED = "done", "pruned", "failed"

# From values to (picture, score), one picture after the other; higher is better.
Scoring = Callable[[Mapping[str, Any]], Iterator[tuple[str, float]]]

_ABOUT_THE_DEFAULTS = 10  # trials, before what was found guides the search
_MOST_CHANGED = 3  # options of one trial, where a known one is changed
_TO_COMPARE_WITH = 4  # finished trials, before one can be given up as hopeless
_LEAST_SHARE = 1 / 3  # of the pictures are looked at before a trial is given up
_LOCKED = 30  # seconds after which the lock of a program that was killed is void


@dataclass(frozen=True)
class Tried:
    """One trial.

    Parameters
    ----------
    number : int
        From 0, the defaults.
    settings : mapping of str to Any
        Value of each option.
    pictures : mapping of str to float
        Score of each picture that was looked at; higher is better.
    state : {"done", "pruned", "failed"}
        "pruned" was hopeless after some pictures.
    reason : str
        Why it failed.
    """

    number: int
    settings: Mapping[str, Any]
    pictures: Mapping[str, float]
    state: str
    reason: str = ""

    @property
    def mean(self) -> float:
        """Mean over its pictures; NaN without any."""
        return float(np.mean([*self.pictures.values()])) if self.pictures else math.nan


@dataclass(frozen=True)
class Search:
    """What a search came to.

    Parameters
    ----------
    tried : tuple of Tried
    stopped_by : str
        Why there were no more trials, in a sentence.
    """

    tried: tuple[Tried, ...]
    stopped_by: str

    @property
    def best(self) -> Tried:
        """The best finished trial; of equal ones the first."""
        return _best(self.tried)


class Journal:
    """The file in which all trials of all searches are kept.

    Parameters
    ----------
    path : Path
        It is begun if it is not there.

    Raises
    ------
    WriteError
        If it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

        optuna.logging.disable_default_handler()
        try:
            _without_half_a_line(path)
            lock = JournalFileOpenLock(str(path), grace_period=_LOCKED)
            self.storage = JournalStorage(JournalFileBackend(str(path), lock_obj=lock))
        except OSError as error:
            msg = f"Cannot write {path.name}: {error.strerror or error}."
            raise WriteError(msg) from error

    def study(self, name: str) -> "Study":
        """Return the search of a name, begun or gone on with."""
        import optuna

        study = optuna.create_study(
            study_name=name,
            storage=self.storage,
            direction="maximize",
            load_if_exists=True,
            sampler=optuna.samplers.RandomSampler(seed=0),
            pruner=optuna.pruners.NopPruner(),
        )
        # What was under way when the program was stopped is done again.
        running = optuna.trial.TrialState.RUNNING
        for trial in study.get_trials(deepcopy=False, states=(running,)):
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        return study


def search(  # noqa: PLR0913 - what is searched, and five ways to end it
    journal: Journal,
    name: str,
    ranges: Sequence[Range],
    score: Scoring,
    *,
    trials: int,
    patience: int,
    seed: int = 0,
    told: Callable[[Tried], None] | None = None,
) -> Search:
    """Search for the values with which a method scores best.

    Parameters
    ----------
    journal : Journal
        What it holds of this search is kept, and not done again.
    name : str
        Of the search.
    ranges : sequence of Range
    score : callable
        From values to pairs of picture and score, one after the other. A trial whose mean
        falls below the median of the earlier ones, after a third of the pictures, is
        given up; one that raises an error has failed.
    trials : int
        At most.
    patience : int
        The search stops where the best has not risen in so many trials by more than the
        standard error of that rise, picture by picture.
    seed : int
    told : callable or None
        Gets each trial when it ends.

    Returns
    -------
    Search

    Raises
    ------
    DatasetError
        If the defaults fail: then there is nothing to compare with.
    """
    study = journal.study(name)
    tried = _finished(study)
    while True:
        if tried and tried[0].state != DONE:
            msg = f"the method fails with its defaults: {tried[0].reason}"
            raise DatasetError(msg)
        if stopped_by := _stop(tried, trials, patience):
            return Search(tuple(tried), stopped_by)
        trial = _next(study, ranges, tried, seed)
        tried.append(_carried_out(study, trial, score, tried))
        if told is not None:
            told(tried[-1])


def rise(tried: Sequence[Tried], patience: int) -> tuple[float, float]:
    """Return by how much the best rose in the last trials, and its standard error.

    Parameters
    ----------
    tried : sequence of Tried
        More than `patience`.
    patience : int

    Returns
    -------
    rise, standard_error : float
        Of the mean of the differences picture by picture; the error is 0 for one picture.
    """
    now, before = _best(tried).pictures, _best(tried[:-patience]).pictures
    apart = np.array([now[name] - before[name] for name in now])
    error = float(apart.std(ddof=1) / math.sqrt(apart.size)) if apart.size > 1 else 0.0
    return float(apart.mean()), error


def _stop(tried: Sequence[Tried], trials: int, patience: int) -> str:
    """Return why the search ends, or "" where it goes on."""
    if len(tried) >= trials:
        return f"all {trials} trials were made"
    if len(tried) <= patience:
        return ""
    risen, error = rise(tried, patience)
    if risen > error:
        return ""
    return (
        f"stopped after {len(tried)} of {trials} trials: in the last {patience} the best "
        f"rose by {risen:.4f}, not more than the standard error of that, {error:.4f}"
    )


def _best(tried: Sequence[Tried]) -> Tried:
    done = [one for one in tried if one.state == DONE]
    return max(done, key=lambda one: (one.mean, -one.number))


def _next(
    study: "Study", ranges: Sequence[Range], tried: Sequence[Tried], seed: int
) -> "Trial":
    import optuna

    # Of four bytes, as the sampler takes them.
    digest = hashlib.sha256(f"{seed}:{len(tried)}".encode()).digest()[:4]
    own = int.from_bytes(digest, "big")
    if known := _known_change(ranges, tried, np.random.default_rng(own)):
        study.enqueue_trial(known, skip_if_exists=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.sampler = optuna.samplers.TPESampler(
            seed=own, n_startup_trials=0, constant_liar=False
        )
    return study.ask({one.name: distribution_of(one) for one in ranges})


def _known_change(
    ranges: Sequence[Range], tried: Sequence[Tried], rng: np.random.Generator
) -> dict[str, Any]:
    """Return a known trial with a few options changed; empty where the sampler is asked."""
    defaults = {one.name: one.default for one in ranges}
    if not tried:
        return defaults
    is_early = len(tried) <= _ABOUT_THE_DEFAULTS
    if not is_early and len(tried) % 2:
        return {}
    known = defaults if is_early else dict(_best(tried).settings)
    n_changed = int(rng.integers(1, min(_MOST_CHANGED, len(ranges)) + 1))
    for at in rng.permutation(len(ranges))[:n_changed]:
        known[ranges[at].name] = ranges[at].drawn(rng)
    return known


def distribution_of(one: Range) -> "BaseDistribution":
    """Return the values of a range as Optuna knows them."""
    from optuna import distributions

    if one.kind == "choice":
        return distributions.CategoricalDistribution(one.choices)
    if one.kind == "int":
        return distributions.IntDistribution(int(one.low), int(one.high), log=one.ratios)
    return distributions.FloatDistribution(one.low, one.high, log=one.ratios)


def _carried_out(
    study: "Study", trial: "Trial", score: Scoring, earlier: Sequence[Tried]
) -> Tried:
    from optuna.trial import TrialState

    values, number = dict(trial.params), len(earlier)
    pictures: dict[str, float] = {}
    state, reason = DONE, ""
    try:
        for name, value in score(values):
            pictures[name] = value
            trial.report(float(np.mean([*pictures.values()])), step=len(pictures))
            if _hopeless(pictures, earlier):
                state = PRUNED
                break
    except Exception as error:  # noqa: BLE001 - values that do not work are no end
        state, reason = FAILED, str(error) or type(error).__name__
    found = Tried(number, values, pictures, state, reason)
    trial.set_user_attr("tried", {"pictures": pictures, "state": state, "reason": reason})
    if state == DONE:
        study.tell(trial, found.mean)
    else:
        ends = {PRUNED: TrialState.PRUNED, FAILED: TrialState.FAIL}
        study.tell(trial, state=ends[state])
    return found


def _hopeless(pictures: Mapping[str, float], earlier: Sequence[Tried]) -> bool:
    done = [one.pictures for one in earlier if one.state == DONE]
    if len(done) < _TO_COMPARE_WITH:
        return False
    n_all = len(done[0])
    if len(pictures) >= n_all or len(pictures) < max(2, math.ceil(n_all * _LEAST_SHARE)):
        return False
    means = [np.mean([row[name] for name in pictures]) for row in done]
    return bool(np.mean([*pictures.values()]) < np.median(means))


def _finished(study: "Study") -> list[Tried]:
    """Return the trials that came to an end, in their order."""
    kept: list[FrozenTrial] = [
        trial for trial in study.get_trials(deepcopy=False) if "tried" in trial.user_attrs
    ]
    return [
        Tried(number, dict(trial.params), **trial.user_attrs["tried"])
        for number, trial in enumerate(kept)
        if trial.state.is_finished()
    ]


def _without_half_a_line(path: Path) -> None:
    """Take off what a program that was killed left of a line."""
    if not path.exists():
        return
    text = path.read_bytes()
    whole = text[: text.rfind(b"\n") + 1]
    if len(whole) < len(text):
        path.write_bytes(whole)
