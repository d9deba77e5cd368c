"""A comparison as tables: methods, pictures, differences."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import pandas as pd

from segmetry.compare.comparison import Comparison
from segmetry.compare.differences import Difference
from segmetry.compare.methods import Method
from segmetry.compare.pictures import AnnotatedSet
from segmetry.evaluate import HEADLINES, MeanScore

__all__ = ["differences_table", "leaderboard", "pictures_table"]


def leaderboard(found: Comparison, methods: Sequence[Method]) -> pd.DataFrame:
    """Return a row for each method, the best first, and for each of its groups.

    Parameters
    ----------
    found : Comparison
    methods : sequence of Method

    Returns
    -------
    DataFrame
        Rows of all pictures have an empty `group`; those of the groups come after.
    """
    by_label = {one.label: one for one in methods}
    rows = [_row(found, by_label[label], "") for label in found.methods]
    groups = dict.fromkeys(
        group for one in found.evaluations.values() for group in one.groups
    )
    rows += [
        _row(found, by_label[label], group)
        for group in sorted(groups)
        for label in found.methods
        if group in found.evaluations[label].groups
    ]
    return pd.DataFrame(rows)


def _row(found: Comparison, method: Method, group: str) -> dict[str, Any]:
    evaluation = found.evaluations[method.label]
    scores = evaluation.groups[group] if group else evaluation.scores
    n = sum(not group or of == group for of in _groups_of(evaluation.group_of, evaluation))
    row = {
        "rank": found.methods.index(method.label) + 1,
        "method": method.label,
        "segmenter": method.name,
        "options": json.dumps(method.options, sort_keys=True),
        "learned": found.how.get(method.label, ""),
        "group": group,
        "n_pictures": n,
        **_columns(scores, [found.score, *HEADLINES[found.task]]),
    }
    if not group:
        failed = sum(one.method == method.label for one in found.failed)
        price = asdict(found.prices[method.label])
        row |= {"n_failed": failed, "n_units": evaluation.n_units} | price
    return row


def _groups_of(group_of: Mapping[str, str], evaluation: Any) -> Iterator[str]:
    return (group_of.get(name, "") for name in evaluation.pictures)


def _columns(scores: Mapping[str, MeanScore], names: Sequence[str]) -> dict[str, float]:
    return {
        f"{name}{end}": value
        for name in dict.fromkeys(names)
        if name in scores
        for end, value in (
            ("", scores[name].value),
            ("_low", scores[name].low),
            ("_high", scores[name].high),
        )
    }


def pictures_table(found: Comparison, pictures: AnnotatedSet) -> pd.DataFrame:
    """Return a row for each method and picture, with all scores or why there are none.

    Parameters
    ----------
    found : Comparison
    pictures : AnnotatedSet
    """
    of = {entry.name: entry for entry in pictures.entries}
    rows = []
    for one in sorted(
        found.outcomes, key=lambda one: (found.methods.index(one.method), one.picture)
    ):
        cost = {} if one.cost is None else asdict(one.cost)
        rows.append(
            {
                "method": one.method,
                "image": one.picture,
                "group": of[one.picture].group,
                "unit": of[one.picture].unit,
                "status": "failed" if one.failed else "done",
                "reason": one.reason,
                **cost,
                "taught_by": one.taught_by,
                **one.scores,
            }
        )
    return pd.DataFrame(rows)


def differences_table(found: Comparison) -> pd.DataFrame:
    """Return a row for each paired difference.

    Parameters
    ----------
    found : Comparison
    """
    columns = [item.name for item in fields(Difference)]
    return pd.DataFrame([asdict(one) for one in found.differences], columns=columns)
