"""Lines by which a score may tell errors, and how likely verdicts make each.

The log odds of an error are a line of the score. Its level and slope are laid out on a
grid, for each of a few spreads of pictures' own levels and shares of errors that no score
tells; each point is weighed by its prior and by how well it tells the verdicts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp

__all__ = ["SCALE", "Floats", "Lines", "likely_lines"]

Floats = NDArray[np.float64]

SCALE = np.arange(-12, 12.01, 0.25)  # of scores

# The prior. A score that is off by a factor of e in its odds is nothing special, and a
# picture may well differ from the others by half of that.
_LEVEL_SD = 1.0
_LOG_SLOPE_SD = 0.3
_SPREADS = {0.0: 0.4, 0.5: 0.4, 1.2: 0.2}  # of pictures' levels, each with its weight
_UNTOLD = {0.0: 0.6, 0.003: 0.3, 0.015: 0.1}  # shares of errors that no score tells

_NODES = np.arange(-3, 3.01, 0.5)  # of a picture's level, in standard deviations
_NODE_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
_STEPS = (13, 9)  # of the level, of the slope
_WIDE = 4.0  # standard deviations of level and slope that are looked at, to either side
_SHRINKS = 6
_NEGLIGIBLE = 1e-3  # of the weight of the most likely values
_TINY = 1e-12


@dataclass(frozen=True)
class _Kind:
    """How far pictures' levels spread, which share of errors is untold; how likely so."""

    spread: float
    untold: float
    weight: float


_KINDS = tuple(
    _Kind(spread, untold, _SPREADS[spread] * _UNTOLD[untold])
    for spread in _SPREADS
    for untold in _UNTOLD
)


