"""Detected objects of one picture, as outlines or dots, judged by where they are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import DatasetError
from segmetry.evaluate import (
    Example,
    Matches,
    examples,
    judge_detection,
    match_centres,
    match_objects,
    object_centres,
)
from segmetry.image import LENGTH_IN_UM, PixelSize
from segmetry.io.units import unit_of

__all__ = ["Distance", "Marked", "judge_marked", "marked", "parse_distance"]

_LENGTH = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*([^\d\s.]+)\s*")
_PIXELS = ("px", "pixel", "pixels")
_MOST = 4  # mistakes of one kind


@dataclass(frozen=True)
class Distance:
    """How far a found centre may lie from the true one.

    Parameters
    ----------
    value : float
        Above 0.
    unit : {"px", "um"}
    """

    value: float
    unit: Literal["px", "um"]

    def __str__(self) -> str:
        """Return it for people."""
        return f"{self.value:g} {self.unit.replace('um', 'µm')}"


@dataclass(frozen=True, eq=False)
class Marked:
    """The objects of one picture, found or true.

    Parameters
    ----------
    centres : ndarray of float64, shape (n, 2)
        y, x in pixels.
    labels : ndarray of uint32, shape (Y, X), or None
        Where they have outlines.
    """

    centres: NDArray[np.float64]
    labels: NDArray[np.uint32] | None = None


def marked(labels: NDArray[np.uint32]) -> Marked:
    """Return the objects of a label image with their centres.

    Raises
    ------
    DatasetError
        If it is a stack of slices.
    """
    if labels.ndim != 2:
        msg = "it is a stack of slices; detection is judged in single pictures"
        raise DatasetError(msg)
    return Marked(object_centres(labels), labels)


def parse_distance(text: str, *, option: str = "--distance") -> Distance:
    """Return the distance that a text names.

    Parameters
    ----------
    text : str
        A number above 0 with its unit: px, nm, µm, mm and the like.
    option : str
        Where it was typed, for the message.

    Raises
    ------
    DatasetError
        If it is none.

    Examples
    --------
    >>> parse_distance("50px"), str(parse_distance("12.6 um"))
    (Distance(value=50.0, unit='px'), '12.6 µm')
    """
    match = _LENGTH.fullmatch(text)
    value, name = (float(match[1]), match[2]) if match else (0.0, "")
    if value > 0 and name.lower() in _PIXELS:
        return Distance(value, "px")
    unit = unit_of(name)
    if not value > 0 or unit is None:
        msg = f"{option} is a number with its unit, such as 50px or 12.6um; got {text!r}"
        raise DatasetError(msg)
    return Distance(value * LENGTH_IN_UM[unit], "um")


def judge_marked(
    found: Marked,
    truth: Marked,
    *,
    distance: Distance,
    pixel_size: PixelSize | None = None,
) -> tuple[Mapping[str, float], list[Example]]:
    """Judge the objects of one picture, and pick mistakes to be looked at.

    Parameters
    ----------
    found, truth : Marked
    distance : Distance
    pixel_size : PixelSize or None
        Needed for a distance in µm.

    Returns
    -------
    scores : mapping of str to float
        See `segmetry.evaluate.judge_detection`.
    mistakes : list of Example
        Those of both outlines; none where one side has dots.

    Raises
    ------
    DatasetError
        If the distance is in µm, and the pixel size is not known.
    """
    side = np.ones(2)
    if distance.unit == "um":
        if pixel_size is None:
            msg = (
                "the distance is in µm, and no file tells the pixel size of the picture; "
                "give it in px, such as --distance 50px"
            )
            raise DatasetError(msg)
        side = np.array([pixel_size.in_um.y, pixel_size.in_um.x])
    centres = found.centres * side, truth.centres * side
    matches = None
    if found.labels is not None and truth.labels is not None:
        matches = match_objects(found.labels, truth.labels)
    scores = judge_detection(*centres, max_distance=distance.value, matches=matches)
    if matches is None:
        return scores, []
    pairs = match_centres(*centres, max_distance=distance.value)
    return scores, _mistakes(matches, pairs)


def _mistakes(matches: Matches, pairs: NDArray[np.intp]) -> list[Example]:
    """Return the gravest mistakes of each kind but outlines, which do not count here."""
    hits = set(matches.predicted_ids[pairs[:, 0]].tolist())
    met = set(matches.true_ids[pairs[:, 1]].tolist())
    chosen: dict[str, list[Example]] = {}
    for one in examples(matches, most=matches.n_predicted + matches.n_true):
        wrong = [*(n for n in one.predicted if n not in hits)]
        wrong += [n for n in one.truth if n not in met]
        if one.kind != "outline" and wrong:
            chosen.setdefault(one.kind, []).append(one)
    return [one for group in chosen.values() for one in group[:_MOST]]
