"""The numbers of a whole picture of thin structures, with intervals where honest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.image import PixelSize
from segmetry.measure.box_counting import count_boxes
from segmetry.measure.distribution import mean, quantile
from segmetry.measure.intervals import Estimate, Resampling, interval, resample

if TYPE_CHECKING:
    from segmetry.measure.centreline import Centrelines

__all__ = ["Findings", "picture_table", "weighted_numbers"]

_SHARES = {"p5": 0.05, "median": 0.5, "p95": 0.95}

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]
_Row = tuple[str, Estimate, str]


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found in a picture.

    Parameters
    ----------
    mask, included : ndarray of bool, shape (Y, X)
    lines : Centrelines
    widths : mapping of str to ndarray of float64, shape (P,)
        Widths at each point in pixels, by name.
    segments, nodes : DataFrame
    notes : mapping of str to float
        Other numbers of the picture, without unit, or in pixels where the name says so.
    """

    mask: _Bools
    included: _Bools
    lines: "Centrelines"
    widths: Mapping[str, _Floats]
    segments: pd.DataFrame
    nodes: pd.DataFrame
    notes: Mapping[str, float]


def picture_table(
    found: Findings, pixel_size: PixelSize | None, *, seed: int = 0
) -> pd.DataFrame:
    """Return one row for each number: `quantity`, `value`, `low`, `high`, `unit`, `n`.

    Means and percentiles of widths and of the tortuosity are weighted by length. Their
    intervals come from resampling the segments: they hold what another network like this
    would give by chance, and the pixel size's uncertainty. Segments of one network
    resemble each other, so they are optimistic. What is counted or summed over the one
    picture has no interval.

    Parameters
    ----------
    found : Findings
    pixel_size : PixelSize or None
    seed : int
        The same seed gives the same intervals.
    """
    size, unit = (1.0, "px") if pixel_size is None else (pixel_size.in_um.x, "um")
    shared = (pixel_size.uncertainty or 0.0) if pixel_size is not None else 0.0
    rows = [*_amounts(found, size, unit), *_means(found, size, unit, shared, seed)]
    rows += [*_fractal(found), *_notes(found)]
    return pd.DataFrame(
        {
            "quantity": [name for name, _, _ in rows],
            **{
                end: np.array([getattr(number, end) for _, number, _ in rows], dtype=float)
                for end in ("value", "low", "high")
            },
            "unit": [unit_of for _, _, unit_of in rows],
            "n": [number.n for _, number, _ in rows],
        }
    )


def _amounts(found: Findings, size: float, unit: str) -> Iterator[_Row]:
    n = len(found.segments)
    n_pixels = np.count_nonzero(found.included)
    area = n_pixels * size**2 if n_pixels else np.nan
    total = float(found.lines.lengths.sum() * size)
    is_free = found.nodes["degree"] == 1
    is_cut = found.nodes["touches_edge"]
    yield f"included_area_{unit}2", _exact(area, n), f"{unit}2"
    yield "area_fraction", _exact(np.count_nonzero(found.mask) * size**2 / area, n), ""
    yield f"total_length_{unit}", _exact(total, n), unit
    yield f"length_density_per_{unit}", _exact(total / area, n), f"1/{unit}"
    yield "n_segments", _exact(n, n), ""
    yield "n_branch_points", _exact((found.nodes["degree"] >= 3).sum(), n), ""
    yield "n_end_points", _exact((is_free & ~is_cut).sum(), n), ""
    yield "n_cut_ends", _exact((is_free & is_cut).sum(), n), ""


def _means(
    found: Findings, size: float, unit: str, shared: float, seed: int
) -> Iterator[_Row]:
    n = len(found.segments)
    lengths = found.lines.lengths
    resampling = resample(np.zeros(n, dtype=np.intp), n_images=1, seed=seed)
    for name, values in found.widths.items():
        measured = np.isfinite(values)
        line = found.lines.line_of[measured]
        n_sections = np.bincount(line, minlength=n)
        # Each segment counts by its length, however much of it could be measured.
        weights = (lengths / np.maximum(n_sections, 1))[line]
        drawn = replace(resampling, unit=resampling.unit[line])
        n_measured = int(np.count_nonzero(n_sections))
        numbers = weighted_numbers(values[measured] * size, weights, drawn, shared)
        for key, number in numbers.items():
            yield f"{name}_{key}_{unit}", replace(number, n=n_measured), unit
    is_open = found.segments["tortuosity"].notna().to_numpy()
    values = found.segments.loc[is_open, "tortuosity"].to_numpy(dtype=np.float64)
    drawn = replace(resampling, unit=resampling.unit[is_open])
    number = weighted_numbers(values, lengths[is_open], drawn, 0.0, floor=1.0)["mean"]
    yield "tortuosity_mean", replace(number, n=int(is_open.sum())), ""


def weighted_numbers(
    values: _Floats,
    weights: _Floats,
    resampling: Resampling,
    shared: float,
    *,
    floor: float = 0.0,
) -> dict[str, Estimate]:
    """Return the weighted mean and percentiles, with intervals.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (n,)
    resampling : Resampling
    shared : float
        Relative standard uncertainty that all values share.
    floor : float
        The least that a value can be: 1 for a tortuosity.

    Returns
    -------
    dict of str to Estimate
        "mean", "p5", "median" and "p95".
    """
    shares = list(_SHARES.values())
    if not values.size:
        return dict.fromkeys(("mean", *_SHARES), Estimate(None, None, None, 0))
    total, first = resampling.totals(np.stack([weights, weights * values], axis=1)).T
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = {"mean": first / total}
    drawn |= zip(
        _SHARES, resampling.quantiles(values, shares, weights=weights).T, strict=True
    )
    numbers = {"mean": mean(values, weights=weights)}
    numbers |= zip(_SHARES, quantile(values, shares, weights=weights), strict=True)
    return {
        key: interval(
            value, drawn[key], resampling, relative_uncertainty=shared, floor=floor
        )
        for key, value in numbers.items()
    }


def _fractal(found: Findings) -> Iterator[_Row]:
    """Yield the dimension of the centrelines: widths would only blur it."""
    n = len(found.segments)
    drawn = np.zeros(found.mask.shape, dtype=bool)
    rows, columns = np.rint(found.lines.points).astype(np.intp).T
    height, width = found.mask.shape
    drawn[rows.clip(0, height - 1), columns.clip(0, width - 1)] = True
    boxes = count_boxes(drawn)
    ends = boxes.sizes[[0, -1]] if len(boxes.sizes) else (np.nan, np.nan)
    yield "fractal_dimension", _exact(boxes.dimension, n), ""
    yield "fractal_dimension_standard_error", _exact(boxes.standard_error, n), ""
    yield "fractal_dimension_r_squared", _exact(boxes.r_squared, n), ""
    yield "fractal_dimension_box_min_px", _exact(ends[0], n), "px"
    yield "fractal_dimension_box_max_px", _exact(ends[1], n), "px"


def _notes(found: Findings) -> Iterator[_Row]:
    for name, value in found.notes.items():
        unit = "px" if name.endswith("_px") else ""
        yield name, _exact(value, len(found.segments)), unit


def _exact(value: float, n: int) -> Estimate:
    return Estimate(float(value), None, None, n)
