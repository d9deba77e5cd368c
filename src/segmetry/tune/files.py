"""The files of a tuning: the recipe, its trials, JSON, and a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from segmetry import __version__, io
from segmetry.recipe import Recipe, recipe_text
from segmetry.report.tuning import TuningContent, Unfinished, tuning_html
from segmetry.tune.candidates import Candidate
from segmetry.tune.importance import why_no_importance
from segmetry.tune.outcome import DEFAULT, TUNED, Tuning
from segmetry.tune.study import DONE

__all__ = ["MODEL", "RECIPE", "RESULTS", "trials_table", "write_tuning"]

MODEL, RECIPE = "tuned.segmodel", "tuned.toml"
_TRIALS, _VALUES, _PAGE = "trials.csv", "tune.json", "tune.html"
RESULTS = (RECIPE, MODEL, _TRIALS, _VALUES, _PAGE, "trials.log", "settings.json")


def write_tuning(out: Path, tuning: Tuning, candidate: Candidate) -> None:
    """Write the recipe, the trials, the JSON and the page of a tuning.

    Parameters
    ----------
    out : Path
    tuning : Tuning
    candidate : Candidate

    Raises
    ------
    WriteError
        If one cannot be written.
    """
    told = f"# {tuning.sentence}\n"
    io.write_text(out / RECIPE, told + recipe_text(_recipe(tuning, candidate)))
    io.write_table(out / _TRIALS, trials_table(tuning))
    io.write_json(out / _VALUES, tuning.as_json())
    io.write_text(out / _PAGE, tuning_html(_content(tuning)))


def trials_table(tuning: Tuning) -> pd.DataFrame:
    """Return a row for each trial of each search, with its values and score.

    Parameters
    ----------
    tuning : Tuning

    Returns
    -------
    DataFrame
        The score of a trial that was given up is the mean of the pictures it looked at.
    """
    rows = [
        {
            "search": name,
            "trial": tried.number,
            "state": tried.state,
            tuning.score: tuning.told_mean(tried),
            "n_pictures": len(tried.pictures),
            "is_best": tried.number == search.best.number,
            **tried.settings,
            "reason": tried.reason,
        }
        for name, search in tuning.searches()
        for tried in search.tried
    ]
    return pd.DataFrame(rows)


def _recipe(tuning: Tuning, candidate: Candidate) -> Recipe:
    recipe = candidate.recipe(tuning.recommended)
    if tuning.model is None:
        return _reading_scale_bars(recipe)
    if candidate.network is not None:
        part = {"name": tuning.model, "options": {}}
    else:
        options = {**recipe.segmentation.options, "model": tuning.model}
        part = {"name": candidate.name, "options": options}
    changed = recipe.model_dump() | {"segmentation": part}
    return _reading_scale_bars(Recipe.model_validate(changed))


def _reading_scale_bars(recipe: Recipe) -> Recipe:
    """Return a recipe that calibrates as usual: tuning had no need of it."""
    calibration = recipe.calibration.model_copy(update={"scale_bar": True})
    return recipe.model_copy(update={"calibration": calibration})


def _content(tuning: Tuning) -> TuningContent:
    search, best = tuning.search, tuning.search.best
    return TuningContent(
        title=f"Tuning of {tuning.method}",
        method=tuning.method,
        score=tuning.score,
        sentence=tuning.sentence,
        rows=tuple(_rows(tuning)),
        trials=tuple(
            tuning.told_mean(one) if one.state == DONE else float("nan")
            for one in search.tried
        ),
        unfinished=tuple(
            Unfinished(one.number, len(one.pictures), tuning.told_mean(one), one.reason)
            for one in search.tried
            if one.state != DONE
        ),
        stopped_by=search.stopped_by,
        sign=tuning.sign,
        held_out=(dict(tuning.default_scores), dict(tuning.tuned_scores)),
        means=(tuning.mean(DEFAULT), tuning.mean(TUNED)),
        own=(tuning.told_mean(search.tried[0]), tuning.told_mean(best)),
        difference=tuning.difference,
        importance=tuning.importance,
        no_importance="" if tuning.importance else why_no_importance(search),
        n_folds=len(tuning.outer),
        notes=tuning.notes,
        version=__version__,
    )


def _rows(tuning: Tuning) -> Iterator[dict[str, Any]]:
    """Yield each option: its default, what was chosen, and what the folds chose."""
    for name, default in tuning.defaults.items():
        yield {
            "name": name,
            "default": _short(default),
            "tuned": _short(tuning.search.best.settings[name]),
            "folds": [_short(fold.search.best.settings[name]) for fold in tuning.outer],
            "importance": tuning.importance.get(name),
        }


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) else str(value) or "usual"
