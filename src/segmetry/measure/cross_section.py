"""The width of a line along itself, from the grey values across it.

Across a line the picture is a box (the line, on ground that may rise from one side to the
other) blurred by the optics and the pixels. That shape is fitted to the grey values at
right angles to the centreline [1]_, after they were averaged over a few pixels along it.
The width is that of the box: it depends on no cutoff, and unlike the width at half the
height it does not grow with the blur.

A box thinner than the blur looks like any other, so width and blur cannot be told apart
in one profile. The blur is therefore one number for the picture: the one with which a
sample of profiles, from the wider half of the lines, is fitted best.

References
----------
.. [1] P. Bankhead, C. N. Scholfield, J. G. McGeown, T. M. Curtis, "Fast retinal vessel
       detection and measurement using wavelets and edge location refinement", PLoS ONE 7,
       2012. doi:10.1371/journal.pone.0032435
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import erf

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from segmetry.measure.centreline import Centrelines
from segmetry.measure.compiled import compiled

__all__ = ["CrossSections", "widths_from_grey"]

_STEP = 0.5  # px between samples of a profile
_MEAN_OF = 2  # points to either side along the line whose profiles are averaged
_GROUND = 3.0  # px of ground on either side, and a quarter of the width
_MOST_FOR_BLUR = 200  # profiles tell the blur well enough
_FEWEST_FOR_BLUR = 20
_BLURS = 0.2 * 1.3 ** np.arange(11)  # px, among which the best is looked for
_USUAL_BLUR = 0.6  # px, where profiles do not tell it: a sharp picture
_EXPLAINED = 0.5  # share of a profile's variance; below, the shape is not there
_FEWEST_SAMPLES = 10  # of a profile
_STEPS = 30  # of the fit, at most
_SETTLED = 1e-6  # share of the error that a step still takes off
_B, _SLOPE, _A, _C, _W = range(5)  # ground, its slope, height, middle, width
_ERROR = 5  # sum of squares that is left; a column after those that are fitted

_Floats = NDArray[np.float64]
_Place = tuple[_Floats, _Floats, NDArray[np.int64]]  # points, tangents, offsets
_Picture = tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]


@dataclass(frozen=True, eq=False)
class CrossSections:
    """Widths across lines, from grey values.

    Parameters
    ----------
    widths : ndarray of float64, shape (P,)
        In pixels; NaN where there is none.
    blur : float or None
        Standard deviation of the blur, in pixels. `None` where the picture does not tell
        it, and a usual one was taken: too few lines, or none wider than the blur.
    """

    widths: _Floats
    blur: float | None


def widths_from_grey(
    lines: Centrelines,
    grey: NDArray[np.floating],
    mask: NDArray[np.bool_],
    included: NDArray[np.bool_],
    *,
    widths: _Floats,
) -> CrossSections:
    """Return the width at each point of the lines by the grey values across it.

    Parameters
    ----------
    lines : Centrelines
    grey : ndarray of float, shape (Y, X)
        Lines may be darker or brighter than the ground, but all alike.
    mask : ndarray of bool, shape (Y, X)
        Grey values of other lines of the mask are left out of a profile.
    included : ndarray of bool, shape (Y, X)
    widths : ndarray of float64, shape (P,)
        Widths from the mask, where to start from; where NaN, nothing is measured.

    Returns
    -------
    CrossSections
        No width where the fit did not settle, explains less than half of the profile's
        variance, or says something else than the mask altogether.

    Examples
    --------
    >>> from segmetry.measure.thin import measure_thin
    >>> bar = np.zeros((21, 60), bool)
    >>> bar[8:13, 5:55] = True
    >>> found = measure_thin(bar, grey=200.0 - 90 * bar)
    >>> found.segments["width_grey_median_px"].round(1).tolist()
    [5.0]
    """
    values = np.array(grey, dtype=np.float32, order="C")
    inside = np.ascontiguousarray(mask).view(np.uint8)
    known = np.ascontiguousarray(included & np.isfinite(values)).view(np.uint8)
    place = (lines.points, lines.tangents, lines.offsets)
    picture = (values, inside, known)

    def fit(chosen: NDArray[np.bool_], blur: float) -> _Floats:
        return _fit_all(place, picture, widths, chosen, blur)

    blur = _find_blur(fit, widths)
    fits = fit(np.isfinite(widths), _USUAL_BLUR if blur is None else blur)
    found = fits[:, _W].copy()
    heights = fits[np.isfinite(found), _A]
    if heights.size:
        found[np.sign(fits[:, _A]) != np.sign(np.median(heights))] = np.nan
    return CrossSections(found, blur)


def _find_blur(
    fit: Callable[[NDArray[np.bool_], float], _Floats], widths: _Floats
) -> float | None:
    """Return the blur with which a sample of profiles is fitted best; None if none is."""
    measured = np.flatnonzero(np.isfinite(widths))
    if len(measured) < _FEWEST_FOR_BLUR:
        return None
    is_many = len(measured) >= 2 * _FEWEST_FOR_BLUR
    limit = np.median(widths[measured]) if is_many else 0.0
    wider = measured[widths[measured] >= limit]
    chosen = np.zeros(len(widths), dtype=bool)
    chosen[wider[:: max(1, -(-len(wider) // _MOST_FOR_BLUR))]] = True
    fits = np.array([fit(chosen, float(blur))[chosen] for blur in _BLURS])
    usable = np.isfinite(fits[:, :, _ERROR]).all(axis=0)
    best = int(fits[:, usable, _ERROR].sum(axis=1).argmin())
    n_fitted = np.count_nonzero(np.isfinite(fits[best, :, _W]))
    if n_fitted < _FEWEST_FOR_BLUR or best == len(_BLURS) - 1:
        return None
    if best == 0:
        return float(_BLURS[0])  # sharper than pixels can show
    chosen[np.flatnonzero(chosen)[~usable]] = False
    found = minimize_scalar(
        lambda blur: np.nansum(fit(chosen, float(blur))[chosen, _ERROR]),
        bounds=(_BLURS[best - 1], _BLURS[best + 1]),
        method="bounded",
        options={"xatol": 0.01},
    )
    return float(found.x)


@compiled
def _fit_all(
    place: _Place,
    picture: _Picture,
    widths: _Floats,
    chosen: NDArray[np.bool_],
    blur: float,
) -> _Floats:
    """Return what fits each profile, NaN where nothing does, and the error that is left."""
    points, tangents, offsets = place
    found = np.full((len(points), 6), np.nan)
    for s in range(len(offsets) - 1):
        for k in range(offsets[s], offsets[s + 1]):
            if not chosen[k]:
                continue
            n = 2 * int((0.75 * widths[k] + _GROUND) / _STEP) + 1
            across = (np.arange(n) - n // 2) * _STEP
            total, count = np.zeros(n), np.zeros(n)
            low, high = max(k - _MEAN_OF, offsets[s]), min(k + _MEAN_OF + 1, offsets[s + 1])
            for i in range(low, high):
                sums = (total, count)
                _add_profile(points[i], tangents[i], widths[k], across, picture, sums)
            usable = count > 0
            if np.count_nonzero(usable) >= _FEWEST_SAMPLES:
                profile = total[usable] / count[usable]
                found[k] = _fit(across[usable], profile, widths[k], blur)
    return found


@compiled
def _add_profile(
    point: _Floats,
    tangent: _Floats,
    width: float,
    across: _Floats,
    picture: _Picture,
    sums: tuple[_Floats, _Floats],
) -> None:
    """Add the grey values across one point; other lines and what lies behind are left."""
    grey, mask, known = picture
    total, count = sums
    n_rows, n_columns = grey.shape
    middle = len(across) // 2
    for side in (-1, 1):
        for i in range(max(side, 0), middle + 1):
            j = middle + side * i
            y, x = point[0] - across[j] * tangent[1], point[1] + across[j] * tangent[0]
            if not (0 <= y < n_rows - 1 and 0 <= x < n_columns - 1):
                break
            row, column = int(y + 0.5), int(x + 0.5)
            is_other = mask[row, column] and abs(across[j]) > width / 2 + 1
            if is_other or not known[row, column]:
                break
            top, left = int(y), int(x)
            v, u = y - top, x - left
            above = grey[top, left] * (1 - u) + grey[top, left + 1] * u
            below = grey[top + 1, left] * (1 - u) + grey[top + 1, left + 1] * u
            total[j] += above * (1 - v) + below * v
            count[j] += 1


@compiled
def _fit(across: _Floats, profile: _Floats, width: float, blur: float) -> _Floats:
    """Fit a blurred box by Levenberg and Marquardt's method; NaN where it does not."""
    inside = np.abs(across) <= width / 4 + 0.25
    outside = np.abs(across) > width / 2 + 0.5
    p = np.zeros(6)
    p[_B] = profile[outside].mean() if outside.any() else profile[0]
    p[_A] = (profile[inside].mean() if inside.any() else profile.mean()) - p[_B]
    p[_W] = width
    damping = 1e-3
    settled = False
    p[_ERROR], normal, right = _normal(across, profile, p, blur)
    for _ in range(_STEPS):
        tried = p.copy()
        tried[:_ERROR] += _solve(normal, right, damping)
        tried[_W] = abs(tried[_W])
        tried[_ERROR], new_normal, new_right = _normal(across, profile, tried, blur)
        if tried[_ERROR] <= p[_ERROR]:
            settled = p[_ERROR] - tried[_ERROR] <= _SETTLED * p[_ERROR]
            p, normal, right = tried, new_normal, new_right
            damping = max(damping / 5, 1e-9)
        else:
            damping *= 5
        if settled or damping > 1e6:
            break
    spread = ((profile - profile.mean()) ** 2).sum()
    is_elsewhere = abs(p[_C]) > width / 2 + 1 or p[_W] > 2 * width + 2
    if not settled or is_elsewhere or p[_ERROR] >= (1 - _EXPLAINED) * spread:
        p[:_ERROR] = np.nan
    return p


