"""The thin structures of several pictures together, where adding them up is honest.

Lengths, areas and counts are summed; widths and tortuosity are averaged by length over all
pictures, so that a picture counts as much as it has lines. The fractal dimension belongs
to one picture, and is never pooled.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.measure.intervals import Estimate, Resampling, resample
from segmetry.measure.thin_picture import weighted_numbers
from segmetry.measure.thin_tables import ThinTables, quantities
from segmetry.measure.wording import count_of

__all__ = ["summarize_thin"]

_SUMS = ("n_segments", "n_branch_points", "n_end_points", "n_cut_ends", "n_specks")
_BINS = 40  # about so many at most, of a width that is easy to read
_STEPS = (1, 2, 5, 10)

_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Lines:
    """All lines of the pictures that are pooled: one value for each segment or point."""

    lengths: _Floats
    tortuosity: _Floats
    segment_of: NDArray[np.intp]
    widths: Mapping[str, _Floats]
    resampling: Resampling


def summarize_thin(
    pictures: Mapping[str, ThinTables],
    uncertainties: Mapping[str, float | None],
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the numbers of all pictures together, and of each.

    Parameters
    ----------
    pictures : mapping of str to ThinTables
        By the name of the picture.
    uncertainties : mapping of str to float or None
        Relative standard uncertainty of each picture's pixel size.
    level : float
        Confidence level of the intervals of `pooled`; those of each picture are at 0.95.
    resamples, seed : int
        As in `segmetry.measure.intervals.resample`.

    Returns
    -------
    dict
        JSON values:

        - `unit`: "um" or "px". Pictures of unknown pixel size are not pooled with others.
        - `n_pictures`: those in `pooled`.
        - `pooled`: `value`, `low`, `high`, `unit` and `n`, the segments behind it, by
          quantity.
        - `intervals`: `level`, `resamples`, and `unit`, what was drawn anew: "picture",
          or "segment" where fewer than five pictures have lines.
        - `histogram`: `edges`, `bin_width`, and the `length` of line in each bin of the
          width; `length_grey` likewise.
        - `pictures`: the numbers of each picture as in `pooled`.
        - `warnings`: what a person should know.

    Examples
    --------
    >>> from segmetry.measure import measure_thin
    >>> from segmetry.measure.thin_tables import tables_of
    >>> bar = np.zeros((20, 40), bool)
    >>> bar[9:12, 5:35] = True
    >>> tables = tables_of(measure_thin(bar))
    >>> told = summarize_thin({"a": tables, "b": tables}, {"a": None, "b": None})
    >>> round(told["pooled"]["total_length_px"]["value"])
    60
    """
    unit = "um" if any(one.unit == "um" for one in pictures.values()) else "px"
    pooled = {name: one for name, one in pictures.items() if one.unit == unit}
    lines = _lines(list(pooled.values()), unit, level=level, resamples=resamples, seed=seed)
    shared = max((uncertainties.get(name) or 0.0 for name in pooled), default=0.0)
    by_picture = lines.resampling.by_image
    return {
        "unit": unit,
        "n_pictures": len(pooled),
        "pooled": {
            name: {**number.as_json(), "unit": unit_of}
            for name, number, unit_of in _numbers(pooled, lines, unit, shared)
        },
        "intervals": {
            "level": level,
            "resamples": resamples,
            "unit": "picture" if by_picture else "segment",
        },
        "histogram": _histogram(lines, unit),
        "pictures": {name: quantities(one.picture) for name, one in pictures.items()},
        "warnings": list(_warnings(len(pictures), len(pooled))),
    }


def _lines(
    tables: list[ThinTables], unit: str, *, level: float, resamples: int, seed: int
) -> _Lines:
    counts = [len(one.segments) for one in tables]
    first = np.cumsum([0, *counts])[:-1]
    image = np.repeat(np.arange(len(tables)), counts)
    resampling = resample(
        image, n_images=len(tables), resamples=resamples, level=level, seed=seed
    )
    names = [f"width_{unit}", f"width_grey_{unit}"]
    return _Lines(
        _joined([one.segments[f"length_{unit}"] for one in tables]),
        _joined([one.segments["tortuosity"] for one in tables]),
        _joined(
            [one.widths["segment"] - 1 + at for one, at in zip(tables, first, strict=True)]
        ).astype(np.intp),
        {
            name.removesuffix(f"_{unit}"): _joined([one.widths[name] for one in tables])
            for name in names
            if tables and all(name in one.widths for one in tables)
        },
        resampling,
    )


