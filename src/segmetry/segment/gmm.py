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
from segmetry.segment.clustering import SAMPLE, SEED, Clustering
from segmetry.segment.clusters import n_groups, over_picture
from segmetry.segment.options import EDGES, Edges, about
from segmetry.segment.sampling import points_to_fit
from segmetry.segment.segmenter import Maps

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

__all__ = ["Mixture", "own_channels"]

_STILL = 1e-5  # least gain of a round, in log-likelihood; 0.001 stopped far too soon
_OWN = 1e-4  # least share of its variance that a channel must not share with others
_LEAST = 1e-6  # of the widest channel: less spread is rounding


@dataclass(frozen=True, kw_only=True)
class Mixture(Clustering):
    """Pixels are sorted into bell curves of their own width, and one is the objects.

    Tells groups of different spread and size apart, where "kmeans" cuts halfway between
    means. Fails where grey values do not fall into bell curves (a wide group also takes
    values beyond those of a narrow one, so that in colour objects come out up to two
    pixels wide of their blurred edge), where light is uneven (try `flatten`), and in
    noise, for it looks at each pixel alone. Channels that are constant or follow from the
    others are left out.

    Parameters
    ----------
    iterations : int
        Most rounds of expectation and maximisation.
    sample : int
        Number of pixels drawn to find the groups; 0 takes all.
    seed : int
    edges : {"halfway", "cutoff"}
        Where an edge lies; see `segmetry.segment.edges`. In spaces other than grey it is
        where the groups meet.
    **options
        Those of `segmetry.segment.clustering.Clustering`.

    Examples
    --------
    >>> pixels = np.full((40, 40), 30, np.uint8)
    >>> pixels[10:20, 10:20] = 200
    >>> labels, maps = Mixture(denoise=0).labels_and_maps(Image(pixels))
    >>> labels.ids, maps.found["found_converged"]
    (array([1], dtype=uint32), True)
    """

    name: ClassVar[str] = "gmm"

    iterations: int = field(
        default=500, metadata=about("Most rounds of fitting.", low=1, high=10_000)
    )
    edges: Edges = field(default="halfway", metadata=EDGES)
    sample: int = field(default=20_000, metadata=SAMPLE)
    seed: int = field(default=0, metadata=SEED)

    def maps(self, image: Image) -> Maps:
        """Return how likely each pixel is of an object, and of each group.

        Warns
        -----
        SegmetryWarning
            If the groups still moved after the last round.
        """
        values = self.values(image)
        points = points_to_fit(
            values, image.included, sample=self.sample, clusters=self.clusters
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
        ordered = self.sorted_groups(likely, image)
        foreground = np.clip(ordered.classes[..., ordered.taken].sum(axis=-1), 0, 1)
        edge_grey = self.edge_grey(image, ordered, self.edges)
        found = {
            **ordered.found,
            "found_iterations": int(model.n_iter_),
            "found_converged": bool(model.converged_),
        }
        return Maps(foreground, classes=ordered.classes, edge_grey=edge_grey, found=found)

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
