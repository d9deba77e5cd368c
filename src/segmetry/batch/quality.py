"""How good pictures are, and a run's numbers with and without those in doubt.

No picture is left out: a verdict is a reason to look, and a scientist decides. But nobody
has to guess what the doubtful pictures do to the result.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import pandas as pd

from segmetry.batch.verdict import FEWEST_PICTURES
from segmetry.image import Image, Labels
from segmetry.measure import summarize
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.picture_quality import clipped_share, picture_quality
from segmetry.measure.wording import count_of, few_digits, reading_unit

__all__ = ["clipped_column", "quality_columns", "quality_summary"]

_WITHOUT = {"without_failed": ("fail",), "without_flagged": ("fail", "look")}
_FEWEST = 2  # resamples: intervals of these numbers are not told
_DIGITS = 3


def quality_columns(image: Image) -> dict[str, float | None]:
    """Return the columns of images.csv on a picture's quality; `None` where not known."""
    values = asdict(picture_quality(image))
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def clipped_column(labels: Labels) -> dict[str, float | None]:
    """Return the column of images.csv on clipped objects; `None` without objects."""
    share = clipped_share(labels)
    return {"clipped_objects_fraction": share if math.isfinite(share) else None}


def quality_summary(
    images: pd.DataFrame, objects: pd.DataFrame, statistics: StatisticsOptions
) -> dict[str, Any]:
    """Return how many pictures are in doubt, and the numbers without them.

    Parameters
    ----------
    images : DataFrame
        One row per picture, with its `verdict`.
    objects : DataFrame
    statistics : StatisticsOptions

    Returns
    -------
    dict
        JSON values: "n_pass", "n_look", "n_fail"; "compared", whether there were enough
        pictures to compare them with each other; "with_all", and where any are in doubt
        "without_failed" and "without_flagged": "n_images", "objects_per_image", "density",
        "mean" and "d50" of the pictures that are left; "sentence", all of it for a person,
        "" where every picture passes.
    """
    counts = {
        f"n_{name}": int(images["verdict"].eq(name).sum())
        for name in ("pass", "look", "fail")
    }
    done = images[images["status"].eq("done")]
    told: dict[str, Any] = {
        **counts,
        "compared": len(done) >= FEWEST_PICTURES,
        "with_all": None,
        "without_failed": None,
        "without_flagged": None,
        "sentence": "",
    }
    if not counts["n_look"] + counts["n_fail"]:
        return told
    told["with_all"] = _numbers(done, objects, statistics)
    for key, verdicts in _WITHOUT.items():
        gone = done["verdict"].isin(verdicts)
        if gone.any() and not gone.all():
            told[key] = _numbers(done[~gone], objects, statistics)
    told["sentence"] = " ".join(_sentences(told))
    return told


def _numbers(
    images: pd.DataFrame, objects: pd.DataFrame, statistics: StatisticsOptions
) -> dict[str, Any]:
    left = objects[objects["image"].isin(images["image"])]
    options = replace(statistics, resamples=_FEWEST)
    pooled = summarize(left, images, options=options)["pooled"]
    return {
        "n_images": len(images),
        "objects_per_image": len(left) / len(images),
        "density": pooled["density"]["value"],
        "mean": pooled["number"]["mean"]["value"],
        "d50": pooled["number"]["d50"]["value"],
        "unit": pooled["unit"],
    }


def _sentences(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is to be said of pictures in doubt, and of the numbers without them."""
    n_look, n_fail = told["n_look"], told["n_fail"]
    flagged = n_look + n_fail
    total = count_of(told["n_pass"] + flagged, "picture")
    parts = [f"{n} {said}" for n, said in ((n_fail, "fail"), (n_look, "to look at")) if n]
    yield (
        f"Quality: {flagged} of {total} flagged ({', '.join(parts)}); images.csv says why. "
        f"All are in the numbers: {_told(told['with_all'])}."
    )
    if told["without_failed"] and n_look:
        yield f"Without those that fail: {_told(told['without_failed'])}."
    if told["without_flagged"]:
        yield f"Without the flagged: {_told(told['without_flagged'])}."


def _told(numbers: Mapping[str, Any]) -> str:
    text = f"{few_digits(numbers['objects_per_image'], _DIGITS)} objects a picture"
    if numbers["d50"] is None:
        return text
    factor, unit = reading_unit(numbers["d50"], numbers["unit"])
    return f"{text}, D50 {few_digits(numbers['d50'] * factor, _DIGITS)} {unit}"
