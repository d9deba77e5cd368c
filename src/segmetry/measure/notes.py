"""Sentences that go with the statistics: how the intervals were made, what to beware of."""

from typing import Any

import numpy as np

from segmetry.measure.intervals import FEWEST_IMAGES, FEWEST_UNITS, Resampling
from segmetry.measure.pooling import Sample
from segmetry.measure.wording import few_digits

__all__ = ["about_frame", "about_intervals", "interval_note"]

_LARGEST_PART_OF_FRAME = 1 / 3  # beyond, edge weights get large and scarce


def about_intervals(resampling: Resampling, sample: Sample) -> dict[str, Any]:
    """Return how the intervals of a sample were made, as JSON values.

    Parameters
    ----------
    resampling : Resampling
    sample : Sample
        Its calibration uncertainty is in the intervals.

    Returns
    -------
    dict
        Keys "method", "level", "resamples", "note", "calibration_uncertainty".
    """
    return {
        "method": _how_resampled(resampling)[0],
        "level": resampling.level,
        "resamples": len(resampling.draws),
        "note": interval_note(resampling, sample),
        "calibration_uncertainty": sample.relative_uncertainty,
    }


def interval_note(resampling: Resampling, sample: Sample, *, in_units: bool = True) -> str:
    """Return how intervals were made and what they leave out, in sentences.

    Parameters
    ----------
    resampling : Resampling
    sample : Sample
    in_units : bool
        Whether the numbers are lengths or areas, so that the pixel size is in them.
    """
    note = _how_resampled(resampling)[1]
    return f"{note} {_calibration_note(sample)}".strip() if in_units else note


def about_frame(sample: Sample) -> list[str]:
    """Return a warning where an object is large for its frame, else nothing."""
    if not sample.n:
        return []
    part = float((sample.boxes / sample.frames[sample.image]).max())
    if part <= _LARGEST_PART_OF_FRAME:
        return []
    warning = (
        f"The largest object spans {100 * part:.0f} % of the frame: large ones are seldom "
        "seen whole, and their weights scatter; a lower magnification would help."
    )
    return [warning]


def _how_resampled(resampling: Resampling) -> tuple[str, str]:
    if resampling.n_units < FEWEST_UNITS:
        return "none", f"Fewer than {FEWEST_UNITS} objects give no interval."
    if resampling.by_image:
        note = (
            "Whole images were resampled; the standard error is taken on a logarithmic "
            f"scale, times Student's t with {resampling.n_units - 1} degrees of freedom."
        )
        return "bootstrap by image", note
    note = (
        f"Single objects were resampled, because fewer than {FEWEST_IMAGES} images show "
        "any: differences between images stay unseen, so that the intervals are "
        "optimistic (too narrow)."
    )
    return "bootstrap by object", note


def _calibration_note(sample: Sample) -> str:
    if sample.unit == "px":
        return ""
    unstated = int(np.count_nonzero(np.isnan(sample.uncertainties)))
    if unstated == sample.n_images:
        return "No pixel size states its uncertainty, so the intervals hold none."
    note = (
        f"The pixel size is uncertain by {few_digits(100 * sample.relative_uncertainty)} % "
        "(standard uncertainty), which every interval of a length or area holds."
    )
    if unstated:
        verbs = "states none and counts" if unstated == 1 else "state none and count"
        note += f" {unstated} of {sample.n_images} images {verbs} as exact."
    return note
