"""Pixels sorted into a few bell curves: a Gaussian mixture, found by EM.

Each group has its own mean, its own spread in all directions and its own share of the
picture. Expectation says how likely each pixel is of each group; maximisation moves the
groups to the pixels that are likely theirs; both are repeated until nothing changes [1]_.

References
----------
.. [1] A. P. Dempster, N. M. Laird and D. B. Rubin, "Maximum likelihood from incomplete
       data via the EM algorithm", J. R. Stat. Soc. B 39, 1977.
       doi:10.1111/j.2517-6161.1977.tb01600.x
"""

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import SegmetryWarning
from segmetry.image import Image
from segmetry.segment.clusters import (
    CLUSTERS,
    SAMPLE,
    SEED,
    SPACE,
    TAKEN,
    check_taken,
    n_groups,
    over_picture,
    points_to_fit,
    sort_clusters,
)
from segmetry.segment.grey import grey_for_edges
from segmetry.segment.options import (
    DENOISE,
    EDGES,
    FLATTEN,
    POLARITY,
    Edges,
    Polarity,
    about,
)
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.spaces import Space, in_space

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

__all__ = ["Mixture", "own_channels"]

_STILL = 1e-5  # least gain of a round, in log-likelihood; 0.001 stopped far too soon
_OWN = 1e-4  # least share of its variance that a channel must not share with others
_LEAST = 1e-6  # of the widest channel: less spread is rounding


@dataclass(frozen=True, kw_only=True)
class Mixture(Segmenter):
    """Pixels are sorted into bell curves of their own width, and one is the objects.

    Tells groups of different spread and size apart, where "kmeans" cuts halfway between
    means. Fails where grey values do not fall into bell curves (a wide group also takes
    values beyond those of a narrow one, so that in colour objects come out up to two
    pixels wide of their blurred edge), where light is uneven (try `flatten`), and in
    noise, for it looks at each pixel alone.

    Parameters
    ----------
    clusters : int
        Number of groups, from 2 to 8; fewer where the picture has fewer different values.
        They are numbered by brightness, from the darkest.
    taken : int
        How many groups are objects, the brightest or the darkest ones.
    space : {"grey", "rgb", "hsv", "lab", "features"}
        See `segmetry.segment.spaces.in_space`. Channels that are constant or follow
        from the others are left out.
    polarity : {"auto", "bright", "dark"}
    iterations : int
        Most rounds of expectation and maximisation.
    sample : int
        Number of pixels drawn to find the groups; 0 takes all.
    seed : int
    flatten, denoise : float
        See `segmetry.segment.grey_for_segmenting`. In pixels.
    edges : {"halfway", "cutoff"}
        Where an edge lies; see `segmetry.segment.edges`. In spaces other than grey it is
        where the groups meet.
    **options
        The options of every `Segmenter`.

    Raises
    ------
    RecipeError
        If all groups are taken for objects, or a value is not one that its option can
        take.

    Examples
    --------
    >>> pixels = np.full((40, 40), 30, np.uint8)
    >>> pixels[10:20, 10:20] = 200
    >>> labels, maps = Mixture(denoise=0).labels_and_maps(Image(pixels))
    >>> labels.ids, maps.found["found_converged"]
    (array([1], dtype=uint32), True)
    """

    name: ClassVar[str] = "gmm"

    clusters: int = field(default=2, metadata=CLUSTERS)
    taken: int = field(default=1, metadata=TAKEN)
    space: Space = field(default="grey", metadata=SPACE)
    polarity: Polarity = field(default="auto", metadata=POLARITY)
    denoise: float = field(default=1.0, metadata=DENOISE)
    flatten: float = field(default=0, metadata=FLATTEN)
    iterations: int = field(
        default=500, metadata=about("Most rounds of fitting.", low=1, high=10_000)
    )
    edges: Edges = field(default="halfway", metadata=EDGES)
    sample: int = field(default=20_000, metadata=SAMPLE)
    seed: int = field(default=0, metadata=SEED)

    def __post_init__(self) -> None:
        """Refuse values that an option cannot take."""
        super().__post_init__()
        check_taken(self.taken, self.clusters)

    def maps(self, image: Image) -> Maps:
        """Return how likely each pixel is of an object, and of each group.

        Warns
        -----
        SegmetryWarning
            If the groups still moved after the last round.
        """
        values = in_space(image, self.space, flatten=self.flatten, denoise=self.denoise)
        points = points_to_fit(
            values,
            image.included,
            sample=self.sample,
            seed=self.seed,
            clusters=self.clusters,
        )
        own = own_channels(points)
        model = self.fitted(points[:, own])
        if not model.converged_:
            msg = (
                f"The groups of gmm still moved after {self.iterations} rounds; ask for "
                "more iterations or fewer clusters."
            )
            warnings.warn(msg, SegmetryWarning, stacklevel=2)
        likely = over_picture(values[..., own], model.predict_proba)
        sorted_ = sort_clusters(likely, image, polarity=self.polarity, taken=self.taken)
        foreground = np.clip(sorted_.classes[..., sorted_.taken].sum(axis=-1), 0, 1)
        edge_grey = None
        if self.edges == "halfway" and self.space == "grey":
            edge_grey = grey_for_edges(
                image, polarity=sorted_.polarity, denoise=self.denoise
            )
        found = {
            **sorted_.found,
            "found_iterations": int(model.n_iter_),
            "found_converged": bool(model.converged_),
        }
        return Maps(foreground, classes=sorted_.classes, edge_grey=edge_grey, found=found)

    def fitted(self, points: NDArray[np.float64]) -> "GaussianMixture":
        """Return scikit-learn's mixture fitted to points, of shape (N, C)."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture
        from threadpoolctl import threadpool_limits

        model = GaussianMixture(
            n_components=n_groups(points, self.clusters),
            tol=_STILL,
            max_iter=self.iterations,
            # No spread is below a thousandth of that of all pixels.
            reg_covar=1e-6 * float(points.var(axis=0).min()),
            random_state=self.seed,
        )
        with threadpool_limits(limits=1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # ours says what to do
            return model.fit(points)


def own_channels(points: NDArray[np.float64]) -> list[int]:
    """Return the channels that neither are constant nor follow from those before.

    Parameters
    ----------
    points : ndarray of float64, shape (N, C)
        At least one channel is not constant.

    Returns
    -------
    list of int

    Examples
    --------
    >>> grey = np.array([1.0, 5.0, 2.0])
    >>> own_channels(np.stack([grey, grey + 7, [3.0, 3.0, 3.0], grey**2], axis=1))
    [0, 3]
    """
    own: list[int] = []
    basis: list[NDArray[np.float64]] = []
    centred = points - points.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    for number in np.flatnonzero(lengths > _LEAST * lengths.max()):
        rest = centred[:, number]
        for axis in basis:
            rest = rest - (rest @ axis) * axis
        left = float(np.linalg.norm(rest))
        if left**2 > _OWN * float(lengths[number]) ** 2:
            own.append(int(number))
            basis.append(rest / left)
    return own
