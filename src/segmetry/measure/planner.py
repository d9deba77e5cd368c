"""How many objects a number needs, and when a number means nothing.

`more_objects` plans with the interval that was measured, so it holds for the estimator
that is reported. `log_normal_half_width` and `volume_half_width` predict from the width of
the distribution alone.
"""

from dataclasses import dataclass
from math import ceil, exp, isfinite, log, sqrt

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.distribution import Floats
from segmetry.measure.intervals import normal_quantile
from segmetry.measure.wording import count_of, effective_objects, few_digits

__all__ = [
    "UNLIKE",
    "Plan",
    "log_normal_half_width",
    "log_normal_number",
    "more_objects",
    "refuse_volume",
    "spread_between_images",
    "volume_half_width",
]

_WIDEST_VOLUME = 0.5  # an interval wider than half the value supports no first digit
_FEWEST_FOR_VOLUME = 20
_MOST = 1_000_000  # nobody measures more objects for one number
_FURTHEST = 100  # times the objects measured: an interval so wide is no base for a plan
_UNKNOWN = 0.75  # relative half-width of an interval from half the value to its double
UNLIKE = 1.6  # GSD of D50 between images; under 1.5 in sets of one kind of sample
_FEWEST_IN_IMAGE = 5


@dataclass(frozen=True)
class Plan:
    """What a wanted precision costs.

    Parameters
    ----------
    more : int or None
        Objects to measure in addition; `None` where no number of objects is enough, where
        more than a million or than a hundred times the objects measured would be needed,
        and where none can be told.
    sentence : str
        For the reader.
    """

    more: int | None
    sentence: str


def more_objects(
    n: int,
    half_width: float | None,
    *,
    target: float = 0.05,
    calibration_half_width: float = 0.0,
    n_images: int | None = None,
    spread: float = 1.0,
) -> Plan:
    """Return how many more objects bring D50 to a wanted relative half-width.

    An interval shrinks with the square root of the number of objects, but the part of it
    that comes from the pixel size does not: n (w / t)^2 - n, where w and t are the
    measured and the wanted half-width without that part. The objects to come are taken to
    be like those measured, so images of unlike samples allow no plan.

    Parameters
    ----------
    n : int
        Objects measured.
    half_width : float or None
        Relative half-width of the interval that they give, calibration included.
    target : float
        Wanted relative half-width; 0.05 is ±5 %.
    calibration_half_width : float
        The part of `half_width` that the pixel size gives.
    n_images : int or None
        Images that the objects come from, when images were resampled: the answer then
        also counts images, since objects must come from new ones.
    spread : float
        What `spread_between_images` returns; above 1.6 nothing is planned.

    Returns
    -------
    Plan

    Raises
    ------
    ValueError
        If `target` is not positive.

    Examples
    --------
    >>> more_objects(100, 0.10, target=0.05).more
    300
    >>> more_objects(100, 0.10, target=0.05, calibration_half_width=0.06).more is None
    True
    """
    if not target > 0:
        msg = f"target must be positive, got {target}"
        raise ValueError(msg)
    wanted = f"±{100 * target:g} %"
    if half_width is None or not isfinite(half_width):
        sentence = f"Too few objects to say how many more give D50 to {wanted}."
        return Plan(None, sentence)
    now = f"D50 is known to ±{few_digits(100 * half_width)} % from {count_of(n, 'object')}"
    if half_width > _UNKNOWN:
        now = f"D50 is not known to a factor of two from {count_of(n, 'object')}"
    if half_width <= target:
        return Plan(0, f"{now}, which is within {wanted}.")
    if spread > UNLIKE:
        return Plan(None, f"{now}; {_about_unlike(spread)}")
    if calibration_half_width >= target:
        sentence = (
            f"{now}; no number of objects gives {wanted}, because the pixel size alone is "
            f"uncertain by ±{few_digits(100 * calibration_half_width)} %."
        )
        return Plan(None, sentence)
    ratio = (half_width**2 - calibration_half_width**2) / (
        target**2 - calibration_half_width**2
    )
    more = n * (ratio - 1) - 1e-9
    images = 0.0 if n_images is None else more * n_images / n
    if max(more, images) > _MOST or more > _FURTHEST * n:
        much = "a million more objects" if more <= _FURTHEST * n else "100 times as many"
        sentence = f"{now}; {wanted} is out of reach: it would take more than {much}."
        return Plan(None, sentence)
    where = f" in {_round(ceil(images))} more {_images(images)}" if images else ""
    like = "like these" if images else "from images like these"
    return Plan(
        ceil(more), f"{now}; {_round(ceil(more))} more{where} {like} give {wanted}."
    )


def spread_between_images(diameters: Floats, image: NDArray[np.intp]) -> float:
    """Return the geometric standard deviation of D50 from image to image.

    What D50 of so few objects scatters by itself, 1.57 s^2 / n for log-normal sizes with
    s the standard deviation of ln x within the image, is taken out.

    Parameters
    ----------
    diameters : ndarray of float64, shape (n,)
        Positive sizes.
    image : ndarray of intp, shape (n,)
        Index of the image of each.

    Returns
    -------
    float
        At least 1, and 1 where fewer than two images have five objects.

    Examples
    --------
    >>> sizes = np.repeat([10.0, 40.0], 8)
    >>> round(spread_between_images(sizes, np.repeat([0, 1], 8)), 2)
    2.67
    """
    logs = np.log(diameters)
    parts = [logs[image == index] for index in np.unique(image)]
    parts = [part for part in parts if part.size >= _FEWEST_IN_IMAGE]
    if len(parts) < 2:
        return 1.0
    between = np.var([np.median(part) for part in parts], ddof=1)
    by_chance = np.mean([np.pi / 2 * part.var(ddof=1) / part.size for part in parts])
    return float(np.exp(np.sqrt(max(between - by_chance, 0.0))))


