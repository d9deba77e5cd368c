"""The page that goes with a package: what the model finds, how to run and to judge it."""

from collections.abc import Iterator

from segmetry.models.card import BOUNDARY, FLOWS, Card, Score
from segmetry.models.outputs import cutoffs_of

__all__ = ["documentation"]


def documentation(card: Card, *, licence: str | None) -> str:
    """Return what a package says of a model, as Markdown.

    Parameters
    ----------
    card : Card
    licence : str or None
        An identifier of SPDX; `None` where none was stated.

    Returns
    -------
    str
        With the section "Validation" that bioimage.io asks for.
    """
    parts = [
        [f"# {card.name}", *_what(card)],
        ["## Running it", *_running(card)],
        ["## From maps to objects", *_objects(card)],
        ["## Training data", *_data(card), *_licence(card, licence)],
        ["## Validation", *_validation(card)],
    ]
    return "\n\n".join("\n\n".join(part) for part in parts) + "\n"


def _what(card: Card) -> Iterator[str]:
    yield (
        f"A network of Segmetry {card.package_version} for {card.task} in 2-D pictures. "
        f"Its maps: {', '.join(card.outputs)}, each from 0 to 1."
    )
    yield (
        "`segmetry models import` makes the model's file of this package again, byte for "
        "byte; model.json is the card of the model."
    )


def _running(card: Card) -> Iterator[str]:
    how = card.normalization
    if card.scale == "match":
        yield (
            f"1. Resample the picture so that its objects are {card.diameter_px:.3g} "
            "pixels across. Other sizes are seen worse."
        )
    if card.channels == 3:
        yield "1. Give red, green and blue; repeat a grey picture for all three."
    else:
        yield "1. Give one channel; a coloured picture becomes grey by its luma (BT.601)."
    if how.kind in {"percentiles", "range"}:
        limits = " Values end at -0.5 and 1.5." if how.kind == "percentiles" else ""
        yield (
            f"1. The percentiles {how.low:g} and {how.high:g} of the whole picture "
            f"become 0 and 1; the preprocessing of the package does so.{limits} Take them "
            "from the whole picture, never tile by tile. Segmetry takes them before it "
            "resamples, and leaves out pixels that are no part of the sample, such as a "
            "banner."
        )
    yield (
        f"1. Heights and widths are multiples of {card.multiple}. At the edges of a tile "
        "64 pixels see too little: overlap tiles by 128."
    )


def _objects(card: Card) -> Iterator[str]:
    cutoffs = cutoffs_of(card)
    if "foreground" in card.outputs:
        least = cutoffs.foreground
        yield f"A pixel belongs to an object where `foreground` is over {least:g}."
    if FLOWS[0] in card.outputs:
        yield (
            "`flow_y` and `flow_x` are 0.5 + 0.4 v, v being the unit vector from a pixel "
            "towards the middle of its object, down and to the right. Pixels that lead to "
            f"one place are one object, if more than {cutoffs.least:g} of them end in a "
            "pixel there."
        )
    if BOUNDARY in card.outputs:
        yield "Objects are cut where `boundary` is over 0.5."
    if card.confidence is not None:
        yield (
            "Segmetry then drops objects whose confidence, a logistic function of shape "
            "and maps that is in the card, is below "
            f"{card.cutoffs.get('min_confidence', 0.0):g}."
        )


def _data(card: Card) -> Iterator[str]:
    if not card.data:
        yield "Not told on the model's card."
    for data in card.data:
        yield (
            f"- {data.name}: {data.n_pictures} pictures ({data.split}). Licence: "
            f"{data.license}. Source: {data.source}"
        )
    if card.training.started_from:
        yield f"The training started from: {card.training.started_from}."


def _licence(card: Card, licence: str | None) -> Iterator[str]:
    if "LICENSE.txt" in card.files:
        yield "The licence of the weights is in LICENSE.txt."
    elif licence:
        yield f"The licence of the weights: {licence}."
    else:
        yield "No licence of the weights is stated: ask the authors before you pass it on."


def _validation(card: Card) -> Iterator[str]:
    yield (
        "Judge the model on pictures of your own, with objects drawn by hand: "
        "`segmetry evaluate`, or any program that compares label images. The test picture "
        "in this package is drawn: it shows that two programs compute the same, and is no "
        "example of what the model is for."
    )
    if not card.scores:
        return
    yield f"Scores on the model's card, with 95 % intervals, on {card.scores_on}:"
    rows = ["| pictures | score | value | low | high | n |", "|---|---|---|---|---|---|"]
    for group, scores in card.scores.items():
        rows += [f"| {group} | {name} | {_row(score)} |" for name, score in scores.items()]
    yield "\n".join(rows)


def _row(score: Score) -> str:
    numbers = (score.value, score.low, score.high)
    told = ["" if number is None else f"{number:.3f}" for number in numbers]
    return " | ".join([*told, str(score.n)])
