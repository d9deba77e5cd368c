"""Whether a picture is like those that a model learned from, and its objects sure."""

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.models.card import Card
from segmetry.tiled import TiledImage

__all__ = ["doubts", "unsure"]

_PIXEL_RATIO = 2.0  # networks learn with scaling up to about this
_SIZE_RATIO = 2.0
_OBJECT_RATIO = 4.0  # objects of one kind, such as nuclei, differ by less
_MOST_WRONG = 0.11  # expected share of wrong objects; on dark fluorescence about 0.04


def doubts(
    card: Card, image: Image | TiledImage, *, diameter: float | None, factor: float
) -> list[str]:
    """Return sentences on how a picture differs from those of the training.

    Parameters
    ----------
    card : Card
    image : Image or TiledImage
    diameter : float or None
        Typical diameter of its objects, in pixels of the picture; `None` if not known.
    factor : float
        At which the network saw it, in pixels per pixel of the picture.

    Returns
    -------
    list of str
        Empty where nothing is unusual.
    """
    found = [
        _pixel_size(card, image),
        _size_in_pixels(card, diameter, factor),
        _size(card, image, diameter),
    ]
    return [sentence for sentence in found if sentence]


def unsure(card: Card, confidence: NDArray[np.floating], *, least: float) -> str:
    """Return a sentence where many of the objects kept are probably wrong.

    Parameters
    ----------
    card : Card
    confidence : ndarray of float, shape (n,)
        Of each object found: the probability that it overlaps a true one by half, as
        calibrated on validation pictures.
    least : float
        Objects below are dropped.

    Returns
    -------
    str
        Empty where nothing is unusual.

    Examples
    --------
    >>> from segmetry.models import find_model, read_model
    >>> card = read_model(find_model("nuclei")).card
    >>> unsure(card, np.array([0.98, 0.97, 0.96]), least=0.5)
    ''
    """
    kept = confidence[confidence >= least]
    if not len(confidence) or (len(kept) and 1 - kept.mean() <= _MOST_WRONG):
        return ""
    if not len(kept):
        found = (
            f"found nothing here that it is sure of, but {len(confidence)} doubtful ones"
        )
    else:
        found = (
            f"expects about {100 * (1 - kept.mean()):.0f} % of the objects that it found "
            "here to be wrong"
        )
    return (
        f"The model {card.name} {found}: this picture may be unlike those that it learned "
        "from. Look at the overlay, try another method, or train on pictures of this kind."
    )


def _pixel_size(card: Card, image: Image | TiledImage) -> str:
    """Judge a picture that is not resampled by its pixel size."""
    here, there = _pixel_um(image), card.pixel_size_um
    if card.scale != "native" or here is None or there is None:
        return ""
    if 1 / _PIXEL_RATIO <= here / there <= _PIXEL_RATIO:
        return ""
    return (
        f"The picture has {here:.3g} µm a pixel, but the model {card.name} learned from "
        f"{there:.3g} µm a pixel; resample the picture, or check the objects with care."
    )


def _size_in_pixels(card: Card, diameter: float | None, factor: float) -> str:
    if diameter is None or card.diameter_px is None:
        return ""
    seen = diameter * factor
    if 1 / _SIZE_RATIO <= seen / card.diameter_px <= _SIZE_RATIO:
        return ""
    advice = "check the objects with care"
    if card.scale == "native" and factor == 1:
        advice = f"--set diameter={diameter:.3g} resamples the picture for it"
    return (
        f"Objects of about {diameter:.3g} px are seen by the model {card.name} at "
        f"{seen:.3g} px, but it learned from about {card.diameter_px:.3g} px; {advice}."
    )


def _size(card: Card, image: Image | TiledImage, diameter: float | None) -> str:
    here, there = _pixel_um(image), card.pixel_size_um
    if None in (here, there, diameter, card.diameter_px):
        return ""
    found, learned = here * diameter, there * card.diameter_px  # type: ignore[operator]
    if 1 / _OBJECT_RATIO <= found / learned <= _OBJECT_RATIO:
        return ""
    return (
        f"Objects are about {found:.3g} µm across, but the model {card.name} learned from "
        f"objects of about {learned:.3g} µm; check that the pixel size is right, and that "
        "the objects are of its kind."
    )


def _pixel_um(image: Image | TiledImage) -> float | None:
    if image.pixel_size is None:
        return None
    size = image.pixel_size.in_um
    return (size.y * size.x) ** 0.5
