"""What the outputs of a network are called, and how they become objects."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from segmetry.models.card import BOUNDARY, CLASS, DENSITY, FLOWS, Card
from segmetry.models.scale import resampled
from segmetry.segment.segmenter import Maps

__all__ = [
    "DENSITY_PEAK",
    "FLOW_REACH",
    "Cutoffs",
    "class_names",
    "coded_flows",
    "counted",
    "cutoffs_of",
    "decoded_flows",
    "density_spread",
    "named_maps",
    "regressed_count",
]

DENSITY_PEAK = 0.25  # of a map from 0 to 1, of one object: four may lie upon each other
FLOW_REACH = 0.4  # of a map from 0 to 1, to either side of the middle, for a unit vector


@dataclass(frozen=True)
class Cutoffs:
    """How maps become objects; a model's card holds those chosen on validation data.

    Parameters
    ----------
    foreground : float
        A pixel belongs to an object where its probability is over this.
    least : float
        An object needs a cell where more pixels than this end; see
        `segmetry.segment.flows.follow_flows`.
    """

    foreground: float = 0.5
    least: float = 40.0

    def as_json(self) -> dict[str, float]:
        """Return the values by name, as a model's card stores them."""
        return asdict(self)


def coded_flows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return vectors as maps from 0 to 1, as networks give them; 0.5 is no way at all.

    Examples
    --------
    >>> coded_flows(np.float32([-1, 0, 1])).round(3)
    array([0.1, 0.5, 0.9], dtype=float32)
    """
    return np.float32(0.5) + np.float32(FLOW_REACH) * vectors


def decoded_flows(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vectors of maps as `coded_flows` gives them."""
    vectors = maps - np.float32(0.5)
    vectors /= np.float32(FLOW_REACH)
    return vectors


def cutoffs_of(card: Card) -> Cutoffs:
    """Return the cutoffs of a model for the step from maps to objects.

    Parameters
    ----------
    card : Card
        What it says nothing about is as in `Cutoffs`.

    Returns
    -------
    Cutoffs

    Examples
    --------
    >>> card = Card(
    ...     name="cells",
    ...     created="2026-01-31",
    ...     architecture={},
    ...     channels=1,
    ...     outputs=["foreground"],
    ...     multiple=1,
    ...     diameter_px=20,
    ...     cutoffs={"foreground": 0.4},
    ... )
    >>> cutoffs_of(card).foreground, cutoffs_of(card).least == Cutoffs().least
    (0.4, True)
    """
    known = Cutoffs().as_json()
    return Cutoffs(**{name: card.cutoffs.get(name, known[name]) for name in known})


def class_names(card: Card) -> list[str]:
    """Return what the classes of a model are called, in the order of their numbers.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of str
        The background first; empty for a model that does not tell classes apart.
    """
    return [name.removeprefix(CLASS) for name in _of_classes(card.outputs)]


def density_spread(outputs: Sequence[str]) -> float | None:
    """Return the standard deviation of an object's bell in a density map, in pixels.

    Parameters
    ----------
    outputs : sequence of str
        As on a model's card.

    Returns
    -------
    float or None
        `None` for a model that does not give a density.

    Examples
    --------
    >>> density_spread(["density:6.5"]), density_spread(["foreground"])
    (6.5, None)
    """
    first = outputs[0]
    return float(first.removeprefix(DENSITY)) if first.startswith(DENSITY) else None


def regressed_count(
    density: NDArray[np.float32], *, spread: float, included: NDArray[np.bool_]
) -> float:
    """Return the number of objects in a density map: its sum by that of one object.

    Parameters
    ----------
    density : ndarray of float32, shape (Y, X)
        As a network gives it.
    spread : float
        As `density_spread` tells it.
    included : ndarray of bool, shape (Y, X)
        Other pixels do not count.

    Examples
    --------
    >>> y, x = np.mgrid[:40, :60]
    >>> bell = np.exp(-((y - 20) ** 2 + (x - 30) ** 2) / (2 * 4.0**2))
    >>> everywhere = np.ones(bell.shape, bool)
    >>> round(regressed_count(DENSITY_PEAK * bell, spread=4.0, included=everywhere), 3)
    1.0
    """
    total = float(density[included].sum(dtype=np.float64))
    return total / (DENSITY_PEAK * 2 * math.pi * spread**2)


def counted(
    outputs: Sequence[str], values: NDArray[np.float32], included: NDArray[np.bool_]
) -> dict[str, float]:
    """Return what a network that gives a density says of the number of objects.

    Parameters
    ----------
    outputs : sequence of str
        Names of the maps, as on a model's card.
    values : ndarray of float32, shape (Y, X, K)
        In that order.
    included : ndarray of bool, shape (Y, X)

    Returns
    -------
    dict
        "count_regressed"; empty for other networks.
    """
    spread = density_spread(outputs)
    if spread is None:
        return {}
    count = regressed_count(values[..., 0], spread=spread, included=included)
    return {"count_regressed": round(count, 3)}


def named_maps(
    outputs: Sequence[str],
    values: NDArray[np.float32],
    *,
    shape: tuple[int, int] | None = None,
    cutoff: float = 0.5,
    bring: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None,
) -> Maps:
    """Return the maps of a network under the names that its card gives them.

    Parameters
    ----------
    outputs : sequence of str
        Names of the maps, as on a model's card.
    values : ndarray of float32, shape (Y', X', K)
        In that order, from 0 to 1.
    shape : tuple of int or None
        (Y, X) of the picture, to which the maps are brought; `None` leaves them. Flows
        stay in the grid of the network.
    cutoff : float
        Objects are where the foreground is over it.
    bring : callable or None
        Brings a map, shape (Y', X', 1), to the picture or a window of it; `None` goes by
        the shape.

    Returns
    -------
    Maps
        Where there are classes, the class "background" is the first of them, and
        foreground is all but the first. A density is given as the foreground, with a cutoff
        over which nothing is: it holds no objects.
    """
    if bring is None:
        bring = partial(_to_shape, shape)
    if density_spread(outputs) is not None:
        return Maps(_brought(values, 0, bring), cutoff=1.0)
    places = {name: k for k, name in enumerate(outputs)}

    def plane(name: str) -> NDArray[np.float32] | None:
        return None if name not in places else _brought(values, places[name], bring)

    names = _of_classes(outputs)
    classes = [_brought(values, places[name], bring) for name in names]
    foreground = plane("foreground")
    if foreground is None:
        foreground = 1 - classes[0]
    flows = None
    if FLOWS[0] in places:
        first, second = (values[..., places[name]] for name in FLOWS)
        flows = decoded_flows(np.stack([first, second], axis=-1))
    return Maps(
        foreground,
        flows=flows,
        boundary=plane(BOUNDARY),
        classes=np.stack(classes, axis=-1) if classes else None,
        class_names=tuple(name.removeprefix(CLASS) for name in names),
        cutoff=cutoff,
    )


def _of_classes(outputs: Sequence[str]) -> list[str]:
    """Return the outputs that are classes, the background first."""
    names = [name for name in outputs if name.startswith(CLASS)]
    return sorted(names, key=lambda name: name != f"{CLASS}background")


def _brought(
    values: NDArray[np.float32],
    number: int,
    bring: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    return bring(np.ascontiguousarray(values[..., number : number + 1]))[..., 0]


def _to_shape(
    shape: tuple[int, int] | None, plane: NDArray[np.float32]
) -> NDArray[np.float32]:
    if shape is None or plane.shape[:2] == shape:
        return plane
    return resampled(plane, shape)