def _joined(columns: list[pd.Series]) -> _Floats:
    parts = [column.to_numpy(dtype=np.float64) for column in columns]
    return np.concatenate([np.zeros(0), *parts])


def _numbers(
    pooled: Mapping[str, ThinTables], lines: _Lines, unit: str, shared: float
) -> Iterator[tuple[str, Estimate, str]]:
    n = len(lines.lengths)
    told = [quantities(one.picture) for one in pooled.values()]
    area = f"included_area_{unit}2"
    sizes = np.array([one[area]["value"] or 0.0 for one in told], dtype=float)
    shares = np.array([one["area_fraction"]["value"] or 0.0 for one in told], dtype=float)
    included, total = float(sizes.sum()), float(lines.lengths.sum())
    yield area, _exact(included, n), f"{unit}2"
    yield "area_fraction", _exact(_by(np.sum(sizes * shares), included), n), ""
    yield f"total_length_{unit}", _exact(total, n), unit
    yield f"length_density_per_{unit}", _exact(_by(total, included), n), f"1/{unit}"
    for name in _SUMS:
        yield name, _exact(sum(one[name]["value"] for one in told), n), ""
    for name, widths in lines.widths.items():
        values, weights, segment = _weighed(lines, widths)
        drawn = replace(lines.resampling, unit=lines.resampling.unit[segment])
        n_measured = int(np.unique(segment).size)
        for key, number in weighted_numbers(values, weights, drawn, shared).items():
            yield f"{name}_{key}_{unit}", replace(number, n=n_measured), unit
    is_open = np.isfinite(lines.tortuosity)
    drawn = replace(lines.resampling, unit=lines.resampling.unit[is_open])
    values, weights = lines.tortuosity[is_open], lines.lengths[is_open]
    number = weighted_numbers(values, weights, drawn, 0.0, floor=1.0)["mean"]
    yield "tortuosity_mean", replace(number, n=int(is_open.sum())), ""


def _weighed(lines: _Lines, widths: _Floats) -> tuple[_Floats, _Floats, NDArray[np.intp]]:
    """Return widths that were measured, the length each stands for, and its segment."""
    measured = np.isfinite(widths)
    segment = lines.segment_of[measured]
    count = np.bincount(segment, minlength=len(lines.lengths))
    weights = (lines.lengths / np.maximum(count, 1))[segment]
    return widths[measured], weights, segment


def _histogram(lines: _Lines, unit: str) -> dict[str, Any]:
    """Return the length of line of each width, in bins from 0."""
    widest = max(
        (np.nanmax(widths, initial=0.0) for widths in lines.widths.values()), default=0.0
    )
    step = _bin_width(float(widest)) if widest else 1.0
    edges = step * np.arange(np.floor(widest / step) + 2)
    told: dict[str, Any] = {"unit": unit, "bin_width": step, "edges": edges.tolist()}
    for name, widths in lines.widths.items():
        values, weights, _ = _weighed(lines, widths)
        length = np.histogram(values, edges, weights=weights)[0]
        told[name.replace("width", "length")] = length.tolist()
    return told


def _bin_width(widest: float) -> float:
    """Return a round width of bins, as 0.2 or 5."""
    rough = widest / _BINS
    power = 10.0 ** np.floor(np.log10(rough))
    return float(next(step * power for step in _STEPS if step * power >= rough))


def _warnings(n_pictures: int, n_pooled: int) -> Iterator[str]:
    left = n_pictures - n_pooled
    if left:
        yield (
            f"Thin structures of {count_of(left, 'picture')} without a known pixel size "
            "are not in the numbers of all pictures together."
        )


def _by(amount: float, area: float) -> float | None:
    return float(amount / area) if area else None


def _exact(value: float | None, n: int) -> Estimate:
    return Estimate(None if value is None else float(value), None, None, n)
