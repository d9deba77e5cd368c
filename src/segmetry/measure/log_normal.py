"""The log-normal distribution: fits, also inside a frame, and a check that can refuse.

With mu and sigma the mean and standard deviation of ln x, the median is exp(mu), the
geometric standard deviation (GSD) exp(sigma), and all quantiles and mean sizes follow
(Hatch and Choate [1]_).

References
----------
.. [1] T. Hatch, S. P. Choate, "Statistical description of the size properties of
       non-uniform particulate substances", Journal of the Franklin Institute 207, 1929.
       doi:10.1016/S0016-0032(29)91451-4
.. [2] R. B. D'Agostino, M. A. Stephens, "Goodness-of-Fit Techniques", 1986, table 4.9.
.. [3] P. A. Larsen, J. B. Rawlings, "Assessing the reliability of particle number
       density measurements obtained by image analysis", Particle & Particle Systems
       Characterization 25, 2008.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from segmetry.measure.distribution import Floats, checked, effective_number, mean, sd
from segmetry.measure.wording import count_of, effective_objects

__all__ = [
    "FEWEST_FOR_CHECK",
    "FailedFit",
    "FitCheck",
    "LogNormal",
    "check_log_normal",
    "fit_log_normal",
    "fit_truncated_log_normal",
    "seen_share",
    "truncated_scores",
]

FEWEST_FOR_CHECK = 30  # below, the check hardly ever finds a wrong shape
_SIGNIFICANCE = 0.05
_TOLERATED_GAP = 0.02  # large samples betray differences too small to matter
_FEWEST_FOR_TRUNCATED = 10
_WIDEST = 10  # times the spread of the sizes: no edge hides so much


@dataclass(frozen=True)
class LogNormal:
    """A log-normal distribution of sizes by number.

    Parameters
    ----------
    mu, sigma : float
        Mean and standard deviation of ln x; x in the unit of the sizes.

    Examples
    --------
    >>> powder = LogNormal(mu=np.log(100.0), sigma=np.log(1.5))
    >>> round(powder.quantile(0.5), 6), round(powder.moment_ratio(4, 3), 2)
    (100.0, 177.79)
    """

    mu: float
    sigma: float

    @property
    def median(self) -> float:
        """The size below which half of the objects lie."""
        return float(np.exp(self.mu))

    @property
    def gsd(self) -> float:
        """Geometric standard deviation, without unit and at least 1."""
        return float(np.exp(self.sigma))

    def quantile(self, probability: float, *, r: float = 0) -> float:
        """Return the size below which a share of the distribution of type r lies."""
        return float(np.exp(self.mu + r * self.sigma**2 + self.sigma * ndtri(probability)))

    def moment_ratio(self, p: float, q: float) -> float:
        """Return D[p,q] = exp(mu + (p + q) sigma^2 / 2)."""
        return float(np.exp(self.mu + (p + q) / 2 * self.sigma**2))

    def share_below(self, size: float) -> float:
        """Return the share by number below a positive size."""
        return float(ndtr((np.log(size) - self.mu) / self.sigma))


@dataclass(frozen=True)
class FailedFit:
    """A fit that gives no numbers.

    Parameters
    ----------
    reason : str
        What went wrong, as the end of a sentence.
    """

    reason: str


@dataclass(frozen=True)
class FitCheck:
    """Whether sizes may be described by a fitted distribution.

    Parameters
    ----------
    accepted : bool
    reason : str
        One sentence for the reader.
    p_value : float or None
        Of the Anderson-Darling test; `None` where there are too few objects.
    gap : float or None
        Largest difference of the cumulative curves, as a share.
    """

    accepted: bool
    reason: str
    p_value: float | None = None
    gap: float | None = None


def fit_log_normal(
    values: ArrayLike, *, weights: ArrayLike | None = None
) -> LogNormal | None:
    """Fit by the weighted mean and standard deviation (ddof 1) of ln x.

    Parameters
    ----------
    values, weights
        As in `segmetry.measure.distribution`; sizes are above 0.

    Returns
    -------
    LogNormal or None
        `None` for fewer than two objects, and where all sizes are equal.

    Examples
    --------
    >>> fit = fit_log_normal([10, 20, 40])
    >>> round(fit.median, 6), round(fit.gsd, 6)
    (20.0, 2.0)
    """
    x, w = checked(values, weights)
    if x.size < 2 or np.ptp(x) == 0:
        return None
    log_size = np.log(x)
    return LogNormal(mean(log_size, weights=w), sd(log_size, weights=w))


def fit_truncated_log_normal(
    values: ArrayLike,
    frames: Floats,
    *,
    image: NDArray[np.intp] | None = None,
    shape: tuple[float, float] = (1.0, 1.0),
) -> LogNormal | FailedFit:
    """Fit to the objects wholly inside their frames, by maximum likelihood [3]_.

    The likelihood of a size is f(x) P(x) over its integral, where
    P(x) = (1 - x/Z1)(1 - x/Z2) is the chance to lie wholly inside a frame of Z1 by Z2:
    the large objects that the edge took are allowed for. It is right only where sizes
    are log-normal.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Positive sizes of the objects that touch no edge, in any unit.
    frames : ndarray of float64, shape (images, 2)
        Sides of the frames, in the same unit.
    image : ndarray of intp, shape (n,), or None
        Index of the frame of each object; `None` where there is one frame only.
    shape : tuple of float
        Sides of an object's bounding box along x and y over its size; 1 for discs.

    Returns
    -------
    LogNormal or FailedFit
        It fails for fewer than 10 objects, where all sizes are equal, where the likelihood
        has no maximum, and where the fit runs out of the data: its median beyond 90 % of
        the sizes or its mean beyond the largest.

    Examples
    --------
    >>> sizes = LogNormal(mu=3.0, sigma=0.3)
    >>> seen = [sizes.quantile(p) for p in np.linspace(0.01, 0.99, 50)]
    >>> fit = fit_truncated_log_normal(seen, np.array([[200.0, 200.0]]))
    >>> round(float(np.median(seen)), 2), round(fit.median, 2)
    (20.09, 20.52)
    """
    from scipy.optimize import minimize

    x, _ = checked(values, None)
    plain = fit_log_normal(x)
    if x.size < _FEWEST_FOR_TRUNCATED:
        whole = count_of(x.size, "object")
        return FailedFit(
            f"it needs at least {_FEWEST_FOR_TRUNCATED} objects that touch no edge, here "
            f"{whole}"
        )
    if plain is None:
        return FailedFit("all objects are of one size")
    log_size = np.log(x)
    slopes, shares = _frame_shares(frames, image, x.size, shape)
    centre, spread = log_size.mean(), log_size.var()

    def loss(theta: Floats) -> float:
        sigma = np.exp(theta[1])
        misfit = (spread + (centre - theta[0]) ** 2) / (2 * sigma**2)
        inside = np.log(_inside(theta[0], sigma, slopes))
        return float(misfit + theta[1] + shares @ inside)

    start = np.array([plain.mu, np.log(plain.sigma)])
    found = minimize(loss, start, method="Nelder-Mead", options={"fatol": 1e-10})
    fit = LogNormal(float(found.x[0]), float(np.exp(found.x[1])))
    failure = _failure(fit, x, widest=_WIDEST * plain.sigma, converged=found.success)
    return fit if failure is None else failure


def _failure(
    fit: LogNormal, sizes: Floats, *, widest: float, converged: bool
) -> FailedFit | None:
    """Return why a fit is none; `None` where it may stand."""
    # A likelihood without a maximum runs away to widths that no sample can show.
    if not converged or fit.sigma > widest:
        return FailedFit(
            "the likelihood has no maximum; ever wider distributions fit better"
        )
    if fit.median > np.quantile(sizes, 0.9):
        return FailedFit("its median lies beyond 90 % of the sizes that were seen")
    if fit.moment_ratio(1, 0) > sizes.max():
        return FailedFit("its mean lies beyond the largest size that was seen")
    return None


def truncated_scores(
    fit: LogNormal,
    values: Floats,
    *,
    frames: Floats,
    image: NDArray[np.intp],
    shape: tuple[float, float],
) -> tuple[Floats, Floats]:
    """Return what each object adds to the slope of the likelihood, and its curvature.

    Returns
    -------
    scores : ndarray of float64, shape (n, 2)
        Derivatives of the log-likelihood by mu and ln sigma.
    curvature : ndarray of float64, shape (2, 2)
        Second derivatives of the log-likelihood of all objects.
    """
    at = np.array([fit.mu, np.log(fit.sigma)])
    step = 1e-4
    slopes = np.asarray(shape) / frames

    def scores(theta: Floats) -> Floats:
        sigma = np.exp(theta[1])
        z = (np.log(values) - theta[0]) / sigma
        both = []
        for axis in np.eye(2) * step:
            ends = [theta + axis, theta - axis]
            up, down = (np.log(_inside(e[0], np.exp(e[1]), slopes)) for e in ends)
            both.append(((up - down) / (2 * step))[image])
        return np.stack([z / sigma - both[0], z**2 - 1 - both[1]], axis=1)

    curvature = [
        (scores(at + axis).sum(axis=0) - scores(at - axis).sum(axis=0)) / (2 * step)
        for axis in np.eye(2) * step
    ]
    return scores(at), np.array(curvature)


def seen_share(fit: LogNormal, frames: Floats, *, shape: tuple[float, float]) -> Floats:
    """Return the share of all objects that each frame shows whole.

    Parameters
    ----------
    fit : LogNormal
    frames : ndarray of float64, shape (images, 2)
        Sides of the frames, in the unit of the sizes.
    shape : tuple of float
        Sides of an object's bounding box along x and y over its size; 1 for discs.

    Returns
    -------
    ndarray of float64, shape (images,)
    """
    return _inside(fit.mu, fit.sigma, np.asarray(shape) / frames)


def check_log_normal(
    values: ArrayLike, fit: LogNormal | None, *, weights: ArrayLike | None = None
) -> FitCheck:
    """Check a fitted log-normal against the sizes, and refuse it where they disagree.

    The Anderson-Darling test with both parameters estimated [2]_ is applied to the
    weighted cumulative curve, with the effective number of objects. A fit is refused
    where p is below 0.05 and the curves differ by over 2 percentage points somewhere, and
    where fewer than 30 objects are there to judge by.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Positive sizes, in any unit.
    fit : LogNormal or None
        `None` is refused.
    weights : array_like of float, shape (n,), or None
        The weights of the fit.

    Returns
    -------
    FitCheck

    Examples
    --------
    >>> sizes = LogNormal(mu=3.0, sigma=0.3)
    >>> seen = [sizes.quantile(p) for p in np.linspace(0.01, 0.99, 50)]
    >>> check_log_normal(seen, fit_log_normal(seen)).accepted
    True
    >>> two_kinds = np.repeat([10.0, 30.0], 50) + np.linspace(0, 1, 100)
    >>> check_log_normal(two_kinds, fit_log_normal(two_kinds)).accepted
    False
    """
    x, w = checked(values, weights)
    n = effective_number(w)
    if fit is None:
        return FitCheck(accepted=False, reason="Refused: the sizes allow no fit.")
    if n < FEWEST_FOR_CHECK:
        reason = (
            "Refused: too few objects to tell the shape of a distribution; "
            f"{FEWEST_FOR_CHECK} are the least, here {effective_objects(n)}."
        )
        return FitCheck(accepted=False, reason=reason)
    order = np.argsort(x, kind="stable")
    expected = np.clip(ndtr((np.log(x[order]) - fit.mu) / fit.sigma), 1e-12, 1 - 1e-12)
    after = np.cumsum(w[order]) / w.sum()
    before = np.concatenate([[0.0], after[:-1]])
    gap = float(np.maximum(np.abs(after - expected), np.abs(before - expected)).max())
    p_value = _anderson_darling_p(_anderson_darling(expected, before, after, n), n)
    accepted = p_value >= _SIGNIFICANCE or gap <= _TOLERATED_GAP
    return FitCheck(accepted, _fit_reason(accepted, gap, p_value), p_value, gap)


def _fit_reason(accepted: bool, gap: float, p_value: float) -> str:
    p_text = f"p = {p_value:.2g}" if p_value >= 0.001 else "p < 0.001"
    figures = (
        f"at most {100 * gap:.1f} percentage points between the cumulative curves, "
        f"Anderson-Darling {p_text}"
    )
    if accepted:
        return f"Accepted: the sizes do not contradict a log-normal ({figures})."
    return f"Refused: the sizes do not follow a log-normal ({figures})."


def _anderson_darling(expected: Floats, before: Floats, after: Floats, n: float) -> float:
    # Closed form of n times the integral of (F_w - F)^2 / (F (1 - F)) dF for a curve F_w
    # that steps from `before` to `after` where the fitted curve stands at `expected`.
    lower = (before**2 - after**2) * np.log(expected)
    upper = ((1 - after) ** 2 - (1 - before) ** 2) * np.log1p(-expected)
    return float(n * (np.sum(lower + upper) - 1))


def _anderson_darling_p(statistic: float, n: float) -> float:
    a = statistic * (1 + 0.75 / n + 2.25 / n**2)
    if a < 0.2:
        p = 1 - np.exp(-13.436 + 101.14 * a - 223.73 * a**2)
    elif a < 0.34:
        p = 1 - np.exp(-8.318 + 42.796 * a - 59.938 * a**2)
    elif a < 0.6:
        p = np.exp(0.9177 - 4.279 * a - 1.38 * a**2)
    elif a < 13:
        p = np.exp(1.2937 - 5.709 * a + 0.0186 * a**2)
    else:
        p = 0.0
    return float(p)


def _frame_shares(
    frames: Floats, image: NDArray[np.intp] | None, n: int, shape: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Return box side over frame side for unit size, and the objects' share, by frame."""
    slopes = np.asarray(shape) / np.asarray(frames, dtype=np.float64)
    index = np.zeros(n, dtype=np.intp) if image is None else image
    counts = np.bincount(index, minlength=len(slopes)) / n
    different, which = np.unique(slopes, axis=0, return_inverse=True)
    shares = np.bincount(which.ravel(), counts, len(different))
    return different, shares.astype(np.float64)


def _inside(mu: float, sigma: float, slopes: Floats) -> Floats:
    """Return the share of all objects that each frame shows whole: integral of f P."""
    a, b = slopes.T
    largest = -np.log(slopes.max(axis=1))
    moments = [
        np.exp(j * mu + j**2 * sigma**2 / 2) * ndtr((largest - mu) / sigma - j * sigma)
        for j in range(3)
    ]
    inside = moments[0] - (a + b) * moments[1] + a * b * moments[2]
    return np.asarray(np.maximum(inside, 1e-300))
