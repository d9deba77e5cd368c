"""Results that are kept as they come, and how variants compare over random starts."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segmetry.evaluate import MeanScore, mean_score, paired_difference


def kept(path: Path, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return a result from its file; where there is none, compute it and write it."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    result = compute()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(result), encoding="utf-8")
    part.replace(path)  # whole or not at all, so a stopped script leaves no half results
    return result


@dataclass(frozen=True, kw_only=True)
class Compared:
    """How one variant did.

    Parameters
    ----------
    score : MeanScore
        Of the pictures, each with its mean over the starts.
    starts : list of float
        Mean over the pictures, of each start.
    apart : MeanScore or None
        Paired difference to the reference; `None` for the reference itself.
    """

    score: MeanScore
    starts: list[float]
    apart: MeanScore | None


def compared(
    scores: Mapping[str, Sequence[Sequence[float]]],
    *,
    reference: str,
    groups: Sequence[str],
) -> dict[str, Compared]:
    """Compare variants picture by picture; pictures of a group are resampled together.

    Parameters
    ----------
    scores : mapping
        Of each variant, for each start: the score of each picture.
    reference : str
        The variant that others are compared with.
    groups : sequence of str
        Group of each picture.
    """
    means = {name: np.mean(starts, axis=0).tolist() for name, starts in scores.items()}
    return {
        name: Compared(
            score=mean_score(means[name], clusters=groups),
            starts=[float(np.mean(rows)) for rows in starts],
            apart=None
            if name == reference
            else paired_difference(means[name], means[reference], clusters=groups),
        )
        for name, starts in scores.items()
    }


def with_interval(score: MeanScore, *, sign: str = "", digits: int = 3) -> str:
    """Return a score and its interval as text; `sign` "+" shows it for differences."""
    shown = f"{sign}.{digits}f"
    return f"{score.value:{shown}} ({score.low:{shown}} to {score.high:{shown}})"


def cells(one: Compared, *, digits: int = 3) -> str:
    """Return the cells of a row: score, each start, paired difference."""
    starts = ", ".join(f"{start:.{digits}f}" for start in one.starts)
    apart = "" if one.apart is None else with_interval(one.apart, sign="+", digits=digits)
    return f"{with_interval(one.score, digits=digits)} | {starts} | {apart}"
