"""Whether the pictures of a set are fit to be pooled: pass, look or fail.

A picture is judged by itself where the grey values of its objects are clipped, its edges
blurred widely, or more than half of its objects expected to be wrong, and against the
others of its set in what differs little between pictures of one kind: how blurred its edges
are, its brightness and contrast, the size and brightness of its objects, and whether it has
any. What is usual is told by the median and the median absolute deviation, or by quartiles,
which a few bad pictures do not move.

Sizes and brightness of objects may differ because the samples do: that asks for a look and
fails nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.io import COUNT_COLUMN

__all__ = ["FEWEST_PICTURES", "with_verdicts"]

FEWEST_PICTURES = 5  # fewer do not tell what is usual among them
_FEWEST_OBJECTS = 5  # fewer do not tell their typical size
_TO_SD = 1.4826  # times the median absolute deviation, or half the quartiles' distance
_OF_MEDIAN = 1.2533  # standard error of a median by that of a mean, of normal values

_LEVELS = ("pass", "look", "fail")
_CLIPPED = (0.05, 0.5)  # shares of the objects' pixels from which on to look, and to fail
_BLURRED = 6.0  # px: as wide are the edges of hardly any picture that is in focus
_WRONG = 0.5  # expected share of wrong objects from which on to look
_MANY = 5  # objects: of so many expected, chance leaves none in 1 of 150 pictures
_FINEST = 0.5  # px: blurs below look alike
_ABOVE = "intensity_mean_above_background"

Floats = NDArray[np.float64]
Told = Iterator[tuple[int, int, str]]


@dataclass(frozen=True)
class _Check:
    """What is compared with the others of the set.

    Parameters
    ----------
    low, high : str
        What is said of a value that is too low or too high; "" where that is no fault.
    least : float
        Least standard deviation of a set: pictures of one kind may always differ so much.
    look, fail : float
        Standard deviations from the median from which on it is a fault.
    """

    low: str
    high: str
    least: float
    look: float = 4.0
    fail: float = np.inf


_CHECKS = {
    "blur": _Check("", "less sharp", least=0.03, look=3, fail=5),
    "brightness": _Check("darker", "brighter", least=0.1, fail=8),
    "contrast": _Check("of lower contrast", "of higher contrast", least=0.1, fail=8),
    "size": _Check("has smaller objects", "has larger objects", least=0.05),
    "intensity": _Check("has darker objects", "has brighter objects", least=0.1),
}


def with_verdicts(images: pd.DataFrame, objects: pd.DataFrame) -> pd.DataFrame:
    """Return the table of pictures with a verdict on each, and the reason for it.

    Parameters
    ----------
    images : DataFrame
        One row per picture, with the columns of `images.csv`.
    objects : DataFrame
        One row per object.

    Returns
    -------
    DataFrame
        `verdict` is "pass", "look" or "fail", empty for a picture that gave no result;
        `verdict_reason` is empty for those that pass. `expected_wrong_fraction` is one
        minus the mean confidence of a picture's objects, NaN where the method tells none
        or a person has corrected them.
    """
    wrong = _expected_wrong(images, objects)
    images = images.assign(expected_wrong_fraction=wrong)
    done = images["status"].eq("done").to_numpy()
    worst = np.zeros(len(images), dtype=int)
    reasons: list[list[str]] = [[] for _ in range(len(images))]
    counts = _counts(images, objects)
    found = (
        *_by_themselves(images),
        *_empty(np.where(done, counts, np.nan)),
        *_unlike(images, objects),
    )
    for place, level, reason in found:
        worst[place] = max(worst[place], level)
        reasons[place].append(reason)
    verdicts = [_LEVELS[k] if known else "" for k, known in zip(worst, done, strict=True)]
    return images.assign(
        verdict=verdicts, verdict_reason=["; ".join(told) for told in reasons]
    )


def _by_themselves(images: pd.DataFrame) -> Told:
    """Yield place, level and reason of pictures that are bad whatever the others are."""
    blur = images["edge_blur_px"].to_numpy(np.float64)
    for place in np.flatnonzero(blur > _BLURRED):
        yield int(place), 1, f"even its sharpest edges are blurred by {blur[place]:.0f} px"
    shares = images["clipped_objects_fraction"].to_numpy(np.float64)
    for place in np.flatnonzero(shares > _CLIPPED[0]):
        share = shares[place]
        level = 2 if share > _CLIPPED[1] else 1
        yield (
            int(place),
            level,
            f"{100 * share:.0f} % of its objects' pixels are at the end of the grey values",
        )
    wrong = images["expected_wrong_fraction"].to_numpy(np.float64)
    for place in np.flatnonzero(wrong > _WRONG):
        yield (
            int(place),
            1,
            f"{100 * wrong[place]:.0f} % of its objects are expected to be wrong",
        )


def _empty(counts: Floats) -> Told:
    """Yield place, level and reason of pictures without objects, where others have many."""
    for place in np.flatnonzero(counts == 0):
        others = np.delete(counts, place)
        others = others[np.isfinite(others)]
        usual = float(np.median(others)) if others.size else 0.0
        if usual >= _MANY:
            yield int(place), 1, f"it has no objects, the others {usual:g} (median)"


def _counts(images: pd.DataFrame, objects: pd.DataFrame) -> Floats:
    """Return the number of objects of each picture; NaN where none are outlined."""
    counts = images["image"].map(objects["image"].value_counts()).fillna(0)
    if COUNT_COLUMN in images:
        counts = counts.where(images[COUNT_COLUMN].isna())
    return np.asarray(counts, np.float64)


def _expected_wrong(images: pd.DataFrame, objects: pd.DataFrame) -> Floats:
    if "confidence" not in objects:
        return np.full(len(images), np.nan)
    sure = objects["confidence"].astype(float).groupby(objects["image"]).mean()
    wrong = 1 - images["image"].map(sure).astype(float)
    if "mask_origin" in images:
        wrong = wrong.where(images["mask_origin"].eq("draft"))
    return np.asarray(wrong, np.float64)


def _unlike(images: pd.DataFrame, objects: pd.DataFrame) -> Told:
    """Yield place, level and reason of pictures that differ from the others."""
    values = _values(images, objects)
    for name, check in _CHECKS.items():
        away = _deviations(*values[name], check)
        for place in np.flatnonzero(np.abs(away) >= check.look):
            said = check.high if away[place] > 0 else check.low
            if said:
                far = abs(away[place])
                reason = f"{said} than the others ({far:.1f} standard deviations)"
                yield int(place), 2 if far >= check.fail else 1, reason


def _values(
    images: pd.DataFrame, objects: pd.DataFrame
) -> dict[str, tuple[Floats, Floats]]:
    """Return what is compared, with its standard errors, on scales that suit any camera."""
    blur, brightness, contrast = (
        images[name].to_numpy(np.float64)
        for name in ("edge_blur_px", "brightness", "contrast")
    )
    exact = np.zeros(len(images))
    known = contrast[contrast > 0]
    usual = float(np.median(known)) if known.size else np.nan
    with np.errstate(divide="ignore"):
        decades = np.log10(contrast)
    return {
        "blur": (np.log10(np.hypot(blur, _FINEST)), exact),
        "brightness": (brightness / usual, exact),
        "contrast": (decades, exact),
        "size": _typical(np.log10(_diameters(images, objects)), images, objects),
        "intensity": _typical(_column(objects, _ABOVE) / usual, images, objects),
    }


def _diameters(images: pd.DataFrame, objects: pd.DataFrame) -> Floats:
    """Return diameters in one unit: µm only where the pixel size of all is known."""
    done = images["status"].eq("done")
    if images.loc[done, "unit"].eq("um").all():
        return _column(objects, "equivalent_diameter_um")
    return np.sqrt(_column(objects, "area_px") * (4 / np.pi))


def _column(objects: pd.DataFrame, name: str) -> Floats:
    if name not in objects:
        return np.full(len(objects), np.nan)
    return objects[name].to_numpy(np.float64)


def _typical(
    values: Floats, images: pd.DataFrame, objects: pd.DataFrame
) -> tuple[Floats, Floats]:
    """Return the median of each picture's objects and its standard error; NaN of few."""
    groups = pd.Series(values).groupby(objects["image"].to_numpy())
    middle = groups.median()
    away = (pd.Series(values) - groups.transform("median")).abs()
    spread = _TO_SD * away.groupby(objects["image"].to_numpy()).median()
    n = groups.count()
    told = pd.DataFrame({"middle": middle, "error": _OF_MEDIAN * spread / np.sqrt(n)})
    told = told[n >= _FEWEST_OBJECTS].reindex(images["image"])
    return told["middle"].to_numpy(), told["error"].to_numpy()


def _deviations(values: Floats, errors: Floats, check: _Check) -> Floats:
    """Return how many standard deviations each value is from the median of all.

    All NaN where too few are known. The error of a value that rests on few objects counts
    as well: such a picture is far from the others by chance.
    """
    known = values[np.isfinite(values)]
    if known.size < FEWEST_PICTURES:
        return np.full(len(values), np.nan)
    middle = np.median(known)
    if check.low:
        spread = np.median(np.abs(known - middle))
    else:  # how far the others reach to the good side is no excuse for the bad one
        spread = np.quantile(known, 0.75) - middle
    return np.asarray(
        (values - middle) / np.hypot(max(_TO_SD * spread, check.least), errors)
    )
