"""Which options mattered in a search.

References
----------
S. Watanabe, A. Bansal, F. Hutter, "PED-ANOVA: Efficiently quantifying hyperparameter
importance in arbitrary subspaces", IJCAI 2023. doi:10.24963/ijcai.2023/488
"""

import math
import warnings
from collections.abc import Sequence

from segmetry.tune.ranges import Range
from segmetry.tune.study import DONE, Search, distribution_of

__all__ = ["importance", "why_no_importance"]

_FEWEST = 10  # finished trials, for shares that mean something


def importance(search: Search, ranges: Sequence[Range]) -> dict[str, float]:
    """Return the share that each option has in how good trials differ from the others.

    Parameters
    ----------
    search : Search
    ranges : sequence of Range

    Returns
    -------
    dict of str to float
        The greatest first; together 1. Empty for fewer than ten finished trials, or where
        all of them score the same.
    """
    import optuna

    if why_no_importance(search):
        return {}
    done = [one for one in search.tried if one.state == DONE]
    distributions = {one.name: distribution_of(one) for one in ranges}
    study = optuna.create_study(direction="maximize")
    study.add_trials(
        [
            optuna.trial.create_trial(
                params=dict(one.settings), distributions=distributions, value=one.mean
            )
            for one in done
        ]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = optuna.importance.get_param_importances(
            study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
        )
    total = sum(found.values())
    if not math.isfinite(total) or total <= 0:
        return {}
    return {name: value / total for name, value in found.items()}


def why_no_importance(search: Search) -> str:
    """Return why a search tells nothing of its options, in a sentence; "" where it does.

    Parameters
    ----------
    search : Search
    """
    done = [one for one in search.tried if one.state == DONE]
    if len(done) < _FEWEST:
        return (
            f"Importance needs at least {_FEWEST} finished trials; there are {len(done)}."
        )
    if len({one.mean for one in done}) < 2:
        return "Importance cannot be told: all finished trials have the same score."
    return ""
