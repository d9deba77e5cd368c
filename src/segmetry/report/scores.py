"""Scores as people read them: by their titles, in few digits, with their intervals."""

import math
from collections.abc import Mapping

from segmetry.evaluate import SCORES, Evaluation, MeanScore
from segmetry.measure.intervals import FEWEST_UNITS
from segmetry.measure.wording import count_of

__all__ = ["group_sizes", "missing_intervals", "score_number", "score_text", "told_score"]

_NONE = "–"


def score_text(name: str, score: MeanScore | None) -> tuple[str, str]:
    """Return a score and its interval as texts, with as many digits as make sense.

    Parameters
    ----------
    name : str
        Name of the score.
    score : MeanScore or None

    Examples
    --------
    >>> score_text("dsb_score", MeanScore(0.5234, 0.4412, 0.6056, 97))
    ('0.523', '0.441 to 0.606')
    """
    if score is None or not math.isfinite(score.value):
        return _NONE, ""
    if not math.isfinite(score.low):
        return score_number(name, score.value), ""
    return (
        score_number(name, score.value),
        f"{score_number(name, score.low)} to {score_number(name, score.high)}",
    )


def score_number(name: str, value: float) -> str:
    """Return one value of a score as text.

    Parameters
    ----------
    name : str
        Name of the score; one that `SCORES` lacks is taken for one from 0 to 1.
    value : float

    Examples
    --------
    >>> score_number("f1_50", 0.51239), score_number("count_bias", -4.077)
    ('0.512', '−4.1')
    """
    entry = SCORES.get(name)
    if entry is None or entry.high == 1:
        return f"{value:.3f}".replace("-", "−")
    if entry.unit == "objects" and value == round(value):
        return f"{value:,.0f}".replace("-", "−")
    digits = 1 if abs(value) < 1000 else 0
    sign = "+" if entry.aim == "zero" else ""
    rounded = round(value, digits) + 0.0  # never a minus before nothing
    text = f"{rounded:{sign},.{digits}f}".replace("-", "−")
    if entry.unit == "mm":
        return f"{value:.2f} mm"
    return f"{text} %" if entry.unit == "%" else text


def told_score(name: str, score: Mapping[str, float | None]) -> str:
    """Return a score in a line: its title, value, interval and number of pictures.

    Parameters
    ----------
    name : str
        Name of the score.
    score : mapping
        "value", "low" and "high", each of which may be `None`, and "n".

    Examples
    --------
    >>> told_score("f1_50", {"value": 0.896, "low": 0.86, "high": 0.932, "n": 70})
    'F1: 0.896 (0.860 to 0.932, n = 70)'
    >>> told_score("f1_50", {"value": 0.803, "low": None, "high": None, "n": 1})
    'F1: 0.803 (no interval: 1 picture is too few)'
    """
    title = SCORES[name].title if name in SCORES else name
    number = {key: math.nan if value is None else value for key, value in score.items()}
    n = int(number["n"])
    low, high = number.get("low", math.nan), number.get("high", math.nan)
    value, interval = score_text(name, MeanScore(number["value"], low, high, n))
    if value == _NONE:
        return f"{title}: not defined"
    if interval:
        return f"{title}: {value} ({interval}, n = {n})"
    if n >= FEWEST_UNITS:
        why = f"{n} pictures hang together in fewer than {FEWEST_UNITS} clusters"
    else:
        why = f"{count_of(n, 'picture')} {'is' if n == 1 else 'are'} too few"
    return f"{title}: {value} (no interval: {why})"


def group_sizes(evaluation: Evaluation) -> dict[str, str]:
    """Return how many pictures, and clusters of them, each group has, in words.

    Parameters
    ----------
    evaluation : Evaluation

    Returns
    -------
    dict of str to str
        By the name of the group: "7 pictures in 3 clusters". Clusters are told where they
        are fewer than the pictures.
    """
    found = {}
    for group in evaluation.groups:
        members = [name for name, of in evaluation.group_of.items() if of == group]
        found[group] = _size(members, evaluation.cluster_of)
    return found


def missing_intervals(evaluation: Evaluation) -> str:
    """Return why scores have no interval, in a sentence; "" where all have one.

    Parameters
    ----------
    evaluation : Evaluation

    Examples
    --------
    >>> from segmetry.evaluate import evaluate_set
    >>> missing_intervals(evaluate_set({"a": (3, 4)}, task="counts"))
    'No intervals: 1 picture is too few, they need at least 5.'
    """
    n = len(evaluation.pictures)
    if evaluation.n_units < FEWEST_UNITS:
        size = _size(list(evaluation.pictures), evaluation.cluster_of)
        verb = "is" if n == 1 else "are"
        what = "" if evaluation.n_units == n else " clusters"
        return (
            f"No intervals: {size} {verb} too few, they need at least {FEWEST_UNITS}{what}."
        )
    without = [
        group
        for group, scores in evaluation.groups.items()
        if not any(math.isfinite(score.low) for score in scores.values())
    ]
    if not without:
        return ""
    return (
        f"Groups of fewer than {FEWEST_UNITS} pictures, or clusters of them, have no "
        f"intervals: {', '.join(without)}."
    )


def _size(names: list[str], cluster_of: Mapping[str, str]) -> str:
    pictures = count_of(len(names), "picture")
    n_clusters = len({cluster_of.get(name, f"picture {name}") for name in names})
    if n_clusters == len(names):
        return pictures
    return f"{pictures} in {count_of(n_clusters, 'cluster')}"
