"""What the outputs of a network are called."""

import numpy as np
from numpy.typing import NDArray

from segmetry.models.card import Card
from segmetry.segment.hills import Cutoffs
from segmetry.segment.segmenter import Maps

__all__ = ["class_names", "cutoffs_of", "named_maps", "planes_of"]

_CLASS = "class:"


def cutoffs_of(card: Card) -> Cutoffs:
    """Return the cutoffs of a model for the step from maps to objects.

    Parameters
    ----------
    card : Card
        What it says nothing about is as in `Cutoffs`.

    Returns
    -------
    Cutoffs

    Examples
    --------
    >>> card = Card(
    ...     name="cells",
    ...     created="2026-01-31",
    ...     architecture={},
    ...     channels=1,
    ...     outputs=["foreground"],
    ...     multiple=1,
    ...     diameter_px=20,
    ...     cutoffs={"foreground": 0.4},
    ... )
    >>> cutoffs_of(card).foreground, cutoffs_of(card).waist == Cutoffs().waist
    (0.4, True)
    """
    known = Cutoffs().as_json()
    return Cutoffs(**{name: card.cutoffs.get(name, known[name]) for name in known})


def class_names(card: Card) -> list[str]:
    """Return what the classes of a model are called, in the order of their maps.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of str
        Empty for a model that does not tell classes apart.
    """
    return [name.removeprefix(_CLASS) for name in card.outputs if name.startswith(_CLASS)]


def planes_of(values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return each map by itself.

    Parameters
    ----------
    values : ndarray of float32, shape (Y, X, K)

    Returns
    -------
    list of ndarray of float32, shape (Y, X, 1)
    """
    return [values[..., k : k + 1] for k in range(values.shape[-1])]


def named_maps(card: Card, values: NDArray[np.float32]) -> Maps:
    """Return the maps of a network under the names that its card gives them.

    Parameters
    ----------
    card : Card
    values : ndarray of float32, shape (Y, X, K)
        In the order of the card's `outputs`.

    Returns
    -------
    Maps
        Where there are classes, foreground is all but the class "background", or but the
        first if none has that name.
    """
    planes = [plane[..., 0] for plane in planes_of(values)]
    by_name = dict(zip(card.outputs, planes, strict=True))
    classes = [plane for name, plane in by_name.items() if name.startswith(_CLASS)]
    foreground = by_name.get("foreground")
    if foreground is None:
        background = by_name.get(f"{_CLASS}background", classes[0])
        foreground = 1 - background
    return Maps(
        np.ascontiguousarray(foreground),
        distance=by_name.get("distance"),
        border=by_name.get("border"),
        classes=np.stack(classes, axis=-1) if classes else None,
        cutoff=cutoffs_of(card).foreground,
    )