def log_normal_half_width(gsd: float, n: float, *, c: float, level: float = 0.95) -> float:
    """Return the relative half-width of a log-normal fit's D50,r or D[p,q].

    z s sqrt((1 + 2 c^2 s^2) / n), with s = ln GSD and c = r or (p + q) / 2. The estimates
    from the objects themselves are wider, those by volume much: see `volume_half_width`.

    Parameters
    ----------
    gsd : float
        Geometric standard deviation, above 1.
    n : float
        Number of objects.
    c : float
        0 for D50 by number, 3 for D50 by volume, 3.5 for D[4,3].
    level : float
        Confidence level.

    Examples
    --------
    >>> round(log_normal_half_width(1.6, 6050, c=3.5), 3)
    0.03
    """
    s = log(gsd)
    z = normal_quantile((1 + level) / 2)
    return z * s * sqrt((1 + 2 * c**2 * s**2) / n)


def log_normal_number(gsd: float, *, c: float, target: float, level: float = 0.95) -> int:
    """Return how many objects a log-normal fit needs: `log_normal_half_width` solved for n.

    Parameters
    ----------
    gsd : float
        Geometric standard deviation, above 1.
    c : float
        0 for D50 by number, 3 for D50 by volume, 3.5 for D[4,3].
    target : float
        Wanted relative half-width.
    level : float
        Confidence level.

    Examples
    --------
    >>> log_normal_number(1.6, c=3.5, target=0.03)
    6046
    """
    return ceil((log_normal_half_width(gsd, 1, c=c, level=level) / target) ** 2)


def volume_half_width(gsd: float, n: float, *, level: float = 0.95) -> float:
    """Predict the relative half-width of D[4,3] taken from the objects themselves.

    For log-normal sizes the variance of sum x^4 / sum x^3 relative to its square is
    (exp(16 s^2) - 2 exp(12 s^2) + exp(9 s^2)) / n, with s = ln GSD, when n is large.

    Parameters
    ----------
    gsd : float
        Geometric standard deviation, at least 1.
    n : float
        Number of objects.
    level : float
        Confidence level.

    Examples
    --------
    >>> round(volume_half_width(1.4, 1000), 3), round(volume_half_width(2.0, 6000), 2)
    (0.065, 1.02)
    """
    s2 = min(log(gsd) ** 2, 20.0)
    variance = exp(16 * s2) - 2 * exp(12 * s2) + exp(9 * s2)
    return normal_quantile((1 + level) / 2) * sqrt(max(variance, 0.0) / n)


def refuse_volume(
    n: float, gsd: float, *, half_width: float | None, level: float = 0.95
) -> str | None:
    """Say why a distribution by volume should not be reported, or return `None`.

    It is refused for fewer than 20 objects; where `volume_half_width` predicts more than
    50 % for D[4,3]; and where its measured interval is wider than that.

    Parameters
    ----------
    n : float
        Number of objects.
    gsd : float
        Width of the upper half of the distribution, D84.1 / D50 by number: a few specks
        at the small end widen the GSD but carry no volume.
    half_width : float or None
        Measured relative half-width of D[4,3].
    level : float
        Confidence level.

    Examples
    --------
    >>> refuse_volume(1000, 1.4, half_width=0.06) is None
    True
    >>> refuse_volume(3000, 2.0, half_width=0.4)[:43]
    'Refused: with 3000 objects as unequal as th'
    """
    if n < _FEWEST_FOR_VOLUME:
        return (
            "Refused: too few objects for a distribution by volume, which the few largest "
            f"decide; {_FEWEST_FOR_VOLUME} are the least, here {effective_objects(n)}."
        )
    predicted = volume_half_width(gsd, n, level=level)
    if predicted > _WIDEST_VOLUME:
        needed = _round(n * (predicted / _WIDEST_VOLUME) ** 2)
        return (
            f"Refused: with {effective_objects(n)} as unequal as these (D84/D50 = "
            f"{few_digits(gsd)} by number) a few of the largest decide every number by "
            f"volume; D[4,3] would need {needed} objects to be known to "
            f"±{100 * _WIDEST_VOLUME:.0f} %."
        )
    if half_width is None or half_width > _WIDEST_VOLUME:
        return (
            "Refused: the interval of D[4,3] is wider than "
            f"±{100 * _WIDEST_VOLUME:.0f} %, because a few of the largest objects carry "
            "most of the volume."
        )
    return None


def _round(number: float) -> str:
    """Return a count with two digits, which is all that a plan can promise."""
    if number > _MOST:
        return "more than a million"
    if number < 100:
        return f"about {number:.0f}"
    return f"about {float(f'{number:.1e}'):.0f}"


def _about_unlike(spread: float) -> str:
    return (
        "the images are too unlike for a plan: from one to the next D50 differs by a "
        f"factor of {few_digits(spread)}. Measure one kind of sample at a time, or tell "
        "them apart in a sheet."
    )


def _images(number: float) -> str:
    return "image" if ceil(number) == 1 else "images"