@compiled
def _normal(
    across: _Floats, profile: _Floats, p: _Floats, sigma: float
) -> tuple[float, _Floats, _Floats]:
    """Return the squared error, and the normal equations of a step that lowers it."""
    normal, right, d = np.zeros((5, 5)), np.zeros(5), np.zeros(5)
    error = 0.0
    scale = 1 / (np.sqrt(2 * np.pi) * sigma)
    for k in range(len(across)):
        s = across[k]
        near, far = s - p[_C] + p[_W] / 2, s - p[_C] - p[_W] / 2
        box = 0.5 * (erf(near / sigma / np.sqrt(2)) - erf(far / sigma / np.sqrt(2)))
        rise = scale * np.exp(-0.5 * (near / sigma) ** 2)
        fall = scale * np.exp(-0.5 * (far / sigma) ** 2)
        d[_B], d[_SLOPE], d[_A] = 1.0, s, box
        d[_C] = p[_A] * (fall - rise)
        d[_W] = p[_A] * (rise + fall) / 2
        left = profile[k] - (p[_B] + p[_SLOPE] * s + p[_A] * box)
        error += left * left
        for i in range(5):
            right[i] += d[i] * left
            for j in range(i + 1):
                normal[i, j] += d[i] * d[j]
    for i in range(5):
        for j in range(i):
            normal[j, i] = normal[i, j]
    return error, normal, right


@compiled
def _solve(normal: _Floats, right: _Floats, damping: float) -> _Floats:
    """Return the damped step, by elimination."""
    a, b, n = normal.copy(), right.copy(), len(right)
    for i in range(n):
        a[i, i] = a[i, i] * (1 + damping) + 1e-12
    for i in range(n):
        for j in range(i + 1, n):
            factor = a[j, i] / a[i, i]
            a[j, i:] -= factor * a[i, i:]
            b[j] -= factor * b[i]
    for i in range(n - 1, -1, -1):
        b[i] = (b[i] - (a[i, i + 1 :] * b[i + 1 :]).sum()) / a[i, i]
    return b