@dataclass(frozen=True, eq=False)
class Lines:
    """Values that level, slope and so on may have, and how likely they are.

    Parameters
    ----------
    probability : ndarray of float64, shape (n_scale, n_lines, n_nodes)
        Of an error, for each score on the scale.
    weights : ndarray of float64, shape (n_lines,)
    nodes : ndarray of float64, shape (n_pictures, n_lines, n_nodes)
        How likely each level of a picture is on each line.
    """

    probability: Floats
    weights: Floats
    nodes: Floats

    @property
    def told(self) -> Floats:
        """Probability of an error by picture and place, over all lines."""
        weights = self.nodes * self.weights[:, None]
        flat = self.probability.reshape(len(SCALE), -1)
        return np.asarray(weights.reshape(len(weights), -1) @ flat.T)

    def moments(self, counts: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance of the number of errors on each line.

        Parameters
        ----------
        counts : ndarray of float64, shape (n_pictures, n_scale)
            Objects that nobody has looked at.
        """
        rows, used = counts.any(axis=1), counts.any(axis=0)
        few, chance = counts[np.ix_(rows, used)], self.probability[used]
        mean = np.tensordot(few, chance, axes=1)
        own = np.tensordot(few, chance * (1 - chance), axes=1)
        nodes = self.nodes[rows]
        means = (nodes * mean).sum(axis=2)
        squares = (nodes * (own + mean**2)).sum(axis=2)
        return means.sum(axis=0), (squares - means**2).sum(axis=0)


def likely_lines(wrong: Floats, right: Floats, *, usual: float) -> Lines:
    """Return the lines that verdicts leave likely.

    Parameters
    ----------
    wrong, right : ndarray of float64, shape (n_pictures, n_scale)
        How many objects were found wrong and right, by picture and place on `SCALE`.
    usual : float
        The score of a usual object, about which lines may turn.

    Returns
    -------
    Lines

    Examples
    --------
    >>> nothing = np.zeros((1, len(SCALE)))
    >>> lines = likely_lines(nothing, nothing, usual=0)
    >>> round(float(lines.told[0, 48]), 2)  # a score of 0
    0.5
    """
    is_judged = (wrong + right).any(axis=1)
    is_used = (wrong + right).any(axis=0)
    judged = wrong[np.ix_(is_judged, is_used)], right[np.ix_(is_judged, is_used)]
    found = [_fitted(*judged, SCALE[is_used], kind, usual) for kind in _KINDS]
    least = max(each.logs.max() for each in found) + np.log(_NEGLIGIBLE)
    likely = [each.only(each.logs > least) for each in found]
    logs = np.concatenate([each.logs for each in likely])
    probability = [
        _curve(SCALE, each.intercept, each.slope, kind)
        for each, kind in zip(likely, _KINDS, strict=True)
    ]
    nodes = np.empty((len(wrong), len(logs), len(_NODES)))
    nodes[:] = _NODE_WEIGHTS
    nodes[is_judged] = np.concatenate([each.nodes for each in likely], axis=1)
    weights = np.exp(logs - logsumexp(logs))
    return Lines(np.concatenate(probability, axis=1), weights, nodes)


@dataclass(frozen=True, eq=False)
class _Fitted:
    """Lines of one kind: log weights, intercepts, slopes, and the levels of pictures."""

    logs: Floats
    intercept: Floats
    slope: Floats
    nodes: Floats

    def only(self, chosen: NDArray[np.bool_]) -> "_Fitted":
        """Return some of the lines."""
        return _Fitted(
            self.logs[chosen],
            self.intercept[chosen],
            self.slope[chosen],
            self.nodes[:, chosen],
        )


def _fitted(
    wrong: Floats, right: Floats, scale: Floats, kind: _Kind, usual: float
) -> _Fitted:
    """Return lines of one kind, with how likely each is.

    The values of level and slope are laid anew, closer, until they fit how much the
    verdicts leave open.
    """
    at = _most_telling((wrong + right).sum(axis=0), scale, usual)
    # The level is that where the verdicts are: so it does not hang on the slope.
    middles = np.array([at, 0.0])
    reach = np.array([np.hypot(_LEVEL_SD, (at - usual) * _LOG_SLOPE_SD), _LOG_SLOPE_SD])
    half = _WIDE * reach
    for _ in range(_SHRINKS):
        axes = [
            np.linspace(middle - width, middle + width, n)
            for middle, width, n in zip(middles, half, _STEPS, strict=True)
        ]
        level, log_slope = (axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))
        slope = np.exp(log_slope)
        intercept = level - slope * at
        off = (intercept + (slope - 1) * usual) / _LEVEL_SD
        prior = -(off**2) / 2 - (log_slope / _LOG_SLOPE_SD) ** 2 / 2
        likely, nodes = _likely(wrong, right, _curve(scale, intercept, slope, kind))
        steps = 2 * half / (np.array(_STEPS) - 1)
        logs = prior + likely + np.log(steps).sum() + np.log(kind.weight)
        values = np.stack([level, log_slope])
        weights = np.exp(logs - logsumexp(logs))
        middles = values @ weights
        spreads = np.sqrt((values - middles[:, None]) ** 2 @ weights)
        closer = np.minimum(half, np.maximum(_WIDE * spreads, 1.5 * steps))
        if (closer > 0.7 * half).all():
            break
        half = closer
    return _Fitted(logs, intercept, slope, nodes)


def _most_telling(judged: Floats, scale: Floats, usual: float) -> float:
    """Return the mean score of verdicts, those near one half counting most."""
    chance = expit(scale)
    weights = judged * chance * (1 - chance)
    total = weights.sum()
    return float(weights @ scale / total) if total > 0 else usual


def _curve(scale: Floats, intercept: Floats, slope: Floats, kind: _Kind) -> Floats:
    """Return the probability of an error by score, line and level of the picture."""
    odds = (intercept + np.multiply.outer(scale, slope))[:, :, None] + kind.spread * _NODES
    return np.asarray(kind.untold + (1 - kind.untold) * expit(odds))


def _likely(wrong: Floats, right: Floats, probability: Floats) -> tuple[Floats, Floats]:
    """Return the log likelihood of each line, and what each picture's level then is."""
    n_scale, n_lines, n_nodes = probability.shape
    chance = probability.reshape(n_scale, n_lines * n_nodes)
    logs = wrong @ np.log(chance + _TINY) + right @ np.log1p(_TINY - chance)
    logs = logs.reshape(len(wrong), n_lines, n_nodes) + np.log(_NODE_WEIGHTS)
    each = logsumexp(logs, axis=2, keepdims=True)
    return np.asarray(each[..., 0].sum(axis=0)), np.asarray(np.exp(logs - each))
