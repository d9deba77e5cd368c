"""What an evaluation writes beside its page: tables, crops of mistakes, error pictures."""

import csv
import io as text_io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from segmetry import io
from segmetry.cli.outcome import OBSERVER, Outcome, Request
from segmetry.dataset.predictions import read_map, read_mask
from segmetry.dataset.truths import Truths, read_view
from segmetry.evaluate import HEADLINES, SCORES, Example
from segmetry.image import Image
from segmetry.report.error_picture import draw_errors
from segmetry.report.evaluation import Crop
from segmetry.report.gallery import choose_examples, draw_example
from segmetry.report.scores import score_number

__all__ = ["error_pictures", "mistake_crops", "pictures_table", "scores_table"]

_ERRORS = "errors"
_MOST = 3  # pictures of the worst, and of the best
_PREDICTION = "prediction"
_SCORE_COLUMNS = (
    *("prediction", "truth", "group", "score"),
    *("value", "low", "high", "n"),
)


def mistake_crops(outcome: Outcome, truths: Truths) -> Iterator[Crop]:
    """Yield crops of the gravest mistakes; each picture is read again once.

    Parameters
    ----------
    outcome : Outcome
    truths : Truths
    """
    chosen = [
        (picture, example)
        for pairs in choose_examples(outcome.judged.mistakes).values()
        for picture, example in pairs
    ]
    for picture in dict.fromkeys(name for name, _ in chosen):
        predicted = read_mask(outcome.judged.sources[picture].labels)
        truth = read_mask(truths.masks[picture])
        image = _picture(outcome.images.get(picture))
        for name, example in chosen:
            if name == picture and truth.ndim == 2:
                pixels = draw_example(example, predicted, truth, image=image)
                yield Crop(example.kind, picture, pixels, _note(example))


def error_pictures(
    request: Request, outcome: Outcome, truths: Truths, folder: Path
) -> list[Crop]:
    """Write where each picture is wrong, and return the worst and the best.

    Parameters
    ----------
    request : Request
    outcome : Outcome
        Of pixels.
    truths : Truths
    folder : Path
        Of the evaluation; the pictures go into its folder "errors".

    Returns
    -------
    list of Crop
        Of the kinds "worst" and "best". Stacks of slices are not drawn.
    """
    score = HEADLINES["pixels"][0]
    values = {name: row[score] for name, row in outcome.evaluation.pictures.items()}
    ordered = sorted(values, key=lambda name: (values[name], name))
    n_worst = min(_MOST, (len(ordered) + 1) // 2)
    kinds = dict.fromkeys(ordered[:n_worst], "worst")
    kinds |= dict.fromkeys(reversed(ordered[n_worst:][-_MOST:]), "best")
    drawn = {}
    (folder / _ERRORS).mkdir(exist_ok=True)
    for name in ordered:
        source = outcome.judged.sources[name]
        found, _ = read_map(source, probability=request.probability)
        truth = read_mask(truths.masks[name]) > 0
        if truth.ndim != 2:
            continue
        view = read_view(truths, name, truth.shape)
        pixels = draw_errors(found, truth, included=view)
        io.write_png(folder / _ERRORS / f"{name}.png", pixels)
        if name in kinds:
            note = f"{SCORES[score].title} {score_number(score, values[name])}"
            drawn[name] = Crop(kinds[name], name, pixels, note)
    return [drawn[name] for name in kinds if name in drawn]


def pictures_table(told: Mapping[str, Any]) -> str:
    """Return a CSV table with a row for each picture.

    Parameters
    ----------
    told : mapping
        What `evaluate --json` prints. Scores of the second observer, and against that
        person's masks, have columns of their own.
    """
    person = told.get(OBSERVER, {}).get("pictures", {})
    against = told.get(f"against_{OBSERVER}", {}).get("pictures", {})
    rows = [
        {
            "image": name,
            **row,
            **_scores(against.get(name, {}), "{}_against_second_observer"),
            **_scores(person.get(name, {}), "second_observer_{}"),
        }
        for name, row in told["pictures"].items()
    ]
    return _csv(dict.fromkeys(key for row in rows for key in row), rows)


def scores_table(told: Mapping[str, Any]) -> str:
    """Return a CSV table with a row for each score of each prediction, truth and group.

    Parameters
    ----------
    told : mapping
        What `evaluate --json` prints.
    """
    rows = [*_score_rows(told, "first")]
    if second := told.get(f"against_{OBSERVER}"):
        rows += _score_rows(second, "second observer")
    return _csv(_SCORE_COLUMNS, rows)


def _score_rows(told: Mapping[str, Any], truth: str) -> Iterator[dict[str, Any]]:
    of = {
        _PREDICTION: told,
        **{key: told.get(key) for key in ("baseline", OBSERVER, "against")},
    }
    for who, part in of.items():
        if not part:
            continue
        for group, scores in {"": part, **part["groups"]}.items():
            for name in SCORES:
                if name in scores:
                    where = {"prediction": who, "truth": truth, "group": group}
                    yield {**where, "score": name, **scores[name]}


def _scores(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {name.format(key): value for key, value in row.items() if key in SCORES}


def _csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = text_io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _picture(path: Path | None) -> Image | None:
    image = None if path is None else io.read(path)
    return None if image is None or image.axes.startswith("Z") else image


def _note(example: Example) -> str:
    if example.kind == "outline":
        return f"IoU {example.iou:.2f}"
    if example.kind == "split":
        return f"cut into {len(example.predicted)}"
    if example.kind == "merged":
        return f"{len(example.truth)} found as one"
    numbers = example.truth or example.predicted
    return f"object {numbers[0]}"
